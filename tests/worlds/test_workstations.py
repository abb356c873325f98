"""The same fleet looked at from other computers: what is told of the computer, and that it is no node's fault."""

from __future__ import annotations

import pytest

from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.fleet_state import FleetState, follow
from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
from ssmtui.evidence.workstation.local import WorkstationDescription
from ssmtui.model.finding import Link, LinkState, Subject, SubjectKind
from ssmtui.simulator.in_thread import SimulatedAws
from tests.workstations import workstations
from tests.worlds.test_expected_verdicts import told

WORLD = "log-group-unreadable"


@pytest.fixture(scope="module")
def unseen(simulated_aws: SimulatedAws) -> FleetState:
    """What is told where nobody looks at a computer."""
    simulated_aws.load(WORLD)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in simulated_aws.environment.items():
            patch.setenv(name, value)
        return looked_at_from(simulated_aws, None)


def looked_at_from(aws: SimulatedAws, workstation: WorkstationDescription | None) -> FleetState:
    asked = DiagnosisRequest(
        regions=aws.regions, endpoint_url=aws.endpoint_url, workstation=workstation.workstation if workstation else None
    )
    live = LiveDiagnosis.start(asked)
    try:
        return follow(live)
    finally:
        live.close()


def about_the_workstation(state: FleetState) -> dict[str, str]:
    return {
        held.finding.cause: held.finding.status.value
        for held in state.findings.values()
        if held.link is Link.WORKSTATION
    }


@pytest.mark.parametrize("name", [each.name for each in workstations()])
def test_what_is_wrong_with_the_computer_is_told_and_is_no_nodes_fault(
    name: str, unseen: FleetState, at_simulator: SimulatedAws
) -> None:
    asked = min(key.id for key in unseen.nodes)
    station = next(each for each in workstations(asked) if each.name == name)
    state = looked_at_from(at_simulator, station.workstation)
    assert (state.crashes, state.errors) == ([], {})
    assert told(state) == told(unseen)
    assert about_the_workstation(state) == {cause: status.value for cause, status in station.expected.items()}
    for id_, held in state.findings.items():
        if held.link is Link.WORKSTATION:
            assert id_ == f"{held.finding.cause}@workstation@eu-west-3"
            assert held.finding.subject == Subject(SubjectKind.WORKSTATION, "workstation")
            assert held.finding.needs == ()
            concerned = {asked} if held.finding.cause == "wrong-region-or-account" else {key.id for key in state.nodes}
            assert {key.id for key in held.nodes} >= concerned


def test_a_computer_without_a_fault_is_a_link_in_order(unseen: FleetState, at_simulator: SimulatedAws) -> None:
    state = looked_at_from(at_simulator, WorkstationDescription())
    assert {state.verdict(key).link(Link.WORKSTATION) for key in unseen.nodes} == {LinkState.OK}


def test_a_computer_that_nobody_looks_at_is_not_judged(unseen: FleetState) -> None:
    assert {unseen.verdict(key).link(Link.WORKSTATION) for key in unseen.nodes} == {LinkState.NOT_CHECKED}
    assert about_the_workstation(unseen) == {}
