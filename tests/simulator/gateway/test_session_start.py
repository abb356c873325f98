"""StartSession, and what DescribeSessions tells of the sessions: who may, by which document, to which node."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from ssmtui.simulator.in_thread import SimulatedAws
from tests.simulator.clients import control, ids_by_name
from tests.simulator.gateway.client import Visitor

CALLER = "arn:aws:sts::123456789012:assumed-role/Engineer/alex"


def refusal(visitor: Visitor, node: str, **parameters: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as raised:
        visitor.start(node, **parameters)
    error = raised.value.response["Error"]
    return error["Code"], error.get("Message", "")


def test_a_node_that_is_not_connected_takes_no_session(aws: SimulatedAws) -> None:
    aws.load("control-channel-down")
    node_id = ids_by_name("eu-west-3")["stuck-1"]
    assert refusal(Visitor(aws), "stuck-1") == ("TargetNotConnected", f"{node_id} is not connected.")
    unknown = "i-00000000000000000"
    assert refusal(Visitor(aws), unknown) == ("TargetNotConnected", f"{unknown} is not connected.")


def test_a_document_that_does_not_exist_or_is_of_another_type_opens_nothing(aws: SimulatedAws) -> None:
    aws.load("documents-by-name")
    visitor = Visitor(aws)
    gone = ("InvalidDocument", "Document with name Acme-Gone does not exist.")
    assert refusal(visitor, "web-1", DocumentName="Acme-Gone") == gone
    assert refusal(visitor, "web-1", DocumentName="Acme-Patch")[0] == "InvalidDocument"
    assert refusal(visitor, "web-1", DocumentName="Acme-Chosen")[0] == "InvalidParameters"
    assert refusal(visitor, "web-1", DocumentName="Acme-Shell", Parameters={"a": ["b"]})[0] == "InvalidParameters"
    visitor.start("web-1", DocumentName="Acme-Chosen", Parameters={"group": ["/ssm/session-manager"]})
    (session,) = visitor.ssm.describe_sessions(State="Active")["Sessions"]
    assert session["DocumentName"] == "Acme-Chosen"


def test_the_caller_needs_the_node_and_a_document_that_it_names(aws: SimulatedAws) -> None:
    aws.load("caller-start-denied")
    code, message = refusal(Visitor(aws), "web-1")
    assert (code, message.partition(" on resource: ")[0]) == (
        "AccessDeniedException",
        f"User: {CALLER} is not authorized to perform: ssm:StartSession",
    )
    aws.load("caller-by-kind")
    assert Visitor(aws).start("web-1")["TokenValue"]
    assert "document/AWS-StartSSHSession" in refusal(Visitor(aws), "web-1", DocumentName="AWS-StartSSHSession")[1]


def test_the_default_document_counts_where_a_policy_has_it_checked(aws: SimulatedAws) -> None:
    aws.load("caller-document-denied")
    assert "document/SSM-SessionManagerRunShell" in refusal(Visitor(aws), "web-1")[1]


def test_tags_of_the_node_count(aws: SimulatedAws) -> None:
    aws.load("caller-by-tag")
    visitor = Visitor(aws)
    assert visitor.start("web-1")["TokenValue"]
    assert visitor.start("pos-1")["TokenValue"]
    assert refusal(visitor, "web-prod-1")[0] == refusal(visitor, "pos-2")[0] == "AccessDeniedException"


def test_only_ones_own_sessions_are_ended(aws: SimulatedAws) -> None:
    aws.load("caller-terminate-denied")
    visitor = Visitor(aws)
    session = visitor.start("web-1")["SessionId"]
    with pytest.raises(ClientError, match="not authorized to perform: ssm:TerminateSession"):
        visitor.ssm.terminate_session(SessionId=session)
    assert [each.session_id for each in aws.active_sessions] == [session]


def test_sessions_are_filtered_and_come_in_pages(aws: SimulatedAws) -> None:
    aws.load("preferences-absent")
    visitor = Visitor(aws)
    first, second = (visitor.start(name)["SessionId"] for name in ("web-1", "web-2"))

    def listed(**asked: Any) -> list[str]:
        return [each["SessionId"] for each in visitor.ssm.describe_sessions(State="Active", **asked)["Sessions"]]

    assert listed() == [second, first]
    assert listed(Filters=[{"key": "Target", "value": ids_by_name("eu-west-3")["web-1"]}]) == [first]
    assert listed(Filters=[{"key": "Status", "value": "Connected"}]) == []
    assert listed(Filters=[{"key": "InvokedAfter", "value": "2020-01-01T00:00:00Z"}]) == [second, first]
    page = visitor.ssm.describe_sessions(State="Active", MaxResults=1)
    assert [each["SessionId"] for each in page["Sessions"]] == [second]
    assert listed(NextToken=page["NextToken"]) == [first]


def test_the_control_endpoint_counts_sessions(aws: SimulatedAws) -> None:
    aws.load("preferences-absent")
    visitor = Visitor(aws)
    session = visitor.start("web-1", Reason="probe")["SessionId"]
    (status, told) = control(aws, "GET", "sessions")
    assert (status, told["active"]) == (200, 1)
    assert told["sessions"] == [
        {
            "session": session,
            "node": ids_by_name("eu-west-3")["web-1"],
            "owner": CALLER,
            "document": "SSM-SessionManagerRunShell",
            "reason": "probe",
            "status": "Connecting",
            "active": True,
            "ending": "",
            "signed": None,
        }
    ]
    visitor.ssm.terminate_session(SessionId=session)
    assert control(aws, "GET", "sessions")[1]["active"] == 0
