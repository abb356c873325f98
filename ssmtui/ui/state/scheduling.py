"""Schedule repeated work: events per tick, throttled painting, auto-refresh, and delayed changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter
from typing import TYPE_CHECKING

from ssmtui.language import say
from ssmtui.model.finding import VerdictStatus
from ssmtui.model.node import Node, NodeKey
from ssmtui.ui.text.styled_text import short_duration

if TYPE_CHECKING:
    from ssmtui.model.scope import ScopeName
    from ssmtui.ui.state.fleet_view import FleetView


TICK_SECONDS = 0.008
"""What a tick may take, with all that follows from its events: half of what the screen takes to be painted anew."""

_INITIAL_EVENTS = 200
_MIN_EVENTS, _MAX_EVENTS = 50, 4_000
_GROWTH = 1.5


class EventBudget:
    """It learns from each tick what an event costs now, on this computer and on a screen of this size."""

    def __init__(self, seconds: float = TICK_SECONDS) -> None:
        self._seconds = seconds
        self.events = _INITIAL_EVENTS

    def took(self, events: int, seconds: float) -> None:
        """A tick took in so many events, in so many seconds. One that had few to take in tells nothing of more."""
        if seconds > self._seconds:
            # One that took much longer met something else on its way: the collector, or another program.
            affordable = max(events * self._seconds / seconds, self.events / 2)
            self.events = max(_MIN_EVENTS, min(self.events, int(affordable)))
        elif events >= self.events:
            affordable = self._seconds / seconds if seconds > 0 else _GROWTH
            self.events = min(_MAX_EVENTS, max(self.events, int(self.events * min(_GROWTH, affordable))))


_SHARE = 5
"""It takes one part in so many of the screen's time at most."""


class RepaintThrottle:
    """When some work may be done again, by how long it took the last time."""

    def __init__(self) -> None:
        self._due = 0.0

    def wait(self, now: float) -> float:
        """Seconds until it may be done again; nothing where it may be now."""
        return max(0.0, self._due - now)

    def took(self, begun: float, ended: float) -> None:
        """It was done."""
        self._due = ended + (ended - begun) * (_SHARE - 1)


