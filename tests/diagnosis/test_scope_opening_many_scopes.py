"""Many accounts in one run: as many side by side as can be, the others in turn, each told as it answers."""

from __future__ import annotations

from queue import Empty

import pytest

from ssmtui.diagnosis import scope_opening
from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest, Pause
from ssmtui.diagnosis.events import AllSettled, Event, ScopeFailed, ScopeOpened, ScopeQueued, ScopeSettled
from ssmtui.diagnosis.fleet_state import FleetState, follow
from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
from ssmtui.model.scope_request import OtherAccounts
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.worlds.organization import AUDIT, LABS, SHOP, VAULT

OWN = "123456789012"


def begun(aws: SimulatedAws, *nodes: str, pause: Pause = Pause.NEVER) -> LiveDiagnosis:
    aws.load("organization")
    others = OtherAccounts(organization=AUDIT)
    return LiveDiagnosis.start(
        DiagnosisRequest(
            endpoint_url=aws.endpoint_url, nodes=nodes, environment=aws.environment, others=others, pause=pause
        )
    )


def account_of(event: Event) -> str:
    match event:
        case ScopeOpened(scope):
            return scope.account
        case ScopeFailed(error):
            return error.name.role_account
        case ScopeQueued(name) | ScopeSettled(name):
            return name.role_account or OWN
    return ""


def told(diagnosis: LiveDiagnosis) -> tuple[list[Event], FleetState]:
    events: list[Event] = []
    state = follow(diagnosis, on_event=lambda _state, event: events.append(event))
    return events, state


def test_scopes_have_their_turn_and_those_that_wait_say_so(
    at_simulator: SimulatedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scope_opening, "MAX_CONCURRENT_ACCOUNTS", 1)
    diagnosis = begun(at_simulator)
    try:
        events, state = told(diagnosis)
        waited = [account_of(each) for each in events if isinstance(each, ScopeQueued)]
        assert waited == [SHOP, LABS, VAULT]
        kinds = (ScopeOpened, ScopeFailed, ScopeSettled)
        # A scope may be told settled more than once.
        turns = list(dict.fromkeys((type(each), account_of(each)) for each in events if isinstance(each, kinds)))
        assert turns == [
            (ScopeOpened, OWN),
            (ScopeSettled, OWN),
            (ScopeOpened, SHOP),
            (ScopeSettled, SHOP),
            (ScopeFailed, LABS),
            (ScopeFailed, VAULT),
        ]
        assert state.waiting == set()
        # What was let go of is opened again when it is needed.
        before = len(at_simulator.journal.entries)
        diagnosis.refresh()
        again = follow(diagnosis, state)
        assert {key.account for key in again.nodes} == {OWN, SHOP}
        assert len(at_simulator.journal.entries) > before
    finally:
        diagnosis.close()


def test_a_scope_that_waits_to_check_lets_the_others_list_their_nodes(
    at_simulator: SimulatedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scope_opening, "MAX_CONCURRENT_ACCOUNTS", 1)
    state = FleetState()
    diagnosis = begun(at_simulator, "i-0123456789abcdef0", pause=Pause.AFTER_LISTING)
    try:
        while len({*state.sought, *state.errors}) < 4:
            state.apply(diagnosis.events.get(timeout=60))
    finally:
        diagnosis.close()
    assert state.verdicts == {}


def test_where_all_fit_in_nobody_waits(at_simulator: SimulatedAws) -> None:
    diagnosis = begun(at_simulator)
    try:
        events, state = told(diagnosis)
        assert not [each for each in events if isinstance(each, ScopeQueued)]
        assert set(map(account_of, filter(lambda each: isinstance(each, ScopeFailed), events))) == {LABS, VAULT}
        assert {scope.account for scope in state.scopes.values()} == {OWN, SHOP}
        assert isinstance(events[-1], AllSettled)
        with pytest.raises(Empty):
            diagnosis.events.get_nowait()
    finally:
        diagnosis.close()


def test_nothing_prompts_once_every_profile_has_its_credentials(
    at_simulator: SimulatedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scope_opening, "MAX_CONCURRENT_ACCOUNTS", 1)
    diagnosis = begun(at_simulator)
    try:
        diagnosis.unprompted.result(timeout=60)
        events, _ = told(diagnosis)
        assert diagnosis.opened.done()
        assert account_of(next(each for each in events if isinstance(each, ScopeOpened))) == OWN
    finally:
        diagnosis.close()
