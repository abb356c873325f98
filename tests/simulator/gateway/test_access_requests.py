"""Just-in-time node access: asked for, waited for, and good for the node that was asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.scenario import AccessDecision
from ssmtui.simulator.worlds import world
from tests.simulator.clients import ids_by_name
from tests.simulator.gateway.client import REGION, Visitor
from tests.simulator.gateway.encrypted_client import KeyedClient


def decided(aws: SimulatedAws, decision: AccessDecision) -> Visitor:
    scenario = world("caller-needs-access-request")
    aws.load(replace(scenario, regions=(replace(scenario.regions[0], access_decision=decision),)))
    return Visitor(aws)


@pytest.mark.parametrize(
    ("name", "statuses"),
    [
        ("caller-needs-access-request", ["Approved", "Approved"]),
        ("access-request-takes-its-time", ["Pending", "Approved"]),
        ("access-request-rejected", ["Rejected", "Rejected"]),
    ],
)
def test_the_world_decides(aws: SimulatedAws, name: str, statuses: list[str]) -> None:
    aws.load(name)
    visitor = Visitor(aws)
    request, met = asked(visitor), []
    for seconds in (0, 21):
        aws.pass_time(timedelta(seconds=seconds))
        met.append(answer(visitor, request)["AccessRequestStatus"])
    assert met == statuses


def asked(visitor: Visitor, node: str = "web-1") -> str:
    targets = [{"Key": "InstanceIds", "Values": [ids_by_name(REGION)[node]]}]
    return str(visitor.ssm.start_access_request(Reason="INC-1", Targets=targets)["AccessRequestId"])


def answer(visitor: Visitor, request: str) -> Any:
    told = visitor.ssm.get_access_token(AccessRequestId=request)
    told.pop("ResponseMetadata")
    return told


def code_of(ask: Any, **parameters: Any) -> str:
    with pytest.raises(ClientError) as raised:
        ask(**parameters)
    return str(raised.value.response["Error"]["Code"])


def test_a_token_opens_sessions_to_its_node_and_does_nothing_else(aws: SimulatedAws) -> None:
    visitor = decided(aws, AccessDecision())
    web_1, web_2 = (ids_by_name(REGION)[name] for name in ("web-1", "web-2"))
    assert code_of(visitor.ssm.start_session, Target=web_1) == "AccessDeniedException"
    token = answer(visitor, asked(visitor))
    assert token["AccessRequestStatus"] == "Approved"
    bearer = Visitor(aws, token["Credentials"]["AccessKeyId"])
    with bearer.session("web-1") as channel:
        KeyedClient(bearer, channel, web_1).shake_hands()
        assert channel.next().payload
        (listed,) = visitor.ssm.describe_sessions(State="Active")["Sessions"]
        assert (listed["AccessType"], listed["SessionId"]) == ("JustInTime", channel.session_id)
        bearer.ssm.terminate_session(SessionId=channel.session_id)
        assert channel.ending() == ""
    assert code_of(bearer.ssm.start_session, Target=web_2) == "AccessDeniedException"
    assert code_of(bearer.ssm.describe_sessions, State="Active") == "AccessDeniedException"


def test_a_decision_takes_its_time_and_access_ends(aws: SimulatedAws) -> None:
    visitor = decided(aws, AccessDecision(after=timedelta(minutes=5)))
    request = asked(visitor)
    assert answer(visitor, request) == {"AccessRequestStatus": "Pending"}
    aws.pass_time(timedelta(minutes=6))
    assert answer(visitor, request)["AccessRequestStatus"] == "Approved"
    aws.pass_time(timedelta(hours=1))
    assert answer(visitor, request) == {"AccessRequestStatus": "Expired"}


def test_a_request_is_rejected(aws: SimulatedAws) -> None:
    visitor = decided(aws, AccessDecision(approves=False))
    assert answer(visitor, asked(visitor)) == {"AccessRequestStatus": "Rejected"}


def test_what_nobody_asked_for_is_not_found(aws: SimulatedAws) -> None:
    visitor = decided(aws, AccessDecision())
    assert code_of(visitor.ssm.get_access_token, AccessRequestId="oi-0123456789ab") == "ResourceNotFoundException"
    by_tag = {"Reason": "why", "Targets": [{"Key": "tag:Env", "Values": ["test"]}]}
    assert code_of(visitor.ssm.start_access_request, **by_tag) in {"ValidationException", "AccessDeniedException"}
