"""iam:Simulate…Policy: the same evaluator, asked beforehand."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.state import ACCOUNT, SETUP_ACCESS_KEY, ControlPolicies, shared
from tests.simulator.clients import client

ROLE = "arn:aws:iam::123456789012:role/tested"
TRUST = {"Version": "2012-10-17", "Statement": []}
READ = "s3:GetObject"
OBJECT = "arn:aws:s3:::logs/a"


def policy(effect: str, action: str, resource: str = "*", **condition: Any) -> str:
    statement = {"Effect": effect, "Action": action, "Resource": resource}
    return json.dumps(
        {"Version": "2012-10-17", "Statement": statement | ({"Condition": condition} if condition else {})}
    )


@pytest.fixture
def iam(aws: SimulatedAws) -> Any:
    aws.load("healthy-small")
    made = client(aws, "iam", access_key=SETUP_ACCESS_KEY)
    aws.hidden()
    made.create_role(RoleName="tested", AssumeRolePolicyDocument=json.dumps(TRUST))
    return made


def decisions(iam: Any, *actions: str, **more: Any) -> list[str]:
    answer = iam.simulate_principal_policy(PolicySourceArn=ROLE, ActionNames=list(actions), **more)
    return [result["EvalDecision"] for result in answer["EvaluationResults"]]


def test_decision_follows_the_role_as_its_policies_change(iam: Any) -> None:
    assert decisions(iam, READ) == ["implicitDeny"]
    iam.put_role_policy(RoleName="tested", PolicyName="read", PolicyDocument=policy("Allow", "s3:Get*"))
    assert decisions(iam, READ) == ["allowed"]
    iam.put_role_policy(RoleName="tested", PolicyName="never", PolicyDocument=policy("Deny", "s3:*"))
    assert decisions(iam, READ) == ["explicitDeny"]


def test_every_action_is_judged_on_every_resource(iam: Any) -> None:
    iam.put_role_policy(RoleName="tested", PolicyName="read", PolicyDocument=policy("Allow", READ, OBJECT))
    answer = iam.simulate_principal_policy(
        PolicySourceArn=ROLE, ActionNames=[READ, "s3:PutObject"], ResourceArns=[OBJECT, "arn:aws:s3:::other/a"]
    )
    first, second = answer["EvaluationResults"]
    template = "arn:${Partition}:s3:::${BucketName}/${ObjectName}"
    assert [(each["EvalActionName"], each["EvalResourceName"], each["EvalDecision"]) for each in (first, second)] == [
        (READ, template, "implicitDeny"),
        ("s3:PutObject", template, "implicitDeny"),
    ]
    assert [(r["EvalResourceName"], r["EvalResourceDecision"]) for r in first["ResourceSpecificResults"]] == [
        (OBJECT, "allowed"),
        ("arn:aws:s3:::other/a", "implicitDeny"),
    ]
    matched = [{"SourcePolicyId": "read", "SourcePolicyType": "role"}]
    assert first["MatchedStatements"] == first["ResourceSpecificResults"][0]["MatchedStatements"] == matched


def test_what_is_said_of_an_action_is_the_sum_over_all_resources(iam: Any) -> None:
    other = "arn:aws:s3:::other/a"
    allow = policy("Allow", READ, OBJECT, StringEquals={"aws:SourceVpc": "vpc-1"})
    iam.put_role_policy(RoleName="tested", PolicyName="read", PolicyDocument=allow)
    iam.put_role_policy(RoleName="tested", PolicyName="never", PolicyDocument=policy("Deny", READ, other))
    asked = {"PolicySourceArn": ROLE, "ActionNames": [READ], "ResourceArns": [OBJECT, other]}
    (result,) = iam.simulate_principal_policy(**asked)["EvaluationResults"]
    assert (result["EvalDecision"], result["MissingContextValues"]) == ("explicitDeny", ["aws:SourceVpc"])
    assert [
        (each["EvalResourceDecision"], each["MissingContextValues"]) for each in result["ResourceSpecificResults"]
    ] == [("implicitDeny", ["aws:SourceVpc"]), ("explicitDeny", [])]


def test_keys_of_statements_about_other_actions_are_named_too(iam: Any) -> None:
    """https://github.com/boto/boto3/issues/3111"""
    other = policy("Allow", "s3:ListBucket", "*", StringLike={"aws:PrincipalTag/allowed_service": "s3"})
    iam.put_role_policy(RoleName="tested", PolicyName="other", PolicyDocument=other)
    asked = {"PolicySourceArn": ROLE, "ActionNames": [READ], "ResourceArns": [OBJECT]}
    (result,) = iam.simulate_principal_policy(**asked)["EvaluationResults"]
    assert (result["EvalDecision"], result["MissingContextValues"]) == (
        "implicitDeny",
        ["aws:PrincipalTag/allowed_service"],
    )


