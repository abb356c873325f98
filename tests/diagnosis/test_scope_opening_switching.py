from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.events import Event, NodeListed, ScopeClosed, ScopeOpened
from ssmtui.diagnosis.fleet_state import FleetState, follow
from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
from ssmtui.evidence.aws.clients import ScopeClient
from ssmtui.model.scope import ScopeName
from ssmtui.simulator.in_thread import SimulatedAws

PARIS, FRANKFURT = ScopeName(None, "eu-west-3"), ScopeName(None, "eu-central-1")


@pytest.fixture
def in_paris(at_simulator: SimulatedAws) -> Iterator[LiveDiagnosis]:
    """An account with nodes in two Regions, of which one is looked at."""
    at_simulator.load("two-regions-two-preferences")
    live = LiveDiagnosis.start(DiagnosisRequest(regions=(PARIS.region,), endpoint_url=at_simulator.endpoint_url))
    yield live
    live.close()


def regions(state: FleetState) -> set[str]:
    return {key.region for key in state.nodes}


def test_another_region_is_looked_at_instead(in_paris: LiveDiagnosis) -> None:
    state = follow(in_paris)
    assert regions(state) == {"eu-west-3"}
    in_paris.look_at([FRANKFURT])
    follow(in_paris, state)
    assert (regions(state), set(state.scopes), state.settled) == ({"eu-central-1"}, {FRANKFURT}, {FRANKFURT})
    assert {held.scope.name for held in state.findings.values()} == {FRANKFURT}
    assert all(state.verdict(key).settled for key in state.nodes)


def test_another_region_is_looked_at_besides_and_what_is_there_stays(in_paris: LiveDiagnosis) -> None:
    state = follow(in_paris)
    before = {key: state.verdict(key) for key in state.nodes}
    told: list[Event] = []
    in_paris.look_at([PARIS, FRANKFURT])
    follow(in_paris, state, lambda _, event: told.append(event))
    assert regions(state) == {"eu-west-3", "eu-central-1"}
    assert {key: state.verdict(key) for key in before} == before
    assert not any(isinstance(event, NodeListed) and event.node.key in before for event in told)


def test_going_back_shows_at_once_what_was_known(in_paris: LiveDiagnosis, at_simulator: SimulatedAws) -> None:
    state = follow(in_paris)
    before = (set(state.nodes), dict(state.verdicts), dict(state.connections), set(state.findings))
    in_paris.look_at([FRANKFURT])
    follow(in_paris, state)
    at_simulator.journal.clear()
    back: list[tuple[int, int]] = []

    def look(now: FleetState, event: Event) -> None:
        if isinstance(event, ScopeOpened):
            back.append((len(now.nodes), len(now.verdicts)))

    in_paris.look_at([PARIS])
    follow(in_paris, state, look)
    assert back == [(len(before[0]), len(before[1]))]
    assert (set(state.nodes), dict(state.verdicts), dict(state.connections), set(state.findings)) == before
    asked = {entry.operation for entry in at_simulator.journal.entries}
    assert asked.isdisjoint({"GetDocument", "SimulatePrincipalPolicy", "DescribeVpcEndpoints", "GetConnectionStatus"})
    assert state.settled == {PARIS}


def test_what_is_put_away_while_it_is_read_is_read_to_the_end_when_it_is_taken_up(in_paris: LiveDiagnosis) -> None:
    state = FleetState()
    while not state.nodes:
        state.apply(in_paris.events.get(timeout=60))
    in_paris.look_at([FRANKFURT])
    follow(in_paris, state)
    assert regions(state) == {"eu-central-1"}
    in_paris.look_at([PARIS])
    follow(in_paris, state)
    assert regions(state) == {"eu-west-3"}
    assert all(state.verdict(key).settled for key in state.nodes)


def test_somebody_may_switch_while_a_node_is_looked_at_more_closely(in_paris: LiveDiagnosis) -> None:
    state = follow(in_paris)
    in_paris.inspect_nodes(list(state.nodes))
    in_paris.look_at([FRANKFURT])
    in_paris.inspect_nodes(list(state.nodes))
    in_paris.look_at([PARIS, FRANKFURT])
    follow(in_paris, state)
    assert state.crashes == []
    assert set(state.scopes) == {PARIS, FRANKFURT}


