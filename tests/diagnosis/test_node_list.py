"""The nodes of a scope as a diagnosis lists them, once and again."""

from __future__ import annotations

from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.fleet_state import follow
from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
from ssmtui.simulator.in_thread import SimulatedAws


def test_a_word_that_names_a_node_is_not_among_those_that_name_none(at_simulator: SimulatedAws) -> None:
    at_simulator.load("healthy-small")
    live = LiveDiagnosis.start(
        DiagnosisRequest(
            regions=at_simulator.regions, endpoint_url=at_simulator.endpoint_url, nodes=("web-1", "nobody")
        )
    )
    try:
        state = follow(live)
    finally:
        live.close()
    assert ({node.name for node in state.nodes.values()}, state.nowhere()) == ({"web-1"}, ("nobody",))


def test_what_cannot_be_listed_again_is_judged_again_by_what_was_known_of_it(at_simulator: SimulatedAws) -> None:
    at_simulator.load("healthy-small")
    live = LiveDiagnosis.start(DiagnosisRequest(regions=at_simulator.regions, endpoint_url=at_simulator.endpoint_url))
    try:
        state = follow(live)
        known = set(state.nodes)
        at_simulator.fault("refused", "ec2", "DescribeInstances")
        for operation in ("DescribeInstanceProperties", "DescribeInstanceInformation"):
            at_simulator.fault("refused", "ssm", operation)
        at_simulator.journal.clear()
        live.refresh()
        follow(live, state)
    finally:
        live.close()
    assert (state.crashes, set(state.nodes)) == ([], known)
    assert all(state.verdict(key).settled for key in known)
    assert "GetConnectionStatus" in {entry.operation for entry in at_simulator.journal.entries}
