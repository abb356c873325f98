from __future__ import annotations

import json
from typing import Any

from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.report.schema import Schema
from tests.builders.fleet import NOON
from tests.report.fleet import events, the_fleet
from tests.report.schemas import hold
from tests.report.whole_document import report_document


def document(state: FleetState) -> Any:
    return json.loads(json.dumps(report_document(state, NOON)))


def test_report_is_of_the_schema_that_is_shipped_its_keys_in_order() -> None:
    hold(document(the_fleet()), Schema.REPORT)


def test_lists_are_sorted_whatever_the_order_of_events() -> None:
    backwards = FleetState()
    for event in reversed(events()):
        backwards.apply(event)
    assert document(backwards)["nodes"] == document(the_fleet())["nodes"]
    assert [node["id"] for node in document(the_fleet())["nodes"]] == ["i-0a", "i-0b", "i-0c", "i-0d"]


def test_whole_node_and_finding() -> None:
    report = document(the_fleet())
    assert report["nodes"][1] == {
        "id": "i-0b",
        "name": "api-1",
        "kind": "ec2",
        "account": "123456789012",
        "region": "eu-west-3",
        "state": "running",
        "platform": "Amazon Linux 2023",
        "agent_version": "3.3.4624.0",
        "managed": True,
        "ping": "Online",
        "connection": "connected",
        "verdict": "fail",
        "confidence": "likely",
        "root_cause": "kms-node-denied",
        "findings": ["kms-node-denied@arn:aws:iam::123456789012:role/web@eu-west-3"],
        "links": {
            "workstation": "ok",
            "caller": "ok",
            "instance": "ok",
            "identity": "ok",
            "network": "ok",
            "agent": "ok",
            "preferences": "ok",
            "operating system": "ok",
        },
    }
    assert report["findings"][0] == {
        "id": "kms-node-denied@arn:aws:iam::123456789012:role/web@eu-west-3",
        "cause": "kms-node-denied",
        "status": "fail",
        "confidence": "proved",
        "subject": {"kind": "role", "id": "arn:aws:iam::123456789012:role/web"},
        "nodes": ["i-0b", "i-0c"],
        "summary": "kms-node-denied holds.",
        "evidence": [{"fact": "kms:Decrypt is implicitly denied", "source": "iam:SimulatePrincipalPolicy"}],
        "needs": [],
        "fixes": ["grant-node-key-access"],
    }


def test_scope_in_error_says_so_and_the_others_stand() -> None:
    report = document(the_fleet())
    assert [(scope["region"], scope["error"]) for scope in report["scopes"]] == [
        ("eu-west-3", None),
        ("eu-west-1", "The credentials of profile audit have expired."),
    ]
    assert report["summary"]["ok"] == 1
    assert report["summary"]["api_calls"] == {"ec2:DescribeInstances": 1, "ssm:GetConnectionStatus": 3}
