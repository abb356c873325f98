"""What a node's role may do towards ssm and ssmmessages: register its node, and open the channels of sessions.

The roles are three: that of an instance profile, of hybrid nodes, and of default host management. What the session's
storage takes is `storage_permissions`.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TypeVar

from ssmtui.evidence.gathering.reading import derives, reads
from ssmtui.evidence.readers.identity.roles import (
    HostManagementCorePermissions,
    HostManagementRolePolicies,
    HostManagementSimulated,
    HybridCorePermissions,
    HybridCoreSimulated,
    HybridRole,
    HybridRolePolicies,
    NodeRoleStatements,
    ProfileCorePermissions,
    ProfileCoreSimulated,
    ProfileRole,
    ProfileRolePolicies,
    RolePolicies,
    SimulatedCore,
)
from ssmtui.evidence.readers.permissions.answers_for_node import CoreAnswersForNode, told_of_node
from ssmtui.evidence.readers.permissions.registering import ALL_HYBRID_NODES, ALL_INSTANCES, core_at_node
from ssmtui.evidence.readers.permissions.role_answers import answers_about_role, answers_on_registering
from ssmtui.evidence.wire.aws import Aws
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.identity import HostManagementRole, NodeRole, RoleSource
from ssmtui.model.managed_fleet import InstancesByProfile, ManagedFleet, NodesAlike
from ssmtui.model.node import Node
from ssmtui.model.permissions import SIMULATION, CorePermissions, HostManagementPermissions
from ssmtui.model.questions import core_questions
from ssmtui.model.scope import Scope
from ssmtui.model.standing import ManagedNode, RunningInstance

_UNKNOWN = Absent | Moot | Unreadable
_Core = TypeVar("_Core", bound=SimulatedCore)


def _nodes_alike(node: Node, listed: NodesAlike | None) -> NodesAlike:
    """The nodes that are asked about with this one, which the same pages have listed."""
    return listed if listed is not None else NodesAlike(frozenset((node.id,)))


def _with_profile(running: RunningInstance, instances: InstancesByProfile | Unreadable) -> NodesAlike:
    if isinstance(instances, Unreadable):
        return ALL_INSTANCES
    return _nodes_alike(running.node, instances.nodes.get(running.instance.profile_arn))


def _of_instance(
    scope: Scope,
    running: RunningInstance,
    role: ProfileRole | HostManagementRole,
    instances: InstancesByProfile | Unreadable,
    policies: object,
) -> Hashable:
    return role.role.arn, _with_profile(running, instances)


async def _simulated(
    kind: type[_Core], aws: Aws, scope: Scope, arn: str, nodes: NodesAlike, policies: RolePolicies | _UNKNOWN
) -> _Core:
    """IAM's answers about a role wherever its node stands, and those that hang on the node."""
    answers = await answers_about_role(aws, scope, arn, core_questions(), policies, asked_again=False)
    return kind(arn, answers, await answers_on_registering(aws, scope, arn, nodes, policies))


@reads(SIMULATION, key=_of_instance, along=(ProfileRolePolicies,))
async def profile_core_simulated(
    aws: Aws,
    scope: Scope,
    running: RunningInstance,
    role: ProfileRole,
    instances: InstancesByProfile | Unreadable,
    policies: ProfileRolePolicies | _UNKNOWN,
) -> ProfileCoreSimulated:
    """The instance profile's role towards ssm and ssmmessages."""
    return await _simulated(
        ProfileCoreSimulated, aws, scope, role.role.arn, _with_profile(running, instances), policies
    )


def _of_role(managed: ManagedNode, fleet: ManagedFleet | Unreadable) -> NodesAlike:
    if isinstance(fleet, Unreadable):
        return ALL_HYBRID_NODES
    return _nodes_alike(managed.node, fleet.by_role.get(managed.registration.iam_role or ""))


def _hybrid_role(
    scope: Scope, managed: ManagedNode, role: HybridRole, fleet: ManagedFleet | Unreadable, policies: object
) -> Hashable:
    return role.role.arn, _of_role(managed, fleet)


@reads(SIMULATION, key=_hybrid_role, along=(HybridRolePolicies,))
async def hybrid_core_simulated(
    aws: Aws,
    scope: Scope,
    managed: ManagedNode,
    role: HybridRole,
    fleet: ManagedFleet | Unreadable,
    policies: HybridRolePolicies | _UNKNOWN,
) -> HybridCoreSimulated:
    """The hybrid node's role towards ssm and ssmmessages."""
    return await _simulated(HybridCoreSimulated, aws, scope, role.role.arn, _of_role(managed, fleet), policies)


@reads(SIMULATION, key=_of_instance, along=(HostManagementRolePolicies,))
async def host_management_simulated(
    aws: Aws,
    scope: Scope,
    running: RunningInstance,
    role: HostManagementRole,
    instances: InstancesByProfile | Unreadable,
    policies: HostManagementRolePolicies | _UNKNOWN,
) -> HostManagementSimulated:
    """The role of default host management towards ssm and ssmmessages."""
    return await _simulated(
        HostManagementSimulated, aws, scope, role.role.arn, _with_profile(running, instances), policies
    )


@derives
def profile_core_permissions(
    scope: Scope, running: RunningInstance, simulated: ProfileCoreSimulated
) -> ProfileCorePermissions:
    """The same, at the node."""
    return ProfileCorePermissions(simulated.principal, core_at_node(scope, simulated, running.node))


@derives
def hybrid_core_permissions(
    scope: Scope, managed: ManagedNode, simulated: HybridCoreSimulated
) -> HybridCorePermissions:
    """The same, at the node."""
    return HybridCorePermissions(simulated.principal, core_at_node(scope, simulated, managed.node))


@derives
def host_management_core_permissions(
    scope: Scope, running: RunningInstance, simulated: HostManagementSimulated
) -> HostManagementCorePermissions:
    """The same, at the node."""
    return HostManagementCorePermissions(simulated.principal, core_at_node(scope, simulated, running.node))


@derives
def host_management_permissions(
    scope: Scope,
    core: HostManagementCorePermissions,
    node_role: NodeRole | _UNKNOWN,
    again: CoreAnswersForNode | _UNKNOWN,
    policies: NodeRoleStatements | _UNKNOWN,
) -> HostManagementPermissions:
    """The same, with everything that is known of the node where that is the role it uses."""
    used = isinstance(node_role, NodeRole) and node_role.source is RoleSource.HOST_MANAGEMENT
    answers = told_of_node(scope, core, again, policies) if used else core.answers
    return HostManagementPermissions(core.principal, answers)


@derives
def core_permissions(
    scope: Scope,
    node_role: NodeRole,
    profile: ProfileCorePermissions | _UNKNOWN,
    hybrid: HybridCorePermissions | _UNKNOWN,
    shared: HostManagementPermissions | _UNKNOWN,
    again: CoreAnswersForNode | _UNKNOWN,
    policies: NodeRoleStatements | _UNKNOWN,
) -> CorePermissions | Absent | Moot | Unreadable:
    """Those of the role that the node really uses: whichever it is, its simulation is shared."""
    used = {
        RoleSource.INSTANCE_PROFILE: profile,
        RoleSource.HYBRID_ACTIVATION: hybrid,
        RoleSource.HOST_MANAGEMENT: shared,
    }[node_role.source]
    if isinstance(used, Absent | Moot | Unreadable):
        return used
    return CorePermissions(used.principal, told_of_node(scope, used, again, policies))
