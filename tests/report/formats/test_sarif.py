"""SARIF by its schema: a rule a cause, a result a finding, each at a place that GitHub shows."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

from ssmtui.report.formats.sarif import sarif_lines
from tests.report.papers import ROLE, APaper, a_hostile_paper, a_paper, a_report
from tests.report.written_reports import a_finding_object, a_node_object


@cache
def validator() -> jsonschema.Draft4Validator:
    text = (Path(__file__).parent / "schemas" / "sarif-2.1.0-rtm.5.json").read_text(encoding="utf-8")
    return jsonschema.Draft4Validator(json.loads(text), format_checker=jsonschema.FormatChecker())


def the_run(report_model: APaper) -> dict[str, Any]:
    told = json.loads("\n".join(sarif_lines(a_report(report_model))))
    validator().validate(told)
    (run,) = told["runs"]
    assert isinstance(run, dict)
    return run


def test_each_finding_is_a_result_of_the_rule_that_its_cause_is() -> None:
    run = the_run(a_paper())
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert sorted(rules) == ["agent-outdated", "log-group-unreadable", "s3-logs-lost"]
    assert rules["log-group-unreadable"]["name"] == "LogGroupUnreadable"
    assert rules["log-group-unreadable"]["helpUri"].startswith("https://docs.aws.amazon.com/")
    assert [(each["ruleId"], each.get("kind"), each["level"]) for each in run["results"]] == [
        ("agent-outdated", None, "warning"),
        ("log-group-unreadable", None, "error"),
        ("s3-logs-lost", "open", "none"),
    ]
    (location,) = run["results"][1]["locations"]
    assert location["physicalLocation"]["artifactLocation"] == {"uri": "aws/role/arn/aws/iam/111111111111/role/web"}
    assert location["logicalLocations"] == [{"name": "web", "fullyQualifiedName": ROLE, "kind": "resource"}]
    assert run["results"][1]["properties"]["nodes"] == ["i-bad"]
    assert "baselineState" not in run["results"][1]


def test_a_scope_that_could_not_be_looked_at_is_a_notification() -> None:
    (invocation,) = the_run(a_paper())["invocations"]
    assert invocation["executionSuccessful"] is False
    (note,) = invocation["toolExecutionNotifications"]
    assert note["message"]["text"] == "The credentials of audit have expired."
    assert the_run(APaper([], []))["invocations"][0]["executionSuccessful"] is True


def test_a_finding_is_told_from_others_by_the_same_fingerprint_each_time() -> None:
    prints = [json.dumps(each["partialFingerprints"]) for each in the_run(a_paper())["results"]]
    assert len(set(prints)) == 3
    assert prints == [json.dumps(each["partialFingerprints"]) for each in the_run(a_paper())["results"]]


def test_the_baseline_and_what_is_muted_are_said_in_sarifs_own_words() -> None:
    whole = [{"nodes": ["i-a", "i-b"], "reason": "OPS-1", "expires": "2027-01-01"}]
    half = [{"nodes": ["i-a"], "reason": "OPS-2", "expires": "2027-01-01"}]
    findings = [
        a_finding_object("a", ["i-a", "i-b"], baseline="new"),
        a_finding_object("b", ["i-a", "i-b"], baseline="still", muted=whole),
        a_finding_object("c", ["i-a", "i-b"], baseline="new", muted=half),
    ]
    report_model = APaper([a_node_object("i-a")], findings, fixed=[a_finding_object("d", ["i-a"])])
    results = the_run(report_model)["results"]
    assert [each["baselineState"] for each in results] == ["new", "unchanged", "new", "absent"]
    assert [each.get("suppressions") for each in results] == [
        None,
        [{"kind": "external", "status": "accepted", "justification": "OPS-1"}],
        None,
        None,
    ]


def test_what_is_hostile_is_text() -> None:
    run = the_run(a_hostile_paper())
    (result,) = run["results"]
    assert "[x]" not in result["message"]["text"].replace("\\[", "").replace("\\]", "")
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri.isascii()
    assert not set(uri) & set(" <>|\n`")


def test_a_subject_of_dots_leads_to_no_other_path() -> None:
    finding = a_finding_object("a", ["i-a"], subject={"kind": "bucket", "id": "logs/../../..:./.hidden/..."})
    (result,) = the_run(APaper([a_node_object("i-a")], [finding]))["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "aws/bucket/logs/__/__/__/_/.hidden/___"
