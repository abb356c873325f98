"""Read what a node's role can do: register, open channels, and use the session key, log bucket and log group."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from dataclasses import dataclass
from typing import TypeVar

from ssmtui.evidence.aws.reader_api import Aws
from ssmtui.evidence.facts.sources import derives, reads
from ssmtui.evidence.readers.node_permissions import (
    BucketAnswersForNode,
    CoreAnswersForNode,
    KeyAnswersForNode,
    LogGroupAnswersForNode,
    apply_node_answers,
)
from ssmtui.evidence.readers.policy_evaluation import (
    ALL_HYBRID_NODES,
    ALL_INSTANCES,
    answers_about_role,
    answers_on_registering,
    core_at_node,
)
from ssmtui.evidence.readers.preferences import unreadable_reference
from ssmtui.evidence.readers.roles import (
    DestinationStatements,
    HostManagementCorePermissions,
    HostManagementRolePolicies,
    HostManagementSimulated,
    HybridCorePermissions,
    HybridCoreSimulated,
    HybridRole,
    HybridRolePolicies,
    NodeRolePolicies,
    NodeRoleStatements,
    ProfileCorePermissions,
    ProfileCoreSimulated,
    ProfileRole,
    ProfileRolePolicies,
    RolePolicies,
    SimulatedBucket,
    SimulatedCore,
    SimulatedKey,
    SimulatedLogGroup,
    of_used_role,
)
from ssmtui.model.fact import Absent, NoFact, OfNode, Unreadable
from ssmtui.model.iam_questions import bucket_questions, core_questions, key_questions, log_group_questions
from ssmtui.model.identity import HostManagementRole, NodeRole, RoleSource
from ssmtui.model.node_facts import InstancesByProfile, ManagedFleet, ManagedNode, NodesAlike, RunningInstance
from ssmtui.model.permissions import (
    SIMULATION,
    BucketPermissions,
    CorePermissions,
    HostManagementPermissions,
    KeyPermissions,
    LogGroupPermissions,
    Permissions,
)
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.scope import Scope
from ssmtui.model.storage import Bucket, BucketEncryption, Key, LogGroup

_Core = TypeVar("_Core", bound=SimulatedCore)


@dataclass(frozen=True, slots=True)
class InstancesOfOneSimulation:
    """The instances of a profile, which share one simulation."""

    nodes: NodesAlike


@dataclass(frozen=True, slots=True)
class HybridNodesOfOneSimulation:
    """The hybrid nodes of a role, which share one simulation."""

    nodes: NodesAlike


@derives
def instances_of_one_simulation(
    running: RunningInstance, instances: InstancesByProfile | Unreadable
) -> InstancesOfOneSimulation | OfNode[InstancesOfOneSimulation]:
    """Return the instances of the same listing, or only the node; if the listing failed, what stands for all."""
    if isinstance(instances, Unreadable):
        return InstancesOfOneSimulation(ALL_INSTANCES)
    listed = instances.nodes.get(running.instance.profile_arn)
    if listed is not None:
        return InstancesOfOneSimulation(listed)
    return OfNode(lambda node: InstancesOfOneSimulation(NodesAlike(frozenset((node.id,)))))


@derives
def hybrid_nodes_of_one_simulation(
    managed: ManagedNode, fleet: ManagedFleet | Unreadable
) -> HybridNodesOfOneSimulation | OfNode[HybridNodesOfOneSimulation]:
    """Return the nodes of the same listing, or only the node; if the listing failed, what stands for all."""
    if isinstance(fleet, Unreadable):
        return HybridNodesOfOneSimulation(ALL_HYBRID_NODES)
    listed = fleet.by_role.get(managed.registration.iam_role or "")
    if listed is not None:
        return HybridNodesOfOneSimulation(listed)
    return OfNode(lambda node: HybridNodesOfOneSimulation(NodesAlike(frozenset((node.id,)))))


def _of_instance(
    scope: Scope,
    running: RunningInstance,
    role: ProfileRole | HostManagementRole,
    together: InstancesOfOneSimulation,
    policies: object,
) -> Hashable:
    return role.role.arn, together.nodes


async def _simulated(
    kind: type[_Core], aws: Aws, scope: Scope, arn: str, nodes: NodesAlike, policies: RolePolicies | NoFact
) -> _Core:
    """Ask IAM about a role: the answers for all nodes, and those that depend on the node."""
    answers, registering = await asyncio.gather(
        answers_about_role(aws, scope, arn, core_questions(), policies),
        answers_on_registering(aws, scope, arn, nodes, policies),
    )
    return kind(arn, answers, registering)


@reads(SIMULATION, key=_of_instance, along=(ProfileRolePolicies,))
async def profile_core_simulated(
    aws: Aws,
    scope: Scope,
    running: RunningInstance,
    role: ProfileRole,
    together: InstancesOfOneSimulation,
    policies: ProfileRolePolicies | NoFact,
) -> ProfileCoreSimulated:
    """Ask about the instance profile's role, ssm and ssmmessages."""
    return await _simulated(ProfileCoreSimulated, aws, scope, role.role.arn, together.nodes, policies)


