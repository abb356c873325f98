"""Register checks as data, and order them as a session meets them."""

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
from ssmtui.model.fact import Need, OfNode, needs_of
from ssmtui.model.finding import Findings, Link, Subject


class UnknownCheck(LookupError):
    """A check comes after one that its link does not have."""


class CheckCycle(ValueError):
    """Checks come after each other in a circle."""


def order_checks(checks: Iterable[Check]) -> tuple[Check, ...]:
    """The checks as a session meets them.

    A check comes after all those it names. Of several that could be next, the first by name is; one that names none
    and that none names is the last of its link, so that it never takes the place of a cause that is known to be met
    before.

    Raises:
        UnknownCheck: a check names one that its link does not have.
        CheckCycle: checks come after each other.

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


CheckFunction = Callable[..., Findings | OfNode[Findings]]
"""Judges facts. It is called once for all nodes with the same facts, and for each node if it needs `Node`."""

Judge = TypeVar("Judge", bound=CheckFunction)
SubjectFunction = Callable[..., Subject]


@dataclass(frozen=True, slots=True)
class Check:
    """One question about one link of the path.

    `causes` are the slugs that it can name, the one first that stands for it while it cannot be told. `subject` is
    what it is about, worked out from facts like the check itself. `after` names the checks of its link that a session
    meets first: where one of them fails as well, that one is why. A `last_resort` finding only
    counts where no other failing finding explains the node. `without` are facts that it can do without and that never
    allow what it tells to be denied, each with why; those that may allow are in tests/diagnosis/allow_overrides.py.
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


_REGISTERED: dict[str, Check] = {}


class DuplicateCheck(TypeError):
    """Two checks of one name."""


def check(
    *,
    link: Link,
    causes: tuple[str, ...],
    subject: SubjectFunction,
    after: tuple[str, ...] = (),
    last_resort: bool = False,
    without: Mapping[type, str] = MappingProxyType({}),
) -> Callable[[Judge], Judge]:
    """Make a function a check. Its name and the first line of its docstring become the check's name and title."""

    def register(judge: Judge) -> Judge:
        name = judge.__name__.replace("_", "-")
        if name in _REGISTERED:
            raise DuplicateCheck(f"two checks are called {name}")
        title = (inspect.getdoc(judge) or "").partition("\n")[0].rstrip(".")
        _REGISTERED[name] = Check(
            name, title, link, after, causes, judge, needs_of(judge), subject, needs_of(subject), last_resort, without
        )
        return judge

    return register


@cache
def all_checks() -> tuple[Check, ...]:
    """Every check of the package, in the order in which a session meets them.

    Raises:
        UnknownCheck: a check names one that its link does not have.
        CheckCycle: checks come after each other.

    """
    for module in pkgutil.walk_packages(ssmtui.checks.__path__, f"{ssmtui.checks.__name__}."):
        importlib.import_module(module.name)
    return order_checks(_REGISTERED.values())
