"""Read what a node's role can do: register, open channels, and use the session key, log bucket and log group."""

from __future__ import annotations

from collections.abc import Hashable
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
from ssmtui.model.fact import Absent, NoFact, Unreadable
from ssmtui.model.iam_questions import bucket_questions, core_questions, key_questions, log_group_questions
from ssmtui.model.identity import HostManagementRole, NodeRole, RoleSource
from ssmtui.model.node import Node
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
    kind: type[_Core], aws: Aws, scope: Scope, arn: str, nodes: NodesAlike, policies: RolePolicies | NoFact
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
    policies: ProfileRolePolicies | NoFact,
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
    policies: HybridRolePolicies | NoFact,
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
    policies: HostManagementRolePolicies | NoFact,
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
    node_role: NodeRole | NoFact,
    again: CoreAnswersForNode | NoFact,
    policies: NodeRoleStatements | NoFact,
) -> HostManagementPermissions:
    """The same, with everything that is known of the node where that is the role it uses."""
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
    """Those of the role that the node really uses: whichever it is, its simulation is shared."""
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
    """On the key's ARN: neither an alias nor an id is a resource to IAM."""
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
    """On the bucket, its objects under the prefix, and its key; also of a bucket that the caller may not look at."""
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
    """On the ARNs that CloudWatch Logs judges; also of a group that the caller may not look at."""
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
    policies: NodeRoleStatements | NoFact,
) -> KeyPermissions:
    """The same, with everything that is known of the node."""
    return KeyPermissions(simulated.principal, apply_node_answers(scope, simulated, again, policies))


@derives
def bucket_permissions(
    scope: Scope,
    simulated: SimulatedBucket,
    again: BucketAnswersForNode | NoFact,
    policies: NodeRoleStatements | NoFact,
) -> BucketPermissions:
    """The same, with everything that is known of the node."""
    return BucketPermissions(simulated.principal, apply_node_answers(scope, simulated, again, policies))


@derives
def log_group_permissions(
    scope: Scope,
    simulated: SimulatedLogGroup,
    again: LogGroupAnswersForNode | NoFact,
    policies: NodeRoleStatements | NoFact,
) -> LogGroupPermissions:
    """The same, with everything that is known of the node."""
    return LogGroupPermissions(simulated.principal, apply_node_answers(scope, simulated, again, policies))
