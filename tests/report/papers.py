"""A report in its parts, made up: what formats are given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ssmtui.causes.catalogue import catalogue
from ssmtui.report.exit_code import FailOn
from ssmtui.report.format import Report
from ssmtui.report.model import BaselineComparison, Body
from tests.builders.fleet import NOON
from tests.report.written_reports import AT, a_finding_object, a_node_object, a_row

ROLE = "arn:aws:iam::111111111111:role/web"
HOSTILE = (
    "=cmd|' /C calc'!A0\n</script><img src=x onerror=alert(1)>\x1b[31m%0A::error::@octocat #1 `|` [x](http://e) \u202e"
)
"""A name that is a formula, markup, a control sequence, a workflow command, a mention and a link."""


@dataclass
class APaper:
    nodes: Sequence[Body]
    findings: Sequence[Body]
    scopes: Sequence[Body] = (a_row(),)
    compared: BaselineComparison | None = None
    head: Body = field(default_factory=lambda: {"schema": "ssmtui.report/1", "ssmtui": "0.1.0", "generated_at": AT})

    @property
    def summary(self) -> Body:
        verdicts = [each["verdict"] for each in self.nodes]
        counts: dict[str, Any] = {word: verdicts.count(word) for word in ("ok", "warn", "fail", "unknown", "stopped")}
        return {**counts, "api_calls": {}}

    def finding(self, id_: str) -> Body | None:
        return next((each for each in self.findings if each["id"] == id_), None)


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


def a_report(report_model: APaper, fail_on: FailOn = FailOn.FAIL) -> Report:
    return Report(None, catalogue(), NOON, lambda text, _word: text, report_model=report_model, fail_on=fail_on)
