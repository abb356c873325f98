"""The questions to IAM about a session: each action with the ARN that AWS evaluates."""

from __future__ import annotations

from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.node import NodeKind
from ssmtui.model.permissions import EvaluationResult, Question
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.request_context import via_s3
from ssmtui.model.scope import DOCUMENT_NAME, Scope
from ssmtui.model.storage import Bucket, BucketEncryption, Key

UPDATE_INSTANCE_INFORMATION = "ssm:UpdateInstanceInformation"
CHANNEL_ACTIONS = (
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
)
CONTROL_CHANNEL_ACTIONS = tuple(each for each in CHANNEL_ACTIONS if "ControlChannel" in each)
DECRYPT = "kms:Decrypt"
GENERATE_DATA_KEY = "kms:GenerateDataKey"
GET_BUCKET_ENCRYPTION = "s3:GetEncryptionConfiguration"
PUT_OBJECT = "s3:PutObject"
PUT_OBJECT_ACL = "s3:PutObjectAcl"
OBJECT_ENDING = ".log"
"""The end of the names of session logs in a bucket, after the session's ID (docs/facts/preferences.md §7)."""
DESCRIBE_LOG_GROUPS = "logs:DescribeLogGroups"
LOG_WRITE_ACTIONS = ("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents")
READ_PREFERENCES = "ssm:GetDocument"
START_SESSION = "ssm:StartSession"
START_ACCESS_REQUEST = "ssm:StartAccessRequest"
TERMINATE_SESSION = "ssm:TerminateSession"
RESUME_SESSION = "ssm:ResumeSession"
OPEN_DATA_CHANNEL = "ssmmessages:OpenDataChannel"
OWN_SESSION_ACTIONS = (OPEN_DATA_CHANNEL, TERMINATE_SESSION, RESUME_SESSION)
DOCUMENT_ACCESS_CHECK = "ssm:SessionDocumentAccessCheck"
"""The condition key with which a policy requires that the document is allowed too (docs/facts/sessions.md §1)."""
DESKTOP_ACTIONS = ("ssm-guiconnect:StartConnection", "ssm-guiconnect:GetConnection", "ssm-guiconnect:CancelConnection")
"""The actions that a caller needs for a remote desktop in Fleet Manager (docs/facts/sessions.md §3)."""
DESKTOP_SERVICE = "ssm-guiconnect.amazonaws.com"
"""The service that opens the data channel of a remote desktop for the caller (docs/facts/sessions.md §3)."""
ACTIONS_WITHOUT_RESOURCE_TYPE = frozenset({*CHANNEL_ACTIONS, DESCRIBE_LOG_GROUPS, *DESKTOP_ACTIONS})
"""The actions that IAM's simulation, if it knows them, denies on every ARN (docs/facts/permissions.md §2)."""
CHANGE_PREFERENCES_ACTIONS = ("ssm:CreateDocument", "ssm:UpdateDocument", "ssm:UpdateDocumentDefaultVersion")


def core_questions() -> tuple[Question, ...]:
    """Return the questions for every node role: to report the node, and to open both channels."""
    return tuple(Question(action, "*") for action in (UPDATE_INSTANCE_INFORMATION, *CHANNEL_ACTIONS))


def key_questions(key: Key) -> tuple[Question, ...]:
    """Return the questions about the session key for a node role."""
    return (Question(DECRYPT, key.arn),)


