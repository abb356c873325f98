"""What probes met, as people and scripts read it."""

from __future__ import annotations

import json
from dataclasses import replace

from ssmtui.causes.catalogue import catalogue
from ssmtui.diagnosis.events import FindingChanged, NodeListed, VerdictChanged
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.model.finding import VerdictStatus
from ssmtui.model.probe import ProbeEnd, ProbeKind, ProbeOutcome, ProbeStage
from ssmtui.report.probe import ProbeReport, probing_document, probing_lines
from ssmtui.report.schema import Schema
from ssmtui.session.probe.conclusions import compare_probes
from tests.builders.fleet import NOON, a_finding, a_node, a_scope, a_verdict, held
from tests.builders.probes import opened, stopped
from tests.report.schemas import hold

NODE = a_node()
SHELL = stopped("kms-node-denied", "kms-key-missing", text="----------ERROR-------\nno\x1b[31m key")
PORT = opened(ProbeKind.PORT)


def probing(*outcomes: ProbeOutcome, compare: bool = False) -> ProbeReport:
    state, denied = FleetState(), held(a_finding(), NODE)
    state.apply(NodeListed(a_scope(), NODE))
    state.apply(FindingChanged(denied))
    verdict = a_verdict(VerdictStatus.FAIL, root_cause="kms-node-denied", finding_ids=(denied.id,))
    state.apply(VerdictChanged(NODE.key, verdict))
    return ProbeReport(outcomes, {NODE.key: compare_probes(SHELL, PORT)} if compare else {}, state)


def test_the_document_is_the_one_that_scripts_rely_on() -> None:
    refused = stopped(None, stage=ProbeStage.START, end=ProbeEnd.REFUSED)
    for outcomes in ((SHELL, PORT), (refused,), (opened(),), (replace(SHELL, terminated=False),)):
        told = json.loads(json.dumps(probing_document(probing(*outcomes, compare=True), NOON)))
        hold(told, Schema.PROBE)
    (probe,) = json.loads(json.dumps(probing_document(probing(SHELL), NOON)))["probes"]
    assert (probe["end"], probe["stage"], probe["also"]) == ("stopped", "key", ["kms-key-missing"])


def test_people_read_stages_the_conclusion_and_what_would_mend_it() -> None:
    lines = list(probing_lines(probing(SHELL, PORT, compare=True), catalogue(), lambda text, _word: text))
    assert lines[0] == (
        "web-1 (shell): a probe at 2026-11-25 12:00:00 UTC stopped at the stage session key: no\\x1b[31m key"
    )
    assert "    ✖ session key 0.5 s" in lines
    assert "web-1: Preferences: the node is reachable, and a requirement of the preferences stops the shell." in lines
    assert lines[-1].startswith("    fix 1: ")
    assert not any("\x1b" in line for line in lines)


def test_a_session_that_could_not_be_ended_is_told() -> None:
    left = replace(SHELL, terminated=False)
    lines = list(probing_lines(probing(left), catalogue(), lambda text, _word: text))
    assert "    Could not end the session alex-1; AWS ends it after the idle timeout." in lines
