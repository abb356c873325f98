"""Whether the role that a node uses is one that its account can change."""

from __future__ import annotations

from ssmtui.checks.check import check
from ssmtui.checks.subjects import the_role
from ssmtui.language import say
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status
from ssmtui.model.identity import NodeRole, RoleSource
from ssmtui.model.path import Link
from ssmtui.model.reserved_roles import is_reserved, linked_service_of

_SOURCES = {
    RoleSource.INSTANCE_PROFILE: "iam:GetInstanceProfile",
    RoleSource.HYBRID_ACTIVATION: "ssm:DescribeInstanceProperties",
    RoleSource.HOST_MANAGEMENT: "ssm:GetServiceSetting",
}


@check(link=Link.IDENTITY, causes=("role-protected",), subject=the_role, after=("node-reports-as-its-role",))
def role_can_be_changed(node_role: NodeRole) -> Findings:
    """Whether the role is one that the account can change."""
    role = node_role.role
    if not is_reserved(role.arn):
        return ()
    keeper = linked_service_of(role.arn) or say("IAM Identity Center")
    by_profile = node_role.source is RoleSource.INSTANCE_PROFILE
    return (
        Finding(
            cause="role-protected",
            status=Status.INFO,
            confidence=Confidence.PROVED,
            subject=the_role(node_role),
            summary=say(
                "The role {role} is kept by {keeper}: what it lacks cannot be given to it in this account.",
                role=role.name,
                keeper=keeper,
            ),
            evidence=(Evidence(say("the node uses the role {role}", role=role.arn), _SOURCES[node_role.source]),),
            fixes=("replace-instance-profile", "steps-protected-role") if by_profile else ("steps-protected-role",),
        ),
    )