def bucket_questions(
    scope: Scope,
    preferences: SessionPreferences,
    bucket: Bucket | Absent | NotApplicable | Unreadable,
    encryption: BucketEncryption | Absent | NotApplicable | Unreadable,
) -> tuple[Question, ...]:
    """Return the questions about the log bucket for a node role: read its encryption, write an object, encrypt it.

    `s3:PutObjectAcl` counts only if the bucket belongs to another account. `kms:GenerateDataKey`, and `kms:Decrypt` for
    multipart uploads, count if the bucket's default encryption names a customer managed key by its ARN
    (docs/facts/preferences.md §7).
    """
    arn = bucket_arn(scope, preferences)
    prefix = preferences.s3_prefix.strip("/")
    objects = f"{arn}/{prefix}/*{OBJECT_ENDING}" if prefix else f"{arn}/*{OBJECT_ENDING}"
    asked = [Question(GET_BUCKET_ENCRYPTION, arn), Question(PUT_OBJECT, objects)]
    if isinstance(bucket, Bucket) and bucket.foreign:
        asked.append(Question(PUT_OBJECT_ACL, objects))
    if isinstance(encryption, BucketEncryption) and encryption.names_customer_key:
        key, context = encryption.key_arn or "*", via_s3(scope)
        asked += [Question(action, key, context) for action in (GENERATE_DATA_KEY, DECRYPT)]
    return tuple(asked)


def log_group_questions(scope: Scope, preferences: SessionPreferences) -> tuple[Question, ...]:
    """Return the questions about the log group for a node role.

    CloudWatch Logs authorizes the lookup on `log-group::log-stream:` for any group, so a statement for one group does
    not allow it; a statement for writes can name the group (docs/facts/preferences.md §8).
    """
    lookup = scope.arn("logs", "log-group::log-stream:")
    streams = scope.arn("logs", f"log-group:{preferences.log_group}:log-stream:")
    return (Question(DESCRIBE_LOG_GROUPS, lookup), *(Question(action, streams) for action in LOG_WRITE_ACTIONS))


def caller_preferences_questions(scope: Scope) -> tuple[Question, ...]:
    """Return the questions for the caller to show and change the preferences document of a Region."""
    document = scope.arn("ssm", f"document/{DOCUMENT_NAME}")
    return tuple(Question(action, document) for action in (READ_PREFERENCES, *CHANGE_PREFERENCES_ACTIONS))


def node_arn(scope: Scope, node_id: str) -> str:
    """Return the ARN that StartSession is evaluated on: EC2's of an instance, or Systems Manager's of a hybrid node."""
    if NodeKind.of_id(node_id) is NodeKind.HYBRID:
        return scope.arn("ssm", f"managed-instance/{node_id}")
    return scope.arn("ec2", f"instance/{node_id}")


def document_question(scope: Scope) -> Question:
    """Return the question about the session document (by default, the preferences) for StartSession."""
    return Question(START_SESSION, scope.session_document_arn, ((DOCUMENT_ACCESS_CHECK, "true"),))


def depends_on_document_check(answer: EvaluationResult) -> bool:
    """Return whether the caller's policies have the condition key that document questions need, and it was missing."""
    return any(key.casefold() == DOCUMENT_ACCESS_CHECK.casefold() for key in answer.open_keys)


def desktop_questions() -> tuple[Question, ...]:
    """Return the questions about opening, reading and closing a desktop connection: these actions have no resource."""
    return tuple(Question(action, "*") for action in DESKTOP_ACTIONS)


def own_session_arns(scope: Scope, user_id: str, name: str) -> tuple[str, ...]:
    """Return possible ARNs of the caller's sessions: their IDs begin with a name that AWS gives to the caller.

    For some callers this is the name of the session or user, for others the unique user ID; policies use both.
    """
    names = dict.fromkeys((user_id, name))
    return tuple(scope.arn("ssm", f"session/{name}-0123456789abcdef0") for name in names)


def own_session_context(user_id: str, user_name: str | None) -> tuple[tuple[str, str], ...]:
    """Return the values of the policy variables in policies about a caller's own sessions.

    Only a user has a `user_name`.
    """
    if user_name is not None:
        return (("aws:userid", user_id), ("aws:username", user_name))
    return (("aws:userid", user_id),)


def bucket_arn(scope: Scope, preferences: SessionPreferences) -> str:
    """Return the ARN of the log bucket in the preferences; ARNs of S3 have no Region and no account."""
    return f"arn:{scope.partition}:s3:::{preferences.s3_bucket}"
