"""Permission as the account grants it: policies are read from what the API has stored."""

from __future__ import annotations

import json

import pytest

from ssmtui.simulator.authorisation import (
    Call,
    Need,
    Outcome,
    PolicyKind,
    authorise,
    permission,
    policies_of,
    principal_of,
)
from ssmtui.simulator.authorisation.stored_policies import find_key, find_role, trusts
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.state import ACCOUNT
from tests.simulator.clients import administrator, client

REGION = "eu-west-3"
ENGINEER = f"arn:aws:sts::{ACCOUNT}:assumed-role/Engineer/alex"


@pytest.fixture
def small(aws: SimulatedAws) -> SimulatedAws:
    aws.load("healthy-small")
    return aws


def session_key() -> str:
    key = find_key(ACCOUNT, REGION, "alias/acme/sessions")
    assert key is not None
    return str(key.arn)


def document(*statements: dict[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def test_an_assumed_role_session_is_its_role(small: SimulatedAws) -> None:
    principal = principal_of(ENGINEER)
    assert (principal.arn, principal.caller_arn) == (f"arn:aws:iam::{ACCOUNT}:role/Engineer", ENGINEER)
    assert principal.user_id.endswith(":alex")


def test_a_role_is_found_with_its_path(aws: SimulatedAws) -> None:
    aws.load("host-management-healthy")
    name = "AWSSystemsManagerDefaultEC2InstanceManagementRole"
    role = find_role(ACCOUNT, REGION, f"service-role/{name}")
    assert role is not None
    assert role.arn == f"arn:aws:iam::{ACCOUNT}:role/service-role/{name}"
    assert principal_of(f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/i-1").arn == role.arn
    assert (trusts(role, "ssm.amazonaws.com"), trusts(role, "ec2.amazonaws.com")) == (True, False)


def test_managed_and_inline_policies_are_collected(small: SimulatedAws) -> None:
    names = [policy.name for policy in policies_of(principal_of(f"arn:aws:iam::{ACCOUNT}:role/web")).identity]
    assert names == ["session-encryption-and-logs", "AmazonSSMManagedInstanceCore"]


def test_a_principal_that_does_not_exist_may_nothing(small: SimulatedAws) -> None:
    nobody = principal_of(f"arn:aws:iam::{ACCOUNT}:role/nobody")
    assert permission(nobody, Need("ec2:DescribeInstances"), REGION).outcome is Outcome.IMPLICIT_DENY


def test_the_root_of_the_account_may_everything(small: SimulatedAws) -> None:
    root = principal_of(f"arn:aws:iam::{ACCOUNT}:root")
    assert permission(root, Need("iam:DeleteRole", f"arn:aws:iam::{ACCOUNT}:role/web"), REGION).allowed


def test_a_user_holds_the_policies_of_its_groups(small: SimulatedAws) -> None:
    iam = administrator(small, "iam")
    iam.create_user(UserName="sam")
    iam.create_group(GroupName="operators")
    iam.put_group_policy(
        GroupName="operators",
        PolicyName="start",
        PolicyDocument=document({"Effect": "Allow", "Action": "ssm:StartSession", "Resource": "*"}),
    )
    sam = principal_of(f"arn:aws:iam::{ACCOUNT}:user/sam")
    assert not permission(sam, Need("ssm:StartSession"), REGION).allowed
    iam.add_user_to_group(GroupName="operators", UserName="sam")
    assert permission(sam, Need("ssm:StartSession"), REGION).allowed


def test_a_key_policy_that_no_longer_names_the_account_closes_the_key(small: SimulatedAws) -> None:
    web, need = principal_of(f"arn:aws:iam::{ACCOUNT}:role/web"), Need("kms:Decrypt", session_key())
    assert permission(web, need, REGION).allowed
    only_engineers = document(
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/Engineer"},
            "Action": "kms:*",
            "Resource": "*",
        }
    )
    kms = administrator(small, "kms")
    kms.put_key_policy(KeyId=session_key(), PolicyName="default", Policy=only_engineers)
    assert permission(web, need, REGION).refused_by is PolicyKind.RESOURCE
    # The root user has locked itself out with that policy; the engineer has not.
    client(small, "kms").create_grant(KeyId=session_key(), GranteePrincipal=web.arn, Operations=["Decrypt"])
    assert permission(web, need, REGION).allowed


def test_a_boundary_is_collected(small: SimulatedAws) -> None:
    iam = administrator(small, "iam")
    iam.put_role_permissions_boundary(
        RoleName="web", PermissionsBoundary="arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
    )
    decision = permission(principal_of(f"arn:aws:iam::{ACCOUNT}:role/web"), Need("kms:Decrypt", session_key()), REGION)
    assert (decision.outcome, decision.refused_by) == (Outcome.IMPLICIT_DENY, PolicyKind.BOUNDARY)


@pytest.mark.parametrize(
    ("world", "service", "operation", "parameters", "refused"),
    [
        ("healthy-small", "ssm", "UpdateDocument", {"Name": "SSM-SessionManagerRunShell"}, ""),
        ("healthy-small", "ec2", "DescribeInstances", {}, ""),
        (
            "healthy-small",
            "iam",
            "SimulatePrincipalPolicy",
            {"PolicySourceArn": f"arn:aws:iam::{ACCOUNT}:role/web"},
            "",
        ),
        ("healthy-small", "iam", "DeleteUser", {"UserName": "sam"}, "because no identity-based policy allows"),
        ("caller-read-only", "ec2", "DescribeInstances", {}, ""),
        (
            "caller-read-only",
            "ssm",
            "UpdateDocument",
            {"Name": "SSM-SessionManagerRunShell"},
            "because no identity-based policy allows the ssm:UpdateDocument action",
        ),
        ("caller-denied", "sts", "GetCallerIdentity", {}, ""),
        ("caller-denied", "ec2", "DescribeInstances", {}, "is not authorized to perform: ec2:DescribeInstances"),
        (
            "caller-no-simulate",
            "iam",
            "SimulatePrincipalPolicy",
            {"PolicySourceArn": f"arn:aws:iam::{ACCOUNT}:role/web"},
            "with an explicit deny in an identity-based policy",
        ),
        ("caller-no-simulate", "iam", "GetRolePolicy", {"RoleName": "web", "PolicyName": "x"}, ""),
    ],
)
def test_what_the_callers_of_the_worlds_may_do(
    aws: SimulatedAws, world: str, service: str, operation: str, parameters: dict[str, object], refused: str
) -> None:
    aws.load(world)
    refusal = authorise(ENGINEER, Call(service, operation, parameters, ACCOUNT, REGION))
    message = refusal.message if refusal is not None else ""
    assert (refusal is None) == (refused == "")
    assert refused in message


@pytest.mark.parametrize(
    ("service", "operation", "region", "refused"),
    [
        (
            "ec2",
            "DescribeInstances",
            "eu-central-1",
            "ec2:DescribeInstances with an explicit deny in a service control",
        ),
        ("ec2", "DescribeInstances", REGION, ""),
        ("iam", "ListRoles", "us-east-1", ""),
    ],
)
def test_a_region_that_the_organization_denies_refuses_in_its_name(
    aws: SimulatedAws, service: str, operation: str, region: str, refused: str
) -> None:
    aws.load("region-denied")
    refusal = authorise(ENGINEER, Call(service, operation, {}, ACCOUNT, region))
    assert (refusal is None) == (refused == "")
    assert refused in (refusal.message if refusal is not None else "")


def test_the_organization_sets_nothing_on_service_linked_roles(aws: SimulatedAws) -> None:
    aws.load("region-denied")
    linked = principal_of(f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/ssm.amazonaws.com/AWSServiceRoleForAmazonSSM")
    assert policies_of(linked).service_control == ()
    assert policies_of(principal_of(ENGINEER)).service_control != ()


def test_the_tags_of_a_role_are_keys_of_its_requests(aws: SimulatedAws) -> None:
    aws.load("healthy-small")
    iam = administrator(aws, "iam")
    iam.create_role(RoleName="tagged", AssumeRolePolicyDocument=document(), Tags=[{"Key": "team", "Value": "red"}])
    bucket = "arn:aws:s3:::logs-${aws:PrincipalTag/team}"
    statement: dict[str, object] = {"Effect": "Allow", "Action": "s3:*", "Resource": bucket}
    iam.put_role_policy(RoleName="tagged", PolicyName="own", PolicyDocument=document(statement))
    principal = principal_of(f"arn:aws:sts::{ACCOUNT}:assumed-role/tagged/i-1")
    own, foreign = (Need("s3:ListBucket", f"arn:aws:s3:::logs-{team}") for team in ("red", "blue"))
    assert (permission(principal, own, REGION).allowed, permission(principal, foreign, REGION).allowed) == (True, False)
