"""A diagnosis that tells what a test has written, at once and in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from queue import SimpleQueue
from typing import TypeVar

from ssmtui.diagnosis.diagnosis_handle import RawFact
from ssmtui.diagnosis.events import Event
from ssmtui.model.access_denied import Denial, LookedUp
from ssmtui.model.choice import NOTHING_CHOSEN, Choices
from ssmtui.model.fact import Unreadable
from ssmtui.model.node import NodeKey
from ssmtui.model.plan import ChangeDelay, FixNotApplicable, Forecast, Plan
from ssmtui.model.preferences import RegionPreferences
from ssmtui.model.probe import ProbeOutcome
from ssmtui.model.scope import Access, ScopeName
from ssmtui.model.sessions import ListedSession, SessionState

T = TypeVar("T")


def answered(value: T) -> Future[T]:
    """A future that is fulfilled already."""
    future: Future[T] = Future()
    future.set_result(value)
    return future


def unanswered(error: Exception) -> Future[object]:
    """A future that has failed already."""
    future: Future[object] = Future()
    future.set_exception(error)
    return future


NOTHING = Forecast((), (), (), (), ())


class ScriptedInquiry:
    """Answers from what it is given; `on_recheck` says what a recheck tells."""

    def __init__(self, *events: Event) -> None:
        self._events: SimpleQueue[Event] = SimpleQueue()
        self.plans: dict[str, Plan | FixNotApplicable] = {}
        self.chosen: list[tuple[str, Choices]] = []
        self.forecasts: Forecast = NOTHING
        self.regions: dict[ScopeName, RegionPreferences] = {}
        self.facts: dict[NodeKey, tuple[RawFact, ...]] = {}
        self.looked_up: dict[str, LookedUp] = {}
        self.on_recheck: Callable[[ScopeName], Sequence[Event]] = lambda _scope: ()
        self.looked_first: list[NodeKey] = []
        self.looked_closer: list[NodeKey] = []
        self.rechecked: list[tuple[ScopeName, tuple[type, ...]]] = []
        self.looked_again: list[tuple[ScopeName, tuple[NodeKey, ...]]] = []
        self.expected: list[tuple[ScopeName, tuple[NodeKey, ...], ChangeDelay]] = []
        self.probes: list[tuple[ScopeName, ProbeOutcome]] = []
        self.forecasted: list[tuple[Plan, ...]] = []
        self.pages: dict[tuple[ScopeName, SessionState], list[Sequence[ListedSession]]] = {}
        self.unread: dict[tuple[ScopeName, SessionState], Unreadable] = {}
        self.still_reading: set[SessionState] = set()
        self.listed: list[tuple[ScopeName, SessionState]] = []
        self.ending: dict[str, Plan] = {}
        self.refreshed = 0
        self.kept_fresh = 0
        self.tried_again = 0
        self.known_accesses: tuple[Access, ...] = ()
        self.looked_at: list[tuple[ScopeName, ...]] = []
        self.closed = False
        self.tell(*events)

    @property
    def events(self) -> SimpleQueue[Event]:
        return self._events

    def tell(self, *events: Event) -> None:
        for event in events:
            self._events.put(event)

    def check_first(self, keys: Sequence[NodeKey]) -> None:
        self.looked_first = list(keys)

    def inspect_nodes(self, keys: Sequence[NodeKey]) -> None:
        self.looked_closer += keys

    def recheck(self, scope: ScopeName, stale: tuple[type, ...]) -> None:
        self.rechecked.append((scope, stale))
        self.tell(*self.on_recheck(scope))

    def expect(self, scope: ScopeName, nodes: Sequence[NodeKey], delay: ChangeDelay) -> None:
        self.expected.append((scope, tuple(nodes), delay))

    def stop_expecting(self, scope: ScopeName, change: str) -> None:
        self.expected = [each for each in self.expected if each[2].change != change]

    def probed(self, scope: ScopeName, outcome: ProbeOutcome) -> None:
        self.probes.append((scope, outcome))

    def refresh_nodes(self, scope: ScopeName, nodes: Sequence[NodeKey], stale: tuple[type, ...]) -> None:
        self.looked_again.append((scope, tuple(nodes)))
        self.tell(*self.on_recheck(scope))

    def refresh(self) -> None:
        self.refreshed += 1

    def refresh_incrementally(self) -> None:
        self.kept_fresh += 1

    def retry(self) -> None:
        self.tried_again += 1

    def accesses(self) -> Future[tuple[Access, ...]]:
        return answered(self.known_accesses)

    def look_at(self, scopes: Sequence[ScopeName]) -> None:
        self.looked_at.append(tuple(scopes))

    def plan(
        self, scope: ScopeName, fix: str, finding_id: str | None, choices: Choices = NOTHING_CHOSEN
    ) -> Future[Plan | FixNotApplicable]:
        self.chosen.append((fix, choices))
        return answered(self.plans.get(fix, FixNotApplicable(fix, "not automated yet")))

    def forecast(self, *plans: Plan) -> Future[Forecast]:
        self.forecasted.append(plans)
        return answered(self.forecasts)

    def region_facts(self, scope: ScopeName) -> Future[RegionPreferences]:
        if scope in self.regions:
            return answered(self.regions[scope])
        future: Future[RegionPreferences] = Future()
        future.set_exception(LookupError(scope.region))
        return future

    def facts_of(self, key: NodeKey) -> Future[tuple[RawFact, ...]]:
        return answered(self.facts.get(key, ()))

    def look_up(self, denials: Sequence[Denial]) -> Future[tuple[LookedUp, ...]]:
        return answered(tuple(self.looked_up.get(each.authorization_id, LookedUp(each)) for each in denials))

    def sessions(
        self, scope: ScopeName, state: SessionState, told: Callable[[Sequence[ListedSession]], None]
    ) -> Future[Unreadable | None]:
        self.listed.append((scope, state))
        for page in self.pages.get((scope, state), ()):
            told(page)
        return Future() if state in self.still_reading else answered(self.unread.get((scope, state)))

    def plans_to_end(self, scope: ScopeName, sessions: Sequence[ListedSession]) -> Future[tuple[Plan, ...]]:
        return answered(tuple(self.ending[each.id] for each in sessions))

    def close(self) -> None:
        self.closed = True
