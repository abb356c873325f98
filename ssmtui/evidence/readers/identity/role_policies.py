"""The policies of roles, read where the caller may not have IAM simulate them, or IAM lacked condition keys."""

from __future__ import annotations

from collections.abc import Hashable

from ssmtui.evidence.gathering.reading import derives, reads
from ssmtui.evidence.readers.identity.judged_caller import JudgedCaller
from ssmtui.evidence.readers.identity.policies import policy_in
from ssmtui.evidence.readers.identity.roles import (
    CallerPolicies,
    CallerSimulation,
    CallerStatements,
    HostManagementRolePolicies,
    HybridRole,
    HybridRolePolicies,
    KeysLackedOfCaller,
    KeysLackedOfNodeRole,
    NodeRolePolicies,
    NodeRoleStatements,
    ProfileRole,
    ProfileRolePolicies,
    RolePolicies,
    SimulationRefused,
)
from ssmtui.evidence.wire.answer import Answer
from ssmtui.evidence.wire.aws import Aws
from ssmtui.language import say
from ssmtui.model.answers import Absent, Moot, Obstacle, Unreadable
from ssmtui.model.identity import HostManagementRole, NodeRole, RoleSource
from ssmtui.model.permissions import SIMULATION
from ssmtui.model.policy import Policy

_READS = (
    "iam:GetRolePolicy",
    "iam:ListRolePolicies",
    "iam:ListAttachedRolePolicies",
    "iam:GetPolicy",
    "iam:GetPolicyVersion",
    "iam:GetRole",
)


@derives
def simulation_refused(
    own: CallerSimulation | Absent | Moot | Unreadable,
) -> SimulationRefused | Moot:
    """Told by the one simulation that is asked for in any case: the caller's own."""
    if isinstance(own, Unreadable) and own.obstacle is Obstacle.REFUSED and own.action == SIMULATION:
        return SimulationRefused(own.why)
    return Moot(say("IAM simulates policies for the caller"))


def _role_arn(refused: SimulationRefused, role: ProfileRole | HybridRole | HostManagementRole) -> Hashable:
    return role.role.arn


@reads(*_READS, key=_role_arn)
async def profile_role_policies(aws: Aws, refused: SimulationRefused, role: ProfileRole) -> ProfileRolePolicies:
    """The policies of an instance profile's role."""
    found = await _policies_of(aws, role.role.name)
    return ProfileRolePolicies(found.policies, found.boundary, found.tags)


@reads(*_READS, key=_role_arn)
async def hybrid_role_policies(aws: Aws, refused: SimulationRefused, role: HybridRole) -> HybridRolePolicies:
    """The policies of a hybrid node's role."""
    found = await _policies_of(aws, role.role.name)
    return HybridRolePolicies(found.policies, found.boundary, found.tags)


@reads(*_READS, key=_role_arn)
async def host_management_role_policies(
    aws: Aws, refused: SimulationRefused, role: HostManagementRole
) -> HostManagementRolePolicies:
    """The policies of the role that default host management names."""
    found = await _policies_of(aws, role.role.name)
    return HostManagementRolePolicies(found.policies, found.boundary, found.tags)


def _principal(refused: SimulationRefused, caller: JudgedCaller) -> Hashable:
    return caller.principal


@reads(*_READS, key=_principal)
async def caller_policies(aws: Aws, refused: SimulationRefused, caller: JudgedCaller) -> CallerPolicies | Moot:
    """The policies of the role that the caller has taken."""
    found = await _of_caller(aws, caller)
    return found if isinstance(found, Moot) else CallerPolicies(found.policies, found.boundary)


def _role_that_lacks(lacked: KeysLackedOfNodeRole, node_role: NodeRole) -> Hashable:
    return node_role.role.arn


@reads(*_READS, key=_role_that_lacks)
async def node_role_statements(aws: Aws, lacked: KeysLackedOfNodeRole, node_role: NodeRole) -> NodeRoleStatements:
    """The policies of the role that the node really uses."""
    found = await _policies_of(aws, node_role.role.name)
    return NodeRoleStatements(found.policies, found.boundary, found.tags)


def _caller_that_lacks(lacked: KeysLackedOfCaller, caller: JudgedCaller) -> Hashable:
    return caller.principal


@reads(*_READS, key=_caller_that_lacks)
async def caller_statements(aws: Aws, lacked: KeysLackedOfCaller, caller: JudgedCaller) -> CallerStatements | Moot:
    """The policies of the role that the caller has taken."""
    found = await _of_caller(aws, caller)
    return found if isinstance(found, Moot) else CallerStatements(found.policies, found.boundary)


@derives
def node_role_policies(
    node_role: NodeRole,
    profile: ProfileRolePolicies | Absent | Moot | Unreadable,
    hybrid: HybridRolePolicies | Absent | Moot | Unreadable,
    shared: HostManagementRolePolicies | Absent | Moot | Unreadable,
) -> NodeRolePolicies | Absent | Moot | Unreadable:
    """Those of the role that the node really uses."""
    used = {
        RoleSource.INSTANCE_PROFILE: profile,
        RoleSource.HYBRID_ACTIVATION: hybrid,
        RoleSource.HOST_MANAGEMENT: shared,
    }[node_role.source]
    if isinstance(used, Absent | Moot | Unreadable):
        return used
    return NodeRolePolicies(used.policies, used.boundary, used.tags)


async def _of_caller(aws: Aws, caller: JudgedCaller) -> RolePolicies | Moot:
    """A user's groups are not followed, so that nothing is read of users."""
    return await _policies_of(aws, caller.name) if caller.is_role else Moot(say("the caller is no role"))


async def _policies_of(aws: Aws, role_name: str) -> RolePolicies:
    role = (await aws.call("iam", "GetRole", RoleName=role_name)).part("Role")
    return RolePolicies(
        policies=(*await _inline(aws, role_name), *await _attached(aws, role_name)),
        boundary=await _boundary(aws, role),
        tags=tuple((tag.text("Key"), tag.text("Value")) for tag in role.optional_parts("Tags")),
    )


async def _boundary(aws: Aws, role: Answer) -> Policy | None:
    if not role.has("PermissionsBoundary"):
        return None
    return await _managed(aws, role.part("PermissionsBoundary").arn("PermissionsBoundaryArn"))


async def _inline(aws: Aws, role_name: str) -> list[Policy]:
    names = [
        name
        async for page in aws.pages("iam", "ListRolePolicies", RoleName=role_name)
        for name in page.texts("PolicyNames")
    ]
    return [
        policy_in(await aws.call("iam", "GetRolePolicy", RoleName=role_name, PolicyName=name), "PolicyDocument")
        for name in names
    ]


async def _attached(aws: Aws, role_name: str) -> list[Policy]:
    arns = [
        each.arn("PolicyArn")
        async for page in aws.pages("iam", "ListAttachedRolePolicies", RoleName=role_name)
        for each in page.parts("AttachedPolicies")
    ]
    return [await _managed(aws, arn) for arn in arns]


async def _managed(aws: Aws, arn: str) -> Policy:
    version = (await aws.call("iam", "GetPolicy", PolicyArn=arn)).part("Policy").text("DefaultVersionId")
    answer = await aws.call("iam", "GetPolicyVersion", PolicyArn=arn, VersionId=version)
    return policy_in(answer.part("PolicyVersion"), "Document")
