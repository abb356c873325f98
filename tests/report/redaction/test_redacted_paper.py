"""A whole report redacted, in every format: no name of anybody's is in it, and it is read as a report."""

from __future__ import annotations

import json

import pytest

from ssmtui.report.format import all_formats
from ssmtui.report.redactor import RedactedReport
from ssmtui.report.schema import Schema
from tests.report.papers import APaper, a_report
from tests.report.schemas import hold
from tests.report.written_reports import a_finding_object, a_node_object, a_row

SECRETS = ("123456654321", "zq-payments", "zqx", "i-0f1e2d3c4b5a69788", "10.77.13.9", "zqj.example.org")
ROLE = "arn:aws:iam::123456654321:role/zqx/zq-payments"


def a_paper() -> APaper:
    muted = [{"nodes": ["i-0f1e2d3c4b5a69788"], "reason": "zqx looks after it", "expires": "2027-01-31"}]
    finding = {
        **a_finding_object(
            f"{ROLE}@eu-west-3",
            ["i-0f1e2d3c4b5a69788"],
            "kms-node-denied",
            subject={"kind": "role", "id": ROLE},
            summary="The role zq-payments may not decrypt with the session key.",
            evidence=[{"fact": "10.77.13.9 is zqj.example.org", "source": "kms:Decrypt"}],
        ),
        "baseline": "new",
        "muted": muted,
        "counted": False,
    }
    node = a_node_object(
        "i-0f1e2d3c4b5a69788", "123456654321", name="zq-payments", verdict="fail", root_cause="kms-node-denied"
    )
    scope = a_row("123456654321", profile="zqx", error="zqj.example.org says no")
    nodes = [{**node, "findings": [finding["id"]], "counted": False}]
    return APaper(nodes, [finding], [scope], fixed=[finding], unseen=[finding])


TELLING = {"csv", "html", "json", "junit", "markdown", "ndjson", "sarif", "table"}
"""The formats that tell what is wrong: on GitHub's page this finding is muted, and another may tell names alone."""


@pytest.mark.parametrize("format_", list(all_formats()))
def test_no_name_is_left_in_any_format(format_: str) -> None:
    redacted = RedactedReport(a_paper(), b"a key")
    text = "\n".join(all_formats()[format_].lines(a_report(redacted)))
    assert [secret for secret in SECRETS if secret in text] == []
    assert "may not decrypt with the session key." in text or format_ not in TELLING
    if format_ == "json":
        report = json.loads(text)
        hold(report, Schema.REPORT)
        assert report["redacted"] is True
        assert report["nodes"][0]["findings"] == [report["findings"][0]["id"]] == [report["fixed"][0]["id"]]
        assert report["findings"][0]["muted"][0]["nodes"] == [report["nodes"][0]["id"]]


def test_a_sentence_about_it_calls_everything_as_it_is_called_there() -> None:
    redacted = RedactedReport(a_paper(), b"a key")
    profile = redacted.scopes[0].profile
    assert redacted.sentence("The credentials of profile zqx have expired. Run: aws sso login --profile zqx") == (
        f"The credentials of profile {profile} have expired. Run: aws sso login --profile {profile}"
    )
