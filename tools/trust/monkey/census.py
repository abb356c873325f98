"""Find leaks: count the instances that stay after a game, when nothing is open, and exclude caches."""

from __future__ import annotations

import gc
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import _lru_cache_wrapper
from itertools import pairwise
from typing import Any

from textual.app import App
from textual.widget import Widget

from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
from ssmtui.diagnosis.scope_diagnosis import ScopeDiagnosis
from ssmtui.evidence.aws.clients import Clients
from ssmtui.evidence.facts.event_loop import EvidenceThread
from ssmtui.evidence.facts.fact_store import FactStore
from ssmtui.remediation.apply.change_service import ChangeService
from ssmtui.ui.state.app_context import AppContext
from ssmtui.ui.state.fleet_view import FleetView
from ssmtui.ui.text.markdown_prose import prose_from_markdown

Census = Mapping[str, int]
"""Instances of each class, by name."""

_OF_AN_APP = (
    App,
    Widget,
    AppContext,
    FleetView,
    LiveDiagnosis,
    ScopeDiagnosis,
    FactStore,
    EvidenceThread,
    Clients,
    ChangeService,
)
"""Classes that live as long as an app: none of their instances may stay after it."""

_CACHING = ("textual", "rich")
"""Packages whose caches hold widgets, up to a limit: they are emptied before the count."""

_AS_MANY_AS_CAUSES = (prose_from_markdown,)
"""Our caches that grow with each cause that a person opens, until they hold all: a cause can stay unopened for long."""

_ENOUGH = 4
"""The least games of the second half for a result."""

_PATIENCE = 5
"""Collections until no more objects go: an object that ends in a `finally` goes at the next one."""


def census() -> Census:
    """Return the current instances of our own classes, without the simulator's state and the tests' own."""
    for cache in (*_caches(), *_AS_MANY_AS_CAUSES):
        cache.cache_clear()
    for _ in range(_PATIENCE):
        if not gc.collect():
            break
    counted = Counter(map(type, gc.get_objects()))
    return {_name(kind): count for kind, count in counted.items() if _is_ours(kind)}


def _caches() -> Iterator[_lru_cache_wrapper[Any]]:
    """Yield the caches of the packages' functions and methods."""
    for name, module in list(sys.modules.items()):
        if name.startswith(_CACHING):
            for each in list(vars(module).values()):
                held = vars(each).values() if isinstance(each, type) else ()
                yield from (found for found in (each, *held) if isinstance(found, _lru_cache_wrapper))


def outliving(counted: Census) -> str:
    """Return the parts of an app that stay after its end; empty if there are none."""
    return ", ".join(f"{count} {name}" for name, count in sorted(counted.items()) if name in _names_of_an_app())


def leaks(counts: Sequence[Census]) -> list[tuple[str, int, int]]:
    """Return the classes whose instances grew in most games of the second half, with the counts before and after.

    A cache grows until it is full, and lazy modules are loaded once: neither grows in every second game of the second
    half. A leak grows by as much in each game, and never shrinks.
    """
    half = counts[len(counts) // 2 :]
    found: list[tuple[str, int, int]] = []
    for name in sorted({name for each in half for name in each}):
        numbers = [each.get(name, 0) for each in half]
        for_good = [min(numbers[place:]) for place in range(len(numbers))]
        grown = sum(after > before for before, after in pairwise(for_good))
        if len(half) >= _ENOUGH and 2 * grown > len(half) - 1:
            found.append((name, numbers[0], numbers[-1]))
    return found


def _is_ours(kind: type) -> bool:
    return str(kind.__module__).startswith("ssmtui.") and not str(kind.__module__).startswith("ssmtui.simulator")


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _names_of_an_app() -> set[str]:
    names, left = set[str](), list[type](_OF_AN_APP)
    while left:
        kind = left.pop()
        names.add(_name(kind))
        left.extend(kind.__subclasses__())
    return names
