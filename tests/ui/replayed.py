"""A diagnosis that has settled, told again to one app after the other: what was found is not looked for anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from queue import Empty, SimpleQueue

from ssmtui.diagnosis.diagnosis_handle import RawFact
from ssmtui.diagnosis.events import AllSettled, Event, ProgressChanged
from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
from ssmtui.model.access_denied import Denial, LookedUp
from ssmtui.model.choice import NOTHING_CHOSEN, Choices
from ssmtui.model.fact import Unreadable
from ssmtui.model.node import NodeKey
from ssmtui.model.plan import ChangeDelay, FixNotApplicable, Forecast, Plan
from ssmtui.model.preferences import RegionPreferences
from ssmtui.model.probe import ProbeOutcome
from ssmtui.model.scope import Access, ScopeName
from ssmtui.model.sessions import ListedSession, SessionState

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


SIMULATIONS = ("iam:SimulatePrincipalPolicy", 50)
"""How many questions share a call hangs on the time at which they are asked: pictures show this number of calls."""


def _with_as_many_simulations(event: Event) -> Event:
    if not isinstance(event, ProgressChanged):
        return event
    calls = (SIMULATIONS if each[0] == SIMULATIONS[0] else each for each in event.api_calls)
    return replace(event, api_calls=tuple(calls))


class Replayed:
    """The events of a settled diagnosis, and that diagnosis for whatever else is asked. Nothing is checked again."""

    def __init__(self, live: LiveDiagnosis, told: Sequence[Event]) -> None:
        self._live = live
        self._events: SimpleQueue[Event] = SimpleQueue()
        for event in told:
            self._events.put(_with_as_many_simulations(event))

    @property
    def events(self) -> SimpleQueue[Event]:
        return self._events

    def check_first(self, keys: Sequence[NodeKey]) -> None:
        """Everything has been looked at."""

    def inspect_nodes(self, keys: Sequence[NodeKey]) -> None:
        """Nothing is read anew, and nothing more than was."""

    def recheck(self, scope: ScopeName, stale: tuple[type, ...]) -> None:
        raise NotImplementedError("what changes something needs a diagnosis of its own")

    def expect(self, scope: ScopeName, nodes: Sequence[NodeKey], delay: ChangeDelay) -> None:
        raise NotImplementedError("what changes something needs a diagnosis of its own")

    def stop_expecting(self, scope: ScopeName, change: str) -> None:
        raise NotImplementedError("what changes something needs a diagnosis of its own")

    def probed(self, scope: ScopeName, outcome: ProbeOutcome) -> None:
        raise NotImplementedError("what changes something needs a diagnosis of its own")

    def refresh_nodes(self, scope: ScopeName, nodes: Sequence[NodeKey], stale: tuple[type, ...]) -> None:
        """AWS's delays do not pass here."""

    def refresh(self) -> None:
        raise NotImplementedError("what changes something needs a diagnosis of its own")

    def refresh_incrementally(self) -> None:
        """Nothing changes by itself here."""

    def retry(self) -> None:
        raise NotImplementedError("what changes something needs a diagnosis of its own")

    def accesses(self) -> Future[tuple[Access, ...]]:
        return self._live.accesses()

    def look_at(self, scopes: Sequence[ScopeName]) -> None:
        raise NotImplementedError("what changes something needs a diagnosis of its own")

    def plan(
        self, scope: ScopeName, fix: str, finding_id: str | None, choices: Choices = NOTHING_CHOSEN
    ) -> Future[Plan | FixNotApplicable]:
        return self._live.plan(scope, fix, finding_id, choices)

    def forecast(self, *plans: Plan) -> Future[Forecast]:
        return self._live.forecast(*plans)

    def region_facts(self, scope: ScopeName) -> Future[RegionPreferences]:
        return self._live.region_facts(scope)

    def facts_of(self, key: NodeKey) -> Future[tuple[RawFact, ...]]:
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
