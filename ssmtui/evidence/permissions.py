"""What nodes' roles and the caller may do: simulated by IAM, or read from their policies where that is refused."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from ssmtui.evidence.aws import Aws, ReadFailed
from ssmtui.evidence.judged_caller import JudgedCaller
from ssmtui.evidence.own_evaluation import evaluate
from ssmtui.evidence.reading import derives, reads
from ssmtui.evidence.references import unreadable_reference
from ssmtui.evidence.roles import (
    CallerPolicies,
    CallerSimulation,
    HostManagementRolePolicies,
    HybridCorePermissions,
    HybridRole,
    HybridRolePolicies,
    NodeRolePolicies,
    ProfileCorePermissions,
    ProfileRole,
    ProfileRolePolicies,
    RolePolicies,
)
from ssmtui.evidence.simulation import simulate
from ssmtui.model.agent_requests import agent_context, direct_context
from ssmtui.model.answers import Absent, Moot, Obstacle, Unreadable
from ssmtui.model.identity import HostManagementRole, NodeRole, RoleSource
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
    bucket_questions,
    caller_preferences_questions,
    core_questions,
    key_questions,
    log_group_questions,
)
from ssmtui.model.scope import Scope
from ssmtui.model.storage import Bucket, BucketEncryption, Key, LogGroup

_NODE_POLICIES = (ProfileRolePolicies, HybridRolePolicies, HostManagementRolePolicies)


async def _answers(
    aws: Aws,
    scope: Scope,
    principal: str,
    questions: Sequence[Question],
    policies: RolePolicies | Absent | Moot | Unreadable,
) -> tuple[Answer, ...]:
    """IAM's answers about a node's role; ssmtui's own where simulating is refused and the policies can be read."""

    def known(question: Question) -> Context:
        return agent_context(scope, principal, question.action)

    try:
        return await simulate(aws, principal, questions, known=known)
    except ReadFailed as failed:
        if failed.unreadable.obstacle is Obstacle.REFUSED and isinstance(policies, RolePolicies):
            return evaluate(policies, questions, known)
        raise


def _role_arn(scope: Scope, role: ProfileRole | HybridRole | HostManagementRole, policies: object) -> Hashable:
    return role.role.arn


@reads(SIMULATION, key=_role_arn, along=(ProfileRolePolicies,))
async def profile_core_permissions(
    aws: Aws, scope: Scope, role: ProfileRole, policies: ProfileRolePolicies | Absent | Moot | Unreadable
) -> ProfileCorePermissions:
    """The instance profile's role towards ssm and ssmmessages."""
    return ProfileCorePermissions(role.role.arn, await _answers(aws, scope, role.role.arn, core_questions(), policies))


@reads(SIMULATION, key=_role_arn, along=(HybridRolePolicies,))
async def hybrid_core_permissions(
    aws: Aws, scope: Scope, role: HybridRole, policies: HybridRolePolicies | Absent | Moot | Unreadable
) -> HybridCorePermissions:
    """The hybrid node's role towards ssm and ssmmessages."""
    return HybridCorePermissions(role.role.arn, await _answers(aws, scope, role.role.arn, core_questions(), policies))


@reads(SIMULATION, key=_role_arn, along=(HostManagementRolePolicies,))
async def host_management_permissions(
    aws: Aws, scope: Scope, role: HostManagementRole, policies: HostManagementRolePolicies | Absent | Moot | Unreadable
) -> HostManagementPermissions:
    """The role of default host management towards ssm and ssmmessages."""
    return HostManagementPermissions(
        role.role.arn, await _answers(aws, scope, role.role.arn, core_questions(), policies)
    )


@derives
def core_permissions(
    node_role: NodeRole,
    profile: ProfileCorePermissions | Absent | Moot | Unreadable,
    hybrid: HybridCorePermissions | Absent | Moot | Unreadable,
    shared: HostManagementPermissions | Absent | Moot | Unreadable,
) -> CorePermissions | Absent | Moot | Unreadable:
    """Those of the role that the node really uses: whichever it is, its simulation is shared."""
    used = {
        RoleSource.INSTANCE_PROFILE: profile,
        RoleSource.HYBRID_ACTIVATION: hybrid,
        RoleSource.HOST_MANAGEMENT: shared,
    }[node_role.source]
    if isinstance(used, Absent | Moot | Unreadable):
        return used
    return CorePermissions(used.principal, used.answers)


def _role_and_key(scope: Scope, node_role: NodeRole, key: Key, policies: object) -> Hashable:
    return node_role.role.arn, key.arn


@reads(SIMULATION, key=_role_and_key, along=_NODE_POLICIES)
async def key_permissions(
    aws: Aws, scope: Scope, node_role: NodeRole, key: Key, policies: NodeRolePolicies | Absent | Moot | Unreadable
) -> KeyPermissions:
    """On the key's ARN: neither an alias nor an id is a resource to IAM."""
    role = node_role.role.arn
    return KeyPermissions(role, await _answers(aws, scope, role, key_questions(key), policies))


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
async def bucket_permissions(
    aws: Aws,
    scope: Scope,
    preferences: SessionPreferences,
    node_role: NodeRole,
    bucket: Bucket | Unreadable,
    encryption: BucketEncryption | Absent | Unreadable,
    policies: NodeRolePolicies | Absent | Moot | Unreadable,
) -> BucketPermissions | Unreadable:
    """On the bucket, its objects under the prefix, and its key; also of a bucket that the caller may not look at."""
    unreadable = unreadable_reference(preferences.s3_bucket, preferences.s3_prefix, parameters=preferences.parameters)
    if unreadable is not None:
        return unreadable
    role = node_role.role.arn
    questions = bucket_questions(scope, preferences, bucket, encryption)
    return BucketPermissions(role, await _answers(aws, scope, role, questions, policies))


def _role_and_group(
    scope: Scope,
    preferences: SessionPreferences,
    node_role: NodeRole,
    group: LogGroup | Unreadable,
    policies: object,
) -> Hashable:
    return node_role.role.arn, log_group_questions(scope, preferences)


@reads(SIMULATION, key=_role_and_group, along=_NODE_POLICIES)
async def log_group_permissions(
    aws: Aws,
    scope: Scope,
    preferences: SessionPreferences,
    node_role: NodeRole,
    group: LogGroup | Unreadable,
    policies: NodeRolePolicies | Absent | Moot | Unreadable,
) -> LogGroupPermissions | Unreadable:
    """On the ARNs that CloudWatch Logs judges; also of a group that the caller may not look at."""
    unreadable = unreadable_reference(preferences.log_group, parameters=preferences.parameters)
    if unreadable is not None:
        return unreadable
    role = node_role.role.arn
    return LogGroupPermissions(
        role, await _answers(aws, scope, role, log_group_questions(scope, preferences), policies)
    )


def _principal(scope: Scope, caller: JudgedCaller) -> Hashable:
    return caller.principal


@reads(SIMULATION, key=_principal)
async def caller_simulation(aws: Aws, scope: Scope, caller: JudgedCaller) -> CallerSimulation:
    """The caller towards the preferences document of the Region."""
    questions = caller_preferences_questions(scope)
    known = direct_context(scope, caller.principal)
    answers = await simulate(aws, caller.principal, questions, known=lambda _question: known)
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
