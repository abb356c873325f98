"""The stream in its order: what a verdict names has been told before it."""

from __future__ import annotations

from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.events import AllSettled, Event, FindingChanged, NodeListed, ScopeOpened, VerdictChanged
from ssmtui.diagnosis.fleet_state import follow
from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
from ssmtui.simulator.in_thread import SimulatedAws


def test_scopes_come_before_nodes_nodes_before_verdicts_and_findings_before_the_verdicts_that_name_them(
    at_simulator: SimulatedAws,
) -> None:
    at_simulator.load("demo")
    live = LiveDiagnosis.start(DiagnosisRequest(regions=at_simulator.regions, endpoint_url=at_simulator.endpoint_url))
    told: list[Event] = []
    try:
        follow(live, on_event=lambda _state, event: told.append(event))
    finally:
        live.close()
    scopes, nodes, findings = set(), set(), set()
    for event in told:
        match event:
            case ScopeOpened(scope):
                scopes.add(scope)
            case NodeListed(scope, node):
                assert scope in scopes
                nodes.add(node.key)
            case FindingChanged(finding):
                findings.add(finding.id)
            case VerdictChanged(key, verdict):
                assert key in nodes
                assert findings.issuperset(verdict.finding_ids)
    assert [event for event in told if isinstance(event, AllSettled)] == [told[-1]]