@pytest.mark.parametrize(
    ("effect", "decision"), [pytest.param("Allow", "allowed", id="allowed"), pytest.param("Deny", "explicitDeny")]
)
def test_keys_are_named_only_where_no_policy_decides(iam: Any, effect: str, decision: str) -> None:
    """The cases `missing_with_other_allow_…` of github.com/radkawar/stackd, which records answers of IAM."""
    hanging = policy("Deny", READ, "*", StringEquals={"aws:SourceVpc": "vpc-1"})
    iam.put_role_policy(RoleName="tested", PolicyName="hanging", PolicyDocument=hanging)
    iam.put_role_policy(RoleName="tested", PolicyName="decides", PolicyDocument=policy(effect, READ))
    (result,) = iam.simulate_principal_policy(PolicySourceArn=ROLE, ActionNames=[READ])["EvaluationResults"]
    assert (result["EvalDecision"], result["MissingContextValues"]) == (decision, [])


USER, INSTANCE = "arn:aws:iam::123456789012:user/one", "arn:aws:ec2:eu-west-3:123456789012:instance/i-0a"
STREAM = "arn:aws:logs:eu-west-3:123456789012:log-group:/ssm:log-stream:s-1"


@pytest.mark.parametrize(
    ("action", "resource", "decision"),
    [
        (READ, OBJECT, "allowed"),
        (READ, "arn:aws:s3:::logs", "allowed"),
        (READ, USER, "implicitDeny"),
        ("iam:ListUsers", USER, "implicitDeny"),
        ("iam:ListUsers", "*", "allowed"),
        ("iam:PassRole", ROLE, "allowed"),
        ("iam:PassRole", USER, "implicitDeny"),
        ("ec2:DescribeInstances", INSTANCE, "implicitDeny"),
        ("sts:GetCallerIdentity", ROLE, "implicitDeny"),
        ("s3:MadeUp", OBJECT, "allowed"),
        ("madeup:Action", OBJECT, "allowed"),
        # The types of these actions are those of the Service Authorization Reference.
        ("ssm:StartSession", INSTANCE, "allowed"),
        ("ssmmessages:OpenDataChannel", "arn:aws:ssm:eu-west-3:123456789012:session/s-1", "implicitDeny"),
        ("ssmmessages:opendatachannel", "arn:aws:ssm:eu-west-3:123456789012:session/s-1", "allowed"),
        ("logs:PutLogEvents", STREAM, "allowed"),
        ("logs:PutLogEvents", STREAM.removesuffix("s-1"), "implicitDeny"),
        ("logs:DescribeLogGroups", STREAM, "implicitDeny"),
    ],
)
def test_a_resource_of_another_type_is_denied_whatever_is_allowed(
    iam: Any, action: str, resource: str, decision: str
) -> None:
    """The cases `input_resources_…` and `input_action_groups_…` of github.com/radkawar/stackd."""
    iam.put_role_policy(RoleName="tested", PolicyName="all", PolicyDocument=policy("Allow", "*"))
    assert decisions(iam, action, ResourceArns=[resource]) == [decision]


