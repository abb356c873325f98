"""The sessions of a Region as a screen asks for them, and the plans by which some of them are ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import pytest

from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.fleet_state import follow
from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
from ssmtui.model.fact import Unreadable
from ssmtui.model.scope import ScopeName
from ssmtui.model.sessions import ListedSession, SessionState, SessionStatus
from ssmtui.simulator.in_thread import SimulatedAws

BOB = "arn:aws:iam::123456789012:user/bob"


@pytest.fixture
def crowded(at_simulator: SimulatedAws) -> Iterator[LiveDiagnosis]:
    """The diagnosis of an account whose sessions are left open, settled."""
    at_simulator.load("sessions-crowded")
    live = LiveDiagnosis.start(DiagnosisRequest(regions=at_simulator.regions, endpoint_url=at_simulator.endpoint_url))
    follow(live)
    yield live
    live.close()


def read(live: LiveDiagnosis, state: SessionState) -> tuple[list[ListedSession], Unreadable | None]:
    pages: list[Sequence[ListedSession]] = []
    unreadable = live.sessions(here(live), state, pages.append).result(timeout=60)
    return [each for page in pages for each in page], unreadable


def here(live: LiveDiagnosis) -> ScopeName:
    return next(iter(live._scope_opener.scopes))


def test_every_open_session_is_told_with_who_opened_it_and_when(crowded: LiveDiagnosis) -> None:
    found, unreadable = read(crowded, SessionState.ACTIVE)
    assert unreadable is None
    assert len(found) == 21
    assert all(each.ended is None and each.owner and each.document for each in found)
    assert len({each.target for each in found}) == 2


def test_sessions_that_have_ended_are_told_when_they_are_asked_for(crowded: LiveDiagnosis) -> None:
    assert read(crowded, SessionState.HISTORY) == ([], None)


def test_a_refusal_says_what_would_be_needed(crowded: LiveDiagnosis, at_simulator: SimulatedAws) -> None:
    at_simulator.fault("refused", "ssm", "DescribeSessions")
    _, unreadable = read(crowded, SessionState.ACTIVE)
    assert unreadable is not None
    assert unreadable.action == "ssm:DescribeSessions"


def test_the_sessions_of_a_node_are_ended_by_one_plan_in_the_order_of_their_age(crowded: LiveDiagnosis) -> None:
    found, _ = read(crowded, SessionState.ACTIVE)
    plans = crowded.plans_to_end(here(crowded), found).result(timeout=60)
    assert {plan.title for plan in plans} == {"End 12 sessions on build-1", "End 9 sessions on build-2"}
    for plan in plans:
        ended = [str(call.parameters["SessionId"]) for call in plan.calls]
        of_node = sorted((each for each in found if each.id in ended), key=lambda each: each.started)
        assert ended == [each.id for each in of_node]
        assert {call.operation for call in plan.calls} == {"TerminateSession"}
        assert len(plan.guards) == len(plan.calls)
        assert plan.lacks == ()


def test_a_node_is_foreseen_without_the_sessions_that_are_ended(crowded: LiveDiagnosis) -> None:
    found, _ = read(crowded, SessionState.ACTIVE)
    by_node = Counter(each.target for each in found)
    crowd = max(by_node, key=lambda each: by_node[each])
    (plan,) = crowded.plans_to_end(here(crowded), [each for each in found if each.target == crowd]).result(timeout=60)
    assert crowded.forecast(plan).result(timeout=60).turn_green == (crowd,)


def test_what_the_caller_may_not_end_is_said_before(at_simulator: SimulatedAws) -> None:
    at_simulator.load("caller-terminate-denied")
    live = LiveDiagnosis.start(DiagnosisRequest(regions=at_simulator.regions, endpoint_url=at_simulator.endpoint_url))
    try:
        node = next(iter(follow(live).nodes.values()))
        session = ListedSession("bob-1", node.id, SessionStatus.CONNECTED, BOB, at_simulator.now())
        (plan,) = live.plans_to_end(here(live), [session]).result(timeout=60)
        assert plan.lacks == ("ssm:TerminateSession",)
    finally:
        live.close()