def test_a_scope_in_error_is_gone_with_its_error(in_paris: LiveDiagnosis) -> None:
    state = follow(in_paris)
    nobody = ScopeName("nobody", "eu-west-3")
    in_paris.look_at([PARIS, nobody])
    follow(in_paris, state)
    assert set(state.errors) == {nobody}
    told: list[Event] = []
    in_paris.look_at([PARIS])
    follow(in_paris, state, lambda _, event: told.append(event))
    assert (state.errors, ScopeClosed(nobody) in told) == ({}, True)


def test_a_refresh_looks_where_was_switched_to(in_paris: LiveDiagnosis) -> None:
    state = follow(in_paris)
    nobody = ScopeName("nobody", "eu-west-3")
    in_paris.look_at([nobody])
    follow(in_paris, state)
    in_paris.refresh()
    follow(in_paris, state)
    assert (set(state.errors), set(state.scopes)) == ({nobody}, set())


def test_facts_of_what_is_put_away_can_still_be_asked_for(in_paris: LiveDiagnosis) -> None:
    state = follow(in_paris)
    in_paris.look_at([FRANKFURT])
    follow(in_paris, state)
    assert in_paris.region_facts(PARIS).result(timeout=60).scope.name == PARIS


def test_the_same_account_and_region_by_another_profile_takes_the_place_of_the_first(
    in_paris: LiveDiagnosis, at_simulator: SimulatedAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = follow(in_paris)
    credentials = at_simulator.environment
    file = tmp_path / "credentials"
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    file.write_text("\n".join(["[other]", *(f"{name.lower()}={credentials[name]}" for name in names)]))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    other = ScopeName("other", "eu-west-3")
    in_paris.look_at([PARIS, other])
    follow(in_paris, state)
    assert (set(state.scopes), {scope.name for scope in state.scope_of.values()}) == ({other}, {other})
    in_paris.look_at([other, PARIS])
    follow(in_paris, state)
    assert set(state.scopes) == {PARIS}


def test_connections_of_what_is_put_away_are_closed_and_opened_again(in_paris: LiveDiagnosis) -> None:
    state = follow(in_paris)
    paris = in_paris._scope_opener.diagnosis(PARIS).aws
    assert isinstance(paris, ScopeClient)
    assert paris._clients
    in_paris.look_at([FRANKFURT])
    follow(in_paris, state)
    assert not paris._clients
    in_paris.look_at([PARIS])
    follow(in_paris, state)
    assert (regions(state), bool(paris._clients)) == ({"eu-west-3"}, True)


def test_why_a_scope_could_not_be_opened_is_recorded_while_it_is_looked_at(in_paris: LiveDiagnosis) -> None:
    state = follow(in_paris)
    nobody = ScopeName("nobody", "eu-west-3")
    in_paris.look_at([PARIS, nobody])
    follow(in_paris, state)
    assert [error.name for error in in_paris.snapshot(with_fixes=False).result(timeout=60).errors] == [nobody]
    in_paris.look_at([PARIS])
    follow(in_paris, state)
    assert in_paris.snapshot(with_fixes=False).result(timeout=60).errors == ()


def test_the_credentials_of_the_environment_are_offered_unless_only_others_are_taken(
    at_simulator: SimulatedAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_simulator.load("two-regions-two-preferences")
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    known = "\n".join(f"{name.lower()}={at_simulator.environment[name]}" for name in names)
    file = tmp_path / "credentials"
    file.write_text(f"[other]\n{known}")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAUNKNOWN000000001")
    live = LiveDiagnosis.start(DiagnosisRequest(regions=(PARIS.region,), endpoint_url=at_simulator.endpoint_url))
    try:
        state = follow(live)
        assert (set(state.errors), set(state.scopes)) == ({PARIS}, set())
        assert [each.profile for each in live.accesses().result(timeout=60)] == [None, "other"]
        other = ScopeName("other", PARIS.region)
        live.look_at([PARIS, other])
        follow(live, state)
        assert set(state.scopes) == {other}
        (access,) = live.accesses().result(timeout=60)
    finally:
        live.close()
    assert (access.profile, access.role, access.account) == ("other", None, state.scopes[other].account)
    assert set(at_simulator.regions) <= set(access.regions)


def test_a_region_that_is_named_twice_is_looked_at_once_and_the_next_one_as_well(at_simulator: SimulatedAws) -> None:
    at_simulator.load("two-regions-two-preferences")
    asked = DiagnosisRequest(
        regions=(PARIS.region, PARIS.region, FRANKFURT.region), endpoint_url=at_simulator.endpoint_url
    )
    live = LiveDiagnosis.start(asked)
    try:
        assert set(follow(live).scopes) == {PARIS, FRANKFURT}
    finally:
        live.close()
