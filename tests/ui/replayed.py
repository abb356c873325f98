"""A diagnosis that has settled, told again to one app after the other: what was found is not looked for anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from queue import Empty, SimpleQueue

from ssmtui.diagnosis.events import AllSettled, Event
from ssmtui.diagnosis.inquiry import FactSeen
from ssmtui.diagnosis.live import LiveDiagnosis
from ssmtui.model.access import Access
from ssmtui.model.answers import Unreadable
from ssmtui.model.authorization import LookedUp
from ssmtui.model.change_delay import ChangeDelay
from ssmtui.model.choice import NOTHING_CHOSEN, Choices
from ssmtui.model.denial import Denial
from ssmtui.model.listed_session import ListedSession, SessionState
from ssmtui.model.node import NodeKey
from ssmtui.model.plan import Forecast, NotApplicable, Plan
from ssmtui.model.probe import ProbeOutcome
from ssmtui.model.region_facts import RegionFacts
from ssmtui.model.scope import ScopeName

_PATIENCE = 120
"""Seconds between two events of a diagnosis before it is given up."""


def told_until_settled(live: LiveDiagnosis) -> tuple[Event, ...]:
    """Everything that a diagnosis tells until it has nothing more to find out."""
    told: list[Event] = []
    while not told or not isinstance(told[-1], AllSettled):
        try:
            told.append(live.events.get(timeout=_PATIENCE))
        except Empty as late:
            raise AssertionError("the diagnosis never settled") from late
    return tuple(told)


class Replayed:
    """The events of a settled diagnosis, and that diagnosis for whatever else is asked. Nothing is checked again."""

    def __init__(self, live: LiveDiagnosis, told: Sequence[Event]) -> None:
        self._live = live
        self._events: SimpleQueue[Event] = SimpleQueue()
        for event in told:
            self._events.put(event)

    @property
    def events(self) -> SimpleQueue[Event]:
        return self._events

    def look_first(self, keys: Sequence[NodeKey]) -> None:
        """Everything has been looked at."""

    def look_closer(self, keys: Sequence[NodeKey]) -> None:
        """Nothing is read anew, and nothing more than was."""

    def recheck(self, scope: ScopeName, stale: tuple[type, ...]) -> None:
        raise NotImplementedError("what changes something needs a diagnosis of its own")

    def expect(self, scope: ScopeName, nodes: Sequence[NodeKey], delay: ChangeDelay) -> None:
        raise NotImplementedError("what changes something needs a diagnosis of its own")

    def expect_no_more(self, scope: ScopeName, change: str) -> None:
        raise NotImplementedError("what changes something needs a diagnosis of its own")

    def probed(self, scope: ScopeName, outcome: ProbeOutcome) -> None:
        raise NotImplementedError("what changes something needs a diagnosis of its own")

    def look_again(self, scope: ScopeName, nodes: Sequence[NodeKey], stale: tuple[type, ...]) -> None:
        """AWS's delays do not pass here."""

    def refresh(self) -> None:
        raise NotImplementedError("what changes something needs a diagnosis of its own")

    def keep_fresh(self) -> None:
        """Nothing changes by itself here."""

    def try_again(self) -> None:
        raise NotImplementedError("what changes something needs a diagnosis of its own")

    def accesses(self) -> Future[tuple[Access, ...]]:
        return self._live.accesses()

    def look_at(self, scopes: Sequence[ScopeName]) -> None:
        raise NotImplementedError("what changes something needs a diagnosis of its own")

    def plan(
        self, scope: ScopeName, fix: str, finding_id: str | None, choices: Choices = NOTHING_CHOSEN
    ) -> Future[Plan | NotApplicable]:
        return self._live.plan(scope, fix, finding_id, choices)

    def forecast(self, *plans: Plan) -> Future[Forecast]:
        return self._live.forecast(*plans)

    def region_facts(self, scope: ScopeName) -> Future[RegionFacts]:
        return self._live.region_facts(scope)

    def facts_of(self, key: NodeKey) -> Future[tuple[FactSeen, ...]]:
        return self._live.facts_of(key)

    def look_up(self, denials: Sequence[Denial]) -> Future[tuple[LookedUp, ...]]:
        return self._live.look_up(denials)

    def sessions(
        self, scope: ScopeName, state: SessionState, told: Callable[[Sequence[ListedSession]], None]
    ) -> Future[Unreadable | None]:
        return self._live.sessions(scope, state, told)

    def plans_to_end(self, scope: ScopeName, sessions: Sequence[ListedSession]) -> Future[tuple[Plan, ...]]:
        return self._live.plans_to_end(scope, sessions)

    def close(self) -> None:
        """It goes on: the next app asks it too."""