def _hybrid_role(
    scope: Scope, managed: ManagedNode, role: HybridRole, together: HybridNodesOfOneSimulation, policies: object
) -> Hashable:
    return role.role.arn, together.nodes


@reads(SIMULATION, key=_hybrid_role, along=(HybridRolePolicies,))
async def hybrid_core_simulated(
    aws: Aws,
    scope: Scope,
    managed: ManagedNode,
    role: HybridRole,
    together: HybridNodesOfOneSimulation,
    policies: HybridRolePolicies | NoFact,
) -> HybridCoreSimulated:
    """Ask about the hybrid node's role, ssm and ssmmessages."""
    return await _simulated(HybridCoreSimulated, aws, scope, role.role.arn, together.nodes, policies)


@reads(SIMULATION, key=_of_instance, along=(HostManagementRolePolicies,))
async def host_management_simulated(
    aws: Aws,
    scope: Scope,
    running: RunningInstance,
    role: HostManagementRole,
    together: InstancesOfOneSimulation,
    policies: HostManagementRolePolicies | NoFact,
) -> HostManagementSimulated:
    """Ask about the role of default host management, ssm and ssmmessages."""
    return await _simulated(HostManagementSimulated, aws, scope, role.role.arn, together.nodes, policies)


@derives
def profile_core_permissions(
    scope: Scope, simulated: ProfileCoreSimulated
) -> ProfileCorePermissions | OfNode[ProfileCorePermissions]:
    """Return the answers for the node."""
    return core_at_node(scope, simulated, ProfileCorePermissions)


@derives
def hybrid_core_permissions(
    scope: Scope, simulated: HybridCoreSimulated
) -> HybridCorePermissions | OfNode[HybridCorePermissions]:
    """Return the answers for the node."""
    return core_at_node(scope, simulated, HybridCorePermissions)


@derives
def host_management_core_permissions(
    scope: Scope, simulated: HostManagementSimulated
) -> HostManagementCorePermissions | OfNode[HostManagementCorePermissions]:
    """Return the answers for the node."""
    return core_at_node(scope, simulated, HostManagementCorePermissions)


@derives
def host_management_permissions(
    scope: Scope,
    core: HostManagementCorePermissions,
    node_role: NodeRole | NoFact,
    again: CoreAnswersForNode | NoFact,
    policies: NodeRoleStatements | NoFact,
) -> HostManagementPermissions:
    """Return the answers for the node, with all its known keys if it uses that role."""
    used = isinstance(node_role, NodeRole) and node_role.source is RoleSource.HOST_MANAGEMENT
    answers = apply_node_answers(scope, core, again, policies) if used else core.answers
    return HostManagementPermissions(core.principal, answers)


@derives
def core_permissions(
    scope: Scope,
    node_role: NodeRole,
    profile: ProfileCorePermissions | NoFact,
    hybrid: HybridCorePermissions | NoFact,
    shared: HostManagementPermissions | NoFact,
    again: CoreAnswersForNode | NoFact,
    policies: NodeRoleStatements | NoFact,
) -> CorePermissions | NoFact:
    """Return the answers about the role that the node uses, which share its simulation."""
    used: Permissions | NoFact = of_used_role(node_role, profile, hybrid, shared)
    if isinstance(used, NoFact):
        return used
    return CorePermissions(used.principal, apply_node_answers(scope, used, again, policies))


