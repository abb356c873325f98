"""What nodes' roles and the caller may do: simulated by IAM, or read from their policies where that is refused."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

from ssmtui.evidence.aws import Aws, ReadFailed
from ssmtui.evidence.caller_identity import done_by_caller
from ssmtui.evidence.judged_caller import JudgedCaller
from ssmtui.evidence.open_permissions import (
    BucketAnswersForNode,
    CoreAnswersForNode,
    KeyAnswersForNode,
    LogGroupAnswersForNode,
    told_of_node,
)
from ssmtui.evidence.own_evaluation import evaluate
from ssmtui.evidence.reading import derives, reads
from ssmtui.evidence.references import unreadable_reference
from ssmtui.evidence.registering import ALL_HYBRID_NODES, ALL_INSTANCES, core_at_node
from ssmtui.evidence.roles import (
    CallerPolicies,
    CallerSimulation,
    HostManagementCorePermissions,
    HostManagementRolePolicies,
    HostManagementSimulated,
    HybridCorePermissions,
    HybridCoreSimulated,
    HybridRole,
    HybridRolePolicies,
    NodeRolePolicies,
    ProfileCorePermissions,
    ProfileCoreSimulated,
    ProfileRole,
    ProfileRolePolicies,
    RolePolicies,
    SimulatedBucket,
    SimulatedKey,
    SimulatedLogGroup,
)
from ssmtui.evidence.simulation import simulate, simulate_on_many
from ssmtui.model.agent_requests import agent_context, direct_context
from ssmtui.model.answers import Absent, Moot, Obstacle, Unreadable
from ssmtui.model.identity import HostManagementRole, NodeRole, RoleSource
from ssmtui.model.managed_fleet import InstancesByProfile, ManagedFleet, NodesAlike
from ssmtui.model.permissions import (
    SIMULATION,
    Answer,
    BucketPermissions,
    CallerPreferencesPermissions,
    CorePermissions,
    HostManagementPermissions,
    KeyPermissions,
    LogGroupPermissions,
    Question,
)
from ssmtui.model.policy_patterns import Context
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.questions import (
    UPDATE_INSTANCE_INFORMATION,
    bucket_questions,
    caller_preferences_questions,
    core_questions,
    key_questions,
    log_group_questions,
    node_arn,
)
from ssmtui.model.scope import Scope
from ssmtui.model.standing import ManagedNode, RunningInstance
from ssmtui.model.storage import Bucket, BucketEncryption, Key, LogGroup

_NODE_POLICIES = (ProfileRolePolicies, HybridRolePolicies, HostManagementRolePolicies)
_UNKNOWN = Absent | Moot | Unreadable


async def _answers(
    aws: Aws,
    scope: Scope,
    principal: str,
    questions: Sequence[Question],
    policies: RolePolicies | _UNKNOWN,
    *,
    asked_again: bool = True,
) -> tuple[Answer, ...]:
    """IAM's answers about a node's role; ssmtui's own where simulating is refused and the policies can be read."""

    def known(question: Question) -> Context:
        return agent_context(scope, principal, question.action)

    try:
        return await simulate(aws, principal, questions, known, asked_again=asked_again)
    except ReadFailed as failed:
        if failed.unreadable.obstacle is Obstacle.REFUSED and isinstance(policies, RolePolicies):
            return evaluate(policies, questions, known)
        raise


async def _registering(
    aws: Aws, scope: Scope, principal: str, nodes: NodesAlike, policies: RolePolicies | _UNKNOWN
) -> Mapping[str, Answer]:
    """The same about registering each of the nodes, by its own ARN: hundreds a call."""
    action = UPDATE_INSTANCE_INFORMATION
    arns = [node_arn(scope, id_) for id_ in sorted(nodes.ids)]
    known = agent_context(scope, principal, action)
    try:
        answers = await simulate_on_many(aws, principal, (action,), arns, known=known)
    except ReadFailed as failed:
        if failed.unreadable.obstacle is Obstacle.REFUSED and isinstance(policies, RolePolicies):
            questions = [Question(action, arn) for arn in arns]
            told = evaluate(policies, questions, lambda _question: known)
            return {each.question.resource: each for each in told}
        raise
    return {question.resource: answer for question, answer in answers.items()}


def _nodes_alike(id_: str, listed: NodesAlike | None) -> NodesAlike:
    """The nodes that are asked about with this one; a node that the listing has not is asked about alone."""
    return listed if listed is not None and id_ in listed.ids else NodesAlike(frozenset((id_,)))


