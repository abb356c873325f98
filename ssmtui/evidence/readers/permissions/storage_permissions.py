"""What the role of a node may do towards what the preferences name: the session key, the log bucket, the log group.

What it may do towards ssm and ssmmessages is `core_permissions`; the things themselves are in `keys`, `buckets` and
`log_groups`.
"""

from __future__ import annotations

from collections.abc import Hashable

from ssmtui.evidence.gathering.reading import derives, reads
from ssmtui.evidence.readers.identity.roles import (
    HostManagementRolePolicies,
    HybridRolePolicies,
    NodeRolePolicies,
    NodeRoleStatements,
    ProfileRolePolicies,
    SimulatedBucket,
    SimulatedKey,
    SimulatedLogGroup,
)
from ssmtui.evidence.readers.permissions.answers_for_node import (
    BucketAnswersForNode,
    KeyAnswersForNode,
    LogGroupAnswersForNode,
    told_of_node,
)
from ssmtui.evidence.readers.permissions.role_answers import answers_about_role
from ssmtui.evidence.readers.preferences.references import unreadable_reference
from ssmtui.evidence.wire.aws import Aws
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.identity import NodeRole
from ssmtui.model.permissions import SIMULATION, BucketPermissions, KeyPermissions, LogGroupPermissions
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.questions import bucket_questions, key_questions, log_group_questions
from ssmtui.model.scope import Scope
from ssmtui.model.storage import Bucket, BucketEncryption, Key, LogGroup

_NODE_POLICIES = (ProfileRolePolicies, HybridRolePolicies, HostManagementRolePolicies)
_UNKNOWN = Absent | Moot | Unreadable


def _role_and_key(scope: Scope, node_role: NodeRole, key: Key, policies: object) -> Hashable:
    return node_role.role.arn, key.arn


@reads(SIMULATION, key=_role_and_key, along=_NODE_POLICIES)
async def simulated_key(
    aws: Aws, scope: Scope, node_role: NodeRole, key: Key, policies: NodeRolePolicies | Absent | Moot | Unreadable
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
    policies: NodeRolePolicies | Absent | Moot | Unreadable,
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
    policies: NodeRolePolicies | Absent | Moot | Unreadable,
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
    again: KeyAnswersForNode | _UNKNOWN,
    policies: NodeRoleStatements | _UNKNOWN,
) -> KeyPermissions:
    """The same, with everything that is known of the node."""
    return KeyPermissions(simulated.principal, told_of_node(scope, simulated, again, policies))


@derives
def bucket_permissions(
    scope: Scope,
    simulated: SimulatedBucket,
    again: BucketAnswersForNode | _UNKNOWN,
    policies: NodeRoleStatements | _UNKNOWN,
) -> BucketPermissions:
    """The same, with everything that is known of the node."""
    return BucketPermissions(simulated.principal, told_of_node(scope, simulated, again, policies))


@derives
def log_group_permissions(
    scope: Scope,
    simulated: SimulatedLogGroup,
    again: LogGroupAnswersForNode | _UNKNOWN,
    policies: NodeRoleStatements | _UNKNOWN,
) -> LogGroupPermissions:
    """The same, with everything that is known of the node."""
    return LogGroupPermissions(simulated.principal, told_of_node(scope, simulated, again, policies))