_NODE_POLICIES = (ProfileRolePolicies, HybridRolePolicies, HostManagementRolePolicies)


def _role_and_key(scope: Scope, node_role: NodeRole, key: Key, policies: object) -> Hashable:
    return node_role.role.arn, key.arn


@reads(SIMULATION, key=_role_and_key, along=_NODE_POLICIES)
async def simulated_key(
    aws: Aws,
    scope: Scope,
    node_role: NodeRole,
    key: Key,
    policies: NodeRolePolicies | NoFact,
) -> SimulatedKey:
    """Ask about the key's ARN: for IAM, an alias or an ID is not a resource."""
    role = node_role.role.arn
    return SimulatedKey(role, await answers_about_role(aws, scope, role, key_questions(key), policies))


def _role_and_bucket(
    scope: Scope,
    preferences: SessionPreferences,
    node_role: NodeRole,
    bucket: Bucket | Unreadable,
    encryption: BucketEncryption | Absent | Unreadable,
    policies: object,
) -> Hashable:
    return node_role.role.arn, bucket_questions(scope, preferences, bucket, encryption)


@reads(SIMULATION, key=_role_and_bucket, along=_NODE_POLICIES)
async def simulated_bucket(
    aws: Aws,
    scope: Scope,
    preferences: SessionPreferences,
    node_role: NodeRole,
    bucket: Bucket | Unreadable,
    encryption: BucketEncryption | Absent | Unreadable,
    policies: NodeRolePolicies | NoFact,
) -> SimulatedBucket | Unreadable:
    """Ask about the bucket, its objects under the prefix, and its key; also if the caller cannot read the bucket."""
    unreadable = unreadable_reference(preferences.s3_bucket, preferences.s3_prefix, parameters=preferences.parameters)
    if unreadable is not None:
        return unreadable
    role = node_role.role.arn
    questions = bucket_questions(scope, preferences, bucket, encryption)
    return SimulatedBucket(role, await answers_about_role(aws, scope, role, questions, policies))


def _role_and_group(
    scope: Scope,
    preferences: SessionPreferences,
    node_role: NodeRole,
    group: LogGroup | Unreadable,
    policies: object,
) -> Hashable:
    return node_role.role.arn, log_group_questions(scope, preferences)


@reads(SIMULATION, key=_role_and_group, along=_NODE_POLICIES)
async def simulated_log_group(
    aws: Aws,
    scope: Scope,
    preferences: SessionPreferences,
    node_role: NodeRole,
    group: LogGroup | Unreadable,
    policies: NodeRolePolicies | NoFact,
) -> SimulatedLogGroup | Unreadable:
    """Ask about the ARNs that CloudWatch Logs evaluates; also if the caller cannot read the group."""
    unreadable = unreadable_reference(preferences.log_group, parameters=preferences.parameters)
    if unreadable is not None:
        return unreadable
    role = node_role.role.arn
    questions = log_group_questions(scope, preferences)
    return SimulatedLogGroup(role, await answers_about_role(aws, scope, role, questions, policies))


@derives
def key_permissions(
    scope: Scope,
    simulated: SimulatedKey,
    again: KeyAnswersForNode | NoFact,
    policies: DestinationStatements | NoFact,
) -> KeyPermissions:
    """Return the answers with all known keys of the node."""
    return KeyPermissions(simulated.principal, apply_node_answers(scope, simulated, again, policies))


@derives
def bucket_permissions(
    scope: Scope,
    simulated: SimulatedBucket,
    again: BucketAnswersForNode | NoFact,
    policies: DestinationStatements | NoFact,
) -> BucketPermissions:
    """Return the answers with all known keys of the node."""
    return BucketPermissions(simulated.principal, apply_node_answers(scope, simulated, again, policies))


@derives
def log_group_permissions(
    scope: Scope,
    simulated: SimulatedLogGroup,
    again: LogGroupAnswersForNode | NoFact,
    policies: DestinationStatements | NoFact,
) -> LogGroupPermissions:
    """Return the answers with all known keys of the node."""
    return LogGroupPermissions(simulated.principal, apply_node_answers(scope, simulated, again, policies))
