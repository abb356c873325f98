"""Facts that are read once a Region: the fleet as a whole, activations, documents, status checks, given profiles."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ssmtui.evidence.aws.reader_api import AwsError
from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.iam_questions import UPDATE_INSTANCE_INFORMATION
from ssmtui.model.identity import RunAsSetting, RunAsTag
from ssmtui.model.node import ConnectionStatus, Instance, Node, PingStatus
from ssmtui.model.node_facts import (
    Activation,
    Activations,
    ActivationTier,
    HybridMachine,
    ImpairedInstances,
    ManagedFleet,
    Observation,
    ProfileAttachment,
    RegisteredMachine,
    RequestedIds,
    RunningInstance,
    UnconnectedNode,
)
from ssmtui.model.permissions import CorePermissions
from ssmtui.model.preferences import SessionDocuments
from ssmtui.model.sessions import ActiveSessions
from tests.builders.fleet import a_node, a_scope
from tests.builders.identity import CORE, answers
from tests.checks.agent.nodes import hybrid
from tests.checks.outcome import node_of
from tests.evidence.fact_builders import fact, preferences
from tests.evidence.fake_aws import FakeAws, refused

MOMENT = datetime(2026, 11, 1, tzinfo=UTC)
HYBRID = node_of(hybrid())
ALEX = "arn:aws:iam::123456789012:user/ops/alex"
AWAY = UnconnectedNode(a_node(ping=None), Observation(None, ConnectionStatus.NOT_CONNECTED))
SILENT = a_node("i-1", ping=None)


def listed(id_: str, version: str, name: str = "host", address: str = "10.0.0.1") -> dict[str, Any]:
    return {
        "InstanceId": id_,
        "PingStatus": PingStatus.ONLINE.value,
        "AgentVersion": version,
        "PlatformType": "Linux",
        "ComputerName": name,
        "IPAddress": address,
    }


async def test_the_fleet_is_counted_its_newest_agent_found_and_its_machines_told_apart() -> None:
    rows = [listed("mi-1", "3.3.999.0"), listed("i-1", "3.3.4624.0"), listed("i-2", "odd", "other", "10.0.0.2")]
    found = await fact(FakeAws(ssm_DescribeInstanceProperties={"InstanceProperties": rows}), ManagedFleet)
    assert found == ManagedFleet(
        ("mi-1", "i-1", "i-2"),
        "3.3.4624.0",
        {RegisteredMachine("host", "10.0.0.1"): ("i-1", "mi-1"), RegisteredMachine("other", "10.0.0.2"): ("i-2",)},
        {"10.0.0.1": (HybridMachine("mi-1", "host"),)},
    )


@pytest.mark.parametrize(
    ("answer", "advanced"),
    [
        ({"ServiceSetting": {"SettingValue": "advanced", "ARN": "arn:setting"}}, True),
        ({"ServiceSetting": {"SettingValue": "standard", "ARN": "arn:setting"}}, False),
        (AwsError("ServiceSettingNotFound", "not found"), False),
    ],
)
async def test_the_tier_is_standard_until_it_is_changed(answer: Any, advanced: object) -> None:
    found = await fact(FakeAws(ssm_GetServiceSetting=answer), ActivationTier, HYBRID)
    assert isinstance(found, ActivationTier)
    assert found.advanced is advanced


async def test_an_ec2_node_has_neither_tier_nor_activations() -> None:
    assert isinstance(await fact(FakeAws(), ActivationTier, a_node()), NotApplicable)
    assert isinstance(await fact(FakeAws(), Activations, a_node()), NotApplicable)


async def test_activations_are_known_by_their_role() -> None:
    rows = [
        {"ActivationId": "a-1", "IamRole": "service-role/stores", "Expired": True, "ExpirationDate": MOMENT},
        {"ActivationId": "a-2", "IamRole": "stores", "RegistrationLimit": 10, "RegistrationsCount": 3},
    ]
    found = await fact(FakeAws(ssm_DescribeActivations={"ActivationList": rows}), Activations, HYBRID)
    assert found == Activations(
        {
            "stores": (
                Activation("a-1", expired=True, expires=MOMENT, limit=1, registered=0),
                Activation("a-2", expired=False, expires=None, limit=10, registered=3),
            )
        }
    )


RUN_AS_ON = preferences(run_as=True, run_as_user="ec2-user")


async def test_run_as_is_only_a_question_where_it_is_on() -> None:
    assert await fact(FakeAws(), RunAsSetting, None, RUN_AS_ON) == RunAsSetting("ec2-user")
    assert isinstance(await fact(FakeAws(), RunAsTag, None, preferences()), NotApplicable)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ([{"Key": "SSMSessionRunAs", "Value": " alex "}], RunAsTag("alex", "iam:ListRoleTags")),
        ([{"Key": "SSMSessionRunAs", "Value": ""}], None),
        ([{"Key": "Team", "Value": "alex"}], None),
    ],
)
async def test_the_tag_of_the_callers_role_names_the_user(
    tags: list[dict[str, str]], expected: RunAsTag | None
) -> None:
    found = await fact(FakeAws(iam_ListRoleTags={"Tags": tags}), RunAsTag, None, RUN_AS_ON)
    assert found == expected or (expected is None and isinstance(found, Absent))


async def test_a_users_tag_is_read_from_the_user_and_a_refusal_names_the_action() -> None:
    user = replace(a_scope(), caller=ALEX, principal=ALEX)
    tags = {"Tags": [{"Key": "SSMSessionRunAs", "Value": "alex"}]}
    aws = FakeAws(iam_ListUserTags=tags)
    assert await fact(aws, RunAsTag, None, RUN_AS_ON, user) == RunAsTag("alex", "iam:ListUserTags")
    assert aws.parameters("iam:ListUserTags") == [{"UserName": "alex"}]
    no = await fact(FakeAws(iam_ListUserTags=refused("iam:ListUserTags")), RunAsTag, None, RUN_AS_ON, user)
    assert isinstance(no, Unreadable)
    assert no.action == "iam:ListUserTags"


async def test_other_session_documents_are_read_but_for_those_that_open_no_shell() -> None:
    contents: dict[str, Any] = {
        "Acme-Shell": {
            "Content": '{"schemaVersion": "1.0", "sessionType": "Standard_Stream", "inputs": {"s3BucketName": "b"}}'
        },
        "Acme-Port": {"Content": '{"schemaVersion": "1.0", "sessionType": "Port"}'},
        "Acme-Gone": AwsError("InvalidDocument", "gone"),
        "Acme-Odd": {"Content": "no JSON"},
    }
    listed = [{"Name": name, "DocumentType": "Session"} for name in ("SSM-SessionManagerRunShell", *contents)]
    policy = {"Name": "ops-approval", "DocumentType": "ManualApprovalPolicy"}
    aws = FakeAws(
        ssm_ListDocuments={"DocumentIdentifiers": [policy, *listed]},
        ssm_GetDocument=lambda **asked: contents[asked["Name"]],
    )
    found = await fact(aws, SessionDocuments)
    assert isinstance(found, SessionDocuments)
    assert [(each.name, each.settings.s3_bucket) for each in found.shells] == [("Acme-Shell", "b")]
    assert found.skipped == ("Acme-Gone", "Acme-Odd")


def statuses(**checks: tuple[str, str]) -> list[dict[str, Any]]:
    """What EC2 says of instances, by their ids: of each the instance check, and the system check."""
    return [
        {
            "InstanceId": id_.replace("_", "-"),
            "InstanceStatus": {"Status": instance},
            "SystemStatus": {"Status": system},
        }
        for id_, (instance, system) in checks.items()
    ]


async def test_instances_are_impaired_by_either_check() -> None:
    both, one = statuses(i_1=("impaired", "impaired"), i_2=("impaired", "ok"))

    def answer(**asked: Any) -> dict[str, Any]:
        by_system = asked["Filters"][0]["Name"] == "system-status.status"
        return {"InstanceStatuses": [both] if by_system else [both, one]}

    found = await fact(FakeAws(ec2_DescribeInstanceStatus=answer), ImpairedInstances, None, AWAY)
    assert found == ImpairedInstances({"i-1": ("instance", "system"), "i-2": ("instance",)})


async def test_an_instance_is_impaired_by_what_is_said_of_it_and_not_by_being_listed() -> None:
    all_of_them = {"InstanceStatuses": statuses(i_1=("ok", "ok"), i_2=("ok", "impaired"), i_3=("initializing", "ok"))}
    found = await fact(FakeAws(ec2_DescribeInstanceStatus=all_of_them), ImpairedInstances, None, AWAY)
    assert found == ImpairedInstances({"i-2": ("system",)})


async def test_the_status_of_requested_instances_is_read_by_one_call() -> None:
    aws = FakeAws(ec2_DescribeInstanceStatus={"InstanceStatuses": statuses(i_1=("impaired", "impaired"))})
    found = await fact(aws, ImpairedInstances, None, AWAY, RequestedIds(("i-1", "i-2", "mi-1")))
    assert found == ImpairedInstances({"i-1": ("instance", "system")})
    assert aws.parameters("ec2:DescribeInstanceStatus") == [{"InstanceIds": ["i-1", "i-2"]}]


async def test_the_impaired_instances_of_the_region_are_listed_if_a_requested_instance_does_not_exist() -> None:
    def answer(**asked: Any) -> dict[str, Any]:
        if "InstanceIds" in asked:
            raise AwsError("InvalidInstanceID.NotFound", "The instance IDs 'i-gone' do not exist")
        return {"InstanceStatuses": statuses(i_1=("ok", "impaired"))}

    aws = FakeAws(ec2_DescribeInstanceStatus=answer)
    found = await fact(aws, ImpairedInstances, None, AWAY, RequestedIds(("i-1", "i-gone")))
    assert found == ImpairedInstances({"i-1": ("system",)})


def away(node: Node) -> tuple[object, ...]:
    """What is known of a node that is away although its role works."""
    assert isinstance(node.instance, Instance)
    unconnected = UnconnectedNode(node, Observation(node.ping, ConnectionStatus.NOT_CONNECTED))
    return RunningInstance(node, node.instance), unconnected, answers(CorePermissions, CORE)


def given(id_: str, at: datetime, **more: object) -> dict[str, Any]:
    record = {"requestParameters": {"AssociateIamInstanceProfileRequest": {"InstanceId": id_}}, **more}
    return {"EventTime": at, "CloudTrailEvent": json.dumps(record)}


async def test_a_profile_is_attached_since_the_trail_says_so() -> None:
    later = MOMENT + timedelta(minutes=1)
    events = [given("i-1", later, errorCode="Client.IncorrectState"), given("i-1", MOMENT), given("i-3", later)]
    aws = FakeAws(cloudtrail_LookupEvents={"Events": events})
    assert await fact(aws, ProfileAttachment, SILENT, *away(SILENT)) == ProfileAttachment(MOMENT)
    untold = a_node("i-2", ping=None)
    assert isinstance(await fact(aws, ProfileAttachment, untold, *away(untold)), NotApplicable)


async def test_the_trail_is_asked_only_of_silent_instances_that_have_a_profile() -> None:
    aws = FakeAws(cloudtrail_LookupEvents={"Events": []})
    assert isinstance(SILENT.instance, Instance)
    without, online = replace(SILENT, instance=replace(SILENT.instance, profile_arn=None)), a_node("i-1")
    assert isinstance(await fact(aws, ProfileAttachment, without, *away(without)), NotApplicable)
    assert isinstance(await fact(aws, ProfileAttachment, online, *away(online)), NotApplicable)
    assert aws.calls == {}


async def test_of_a_node_whose_role_does_not_work_the_trail_is_not_asked_when_it_got_the_profile() -> None:
    aws = FakeAws()
    denied = answers(CorePermissions, CORE, UPDATE_INSTANCE_INFORMATION)
    assert isinstance(await fact(aws, ProfileAttachment, SILENT, *away(SILENT)[:2], denied), NotApplicable)
    assert aws.calls == {}


@pytest.mark.parametrize(
    ("requested", "target"),
    [
        pytest.param(RequestedIds(("i-1",)), "i-1", id="one node"),
        pytest.param(RequestedIds(("i-1", "i-2")), None, id="the filter takes one value"),
        pytest.param(RequestedIds(), None, id="all nodes"),
    ],
)
async def test_open_sessions_are_listed_of_the_only_requested_node(requested: RequestedIds, target: str | None) -> None:
    aws = FakeAws(ssm_DescribeSessions={"Sessions": []})
    assert await fact(aws, ActiveSessions, None, requested) == ActiveSessions(())
    (asked,) = aws.parameters("ssm:DescribeSessions")
    assert asked.get("Filters") == ([{"key": "Target", "value": target}] if target else None)
