"""A node whose result is unknown has an unknown finding that says what was not read, and why."""

from __future__ import annotations

import pytest

from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.fleet_state import FleetState, follow
from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
from ssmtui.model.choice import ConnectionOption
from ssmtui.model.finding import Status, VerdictStatus
from ssmtui.simulator.in_thread import SimulatedAws


def diagnosed(aws: SimulatedAws, connections: ConnectionOption) -> FleetState:
    request = DiagnosisRequest(regions=aws.regions, endpoint_url=aws.endpoint_url, connections=connections)
    live = LiveDiagnosis.start(request)
    try:
        return follow(live)
    finally:
        live.close()


def unexplained(state: FleetState) -> list[str]:
    """The nodes that are unknown and have no unknown finding."""
    unknown = [key for key in state.nodes if state.verdict(key).status is VerdictStatus.UNKNOWN]
    return [
        state.nodes[key].name
        for key in unknown
        if not any(state.findings[id_].finding.status is Status.UNKNOWN for id_ in state.verdict(key).finding_ids)
    ]


@pytest.mark.parametrize("connections", list(ConnectionOption))
def test_no_node_is_unknown_without_an_unknown_finding(
    connections: ConnectionOption, at_simulator: SimulatedAws
) -> None:
    at_simulator.load("healthy-small")
    state = diagnosed(at_simulator, connections)
    assert unexplained(state) == []
    unread = [held for held in state.findings.values() if held.id.startswith("control-channel-down@")]
    assert [(held.finding.summary, len(held.nodes)) for held in unread] == (
        []
        if connections is not ConnectionOption.NONE
        else [
            (
                "Cannot determine whether nodes in eu-west-3 are connected: ssm:GetConnectionStatus was not called "
                "because of --connection none; run ssmtui without this option.",
                len(state.nodes),
            )
        ]
    )