def _with_profile(running: RunningInstance, instances: InstancesByProfile | Unreadable) -> NodesAlike:
    if isinstance(instances, Unreadable):
        return ALL_INSTANCES
    return _nodes_alike(running.node.id, instances.nodes.get(running.instance.profile_arn))


def _profile_role(
    scope: Scope,
    running: RunningInstance,
    role: ProfileRole,
    instances: InstancesByProfile | Unreadable,
    policies: object,
) -> Hashable:
    return role.role.arn, _with_profile(running, instances)


@reads(SIMULATION, key=_profile_role, along=(ProfileRolePolicies,))
async def profile_core_simulated(
    aws: Aws,
    scope: Scope,
    running: RunningInstance,
    role: ProfileRole,
    instances: InstancesByProfile | Unreadable,
    policies: ProfileRolePolicies | _UNKNOWN,
) -> ProfileCoreSimulated:
    """The instance profile's role towards ssm and ssmmessages."""
    arn, nodes = role.role.arn, _with_profile(running, instances)
    answers = await _answers(aws, scope, arn, core_questions(), policies, asked_again=False)
    return ProfileCoreSimulated(arn, answers, await _registering(aws, scope, arn, nodes, policies))


def _of_role(managed: ManagedNode, fleet: ManagedFleet | Unreadable) -> NodesAlike:
    if isinstance(fleet, Unreadable):
        return ALL_HYBRID_NODES
    return _nodes_alike(managed.node.id, fleet.by_role.get(managed.registration.iam_role or ""))


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
    arn, nodes = role.role.arn, _of_role(managed, fleet)
    answers = await _answers(aws, scope, arn, core_questions(), policies, asked_again=False)
    return HybridCoreSimulated(arn, answers, await _registering(aws, scope, arn, nodes, policies))


def _host_management_role(
    scope: Scope,
    running: RunningInstance,
    role: HostManagementRole,
    instances: InstancesByProfile | Unreadable,
    policies: object,
) -> Hashable:
    return role.role.arn, _with_profile(running, instances)


@reads(SIMULATION, key=_host_management_role, along=(HostManagementRolePolicies,))
async def host_management_simulated(
    aws: Aws,
    scope: Scope,
    running: RunningInstance,
    role: HostManagementRole,
    instances: InstancesByProfile | Unreadable,
    policies: HostManagementRolePolicies | _UNKNOWN,
) -> HostManagementSimulated:
    """The role of default host management towards ssm and ssmmessages."""
    arn, nodes = role.role.arn, _with_profile(running, instances)
    answers = await _answers(aws, scope, arn, core_questions(), policies, asked_again=False)
    return HostManagementSimulated(arn, answers, await _registering(aws, scope, arn, nodes, policies))


@derives
def profile_core_permissions(
    scope: Scope, running: RunningInstance, simulated: ProfileCoreSimulated
) -> ProfileCorePermissions:
    """The same, at the node."""
    return ProfileCorePermissions(simulated.principal, core_at_node(scope, simulated, running.node.id))


@derives
def hybrid_core_permissions(
    scope: Scope, managed: ManagedNode, simulated: HybridCoreSimulated
) -> HybridCorePermissions:
    """The same, at the node."""
    return HybridCorePermissions(simulated.principal, core_at_node(scope, simulated, managed.node.id))


@derives
def host_management_core_permissions(
    scope: Scope, running: RunningInstance, simulated: HostManagementSimulated
) -> HostManagementCorePermissions:
    """The same, at the node."""
    return HostManagementCorePermissions(simulated.principal, core_at_node(scope, simulated, running.node.id))


@derives
def host_management_permissions(
    core: HostManagementCorePermissions, node_role: NodeRole | _UNKNOWN, again: CoreAnswersForNode | _UNKNOWN
) -> HostManagementPermissions:
    """The same, with everything that is known of the node where that is the role it uses."""
    used = isinstance(node_role, NodeRole) and node_role.source is RoleSource.HOST_MANAGEMENT
    return HostManagementPermissions(core.principal, told_of_node(core, again) if used else core.answers)


