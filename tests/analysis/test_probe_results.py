"""What probes add to the findings of checks: proof, settlement, contradiction, and no more than they met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from ssmtui.analysis.probe_results import (
    PORT_CAUSES,
    TRANSIENT_CAUSES,
    FindingOnLink,
    ProbeFinding,
    apply_probes,
    contradicted_causes,
    describe_probe,
)
from ssmtui.causes.catalogue import catalogue
from ssmtui.model.finding import NOT_CONNECTED, PROBE, Confidence, Evidence, Finding, Link, Status, Subject, SubjectKind
from ssmtui.model.probe import ProbeEnd, ProbeKind, ProbeOutcome, Probes, ProbeStage
from tests.builders.fleet import NOON, a_finding
from tests.builders.probes import opened, stopped

NODE = Subject(SubjectKind.NODE, "i-0000000000000001a")
DENIED = a_finding("kms-node-denied", confidence=Confidence.LIKELY)


def own(cause: str, link: Link = Link.PREFERENCES, kind: ProbeKind = ProbeKind.SHELL) -> ProbeFinding:
    finding = replace(a_finding(cause, subject=NODE), evidence=(Evidence("a probe", PROBE),), fixes=("by-probe",))
    return ProbeFinding(kind, link, finding)


def told(found: Sequence[FindingOnLink], outcome: ProbeOutcome, *mine: ProbeFinding) -> list[Finding]:
    return [each for _, each in apply_probes(found, Probes().with_outcome(outcome), mine)]


def words(found: Sequence[Finding]) -> list[tuple[str, Status, Confidence, bool]]:
    return [(each.cause, each.status, each.confidence, each.evidence[0].source == PROBE) for each in found]


def test_a_denial_that_was_likely_is_proved_by_a_session_that_stops_at_it() -> None:
    (finding,) = told([(Link.PREFERENCES, DENIED)], stopped("kms-node-denied"), own("kms-node-denied"))
    assert words([finding]) == [("kms-node-denied", Status.FAIL, Confidence.PROVED, True)]
    assert (finding.subject, finding.fixes) == (DENIED.subject, DENIED.fixes)


def test_of_what_a_text_can_stand_for_the_one_that_checks_have_found_is_proved() -> None:
    outcome = stopped("log-group-unencrypted", "log-group-unreadable", stage=ProbeStage.CHECKS, ambiguous=True)
    unreadable = a_finding("log-group-unreadable", confidence=Confidence.LIKELY)
    found = told([(Link.PREFERENCES, unreadable)], outcome, own("log-group-unencrypted"))
    assert words(found) == [("log-group-unreadable", Status.FAIL, Confidence.PROVED, True)]


def test_what_no_check_has_found_is_a_finding_of_the_probe() -> None:
    lost = a_finding("role-core-denied", Status.WARN)
    found = told([(Link.IDENTITY, lost)], stopped("kms-node-denied"), own("kms-node-denied"))
    assert words(found) == [
        ("role-core-denied", Status.WARN, Confidence.PROVED, False),
        ("kms-node-denied", Status.FAIL, Confidence.PROVED, True),
    ]


@pytest.mark.parametrize("status", [Status.UNKNOWN, Status.WARN])
def test_what_a_check_was_unsure_of_is_told_by_the_probe_about_the_same_subject(status: Status) -> None:
    unsure = a_finding("kms-node-denied", status, confidence=Confidence.POSSIBLE)
    (finding,) = told([(Link.PREFERENCES, unsure)], stopped("kms-node-denied"), own("kms-node-denied"))
    assert words([finding]) == [("kms-node-denied", Status.FAIL, Confidence.PROVED, True)]
    assert (finding.subject, finding.fixes) == (unsure.subject, unsure.fixes)


def test_a_finding_of_the_probe_is_joined_with_no_other_cause() -> None:
    other = a_finding("log-group-missing", Status.WARN)
    mine = own("kms-node-denied")
    assert told([(Link.PREFERENCES, other)], stopped("kms-node-denied"), mine) == [other, mine.finding]


def test_a_stage_that_was_passed_makes_a_note_of_what_would_have_stopped_there() -> None:
    run_as = stopped("run-as-user-unset", stage=ProbeStage.OUTPUT)
    found = told([(Link.PREFERENCES, DENIED)], run_as, own("run-as-user-unset"))
    assert words(found) == [
        ("kms-node-denied", Status.INFO, Confidence.POSSIBLE, True),
        ("run-as-user-unset", Status.FAIL, Confidence.PROVED, True),
    ]


def test_a_shell_that_opened_makes_notes_of_what_it_went_through_and_warnings_of_what_it_did_not() -> None:
    found = told(
        [
            (Link.CALLER, a_finding("caller-needs-access-request")),
            (Link.IDENTITY, a_finding("role-core-denied")),
            (Link.NETWORK, a_finding("endpoint-missing", Status.UNKNOWN)),
            (Link.PREFERENCES, DENIED),
            (Link.PREFERENCES, a_finding("s3-logs-lost", Status.WARN)),
            (Link.PREFERENCES, a_finding("cloudwatch-logs-lost", Status.UNKNOWN)),
            (Link.SYSTEM, a_finding("domain-controller", Status.UNKNOWN)),
        ],
        opened(),
    )
    assert [(each.cause, each.status) for each in found] == [
        ("caller-needs-access-request", Status.INFO),
        ("role-core-denied", Status.WARN),
        ("endpoint-missing", Status.UNKNOWN),
        ("kms-node-denied", Status.INFO),
        ("s3-logs-lost", Status.WARN),
        ("cloudwatch-logs-lost", Status.UNKNOWN),
        ("domain-controller", Status.INFO),
    ]


def test_a_shell_says_nothing_of_a_log_group_that_only_loses_logs() -> None:
    unsure = a_finding("log-group-missing", Status.UNKNOWN)
    assert told([(Link.PREFERENCES, unsure)], opened()) == [unsure]
    (failing,) = told([(Link.PREFERENCES, a_finding("log-group-missing"))], opened())
    assert failing.status is Status.INFO


def test_a_port_that_opened_proves_the_way_to_the_node_and_nothing_of_the_preferences() -> None:
    found = told([(Link.AGENT, a_finding("control-channel-down")), (Link.PREFERENCES, DENIED)], opened(ProbeKind.PORT))
    assert [(each.cause, each.status) for each in found] == [
        ("control-channel-down", Status.INFO),
        ("kms-node-denied", Status.FAIL),
    ]
    began = stopped("port-refused", kind=ProbeKind.PORT, stage=ProbeStage.SOCKET)
    assert contradicted_causes(began) == {
        "caller-credentials",
        "caller-start-denied",
        "hybrid-tier-standard",
        "target-invalid",
    }
    assert not contradicted_causes(opened(ProbeKind.PORT)) & {
        "caller-document-denied",
        "kms-node-denied",
        "agent-too-old",
    }


def test_not_connected_is_explained_by_what_is_more_specific_and_proves_it_not() -> None:
    refused = stopped("control-channel-down", "role-core-denied", stage=ProbeStage.START, end=ProbeEnd.REFUSED)
    core = a_finding("role-core-denied", confidence=Confidence.LIKELY)
    profile = a_finding("imds-disabled", confidence=Confidence.LIKELY)
    mine = own("control-channel-down", Link.AGENT)
    found = told([(Link.INSTANCE, profile), (Link.IDENTITY, core)], refused, mine)
    assert words(found) == [
        ("imds-disabled", Status.FAIL, Confidence.LIKELY, True),
        ("role-core-denied", Status.FAIL, Confidence.LIKELY, False),
    ]
    assert [each.cause for each in told([(Link.INSTANCE, profile)], refused, mine)] == ["imds-disabled"]
    assert [each.cause for each in told([(Link.PREFERENCES, DENIED)], refused, mine)] == [
        "control-channel-down",
        "kms-node-denied",
    ]
    station = a_finding("plugin-missing")
    both = told([(Link.WORKSTATION, station), (Link.IDENTITY, core)], refused, mine)
    assert words(both) == [
        ("plugin-missing", Status.FAIL, Confidence.PROVED, False),
        ("role-core-denied", Status.FAIL, Confidence.LIKELY, True),
    ]
    warned = a_finding("agent-too-old", Status.WARN)
    assert told([(Link.INSTANCE, warned)], refused, mine) == [warned, mine.finding]
    noted = replace(a_finding("instance-starting", Status.INFO), until=NOON)
    assert told([(Link.INSTANCE, noted)], refused, mine) == [noted, mine.finding]
    delay = replace(a_finding("instance-starting", Status.WARN), until=NOON)
    assert [each.cause for each in told([(Link.INSTANCE, delay)], refused, mine)] == ["instance-starting"]


def test_a_silence_is_evidence_of_what_makes_agents_silent_and_proves_nothing() -> None:
    silent = stopped(None, "root-volume-full", stage=ProbeStage.OUTPUT, end=ProbeEnd.SILENT)
    full = a_finding("root-volume-full", confidence=Confidence.LIKELY)
    assert words(told([(Link.INSTANCE, full)], silent)) == [("root-volume-full", Status.FAIL, Confidence.LIKELY, True)]
    assert told([(Link.PREFERENCES, DENIED)], silent)[0].cause == "kms-node-denied"
    at_once = stopped(None, "root-volume-full", stage=ProbeStage.START, end=ProbeEnd.SILENT)
    assert told([(Link.PREFERENCES, DENIED)], at_once) == [DENIED]
    unsure = replace(full, status=Status.WARN)
    assert told([(Link.INSTANCE, unsure)], silent) == [unsure]


def test_a_probe_of_a_port_takes_no_finding_of_a_probe_of_a_shell() -> None:
    port = stopped("port-closed", kind=ProbeKind.PORT, stage=ProbeStage.HANDSHAKE)
    mine = own("port-closed", kind=ProbeKind.PORT)
    assert told([], port, own("kms-node-denied")) == []
    assert told([], port, own("kms-node-denied"), mine) == [mine.finding]


def test_of_two_probes_the_newer_has_the_last_word() -> None:
    refused = stopped("control-channel-down", stage=ProbeStage.START, end=ProbeEnd.REFUSED)
    later = opened(ProbeKind.PORT, at=NOON + timedelta(minutes=1))
    mine = own("control-channel-down", Link.AGENT)
    probes = Probes(shell=refused, port=later)
    assert [(each.cause, each.status) for _, each in apply_probes((), probes, (mine,))] == [
        ("control-channel-down", Status.INFO)
    ]
    earlier = replace(later, at=NOON - timedelta(minutes=1))
    assert apply_probes((), replace(probes, port=earlier), (mine,))[0][1].status is Status.FAIL


def test_a_probe_says_nothing_of_somebody_elses_rights() -> None:
    denied = a_finding("caller-start-denied")
    probes = Probes(shell=opened())
    (held,) = apply_probes([(Link.CALLER, denied)], probes, (), caller_judged=False)
    assert held == (Link.CALLER, denied)


def test_what_is_told_of_a_probe_has_its_time_its_stage_and_its_text() -> None:
    assert describe_probe(opened()) == "a probe opened a shell at 2026-11-25 12:00:00 UTC"
    text = "----------ERROR-------\nUnable to start command: no"
    assert describe_probe(stopped(None, stage=ProbeStage.OUTPUT, text=text)) == (
        "a probe at 2026-11-25 12:00:00 UTC stopped at the stage first output: Unable to start command: no"
    )
    assert "no answer at the stage handshake" in describe_probe(
        stopped(None, stage=ProbeStage.HANDSHAKE, end=ProbeEnd.SILENT)
    )


def test_every_cause_that_is_spoken_of_is_one() -> None:
    spoken = {*TRANSIENT_CAUSES, *PORT_CAUSES, *contradicted_causes(opened()), *NOT_CONNECTED}
    assert spoken <= catalogue().keys()