def test_known_and_unknown_actions_are_not_asked_for_together(iam: Any) -> None:
    with pytest.raises(
        ClientError, match=r"\[s3:GetObject\] and \[s3:MadeUp\] require different authorization"
    ) as raised:
        decisions(iam, READ, "s3:MadeUp", ResourceArns=[OBJECT])
    assert raised.value.response["Error"]["Code"] == "InvalidInput"
    assert decisions(iam, READ, "s3:MadeUp") == ["implicitDeny", "implicitDeny"]


def test_without_resources_everything_is_asked_for_and_a_scoped_statement_does_not_do(iam: Any) -> None:
    iam.put_role_policy(RoleName="tested", PolicyName="read", PolicyDocument=policy("Allow", READ, OBJECT))
    assert decisions(iam, READ) == ["implicitDeny"]
    assert decisions(iam, READ, ResourceArns=[OBJECT]) == ["allowed"]


def test_everything_is_not_asked_for_beside_a_resource(iam: Any) -> None:
    with pytest.raises(ClientError) as raised:
        decisions(iam, READ, ResourceArns=["*", OBJECT])
    assert raised.value.response["Error"]["Code"] == "InvalidInput"


def test_policies_given_with_the_question_are_added(iam: Any) -> None:
    assert decisions(iam, READ, PolicyInputList=[policy("Allow", READ)]) == ["allowed"]
    assert decisions(iam, READ) == ["implicitDeny"]


