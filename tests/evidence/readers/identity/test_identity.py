"""Who a node is to AWS, and which role it really uses."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from ssmtui.evidence.aws.reader_api import AwsError
from ssmtui.model.fact import Absent, NotApplicable, ReadFailure, Unreadable
from ssmtui.model.identity import (
    AccountProfiles,
    AccountRoles,
    HostManagementRole,
    InstanceProfile,
    NodeRole,
    RoleSource,
    UsedHostManagement,
)
from ssmtui.model.node import InstanceState, Node, NodeKind, Registration
from ssmtui.model.permissions import CorePermissions
from tests.builders.fleet import NOON, a_node
from tests.evidence.fact_builders import fact, store
from tests.evidence.fake_aws import FakeAws, refused

NO_SUCH_ENTITY = AwsError("NoSuchEntity", "it cannot be found")
SETTING_ARN = (
    "arn:aws:ssm:eu-west-3:123456789012:servicesetting/ssm/managed-instance/default-ec2-instance-management-role"
)
SHARED = "AWSSystemsManagerDefaultEC2InstanceManagementRole"


def trust(service: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def a_role(name: str, service: str = "ec2.amazonaws.com", path: str = "/") -> dict[str, Any]:
    return {
        "Path": path,
        "RoleName": name,
        "RoleId": "AROAEXAMPLEEXAMPLE01",
        "Arn": f"arn:aws:iam::123456789012:role{path}{name}",
        "CreateDate": NOON,
        "AssumeRolePolicyDocument": trust(service),
    }


def a_profile(*roles: dict[str, Any]) -> dict[str, Any]:
    return {
        "InstanceProfile": {
            "Path": "/",
            "InstanceProfileName": "web",
            "InstanceProfileId": "AIPAEXAMPLEEXAMPLE01",
            "Arn": "arn:aws:iam::123456789012:instance-profile/web",
            "CreateDate": NOON,
            "Roles": list(roles),
        }
    }


def setting(value: str) -> dict[str, Any]:
    return {"ServiceSetting": {"SettingId": "x", "SettingValue": value, "ARN": SETTING_ARN}}


def simulation(denied: tuple[str, ...] = ()) -> Any:
    def answer(**parameters: Any) -> dict[str, Any]:
        return {
            "EvaluationResults": [
                {
                    "EvalActionName": action,
                    "EvalResourceName": parameters["ResourceArns"][0],
                    "EvalDecision": "implicitDeny" if parameters["PolicySourceArn"].endswith(denied) else "allowed",
                }
                for action in parameters["ActionNames"]
            ]
        }

    return answer


def an_aws(**answers: Any) -> FakeAws:
    return FakeAws(
        **{
            "iam_GetInstanceProfile": a_profile(a_role("web")),
            "iam_GetRole": lambda **asked: {"Role": a_role(asked["RoleName"], "ssm.amazonaws.com", "/service-role/")},
            "iam_SimulatePrincipalPolicy": simulation(denied=("nobody",)),
            "ssm_GetServiceSetting": setting("$None"),
            "sts_GetCallerIdentity": {"UserId": "AIDAALEX"},
        }
        | answers
    )


def without_profile() -> Node:
    node = a_node()
    return replace(node, instance=replace(node.instance, profile_arn=None))  # type: ignore[arg-type]


def a_hybrid_node(role: str | None = "service-role/hybrid") -> Node:
    node = a_node("mi-0000000000000001a")
    assert isinstance(node.registration, Registration)
    return replace(
        node,
        kind=NodeKind.HYBRID,
        instance=Absent("an EC2 instance", "x"),
        registration=replace(node.registration, iam_role=role),
    )


async def role_of(aws: FakeAws, node: Node) -> tuple[str, RoleSource] | object:
    found = await fact(aws, NodeRole, node)
    return (found.role.arn, found.source) if isinstance(found, NodeRole) else found


async def test_a_profile_and_the_role_in_it_come_in_one_answer() -> None:
    aws = an_aws()
    found = await fact(aws, InstanceProfile, a_node())
    assert found == InstanceProfile(
        "arn:aws:iam::123456789012:instance-profile/web", "web", "arn:aws:iam::123456789012:role/web"
    )
    assert aws.parameters("iam:GetInstanceProfile") == [{"InstanceProfileName": "web"}]


async def test_no_profile_a_deleted_profile_and_an_empty_profile_are_told_apart() -> None:
    assert await fact(an_aws(), InstanceProfile, without_profile()) == Absent(
        "the instance profile of this instance", "ec2:DescribeInstances"
    )
    assert await fact(an_aws(iam_GetInstanceProfile=NO_SUCH_ENTITY), InstanceProfile, a_node()) == Absent(
        "the instance profile arn:aws:iam::123456789012:instance-profile/web", "iam:GetInstanceProfile"
    )
    assert await fact(an_aws(iam_GetInstanceProfile=a_profile()), InstanceProfile, a_node()) == InstanceProfile(
        "arn:aws:iam::123456789012:instance-profile/web", "web", None
    )


@pytest.mark.parametrize("answer", [setting("$None"), AwsError("ServiceSettingNotFound", "there is no such setting")])
async def test_host_management_is_off(answer: Any) -> None:
    aws = an_aws(ssm_GetServiceSetting=answer)
    assert await fact(aws, UsedHostManagement) == UsedHostManagement(SETTING_ARN, None)
    assert await fact(aws, HostManagementRole) == NotApplicable("default host management is off")
    assert aws.calls["iam:GetRole"] == 0


async def test_host_management_names_a_role_by_its_path() -> None:
    aws = an_aws(ssm_GetServiceSetting=setting(f"service-role/{SHARED}"))
    assert await fact(aws, UsedHostManagement) == UsedHostManagement(SETTING_ARN, f"service-role/{SHARED}")
    role = await fact(aws, HostManagementRole)
    assert isinstance(role, HostManagementRole)
    assert role.role.arn == f"arn:aws:iam::123456789012:role/service-role/{SHARED}"
    assert role.role.trust.statements[0].principals == ("ssm.amazonaws.com",)
    assert aws.parameters("iam:GetRole") == [{"RoleName": SHARED}]


async def test_a_host_management_role_that_is_gone_is_absent() -> None:
    aws = an_aws(ssm_GetServiceSetting=setting(SHARED), iam_GetRole=NO_SUCH_ENTITY)
    assert await fact(aws, HostManagementRole) == Absent(f"the role {SHARED}", "iam:GetRole")


WEB = ("arn:aws:iam::123456789012:role/web", RoleSource.INSTANCE_PROFILE)
HOST = (f"arn:aws:iam::123456789012:role/service-role/{SHARED}", RoleSource.HOST_MANAGEMENT)


async def test_a_working_profile_wins_over_host_management_whose_setting_is_not_read() -> None:
    aws = an_aws(ssm_GetServiceSetting=setting(SHARED))
    assert await role_of(aws, a_node()) == WEB
    assert await fact(aws, UsedHostManagement, a_node()) == NotApplicable("the role of the instance profile works")
    assert aws.calls["ssm:GetServiceSetting"] == 0


async def test_a_profile_whose_role_may_not_register_the_node_falls_back_to_host_management() -> None:
    refusing = {"iam_SimulatePrincipalPolicy": simulation(denied=("role/web",))}
    assert await role_of(an_aws(ssm_GetServiceSetting=setting(SHARED), **refusing), a_node()) == HOST
    assert await role_of(an_aws(**refusing), a_node()) == WEB


async def test_a_profile_whose_role_ec2_may_not_take_falls_back_to_host_management() -> None:
    wrong = {"iam_GetInstanceProfile": a_profile(a_role("web", "lambda.amazonaws.com"))}
    assert await role_of(an_aws(ssm_GetServiceSetting=setting(SHARED), **wrong), a_node()) == HOST
    assert await role_of(an_aws(**wrong), a_node()) == WEB


async def test_a_broken_profile_keeps_the_blame_where_the_host_management_role_is_gone_too() -> None:
    aws = an_aws(
        ssm_GetServiceSetting=setting(SHARED),
        iam_GetRole=NO_SUCH_ENTITY,
        iam_SimulatePrincipalPolicy=simulation(denied=("role/web",)),
    )
    assert await role_of(aws, a_node()) == WEB


@pytest.mark.parametrize("profile", [a_profile(), NO_SUCH_ENTITY])
async def test_without_a_role_in_the_profile_host_management_counts(profile: Any) -> None:
    on = an_aws(iam_GetInstanceProfile=profile, ssm_GetServiceSetting=setting(SHARED))
    off = an_aws(iam_GetInstanceProfile=profile)
    assert await role_of(on, a_node()) == HOST
    assert isinstance(await role_of(off, a_node()), Absent)


async def test_without_a_profile_host_management_counts() -> None:
    assert await role_of(an_aws(ssm_GetServiceSetting=setting(SHARED)), without_profile()) == HOST
    assert isinstance(await role_of(an_aws(), without_profile()), Absent)


async def test_what_cannot_be_read_is_named_by_its_permission() -> None:
    no_setting = an_aws(ssm_GetServiceSetting=refused("ssm:GetServiceSetting"))
    assert await role_of(no_setting, a_node()) == WEB
    unknown = await role_of(no_setting, without_profile())
    assert isinstance(unknown, Unreadable)
    assert unknown.action == "ssm:GetServiceSetting"
    refusing = {"iam_SimulatePrincipalPolicy": simulation(denied=("role/web",))}
    assert (
        await role_of(an_aws(ssm_GetServiceSetting=refused("ssm:GetServiceSetting"), **refusing), a_node()) == unknown
    )
    no_role = an_aws(ssm_GetServiceSetting=setting(SHARED), iam_GetRole=refused("iam:GetRole"), **refusing)
    assert getattr(await role_of(no_role, a_node()), "action", "") == "iam:GetRole"
    hidden = await role_of(an_aws(iam_GetInstanceProfile=refused("iam:GetInstanceProfile")), a_node())
    assert isinstance(hidden, Unreadable)
    assert hidden.action == "iam:GetInstanceProfile"


async def test_a_refused_simulation_leaves_the_profile_in_charge_only_where_host_management_gives_nothing() -> None:
    no_simulation = {"iam_SimulatePrincipalPolicy": refused("iam:SimulatePrincipalPolicy")}
    assert await role_of(an_aws(**no_simulation), a_node()) == WEB
    aws = an_aws(ssm_GetServiceSetting=setting(SHARED), **no_simulation)
    hidden = await role_of(aws, a_node())
    assert isinstance(hidden, Unreadable)
    assert hidden.action == "iam:SimulatePrincipalPolicy"
    unknown = await fact(aws, CorePermissions, a_node())
    assert isinstance(unknown, Unreadable)
    assert (unknown.action, unknown.obstacle) == ("iam:SimulatePrincipalPolicy", ReadFailure.REFUSED)


async def test_a_hybrid_node_has_the_role_of_its_activation_whatever_host_management_says() -> None:
    aws = an_aws(ssm_GetServiceSetting=setting(SHARED))
    assert await role_of(aws, a_hybrid_node()) == (
        "arn:aws:iam::123456789012:role/service-role/hybrid",
        RoleSource.HYBRID_ACTIVATION,
    )
    gone = an_aws(iam_GetRole=NO_SUCH_ENTITY)
    assert await role_of(gone, a_hybrid_node()) == Absent("the role service-role/hybrid", "iam:GetRole")


async def test_a_stopped_instance_uses_no_role() -> None:
    aws = an_aws()
    assert isinstance(await role_of(aws, a_node(state=InstanceState.STOPPED)), NotApplicable)
    assert aws.calls == {}


def listed(*ids: str) -> dict[str, Any]:
    """These instances, which have the profile `web`, as EC2 lists them."""
    profile = "arn:aws:iam::123456789012:instance-profile/web"
    return {
        "Reservations": [
            {
                "Instances": [
                    {
                        "InstanceId": id_,
                        "State": {"Name": "running"},
                        "LaunchTime": NOON,
                        "IamInstanceProfile": {"Arn": profile},
                    }
                    for id_ in ids
                ]
            }
        ]
    }


async def test_a_thousand_nodes_on_one_profile_cost_few_simulations() -> None:
    ids = [f"i-{number:017x}" for number in range(1000)]
    aws = an_aws(ec2_DescribeInstances=listed(*ids), iam_SimulatePrincipalPolicy=on_each(lambda _: "allowed"))
    facts = store(aws)
    found = [await facts.resolver(a_node(id_)).fact(CorePermissions) for id_ in ids]
    assert len({each.key for each in found}) == 1
    # The caller's own, the role's on everything, the keys that IAM lacks, and the nodes by their ARNs, 1,000 a call.
    assert aws.calls == {
        "iam:GetInstanceProfile": 1,
        "iam:SimulatePrincipalPolicy": 3 + 1,
        "ec2:DescribeInstances": 1,
        "sts:GetCallerIdentity": 1,
    }


UPDATE = "ssm:UpdateInstanceInformation"
INSTANCES = "arn:aws:ec2:eu-west-3:123456789012:instance"


def on_each(decide: Any) -> Any:
    """IAM's answers: each resource has its own, within the sum over all."""

    def answer(**parameters: Any) -> dict[str, Any]:
        asked = parameters["ResourceArns"]
        return {
            "EvaluationResults": [
                {
                    "EvalActionName": action,
                    "EvalResourceName": "*",
                    "EvalDecision": decide(asked[0]) if action == UPDATE else "allowed",
                    "ResourceSpecificResults": [
                        {
                            "EvalResourceName": arn,
                            "EvalResourceDecision": decide(arn) if action == UPDATE else "allowed",
                        }
                        for arn in asked
                        if arn != "*"
                    ],
                }
                for action in parameters["ActionNames"]
            ]
        }

    return answer


