"""Sessions judged by a document that they name: its own settings hold, and not the preferences'."""

from __future__ import annotations

import pytest

from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.fleet_state import FleetState, follow
from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
from ssmtui.model.finding import Finding
from ssmtui.model.preferences import PreferencesDocument
from ssmtui.remediation.plans.registry import makes_stale
from ssmtui.simulator.in_thread import SimulatedAws
from tests.worlds.test_expected_verdicts import told


def judged_by(aws: SimulatedAws, document: str) -> FleetState:
    aws.load("documents-by-name")
    asked = DiagnosisRequest(regions=aws.regions, endpoint_url=aws.endpoint_url, nodes=("web-1",), document=document)
    live = LiveDiagnosis.start(asked)
    try:
        state = follow(live)
    finally:
        live.close()
    assert state.crashes == []
    return state


def finding(state: FleetState, cause: str) -> Finding:
    [found] = [each.finding for each in state.findings.values() if each.finding.cause == cause]
    return found


@pytest.mark.parametrize(
    ("document", "verdict", "root_cause"),
    [
        ("Acme-Shell", "ok", None),
        ("Acme-LostLogs", "fail", "log-group-missing"),
        ("Acme-Chosen", "unknown", None),
        ("Acme-Database", "ok", None),
        ("Acme-Patch", "fail", "document-wrong-type"),
        ("Acme-Nowhere", "fail", "document-invalid"),
        ("Other-Shell", "fail", "caller-document-denied"),
        ("AWS-StartSSHSession", "ok", None),
    ],
)
def test_a_node_is_judged_by_the_document_that_is_named(
    at_simulator: SimulatedAws, document: str, verdict: str, root_cause: str | None
) -> None:
    state = judged_by(at_simulator, document)
    assert told(state) == {"web-1": (verdict, root_cause)}
    # Nothing is offered that would change another document than the one that is at fault.
    offered = {fix for each in state.findings.values() for fix in each.finding.fixes}
    assert not [fix for fix in offered if makes_stale(fix, PreferencesDocument)]


def test_settings_that_come_from_parameters_are_named_with_what_a_session_without_them_uses(
    at_simulator: SimulatedAws,
) -> None:
    state = judged_by(at_simulator, "Acme-Chosen")
    assert not [id_ for id_ in state.findings if "{{" in id_]
    open_ = finding(state, "custom-document-bypasses")
    assert open_.needs == ()
    assert {each.fact for each in open_.evidence} == {
        "cloudWatchLogGroupName: the document parameter group sets the value and has no default",
        "kmsKeyId: the document parameter key sets the value: alias/acme/sessions, unless the session sets "
        "another value",
    }


def test_a_session_that_forwards_a_port_uses_neither_key_nor_logs_and_that_is_said(at_simulator: SimulatedAws) -> None:
    state = judged_by(at_simulator, "Acme-Database")
    note = finding(state, "custom-document-bypasses")
    assert note.status.value == "info"
    assert "no session key" in note.summary
    assert note.subject.id.endswith(":document/Acme-Database")


def test_the_caller_is_asked_about_on_the_documents_own_arn(at_simulator: SimulatedAws) -> None:
    denied = finding(judged_by(at_simulator, "Other-Shell"), "caller-document-denied")
    assert "document/Other-Shell" in denied.evidence[0].fact
    assert denied.fixes == ("steps-caller-policy",)