class ThrottledWork:
    """Work that is asked for again and again: done now, or once in the end, by `later`, which sets a timer."""

    def __init__(
        self,
        work: Callable[[], None],
        later: Callable[[float, Callable[[], None]], object],
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self._work = work
        self._later = later
        self._clock = clock
        self._throttle = RepaintThrottle()
        self._waits = False

    def ask(self) -> None:
        """Have it done: now, or as soon as there is time for it."""
        if self._waits:
            return
        begun = self._clock()
        if wait := self._throttle.wait(begun):
            self._waits = True
            self._later(wait, self._now)
            return
        self._work()
        self._throttle.took(begun, self._clock())

    def _now(self) -> None:
        self._waits = False
        self.ask()


DEFAULT_INTERVAL = timedelta(minutes=1)
"""The pause where it is switched on and nobody said how long."""


class AutoRefresh:
    """Off until it is switched on. It counts from when the last look has ended, and waits while it would disturb."""

    def __init__(self, every: timedelta | None = None) -> None:
        self._pause = every or DEFAULT_INTERVAL
        self._is_on = every is not None
        self._next: datetime | None = None
        self._now: datetime | None = None

    @property
    def pause(self) -> timedelta | None:
        """How long it waits; None while it is off."""
        return self._pause if self._is_on else None

    @property
    def words(self) -> str:
        """When it looks again; empty while it is off, or looks."""
        if not self._is_on or self._next is None or self._now is None:
            return ""
        if self._now >= self._next:
            return say("again when you are done")
        left = timedelta(seconds=-(-(self._next - self._now).total_seconds() // 1))
        return say("again in {time}", time=short_duration(left))

    def switch(self) -> None:
        """Switch it on, or off."""
        self._is_on = not self._is_on
        self._next = None

    def is_due(self, now: datetime, *, at_rest: bool, is_user_busy: bool) -> bool:
        """Whether to look now. `at_rest` says that nothing is looked at anyway."""
        self._now = now
        if not self._is_on or not at_rest:
            self._next = None
            return False
        if self._next is None:
            self._next = now + self._pause
        if now < self._next or is_user_busy:
            return False
        self._next = None
        return True


REFRESH_INTERVAL = timedelta(minutes=1)
"""Between two quiet looks."""

_GOOD_STATUSES = (VerdictStatus.OK, VerdictStatus.WARN, VerdictStatus.STOPPED)


@dataclass(frozen=True, slots=True)
class DelayedChange:
    """Nodes that a change has yet to show on: `until` is when the longest documented delay has passed.

    `change` is the journal's name of it. Where it `goes_back`, a change was taken back, and good nodes are to go bad.
    """

    scope: ScopeName
    nodes: tuple[NodeKey, ...]
    stale: tuple[type, ...]
    until: datetime
    change: str = ""
    is_undo: bool = False

    def outstanding(self, fleet_view: FleetView) -> tuple[NodeKey, ...]:
        """The nodes that it does not show on yet."""
        return tuple(key for key in self.nodes if _is_good(fleet_view, key) is self.is_undo)


@dataclass(frozen=True, slots=True)
class QuietRefresh:
    """Facts of some nodes that are to be read again."""

    scope: ScopeName
    nodes: tuple[NodeKey, ...]
    stale: tuple[type, ...]


class DelayTracker:
    """What is waited for. Asked as often as one likes, it names looks once a minute, and when a delay has passed."""

    def __init__(self) -> None:
        self._awaited: list[DelayedChange] = []
        self._looked: datetime | None = None
        self._next: datetime | None = None

    def begin(self, awaited: DelayedChange, now: datetime) -> None:
        """Wait for a change to show."""
        self._awaited.append(awaited)
        self._next = min(now + REFRESH_INTERVAL, awaited.until)

    def end(self, change: str) -> None:
        """Wait no more for a change: it was taken back."""
        self._awaited = [each for each in self._awaited if each.change != change]

    def due(self, fleet_view: FleetView, now: datetime) -> tuple[QuietRefresh, ...]:
        """The looks to be taken now."""
        if self._next is None or self._looked is None:
            self._looked = now
            self._next = self._next or now + REFRESH_INTERVAL
        if now < self._next:
            return ()
        waited = [each for each in (*self._awaited, *_nodes_with_delay(fleet_view)) if each.until > self._looked]
        looks = _merged_by_scope(
            QuietRefresh(each.scope, left, (*each.stale, Node))
            for each in waited
            if (left := each.outstanding(fleet_view)) and each.scope in fleet_view.state.scopes
        )
        self._awaited = [each for each in self._awaited if each.until > now and each.outstanding(fleet_view)]
        self._looked = now
        self._next = min((each.until for each in waited if each.until > now), default=now + REFRESH_INTERVAL)
        self._next = min(self._next, now + REFRESH_INTERVAL)
        return looks


def _merged_by_scope(looks: Iterable[QuietRefresh]) -> tuple[QuietRefresh, ...]:
    """The looks at one scope as one: its nodes are listed for each."""
    by_scope: dict[ScopeName, list[QuietRefresh]] = {}
    for look in looks:
        by_scope.setdefault(look.scope, []).append(look)
    return tuple(
        QuietRefresh(
            scope,
            tuple(dict.fromkeys(key for each in of_scope for key in each.nodes)),
            tuple(dict.fromkeys(kind for each in of_scope for kind in each.stale)),
        )
        for scope, of_scope in by_scope.items()
    )


def _nodes_with_delay(fleet_view: FleetView) -> Iterator[DelayedChange]:
    """The nodes of findings that have an end: AWS's own delay is running."""
    for fleet_finding in fleet_view.state.findings.values():
        if fleet_finding.finding.until is not None:
            yield from _refreshes_by_scope(fleet_view, fleet_finding.nodes, fleet_finding.finding.until)


def _refreshes_by_scope(fleet_view: FleetView, nodes: Iterable[NodeKey], until: datetime) -> Iterator[DelayedChange]:
    from ssmtui.model.node_facts import Observation

    for key in nodes:
        if scope := fleet_view.scope_of(key):
            yield DelayedChange(scope.name, (key,), (Node, Observation), until)


def _is_good(fleet_view: FleetView, key: NodeKey) -> bool:
    verdict = fleet_view.verdict(key)
    waits = any(fleet_finding.finding.until is not None for fleet_finding in fleet_view.findings_of(key))
    return verdict.settled and verdict.status in _GOOD_STATUSES and not waits
