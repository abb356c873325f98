"""The control endpoints."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from ssmtui.simulator.in_thread import SimulatedAws
from tests.simulator.clients import client, control, request


@pytest.fixture(autouse=True)
def sound(aws: SimulatedAws) -> None:
    aws.load("healthy-small")


def test_journal_is_read_and_emptied(aws: SimulatedAws) -> None:
    client(aws, "ssm").list_documents(MaxResults=5)
    entry = {
        "service": "ssm",
        "operation": "ListDocuments",
        "account": "123456789012",
        "region": "eu-west-3",
        "caller": "arn:aws:sts::123456789012:assumed-role/Engineer/alex",
        "write": False,
        "status": 200,
        "parameters": {"MaxResults": 5},
    }
    assert control(aws, "GET", "journal") == (200, {"entries": [entry]})
    control(aws, "DELETE", "journal")
    assert control(aws, "GET", "journal") == (200, {"entries": []})


def test_faults_are_put_in_force_and_taken_away(aws: SimulatedAws) -> None:
    control(aws, "POST", "faults", {"kind": "throttling", "service": "ssm"})
    with pytest.raises(ClientError, match="Rate exceeded"):
        client(aws, "ssm").list_documents()
    control(aws, "DELETE", "faults")
    assert client(aws, "ssm").list_documents()["DocumentIdentifiers"]


def test_hidden_flag_of_a_node_changes_where_it_stands(aws: SimulatedAws) -> None:
    ssm = client(aws, "ssm")
    node_id = ssm.describe_instance_information()["InstanceInformationList"][0]["InstanceId"]
    assert ssm.get_connection_status(Target=node_id)["Status"] == "connected"
    control(aws, "POST", f"agents/{node_id}", {"region": "eu-west-3", "running": False})
    assert ssm.get_connection_status(Target=node_id)["Status"] == "notconnected"


def test_reset_puts_another_scenario_in_place(aws: SimulatedAws) -> None:
    control(aws, "POST", "reset", {"scenario": "key-disabled"})
    states = {
        client(aws, "kms").describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"]
        for key in client(aws, "kms").list_keys()["Keys"]
    }
    assert "Disabled" in states
    assert control(aws, "GET", "seeding") == (200, {"ready": True, "failure": None})


@pytest.mark.parametrize(
    ("method", "path", "document", "status", "reason"),
    [
        ("GET", "nothing", None, 404, "There is no GET /_simulator/nothing."),
        ("POST", "reset", {"scenario": "atlantis"}, 404, "There is no scenario 'atlantis'."),
        ("POST", "faults", {"kind": "earthquake"}, 400, "No such fault: 'earthquake' is not a valid FaultKind"),
        ("POST", "agents/i-0/kill", {"region": "eu-west-3"}, 404, "There is no node i-0 in that account and Region."),
        ("POST", "agents/i-0", {"region": "eu-west-3"}, 404, "There is no node i-0 in that account and Region."),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_reason(
    aws: SimulatedAws, method: str, path: str, document: dict[str, Any] | None, status: int, reason: str
) -> None:
    assert control(aws, method, path, document) == (status, {"error": reason})


def test_request_under_another_name_than_loopback_is_refused(aws: SimulatedAws) -> None:
    status, _ = request(aws, "GET", "/_simulator/journal", headers={"Host": "rebound.example:80"})
    assert status == 403


def test_request_of_a_page_in_a_browser_is_refused(aws: SimulatedAws) -> None:
    headers = {"Origin": "https://elsewhere.example", "Content-Type": "text/plain"}
    told = request(aws, "POST", "/_simulator/faults", b'{"kind": "throttling"}', headers)
    assert told == (403, {"error": "Not by a page in a browser."})
