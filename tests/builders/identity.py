"""Builders of roles, and of IAM's answers about them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from ssmtui.model.iam_questions import core_questions
from ssmtui.model.identity import HostManagementRole, InstanceProfile, NodeRole, Role, RoleSource, UsedHostManagement
from ssmtui.model.permissions import Decision, Denier, EvaluationResult, Permissions, Question
from tests.builders.fleet import ACCOUNT, a_scope
from tests.builders.policies import a_policy, allow

Kind = TypeVar("Kind", bound=Permissions)

ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/web"
PROFILE_ARN = f"arn:aws:iam::{ACCOUNT}:instance-profile/web"
SETTING_ARN = a_scope().arn("ssm", "servicesetting/ssm/managed-instance/default-ec2-instance-management-role")
HOST_MANAGEMENT_ROLE = "service-role/AWSSystemsManagerDefaultEC2InstanceManagementRole"
CORE = core_questions()


def a_role(name: str = "web", *, trusts: str = "ec2.amazonaws.com", account: str = ACCOUNT) -> Role:
    """A role that one service may take."""
    trust = a_policy(allow("sts:AssumeRole", principal=trusts))
    return Role(f"arn:aws:iam::{account}:role/{name}", name.rpartition("/")[2], trust)


def a_node_role(source: RoleSource = RoleSource.INSTANCE_PROFILE, role: Role | None = None) -> NodeRole:
    """The role `web` from an instance profile, unless said otherwise."""
    service = "ec2.amazonaws.com" if source is RoleSource.INSTANCE_PROFILE else "ssm.amazonaws.com"
    return NodeRole(role or a_role(trusts=service), source)


def a_profile(role_arn: str | None = ROLE_ARN) -> InstanceProfile:
    """The instance profile `web`."""
    return InstanceProfile(PROFILE_ARN, "web", role_arn)


def host_management(role_name: str | None = HOST_MANAGEMENT_ROLE) -> UsedHostManagement:
    """The setting; None turns it off."""
    return UsedHostManagement(SETTING_ARN, role_name)


def host_management_role(trusts: str = "ssm.amazonaws.com") -> HostManagementRole:
    """The role that the setting names."""
    return HostManagementRole(a_role(HOST_MANAGEMENT_ROLE, trusts=trusts))


def answers(
    kind: type[Kind],
    questions: Sequence[Question],
    *denied: str,
    decision: Decision = Decision.IMPLICIT_DENY,
    denier: Denier | None = Denier.IDENTITY,
) -> Kind:
    """IAM's answers about the role `web`: everything is allowed but for the actions denied."""
    return kind(
        ROLE_ARN,
        tuple(
            EvaluationResult(question, decision, denier)
            if question.action in denied
            else EvaluationResult(question, Decision.ALLOWED)
            for question in questions
        ),
    )


def undecided(
    kind: type[Kind], questions: Sequence[Question], *actions: str, keys: tuple[str, ...] = ("aws:SourceVpc",)
) -> Kind:
    """IAM's answers about the role `web`: those about some actions hang on conditions on keys that nobody knows."""
    return kind(
        ROLE_ARN,
        tuple(
            EvaluationResult(
                question, Decision.EXPLICIT_DENY, Denier.IDENTITY, keys, undecided=True, may_be_barred=True
            )
            if question.action in actions
            else EvaluationResult(question, Decision.ALLOWED)
            for question in questions
        ),
    )