async def registering(decide: Any) -> list[tuple[str, str]]:
    """On what registering is denied to each of two nodes, and how; nothing where it is allowed."""
    nodes = [a_node("i-1"), a_node("i-2")]
    aws = an_aws(ec2_DescribeInstances=listed("i-1", "i-2"), iam_SimulatePrincipalPolicy=on_each(decide))
    facts = store(aws)
    told = [(await facts.resolver(node).fact(CorePermissions)).value for node in nodes]
    return [
        (answer.decision.value, answer.question.resource)
        for each in told
        if isinstance(each, CorePermissions)
        for answer in each.answers
        if answer.question.action == UPDATE
    ]


@pytest.mark.parametrize(
    ("decide", "expected"),
    [
        pytest.param(
            lambda arn: "implicitDeny" if arn == "*" else "allowed", [("allowed", "*")] * 2, id="on instance/* alone"
        ),
        pytest.param(lambda arn: "allowed" if arn == "*" else "implicitDeny", [("allowed", "*")] * 2, id="on * alone"),
        pytest.param(
            lambda arn: "explicitDeny" if arn.endswith("/i-2") else "allowed",
            [("allowed", "*"), ("explicitDeny", f"{INSTANCES}/i-2")],
            id="denied on one instance",
        ),
        pytest.param(
            lambda arn: "allowed" if arn.endswith("/i-1") else "implicitDeny",
            [("allowed", "*"), ("implicitDeny", "*")],
            id="allowed on one instance",
        ),
        pytest.param(
            lambda arn: "allowed" if arn == "*" else "explicitDeny",
            [("explicitDeny", f"{INSTANCES}/*")] * 2,
            id="denied on every instance",
        ),
        pytest.param(lambda _: "implicitDeny", [("implicitDeny", "*")] * 2, id="allowed nowhere"),
    ],
)
async def test_registering_is_asked_on_the_nodes_own_arn(decide: Any, expected: list[tuple[str, str]]) -> None:
    assert await registering(decide) == expected


