"""Whether the role that a node uses is one that its account can change."""

from __future__ import annotations

import pytest

from ssmtui.checks.identity.role import role_can_be_changed
from ssmtui.model.finding import Confidence, Evidence, Finding, Status, Subject, SubjectKind
from ssmtui.model.identity import NodeRole, Role, RoleSource
from tests.builders.identity import a_node_role, a_role

LINKED = "arn:aws:iam::123456789012:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
BY_SSO = "arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Ops_0123456789abcdef"
BY_HAND = ("steps-protected-role",)


def role_of(arn: str) -> Role:
    return Role(arn, arn.rpartition("/")[2], a_role().trust)


@pytest.mark.parametrize("source", RoleSource)
def test_a_role_of_the_account_can_be_changed(source: RoleSource) -> None:
    assert role_can_be_changed(a_node_role(source)) == ()


@pytest.mark.parametrize(
    ("arn", "source", "keeper", "call", "fixes"),
    [
        (
            LINKED,
            RoleSource.INSTANCE_PROFILE,
            "ecs.amazonaws.com",
            "iam:GetInstanceProfile",
            ("replace-instance-profile", *BY_HAND),
        ),
        (BY_SSO, RoleSource.HYBRID_ACTIVATION, "IAM Identity Center", "ssm:DescribeInstanceProperties", BY_HAND),
        (LINKED, RoleSource.HOST_MANAGEMENT, "ecs.amazonaws.com", "ssm:GetServiceSetting", BY_HAND),
    ],
)
def test_a_role_that_somebody_keeps_is_noted_with_whose_it_is(
    arn: str, source: RoleSource, keeper: str, call: str, fixes: tuple[str, ...]
) -> None:
    role = role_of(arn)
    assert role_can_be_changed(NodeRole(role, source)) == (
        Finding(
            cause="role-protected",
            status=Status.INFO,
            confidence=Confidence.PROVED,
            subject=Subject(SubjectKind.ROLE, arn),
            summary=(f"The role {role.name} is kept by {keeper}: what it lacks cannot be given to it in this account."),
            evidence=(Evidence(f"the node uses the role {arn}", call),),
            fixes=fixes,
        ),
    )
