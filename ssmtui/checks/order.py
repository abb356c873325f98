"""In which order a session meets the checks: link by link, and in a link by what each check says it comes after."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from ssmtui.model.path import Link

if TYPE_CHECKING:
    from ssmtui.checks.check import Check


class UnknownCheck(LookupError):
    """A check comes after one that its link does not have."""


class CircleOfChecks(ValueError):
    """Checks come after each other in a circle."""


def in_order(checks: Iterable[Check]) -> tuple[Check, ...]:
    """The checks as a session meets them.

    A check comes after all those it names. Of several that could be next, the first by name is; one that names none
    and that none names is the last of its link, so that it never takes the place of a cause that is known to be met
    before.

    Raises:
        UnknownCheck: a check names one that its link does not have.
        CircleOfChecks: checks come after each other.

    """
    links: defaultdict[Link, dict[str, Check]] = defaultdict(dict)
    for check in checks:
        links[check.link][check.name] = check
    ordered = sorted(links.items(), key=lambda each: each[0].position)
    return tuple(by_name[name] for _, by_name in ordered for name in _names_in_order(by_name))


def _names_in_order(by_name: Mapping[str, Check]) -> Iterator[str]:
    waits_for: dict[str, Sequence[str]] = {name: check.after for name, check in by_name.items()}
    named = {each for after in waits_for.values() for each in after}
    if unknown := sorted(named - by_name.keys()):
        raise UnknownCheck(f"a check comes after {', '.join(unknown)}, and its link has no such check")
    sorter = TopologicalSorter(waits_for)
    try:
        sorter.prepare()
    except CycleError as circle:
        raise CircleOfChecks(" comes after ".join(reversed(circle.args[1]))) from None
    ready: list[tuple[bool, str]] = []
    while sorter.is_active():
        for name in sorter.get_ready():
            heappush(ready, (not waits_for[name] and name not in named, name))
        _, first = heappop(ready)
        yield first
        sorter.done(first)
