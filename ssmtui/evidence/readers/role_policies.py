"""Read the policies of roles."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import TypeVar

from ssmtui.evidence.aws.reader_api import (
    Answer,
    Aws,
    all_parts,
    document_from_answer,
    policy_from_answer,
    tag_from_answer,
)
from ssmtui.evidence.facts.sources import derives, reads
from ssmtui.evidence.readers.caller import JudgedCaller
from ssmtui.evidence.readers.roles import (
    CallerKeyStatements,
    CallerPolicies,
    CallerSimulation,
    CallerStatements,
    DestinationStatements,
    HostManagementRolePolicies,
    HybridRole,
    HybridRolePolicies,
    KeysLackedOfCaller,
    KeysLackedOfDestinations,
    KeysLackedOfNodeRole,
    KeysLackedOnCallerKey,
    NodeRolePolicies,
    NodeRoleStatements,
    ProfileRole,
    ProfileRolePolicies,
    RolePolicies,
    SimulationRefused,
    of_used_role,
)
from ssmtui.iam_policy.document import Policy
from ssmtui.language import say
from ssmtui.model.fact import Absent, NoFact, NotApplicable, ReadFailure, Unreadable
from ssmtui.model.identity import (
    OWN_PREFIX,
    AttachedPolicies,
    HostManagementRole,
    NodeRole,
    OrganizationId,
    OwnGrants,
)
from ssmtui.model.permissions import SIMULATION
from ssmtui.model.plan import json_text
from ssmtui.model.scope import Scope

_Policies = TypeVar("_Policies", bound=RolePolicies)


@dataclass(frozen=True, slots=True)
class EvaluatedInstead:
    """Policies are evaluated instead of IAM's simulation.

    `unread` are the failed reads that would show whether service control policies deny; none if none apply.
    """

    unread: tuple[Unreadable, ...]

    def above(self, policies: _Policies) -> _Policies:
        """Return the policies with these reads."""
        return replace(policies, unread_above=self.unread)


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
    own: CallerSimulation | NoFact,
) -> SimulationRefused | NotApplicable:
    """Return whether simulations are refused, from the one simulation that always runs: the caller's own."""
    if isinstance(own, Unreadable) and own.obstacle is ReadFailure.REFUSED and own.action == SIMULATION:
        return SimulationRefused(own.why)
    return NotApplicable(say("IAM simulates the policies of the caller"))


@derives
def evaluated_instead(
    refused: SimulationRefused, scope: Scope, organization: OrganizationId | Absent | Unreadable
) -> EvaluatedInstead:
    """Return what the evaluation of an account's own policies leaves open: the policies of its organization."""
    simulation = Unreadable(SIMULATION, refused.why)
    if isinstance(organization, Unreadable):
        return EvaluatedInstead((simulation, organization))
    governed = isinstance(organization, OrganizationId) and organization.has_control_policies_for(scope.account)
    return EvaluatedInstead((simulation,) if governed else ())


def _role_policies_key(evaluated: EvaluatedInstead, role: ProfileRole | HybridRole | HostManagementRole) -> Hashable:
    return role.role.arn, evaluated


@reads(*_READS, key=_role_policies_key)
async def profile_role_policies(aws: Aws, evaluated: EvaluatedInstead, role: ProfileRole) -> ProfileRolePolicies:
    """The policies of an instance profile's role."""
    return evaluated.above(await policies_of_role(ProfileRolePolicies, aws, role.role.name))


@reads(*_READS, key=_role_policies_key)
async def hybrid_role_policies(aws: Aws, evaluated: EvaluatedInstead, role: HybridRole) -> HybridRolePolicies:
    """The policies of a hybrid node's role."""
    return evaluated.above(await policies_of_role(HybridRolePolicies, aws, role.role.name))


@reads(*_READS, key=_role_policies_key)
async def host_management_role_policies(
    aws: Aws, evaluated: EvaluatedInstead, role: HostManagementRole
) -> HostManagementRolePolicies:
    """Read the policies of the role in the setting of default host management."""
    return evaluated.above(await policies_of_role(HostManagementRolePolicies, aws, role.role.name))


def _principal(evaluated: EvaluatedInstead, caller: JudgedCaller) -> Hashable:
    return caller.principal, evaluated


@reads(*_READS, key=_principal)
async def caller_policies(
    aws: Aws, evaluated: EvaluatedInstead, caller: JudgedCaller
) -> CallerPolicies | NotApplicable:
    """Read the policies of the caller's role."""
    found = await _of_caller(aws, caller)
    if isinstance(found, NotApplicable):
        return found
    return evaluated.above(CallerPolicies(found.policies, found.boundary))


def _role_that_lacks(lacked: KeysLackedOfNodeRole, node_role: NodeRole) -> Hashable:
    return node_role.role.arn


@reads(*_READS, key=_role_that_lacks)
async def node_role_statements(aws: Aws, lacked: KeysLackedOfNodeRole, node_role: NodeRole) -> NodeRoleStatements:
    """Read the policies of the role that the node uses."""
    return await policies_of_role(NodeRoleStatements, aws, node_role.role.name)


def _role_at_destinations(lacked: KeysLackedOfDestinations, node_role: NodeRole, read: object) -> Hashable:
    return node_role.role.arn


@reads(*_READS, key=_role_at_destinations, along=(NodeRoleStatements,))
async def destination_statements(
    aws: Aws, lacked: KeysLackedOfDestinations, node_role: NodeRole, read: NodeRoleStatements | NoFact
) -> DestinationStatements:
    """Return the policies of the role that the node uses; they are often read already."""
    if isinstance(read, NodeRoleStatements):
        return DestinationStatements(read.policies, read.boundary, read.tags)
    return await policies_of_role(DestinationStatements, aws, node_role.role.name)