async def test_where_instances_cannot_be_listed_all_are_asked_about_as_one() -> None:
    aws = an_aws(
        ec2_DescribeInstances=refused("ec2:DescribeInstances"),
        iam_SimulatePrincipalPolicy=on_each(lambda arn: "allowed" if arn.endswith("/i-*") else "implicitDeny"),
    )
    found = await fact(aws, CorePermissions, a_node())
    assert isinstance(found, CorePermissions)
    assert found.denied() == ()


@pytest.mark.parametrize(
    "document", [pytest.param("{}", id="no statement"), pytest.param("garbage", id="no JSON"), pytest.param("[]")]
)
async def test_a_role_without_a_valid_trust_policy_is_unreadable_and_the_other_roles_are_listed(document: str) -> None:
    strange = {**a_role("strange"), "AssumeRolePolicyDocument": document}
    found = await fact(FakeAws(iam_ListRoles={"Roles": [a_role("web"), strange, a_role("ops")]}), AccountRoles)
    assert isinstance(found, AccountRoles)
    assert [each.name for each in found.roles] == ["ops", "web"]
    ((name, unreadable),) = [(each.name, each.unreadable) for each in found.unreadable]
    assert (name, unreadable.obstacle, unreadable.source) == ("strange", ReadFailure.MALFORMED, "iam:ListRoles")
    assert "AssumeRolePolicyDocument" in unreadable.why


async def test_a_profile_whose_role_is_unreadable_leaves_the_others_to_choose_from() -> None:
    def profile(name: str, *roles: dict[str, Any]) -> dict[str, Any]:
        arn = f"arn:aws:iam::123456789012:instance-profile/{name}"
        return {**a_profile(*roles)["InstanceProfile"], "Arn": arn, "InstanceProfileName": name}

    strange = {**a_role("strange"), "AssumeRolePolicyDocument": "{}"}
    listed = [profile("web", a_role("web")), profile("odd", strange), profile("hollow")]
    found = await fact(FakeAws(iam_ListInstanceProfiles={"InstanceProfiles": listed}), AccountProfiles)
    assert isinstance(found, AccountProfiles)
    assert [each.profile.name for each in found.profiles] == ["hollow", "web"]
    ((name, unreadable),) = [(each.name, each.unreadable) for each in found.unreadable]
    assert (name, unreadable.obstacle, unreadable.source) == ("odd", ReadFailure.MALFORMED, "iam:ListInstanceProfiles")
