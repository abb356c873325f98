"""A report in its parts, made up: what formats are given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ssmtui.causes.catalogue import catalogue
from ssmtui.report.exit_code import FailOn
from ssmtui.report.format import Report
from ssmtui.report.model import (
    WORST_FIRST,
    BaselineComparison,
    ReportEvidence,
    ReportFinding,
    ReportHead,
    ReportModel,
    ReportMute,
    ReportNode,
    ReportScope,
    ReportSubject,
    ReportSummary,
)
from tests.builders.fleet import NOON
from tests.report.written_reports import AT, Document, a_finding_object, a_node_object, a_row

ROLE = "arn:aws:iam::111111111111:role/web"
HOSTILE = (
    "=cmd|' /C calc'!A0\n</script><img src=x onerror=alert(1)>\x1b[31m%0A::error::@octocat #1 `|` [x](http://e) \u202e"
)
"""A name that is a formula, markup, a control sequence, a workflow command, a mention and a link."""


def node_of(told: Document | ReportNode) -> ReportNode:
    """The node that an object is, whatever its texts are."""
    if isinstance(told, ReportNode):
        return told
    return ReportNode(**{**told, "findings": tuple(told["findings"])})


def finding_of(told: Document | ReportFinding) -> ReportFinding:
    """The finding that an object is, whatever its texts are."""
    if isinstance(told, ReportFinding):
        return told
    lists = {name: tuple(told[name]) for name in ("nodes", "needs", "fixes")}
    evidence = tuple(ReportEvidence(**each) for each in told["evidence"])
    muted = told.get("muted")
    mutes = muted and tuple(ReportMute(**{**each, "nodes": tuple(each["nodes"])}) for each in muted)
    return ReportFinding(
        **{**told, **lists, "subject": ReportSubject(**told["subject"]), "evidence": evidence, "muted": mutes}
    )


class APaper:
    """A report of these objects, each as it stands in JSON."""

    def __init__(
        self,
        nodes: Sequence[Document | ReportNode],
        findings: Sequence[Document | ReportFinding],
        scopes: Sequence[Document] = (a_row(),),
        fixed: Sequence[Document] | None = None,
        unseen: Sequence[Document] = (),
    ) -> None:
        self.head = ReportHead(ssmtui="0.1.0", generated_at=AT)
        self.nodes = [node_of(each) for each in nodes]
        self.findings = [finding_of(each) for each in findings]
        self.scopes = [ReportScope(**each) for each in scopes]
        gone = [[finding_of(each) for each in those] for those in (fixed or (), unseen)]
        self.compared = None if fixed is None else BaselineComparison(AT, *gone)

    @property
    def summary(self) -> ReportSummary:
        verdicts = [each.verdict for each in self.nodes]
        return ReportSummary.of({word: verdicts.count(word) for word in WORST_FIRST}, {})

    def finding(self, id_: str) -> ReportFinding | None:
        return next((each for each in self.findings if each.id == id_), None)


def a_paper(**changed: Any) -> APaper:
    """A node of every verdict; one finding that fails, one that warns, one unknown; a scope in error."""
    denied = a_finding_object(ROLE, ["i-bad"], subject={"kind": "role", "id": ROLE})
    old = a_finding_object("i-old", ["i-old"], "agent-outdated", status="warn", subject={"kind": "node", "id": "i-old"})
    blind = a_finding_object("i-dark", ["i-dark"], "s3-logs-lost", status="unknown", needs=["s3:GetBucketPolicy"])
    nodes = [
        a_node_object("i-bad", verdict="fail", root_cause=denied["cause"], findings=[denied["id"]]),
        a_node_object("i-dark", verdict="unknown", findings=[blind["id"]]),
        a_node_object("i-off", verdict="stopped", state="stopped"),
        a_node_object("i-old", verdict="warn", findings=[old["id"]]),
        a_node_object("i-well"),
    ]
    scopes = [a_row(), a_row(None, "eu-west-1", profile="audit", error="The credentials of audit have expired.")]
    return APaper(**{"nodes": nodes, "findings": [old, denied, blind], "scopes": scopes, **changed})


def a_hostile_paper() -> APaper:
    """A report whose every text that comes from elsewhere is hostile."""
    finding = a_finding_object(
        HOSTILE,
        ["i-bad"],
        summary=HOSTILE,
        subject={"kind": "bucket", "id": HOSTILE},
        evidence=[{"fact": HOSTILE, "source": HOSTILE}],
    )
    node = a_node_object(
        "i-bad", verdict="fail", root_cause=finding["cause"], findings=[finding["id"]], name=HOSTILE, platform=HOSTILE
    )
    return APaper([node], [finding], [a_row(profile=HOSTILE, error=HOSTILE)])


def a_report(report_model: ReportModel, fail_on: FailOn = FailOn.FAIL) -> Report:
    return Report(None, catalogue, NOON, lambda text, _word: text, report_model=report_model, fail_on=fail_on)