@derives
def core_permissions(
    node_role: NodeRole,
    profile: ProfileCorePermissions | _UNKNOWN,
    hybrid: HybridCorePermissions | _UNKNOWN,
    shared: HostManagementPermissions | _UNKNOWN,
    again: CoreAnswersForNode | _UNKNOWN,
) -> CorePermissions | Absent | Moot | Unreadable:
    """Those of the role that the node really uses: whichever it is, its simulation is shared."""
    used = {
        RoleSource.INSTANCE_PROFILE: profile,
        RoleSource.HYBRID_ACTIVATION: hybrid,
        RoleSource.HOST_MANAGEMENT: shared,
    }[node_role.source]
    if isinstance(used, Absent | Moot | Unreadable):
        return used
    return CorePermissions(used.principal, told_of_node(used, again))


def _role_and_key(scope: Scope, node_role: NodeRole, key: Key, policies: object) -> Hashable:
    return node_role.role.arn, key.arn


@reads(SIMULATION, key=_role_and_key, along=_NODE_POLICIES)
async def simulated_key(
    aws: Aws, scope: Scope, node_role: NodeRole, key: Key, policies: NodeRolePolicies | Absent | Moot | Unreadable
) -> SimulatedKey:
    """On the key's ARN: neither an alias nor an id is a resource to IAM."""
    role = node_role.role.arn
    return SimulatedKey(role, await _answers(aws, scope, role, key_questions(key), policies))


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
    policies: NodeRolePolicies | Absent | Moot | Unreadable,
) -> SimulatedBucket | Unreadable:
    """On the bucket, its objects under the prefix, and its key; also of a bucket that the caller may not look at."""
    unreadable = unreadable_reference(preferences.s3_bucket, preferences.s3_prefix, parameters=preferences.parameters)
    if unreadable is not None:
        return unreadable
    role = node_role.role.arn
    questions = bucket_questions(scope, preferences, bucket, encryption)
    return SimulatedBucket(role, await _answers(aws, scope, role, questions, policies))


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
    policies: NodeRolePolicies | Absent | Moot | Unreadable,
) -> SimulatedLogGroup | Unreadable:
    """On the ARNs that CloudWatch Logs judges; also of a group that the caller may not look at."""
    unreadable = unreadable_reference(preferences.log_group, parameters=preferences.parameters)
    if unreadable is not None:
        return unreadable
    role = node_role.role.arn
    return SimulatedLogGroup(role, await _answers(aws, scope, role, log_group_questions(scope, preferences), policies))


@derives
def key_permissions(simulated: SimulatedKey, again: KeyAnswersForNode | _UNKNOWN) -> KeyPermissions:
    """The same, with everything that is known of the node."""
    return KeyPermissions(simulated.principal, told_of_node(simulated, again))


@derives
def bucket_permissions(simulated: SimulatedBucket, again: BucketAnswersForNode | _UNKNOWN) -> BucketPermissions:
    """The same, with everything that is known of the node."""
    return BucketPermissions(simulated.principal, told_of_node(simulated, again))


@derives
def log_group_permissions(
    simulated: SimulatedLogGroup, again: LogGroupAnswersForNode | _UNKNOWN
) -> LogGroupPermissions:
    """The same, with everything that is known of the node."""
    return LogGroupPermissions(simulated.principal, told_of_node(simulated, again))


def _principal(scope: Scope, caller: JudgedCaller, fleet: ManagedFleet | Unreadable) -> Hashable:
    return caller.principal, done_by_caller(scope, fleet)


@reads(SIMULATION, key=_principal)
async def caller_simulation(
    aws: Aws, scope: Scope, caller: JudgedCaller, fleet: ManagedFleet | Unreadable
) -> CallerSimulation:
    """The caller towards the preferences document of the Region."""
    questions = caller_preferences_questions(scope)
    known = direct_context(scope, caller.principal)
    done = done_by_caller(scope, fleet)
    answers = await simulate(aws, caller.principal, questions, known=lambda _question: known, done=done)
    return CallerSimulation(caller.principal, answers)


@derives
def caller_preferences_permissions(
    scope: Scope,
    caller: JudgedCaller,
    simulated: CallerSimulation | Unreadable,
    policies: CallerPolicies | Absent | Moot | Unreadable,
) -> CallerPreferencesPermissions | Unreadable:
    """What IAM says of the caller, else what the policies of the caller's role say."""
    if isinstance(simulated, CallerSimulation):
        return CallerPreferencesPermissions(simulated.principal, simulated.answers)
    if isinstance(policies, CallerPolicies):
        known = direct_context(scope, caller.principal)
        answers = evaluate(policies, caller_preferences_questions(scope), lambda _question: known)
        return CallerPreferencesPermissions(caller.principal, answers)
    return simulated
