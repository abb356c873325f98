"""Who reports as a node, by CloudTrail's newest records."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from ssmtui.evidence.readers.node_events import SuspectNode, TrailReports
from ssmtui.model.fact import NotApplicable, Unreadable
from ssmtui.model.identity import NodeRole, RoleSource
from ssmtui.model.node import ConnectionStatus, Instance
from ssmtui.model.node_facts import Observation, RunningInstance, UnconnectedNode
from ssmtui.model.permissions import CorePermissions
from ssmtui.model.ssm_agent import AgentReport, LastReport
from tests.builders.fleet import ACCOUNT, NOON, a_node
from tests.builders.identity import CORE, a_node_role, answers
from tests.evidence.fact_builders import fact
from tests.evidence.fake_aws import FakeAws, refused

NODE = a_node(ping=None)
assert isinstance(NODE.instance, Instance)
INSTANCE = NODE.instance
SUSPECT = SuspectNode()
DEPLOYER = f"arn:aws:iam::{ACCOUNT}:user/deployer"
WEB = f"arn:aws:iam::{ACCOUNT}:role/web"


def record(node_id: str | None, principal: str, minutes_ago: float = 3, address: str = "192.0.2.1") -> dict[str, Any]:
    session = {"sessionContext": {"sessionIssuer": {"arn": principal}}} if ":role/" in principal else {}
    event = {
        "userIdentity": {"arn": principal, **session},
        "sourceIPAddress": address,
        "requestParameters": {"instanceId": node_id} if node_id else None,
        **({} if node_id else {"errorCode": "AccessDenied"}),
    }
    return {"EventTime": NOON - timedelta(minutes=minutes_ago), "CloudTrailEvent": json.dumps(event)}


def trail(*pages: list[dict[str, Any]]) -> FakeAws:
    return FakeAws(cloudtrail_LookupEvents=[{"Events": page} for page in pages])


async def last(aws: FakeAws) -> object:
    return await fact(aws, LastReport, NODE, SUSPECT)


async def test_the_newest_report_of_the_node_counts() -> None:
    aws = trail([record("i-other", WEB), record(INSTANCE.id, DEPLOYER), record(INSTANCE.id, WEB, 20)])
    found = await last(aws)
    assert isinstance(found, LastReport)
    assert (found.report.principal, found.report.error, found.by_address) == (DEPLOYER, "", False)
    assert aws.parameters("cloudtrail:LookupEvents")[0]["LookupAttributes"] == [
        {"AttributeKey": "EventName", "AttributeValue": "UpdateInstanceInformation"}
    ]


async def test_a_refused_report_does_not_say_whose_it_is_and_is_known_by_the_address() -> None:
    found = await last(trail([record(None, DEPLOYER, address=INSTANCE.private_ip or "")]))
    assert found == LastReport(
        AgentReport("", INSTANCE.private_ip or "", DEPLOYER, NOON - timedelta(minutes=3), "AccessDenied"),
        by_address=True,
    )


@pytest.mark.parametrize("told", [[], [record(None, DEPLOYER)], [record(INSTANCE.id, DEPLOYER, 121)]])
async def test_no_report_an_others_and_an_old_one_tell_nothing(told: list[dict[str, Any]]) -> None:
    assert isinstance(await last(trail(told)), NotApplicable)


async def test_a_few_pages_of_an_hour_are_enough() -> None:
    many = trail(*([record("i-other", WEB, minute / 10)] for minute in range(20)))
    await fact(many, TrailReports, None, SUSPECT)
    assert many.calls["cloudtrail:LookupEvents"] == 8
    old = trail([record("i-other", WEB)], [record("i-other", WEB, 70)], [record("i-other", WEB, 80)])
    await fact(old, TrailReports, None, SUSPECT)
    assert old.calls["cloudtrail:LookupEvents"] == 2


async def test_a_refusal_names_the_action() -> None:
    found = await last(FakeAws(cloudtrail_LookupEvents=refused("cloudtrail:LookupEvents")))
    assert isinstance(found, Unreadable)
    assert found.action == "cloudtrail:LookupEvents"


@pytest.mark.parametrize(
    ("node_role", "denied", "suspect"),
    [
        (a_node_role(), (), True),
        (a_node_role(), ("ssmmessages:OpenControlChannel",), False),
        (a_node_role(RoleSource.HOST_MANAGEMENT), (), False),
    ],
)
async def test_only_a_node_whose_role_is_sound_is_suspect(
    node_role: NodeRole, denied: tuple[str, ...], suspect: object
) -> None:
    away = UnconnectedNode(NODE, Observation(None, ConnectionStatus.NOT_CONNECTED))
    supposed = (away, RunningInstance(NODE, INSTANCE), node_role, answers(CorePermissions, CORE, *denied))
    found = await fact(FakeAws(), SuspectNode, NODE, *supposed)
    assert isinstance(found, SuspectNode if suspect else NotApplicable)