def test_boundary_is_told_apart(iam: Any) -> None:
    iam.put_role_policy(RoleName="tested", PolicyName="read", PolicyDocument=policy("Allow", READ))
    answer = iam.simulate_principal_policy(
        PolicySourceArn=ROLE, ActionNames=[READ], PermissionsBoundaryPolicyInputList=[policy("Allow", "ec2:*")]
    )
    result = answer["EvaluationResults"][0]
    assert result["EvalDecision"] == "implicitDeny"
    assert result["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}


def organization(*documents: str) -> None:
    level = tuple((f"p-{place}", text) for place, text in enumerate(documents))
    shared.control_policies[ACCOUNT] = ControlPolicies(service=(level,))


@pytest.mark.parametrize(
    ("documents", "decision", "allowed"),
    [
        pytest.param((policy("Allow", "*"),), "allowed", True, id="allows everything"),
        pytest.param((policy("Allow", "*"), policy("Deny", "s3:*")), "explicitDeny", False, id="denies"),
        pytest.param((policy("Allow", "ec2:*"),), "implicitDeny", False, id="does not allow"),
        pytest.param(
            (policy("Allow", "*"), policy("Deny", "s3:*", StringNotEquals={"aws:RequestedRegion": "eu-west-3"})),
            "explicitDeny",
            False,
            id="denies on a condition whose key nobody gave",
        ),
        pytest.param(
            (policy("Allow", "*"), policy("Deny", "s3:*", "arn:aws:s3:::elsewhere/*")),
            "allowed",
            True,
            id="denies on another resource",
        ),
    ],
)
def test_service_control_policies_count_with_conditions_and_resources(
    iam: Any, documents: tuple[str, ...], decision: str, *, allowed: bool
) -> None:
    iam.put_role_policy(RoleName="tested", PolicyName="read", PolicyDocument=policy("Allow", READ))
    organization(*documents)
    (answer,) = iam.simulate_principal_policy(PolicySourceArn=ROLE, ActionNames=[READ], ResourceArns=[OBJECT])[
        "EvaluationResults"
    ]
    assert answer["EvalDecision"] == decision
    assert answer["OrganizationsDecisionDetail"] == {"AllowedByOrganizations": allowed}
    # Neither its statements nor the keys that only they name are ever told.
    assert answer["MissingContextValues"] == []
    assert [each["SourcePolicyId"] for each in answer["MatchedStatements"]] == (["read"] if allowed else [])
    assert all("OrganizationsDecisionDetail" not in each for each in answer["ResourceSpecificResults"])


@pytest.mark.parametrize(
    ("excluded", "decision"),
    [
        ((), "explicitDeny"),
        (({"PolicyType": "rcp"},), "explicitDeny"),
        (({"PolicyType": "scp"},), "implicitDeny"),
        (({"PolicyType": "scp"}, {"PolicyType": "permission-boundary"}), "allowed"),
        (({"PolicyType": "scp"}, {"PolicyType": "permission-boundary"}, {"PolicyType": "inline"}), "implicitDeny"),
    ],
)
def test_policies_of_a_type_are_left_out_where_that_is_asked(
    iam: Any, excluded: tuple[dict[str, str], ...], decision: str
) -> None:
    iam.put_role_policy(RoleName="tested", PolicyName="read", PolicyDocument=policy("Allow", READ))
    iam.put_role_permissions_boundary(
        RoleName="tested", PermissionsBoundary="arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
    )
    organization(policy("Allow", "*"), policy("Deny", "s3:*"))
    assert decisions(iam, READ, PolicyExclusionList=list(excluded)) == [decision]


def test_one_policy_is_left_out_by_its_name_or_arn(iam: Any) -> None:
    iam.put_role_policy(RoleName="tested", PolicyName="read", PolicyDocument=policy("Allow", READ))
    iam.attach_role_policy(RoleName="tested", PolicyArn="arn:aws:iam::aws:policy/AmazonS3FullAccess")
    by_name = {"InlinePolicyIdentifier": {"PolicyName": "read", "AttachmentType": "role", "AttachmentName": "test*"}}
    by_arn = {"PolicyArn": "arn:aws:iam::aws:policy/AmazonS3*"}
    assert decisions(iam, READ, PolicyExclusionList=[by_name]) == ["allowed"]
    assert decisions(iam, READ, PolicyExclusionList=[by_arn]) == ["allowed"]
    assert decisions(iam, READ, PolicyExclusionList=[by_name, by_arn]) == ["implicitDeny"]


def test_an_account_in_no_organization_has_no_such_detail(iam: Any) -> None:
    answer = iam.simulate_principal_policy(PolicySourceArn=ROLE, ActionNames=[READ])["EvaluationResults"][0]
    assert "OrganizationsDecisionDetail" not in answer


def test_condition_without_a_value_is_named_as_missing(iam: Any) -> None:
    conditioned = policy("Allow", READ, StringEquals={"aws:RequestedRegion": "eu-west-3"})
    iam.put_role_policy(RoleName="tested", PolicyName="read", PolicyDocument=conditioned)
    answer = iam.simulate_principal_policy(PolicySourceArn=ROLE, ActionNames=[READ])["EvaluationResults"][0]
    assert (answer["EvalDecision"], answer["MissingContextValues"]) == ("implicitDeny", ["aws:RequestedRegion"])
    entry = {"ContextKeyName": "aws:RequestedRegion", "ContextKeyValues": ["eu-west-3"], "ContextKeyType": "string"}
    assert decisions(iam, READ, ContextEntries=[entry]) == ["allowed"]


def test_results_come_in_pages(iam: Any) -> None:
    pages = iam.get_paginator("simulate_principal_policy").paginate(
        PolicySourceArn=ROLE, ActionNames=[f"s3:Action{n}" for n in range(5)], PaginationConfig={"PageSize": 2}
    )
    assert [len(page["EvaluationResults"]) for page in pages] == [2, 2, 1]


@pytest.mark.parametrize(
    ("arn", "code"),
    [
        ("arn:aws:iam::123456789012:role/nobody", "NoSuchEntity"),
        ("arn:aws:sts::123456789012:assumed-role/Engineer/alex", "InvalidInput"),
    ],
)
def test_principal_that_is_none_is_refused(iam: Any, arn: str, code: str) -> None:
    with pytest.raises(ClientError) as raised:
        iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=[READ])
    assert raised.value.response["Error"]["Code"] == code


def test_custom_policies_stand_alone(iam: Any) -> None:
    answer = iam.simulate_custom_policy(
        PolicyInputList=[policy("Allow", "s3:Get*")], ActionNames=[READ, "s3:PutObject"]
    )
    assert [result["EvalDecision"] for result in answer["EvaluationResults"]] == ["allowed", "implicitDeny"]