def _caller_that_lacks(lacked: KeysLackedOfCaller, caller: JudgedCaller) -> Hashable:
    return caller.principal


@reads(*_READS, key=_caller_that_lacks)
async def caller_statements(
    aws: Aws, lacked: KeysLackedOfCaller, caller: JudgedCaller
) -> CallerStatements | NotApplicable:
    """Read the policies of the caller's role."""
    found = await _of_caller(aws, caller)
    return found if isinstance(found, NotApplicable) else CallerStatements(found.policies, found.boundary)


def _caller_at_key(lacked: KeysLackedOnCallerKey, caller: JudgedCaller, read: object) -> Hashable:
    return caller.principal


@reads(*_READS, key=_caller_at_key, along=(CallerStatements,))
async def caller_key_statements(
    aws: Aws, lacked: KeysLackedOnCallerKey, caller: JudgedCaller, read: CallerStatements | NoFact
) -> CallerKeyStatements | NotApplicable:
    """Return the policies of the caller's role; they are often read already."""
    found = read if isinstance(read, CallerStatements) else await _of_caller(aws, caller)
    return found if isinstance(found, NotApplicable) else CallerKeyStatements(found.policies, found.boundary)


@derives
def node_role_policies(
    node_role: NodeRole,
    profile: ProfileRolePolicies | NoFact,
    hybrid: HybridRolePolicies | NoFact,
    shared: HostManagementRolePolicies | NoFact,
) -> NodeRolePolicies | NoFact:
    """Return the policies of the role that the node uses."""
    used: RolePolicies | NoFact = of_used_role(node_role, profile, hybrid, shared)
    if isinstance(used, NoFact):
        return used
    return NodeRolePolicies(used.policies, used.boundary, used.tags, used.unread_above)


async def _of_caller(aws: Aws, caller: JudgedCaller) -> RolePolicies | NotApplicable:
    """Read the policies of the caller's role. Groups are not supported, so no policies of users are read."""
    return (
        await policies_of_role(RolePolicies, aws, caller.name)
        if caller.is_role
        else NotApplicable(say("the caller is not a role"))
    )


async def policies_of_role(kind: type[_Policies], aws: Aws, role_name: str) -> _Policies:
    """Read all policies of a role, with its boundary and its tags."""
    role = (await aws.call("iam", "GetRole", RoleName=role_name)).part("Role")
    return kind(
        policies=(*await _inline(aws, role_name), *await _attached(aws, role_name)),
        boundary=await _boundary(aws, role),
        tags=tuple(map(tag_from_answer, role.optional_parts("Tags"))),
    )


async def _boundary(aws: Aws, role: Answer) -> Policy | None:
    if not role.has("PermissionsBoundary"):
        return None
    return await _managed(aws, role.part("PermissionsBoundary").arn("PermissionsBoundaryArn"))


async def _inline(aws: Aws, role_name: str) -> list[Policy]:
    documents = [
        await aws.call("iam", "GetRolePolicy", RoleName=role_name, PolicyName=name)
        for name in await _inline_names(aws, role_name)
    ]
    return [policy_from_answer(each, "PolicyDocument") for each in documents]


async def _inline_names(aws: Aws, role_name: str) -> list[str]:
    pages = aws.pages("iam", "ListRolePolicies", RoleName=role_name)
    return [name async for page in pages for name in page.texts("PolicyNames")]


async def _attached(aws: Aws, role_name: str) -> list[Policy]:
    return [await _managed(aws, arn) for arn in await _attached_arns(aws, role_name)]


async def _attached_arns(aws: Aws, role_name: str) -> list[str]:
    attached = await all_parts(aws, "iam", "ListAttachedRolePolicies", "AttachedPolicies", RoleName=role_name)
    return [each.arn("PolicyArn") for each in attached]


async def _managed(aws: Aws, arn: str) -> Policy:
    version = (await aws.call("iam", "GetPolicy", PolicyArn=arn)).part("Policy").text("DefaultVersionId")
    answer = await aws.call("iam", "GetPolicyVersion", PolicyArn=arn, VersionId=version)
    return policy_from_answer(answer.part("PolicyVersion"), "Document")


def _grants_key(node_role: NodeRole) -> Hashable:
    return node_role.role.arn


@reads("iam:GetRolePolicy", "iam:ListRolePolicies", key=_grants_key)
async def own_grants(aws: Aws, node_role: NodeRole) -> OwnGrants:
    """Read the inline policies that ssmtui wrote, according to their names."""
    role = node_role.role
    names = [name for name in await _inline_names(aws, role.name) if name.startswith(OWN_PREFIX)]
    documents: list[tuple[str, str]] = []
    for name in names:
        answer = await aws.call("iam", "GetRolePolicy", RoleName=role.name, PolicyName=name)
        documents.append((name, json_text(document_from_answer(answer, "PolicyDocument"))))
    return OwnGrants(role.arn, tuple(documents))


@reads("iam:ListAttachedRolePolicies", key=_grants_key)
async def attached_policies(aws: Aws, node_role: NodeRole) -> AttachedPolicies:
    """Read the attached policies, sorted by ARN: IAM documents no order."""
    role = node_role.role
    return AttachedPolicies(role.arn, tuple(sorted(await _attached_arns(aws, role.name))))
