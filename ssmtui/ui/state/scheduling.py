"""Schedule repeated work: events per tick, throttled painting, garbage, auto-refresh, and delayed changes."""

from __future__ import annotations

import gc
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
"""The longest time of a tick, including everything its events cause: half of the time that a full repaint takes."""

_INITIAL_EVENTS = 200
_MIN_EVENTS, _MAX_EVENTS = 50, 4_000
_GROWTH = 1.5


class EventBudget:
    """The number of events per tick. It adapts to what an event costs on this computer and this screen size."""

    def __init__(self, seconds: float = TICK_SECONDS) -> None:
        self._seconds = seconds
        self.events = _INITIAL_EVENTS

    def took(self, events: int, seconds: float) -> None:
        """Record the time that a tick took. A tick with few events says nothing about the cost of many."""
        if seconds > self._seconds:
            # A much slower tick was delayed by something else: the garbage collector, or another program.
            affordable = max(events * self._seconds / seconds, self.events / 2)
            self.events = max(_MIN_EVENTS, min(self.events, int(affordable)))
        elif events >= self.events:
            affordable = self._seconds / seconds if seconds > 0 else _GROWTH
            self.events = min(_MAX_EVENTS, max(self.events, int(self.events * min(_GROWTH, affordable))))


_SHARE = 5
"""The work may use at most one part in this many of the screen's time."""


class RepaintThrottle:
    """The time at which some work may run again, depending on how long its last run took."""

    def __init__(self) -> None:
        self._due = 0.0

    def wait(self, now: float) -> float:
        """Return the seconds until the work may run again; 0 if it may run now."""
        return max(0.0, self._due - now)

    def took(self, begun: float, ended: float) -> None:
        """Record a run of the work."""
        self._due = ended + (ended - begun) * (_SHARE - 1)


class ThrottledWork:
    """Work that is requested repeatedly: it runs now, or once later through `later`, which sets a timer."""

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
        """Run the work now, or as soon as the throttle allows it."""
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


IDLE_SECONDS = 1.0
"""Seconds without a key or the mouse after which garbage of older objects is collected."""

_YOUNG = 2_000
"""New objects that Python collects at once while keys are pressed: about a millisecond.

Python counts new objects less those that go, old ones too: two to three times as many are collected.
"""

_POSTPONED = 10
"""How many times as many new objects there must be until Python collects older objects while keys are pressed."""


class IdleCollection:
    """Collects garbage among older objects while the user is idle: that stops the app for 0.2 s at 10,000 nodes.

    Python still collects new objects at any time, but fewer at once.
    """

    def __init__(self) -> None:
        self._before: tuple[int, int, int] | None = None
        self._middle = 0
        """The collections of new objects after which Python would have collected older ones."""
        self.last_input = 0.0
        """The time of the last key or move of the mouse."""

    def begin(self) -> None:
        """Let Python collect new objects in smaller parts, and older objects later than it would."""
        before = young, middle, old = gc.get_threshold()
        smaller = min(young, _YOUNG)
        self._before, self._middle = before, young * middle // smaller
        gc.set_threshold(smaller, self._middle * _POSTPONED, old)

    def end(self) -> None:
        """Let Python collect as before."""
        if self._before is not None:
            gc.set_threshold(*self._before)
            self._before = None

    def note_input(self, now: float) -> None:
        """Record a key or a move of the mouse."""
        self.last_input = now

    def collect(self, now: float) -> None:
        """Collect if the user is idle, and Python would have collected older objects by now."""
        if self._before is None or now - self.last_input < IDLE_SECONDS or not gc.isenabled():
            return
        _, middle, old = gc.get_count()
        if middle > self._middle:
            gc.collect(2 if old > self._before[2] else 1)


DEFAULT_INTERVAL = timedelta(minutes=1)
"""The default interval after auto-refresh is switched on."""


class AutoRefresh:
    """The auto-refresh, initially off. The interval starts at the end of the last refresh; a busy user delays it."""

    def __init__(self, every: timedelta | None = None) -> None:
        self._pause = every or DEFAULT_INTERVAL
        self._is_on = every is not None
        self._next: datetime | None = None
        self._now: datetime | None = None

    @property
    def pause(self) -> timedelta | None:
        """The interval; None while auto-refresh is off."""
        return self._pause if self._is_on else None

    @property
    def words(self) -> str:
        """When the next refresh is due; empty while auto-refresh is off, or a refresh runs."""
        if not self._is_on or self._next is None or self._now is None:
            return ""
        if self._now >= self._next:
            return say("refresh waits for you")
        left = timedelta(seconds=-(-(self._next - self._now).total_seconds() // 1))
        return say("refresh in {time}", time=short_duration(left))

    def switch(self) -> None:
        """Switch auto-refresh on or off."""
        self._is_on = not self._is_on
        self._next = None

    def is_due(self, now: datetime, *, at_rest: bool, is_user_busy: bool) -> bool:
        """Return whether to refresh now. `at_rest` means that no diagnosis is running."""
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
"""The time between two background refreshes."""

_GOOD_STATUSES = (VerdictStatus.OK, VerdictStatus.WARN, VerdictStatus.STOPPED, VerdictStatus.RESTRICTED)


@dataclass(frozen=True, slots=True)
class DelayedChange:
    """Nodes on which a change does not show yet; `until` is the end of the longest documented delay.

    `change` is the change's id in the journal. `goes_back` means an undo: nodes that are good are expected to go bad.
    """

    scope: ScopeName
    nodes: tuple[NodeKey, ...]
    stale: tuple[type, ...]
    until: datetime
    change: str = ""
    is_undo: bool = False

    def outstanding(self, fleet_view: FleetView) -> tuple[NodeKey, ...]:
        """Return the nodes on which the change does not show yet."""
        return tuple(key for key in self.nodes if _is_good(fleet_view, key) is self.is_undo)


@dataclass(frozen=True, slots=True)
class QuietRefresh:
    """Facts of some nodes that are to be read again in the background."""

    scope: ScopeName
    nodes: tuple[NodeKey, ...]
    stale: tuple[type, ...]


class DelayTracker:
    """The changes that do not show yet. It requests a refresh once a minute, and when a delay has passed."""

    def __init__(self) -> None:
        self._awaited: list[DelayedChange] = []
        self._looked: datetime | None = None
        self._next: datetime | None = None

    def begin(self, awaited: DelayedChange, now: datetime) -> None:
        """Wait for a change to show."""
        self._awaited.append(awaited)
        self._next = min(now + REFRESH_INTERVAL, awaited.until)

    def end(self, change: str) -> None:
        """Stop waiting for a change that was undone."""
        self._awaited = [each for each in self._awaited if each.change != change]

    def due(self, fleet_view: FleetView, now: datetime) -> tuple[QuietRefresh, ...]:
        """Return the refreshes that are due now."""
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
    """Merge the refreshes of one scope: each refresh lists the scope's nodes."""
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
    """Return the nodes of findings that have an end: the delay of AWS is still running."""
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
