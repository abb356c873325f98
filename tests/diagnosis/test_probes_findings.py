"""What the probes of a node find by themselves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ssmtui.analysis.probe_results import ProbeFinding
from ssmtui.causes.catalogue import catalogue
from ssmtui.diagnosis.probes import ProbeFindings, ProbeResults, probe_findings
from ssmtui.evidence.facts.fact_store import FactStore
from ssmtui.model.fact import Now
from ssmtui.model.finding import PROBE, Confidence, Evidence, Finding, Link, Status, Subject, SubjectKind
from ssmtui.model.probe import ProbeKind, ProbeOutcome, Probes
from ssmtui.model.scope import OtherPrincipal, Scope
from tests.builders.fleet import NOON, a_node, a_scope
from tests.builders.probes import opened, stopped
from tests.evidence.fake_aws import FakeAws

NODE = a_node()
FOR_ANOTHER = replace(
    a_scope(), judged=OtherPrincipal("arn:aws:iam::123456789012:user/alex", "arn:aws:iam::123456789012:user/alex")
)


async def told(outcome: ProbeOutcome, scope: Scope | None = None) -> ProbeFindings | None:
    facts = FactStore(FakeAws(), scope or a_scope(), Now(NOON))
    ProbeResults(facts, lambda _event: None).know(outcome)
    return await probe_findings(facts.resolver(NODE), ())


@pytest.mark.parametrize(("scope", "judged"), [(a_scope(), True), (FOR_ANOTHER, False)])
async def test_what_a_session_stopped_at_is_a_finding_about_the_node_where_no_check_tells_whose_it_is(
    scope: Scope, judged: object
) -> None:
    cause = catalogue()["kms-node-denied"]
    found = Finding(
        cause="kms-node-denied",
        status=Status.FAIL,
        confidence=Confidence.PROVED,
        subject=Subject(SubjectKind.NODE, NODE.id),
        summary=f"A test session was opened: {cause.title}.",
        evidence=(
            Evidence("a probe at 2026-11-25 12:00:00 UTC stopped at the stage session key without a reason", PROBE),
        ),
        fixes=tuple(each.slug for each in cause.fixes),
    )
    outcome = stopped("kms-node-denied")
    own = (ProbeFinding(ProbeKind.SHELL, Link.PREFERENCES, found),)
    assert await told(outcome, scope) == ProbeFindings(Probes(shell=outcome), own, caller_judged=judged is True)


@pytest.mark.parametrize("outcome", [opened(), stopped("throttled"), stopped(None)])
async def test_what_is_no_cause_of_the_nodes_is_no_finding(outcome: ProbeOutcome) -> None:
    assert await told(outcome) == ProbeFindings(Probes(shell=outcome), (), caller_judged=True)
