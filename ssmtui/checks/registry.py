"""Register checks as data, and put them into the order in which a session meets them."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush
from types import MappingProxyType
from typing import TypeVar

import ssmtui.checks
from ssmtui.model.fact import Need, NotApplicable, OfNode, needs_of
from ssmtui.model.finding import Findings, Link, Subject


class UnknownCheck(LookupError):
    """A check's `after` names a check that its link does not have."""


class CheckCycle(ValueError):
    """The `after` of checks form a circle."""


def order_checks(checks: Iterable[Check]) -> tuple[Check, ...]:
    """Return the checks in the order in which a session meets them.

    A check comes after all checks that its `after` names. If several could be next, the first by name comes first. A
    check without any relation comes last in its link, so that it never hides a cause that a session is known to meet
    earlier.

    Raises:
        UnknownCheck: an `after` names a check that its link does not have.
        CheckCycle: the checks form a circle.

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
        raise CheckCycle(" comes after ".join(reversed(circle.args[1]))) from None
    ready: list[tuple[bool, str]] = []
    while sorter.is_active():
        for name in sorter.get_ready():
            heappush(ready, (not waits_for[name] and name not in named, name))
        _, first = heappop(ready)
        yield first
        sorter.done(first)


CheckFunction = Callable[..., Findings | NotApplicable | OfNode[Findings]]
"""Judges facts. It is called once for all nodes with the same facts, and for each node if it needs `Node`."""

Judge = TypeVar("Judge", bound=CheckFunction)
SubjectFunction = Callable[..., Subject]


@dataclass(frozen=True, slots=True)
class Check:
    """A question about one link of the path.

    `causes` are the slugs that it can name; the first also stands for an unknown result. `subject` returns the subject,
    from facts like the check itself. `after` names checks of the same link that a session meets earlier: if one of them
    also fails, it is the root cause. A `last_resort` finding only counts if no other failing finding explains the node.
    `without` are facts that the check can do without and that never allow what the check reports as denied, each with
    the reason; facts that may allow it are in tests/worlds/allow_overrides.py. `confirms`: without findings, the
    check says that its link is ok. It is False if the sources of the check only show faults, or if it only makes notes.
    """

    name: str
    title: str
    link: Link
    after: tuple[str, ...]
    causes: tuple[str, ...]
    judge: CheckFunction
    needs: tuple[Need, ...]
    subject: SubjectFunction
    subject_needs: tuple[Need, ...]
    last_resort: bool
    without: Mapping[type, str]
    confirms: bool = True


_REGISTERED: dict[str, Check] = {}


class DuplicateCheck(TypeError):
    """Two checks have the same name."""


def check(
    *,
    link: Link,
    causes: tuple[str, ...],
    subject: SubjectFunction,
    after: tuple[str, ...] = (),
    last_resort: bool = False,
    without: Mapping[type, str] = MappingProxyType({}),
    confirms: bool = True,
) -> Callable[[Judge], Judge]:
    """Make a function a check. Its name and the first line of its docstring become the check's name and title."""

    def register(judge: Judge) -> Judge:
        name = judge.__name__.replace("_", "-")
        if name in _REGISTERED:
            raise DuplicateCheck(f"two checks are called {name}")
        title = (inspect.getdoc(judge) or "").partition("\n")[0].rstrip(".")
        _REGISTERED[name] = Check(
            name=name,
            title=title,
            link=link,
            after=after,
            causes=causes,
            judge=judge,
            needs=needs_of(judge),
            subject=subject,
            subject_needs=needs_of(subject),
            last_resort=last_resort,
            without=without,
            confirms=confirms,
        )
        return judge

    return register


@cache
def all_checks() -> tuple[Check, ...]:
    """Return all checks of the package, in the order in which a session meets them.

    Raises:
        UnknownCheck: an `after` names a check that its link does not have.
        CheckCycle: the checks form a circle.

    """
    for module in pkgutil.walk_packages(ssmtui.checks.__path__, f"{ssmtui.checks.__name__}."):
        importlib.import_module(module.name)
    return order_checks(_REGISTERED.values())
