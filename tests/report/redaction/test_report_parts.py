"""A redacted report is a report: of the schema, its parts refer to each other, and nobody's name is left in it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ssmtui.report.model import ReportFinding, ReportNode, ReportScope
from ssmtui.report.redactor import ReportRedactor
from ssmtui.report.report_json import part_from_json, part_to_json
from ssmtui.report.schema import Schema
from tests.builders.fleet import NOON
from tests.report.fleet import the_fleet
from tests.report.redaction.test_redactor import LOOKS, SECRETS
from tests.report.schemas import hold
from tests.report.whole_document import report_document

ACCOUNTS = st.from_regex(r"[1-9][0-9]{11}", fullmatch=True)
IDS = st.from_regex(r"m?i-[1-9a-f]{17}", fullmatch=True)
REGIONS = st.sampled_from(["eu-west-3", "us-gov-west-1", "cn-north-1"])


def redacted(report: dict[str, Any]) -> dict[str, Any]:
    redactor = ReportRedactor(b"a key")
    scopes = [part_from_json(ReportScope, each) for each in report["scopes"]]
    nodes = [part_from_json(ReportNode, each) for each in report["nodes"]]
    findings = [part_from_json(ReportFinding, each) for each in report["findings"]]
    for scope in scopes:
        redactor.learn_scope(scope)
    for node in nodes:
        redactor.learn_node(node)
    for finding in findings:
        redactor.learn_finding(finding)
    return {
        **report,
        "scopes": [part_to_json(redactor.scope(each)) for each in scopes],
        "nodes": [part_to_json(redactor.node(each)) for each in nodes],
        "findings": [part_to_json(redactor.finding(each)) for each in findings],
    }


@st.composite
def reports(draw: st.DrawFn) -> tuple[dict[str, Any], list[str]]:
    """A report in which names of all sorts stand wherever names stand, and those names."""
    secrets = draw(st.lists(SECRETS, min_size=5, max_size=5))
    host, role, bucket, user, other = secrets
    account, id_, region = draw(ACCOUNTS), draw(IDS), draw(REGIONS)
    told = draw(st.sampled_from(LOOKS)).replace("{}", other)
    caller = f"arn:aws:sts::{account}:assumed-role/{role}/{user}@example.org"
    subject = draw(
        st.sampled_from(
            [
                ("role", f"arn:aws:iam::{account}:role/{role}", f"@{region}"),
                ("caller", caller, f"@{region}"),
                ("bucket", f"arn:aws:s3:::{bucket}", ""),
                ("node", id_, ""),
                ("log-group", f"arn:aws:logs:{region}:{account}:log-group:/{bucket}/x", ""),
            ]
        )
    )
    finding = f"kms-node-denied@{subject[1]}{subject[2]}"
    report: dict[str, Any] = json.loads(json.dumps(report_document(the_fleet(), NOON)))
    scope, node, first = report["scopes"][0], report["nodes"][0], report["findings"][0]
    scope |= {"profile": user, "account": account, "region": region, "caller": caller, "error": f"{told} failed"}
    node |= {"id": id_, "name": f"{host} of {user}", "account": account, "platform": told, "findings": [finding]}
    first |= {
        "id": finding,
        "subject": {"kind": subject[0], "id": subject[1]},
        "nodes": [id_],
        "summary": f"The role {role} on {host} of {user} may not read {bucket} ({told}) in {account}.",
        "evidence": [{"fact": f"{told}: {host}, {bucket}, {user}", "source": "kms:Decrypt"}],
    }
    report |= {"scopes": [scope], "nodes": [node], "findings": [first]}
    return report, [*secrets, account, id_.partition("-")[2]]


@pytest.mark.long
@settings(max_examples=40)
@given(reports())
def test_no_name_is_left_and_it_is_a_report_still(made: tuple[dict[str, Any], list[str]]) -> None:
    report, secrets = made
    written = json.dumps(redacted(report))
    shown = json.loads(written)
    hold(shown, Schema.REPORT)
    assert not [secret for secret in secrets if secret in written]
    assert shown["nodes"][0]["findings"] == [shown["findings"][0]["id"]]
    assert shown["findings"][0]["nodes"] == [shown["nodes"][0]["id"]]
    assert shown["findings"][0]["id"].startswith(f"kms-node-denied@{shown['findings'][0]['subject']['id']}")
    assert shown["scopes"][0]["account"] == shown["nodes"][0]["account"]


def test_what_is_awss_or_ssmtuis_word_is_not_touched() -> None:
    report = json.loads(json.dumps(report_document(the_fleet(), NOON)))
    shown = json.loads(json.dumps(redacted(report)))
    assert shown["summary"] == report["summary"]
    for before, after in zip(report["nodes"], shown["nodes"], strict=True):
        kept = {key for key in before if key not in ("id", "name", "account", "findings")}
        assert {key: after[key] for key in kept} == {key: before[key] for key in kept}
    for before, after in zip(report["findings"], shown["findings"], strict=True):
        kept = {"cause", "status", "confidence", "needs", "fixes"}
        assert {key: after[key] for key in kept} == {key: before[key] for key in kept}
        assert [each["source"] for each in after["evidence"]] == [each["source"] for each in before["evidence"]]
