"""The questions to IAM about a session: each action with the ARN that AWS evaluates."""

from __future__ import annotations

from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.permissions import Question
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
"""What the names of session logs in a bucket end in, after the session's id (docs/facts/preferences.md §7)."""
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
"""The condition key by which a policy asks that the document be allowed too (docs/facts/sessions.md §1)."""
DESKTOP_ACTIONS = ("ssm-guiconnect:StartConnection", "ssm-guiconnect:GetConnection", "ssm-guiconnect:CancelConnection")
"""What a remote desktop in Fleet Manager takes of whoever opens it (docs/facts/sessions.md §3)."""
DESKTOP_SERVICE = "ssm-guiconnect.amazonaws.com"
"""Who opens the data channel of a remote desktop, in the caller's name (docs/facts/sessions.md §3)."""
CHANGE_PREFERENCES_ACTIONS = ("ssm:CreateDocument", "ssm:UpdateDocument", "ssm:UpdateDocumentDefaultVersion")


def core_questions() -> tuple[Question, ...]:
    """What every node's role must be allowed: to report itself, and to open both channels."""
    return tuple(Question(action, "*") for action in (UPDATE_INSTANCE_INFORMATION, *CHANNEL_ACTIONS))


def key_questions(key: Key) -> tuple[Question, ...]:
    """What a node's role does with the session key."""
    return (Question(DECRYPT, key.arn),)


def bucket_questions(
    scope: Scope,
    preferences: SessionPreferences,
    bucket: Bucket | Absent | NotApplicable | Unreadable,
    encryption: BucketEncryption | Absent | NotApplicable | Unreadable,
) -> tuple[Question, ...]:
    """What a node's role does with the log bucket: look up its encryption, write an object, encrypt it.

    `s3:PutObjectAcl` counts only where the bucket is another account's. `kms:GenerateDataKey`, and `kms:Decrypt` for
    logs that are uploaded in parts, count where the bucket's default encryption names a customer key by its ARN
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
    """What a node's role does with the log group.

    CloudWatch Logs authorises the lookup on `log-group::log-stream:` whatever the group, so that a statement scoped to
    one group does not allow it; the writes can be scoped (docs/facts/preferences.md §8).
    """
    lookup = scope.arn("logs", "log-group::log-stream:")
    streams = scope.arn("logs", f"log-group:{preferences.log_group}:log-stream:")
    return (Question(DESCRIBE_LOG_GROUPS, lookup), *(Question(action, streams) for action in LOG_WRITE_ACTIONS))


def caller_preferences_questions(scope: Scope) -> tuple[Question, ...]:
    """What the caller must be allowed to show and change the preferences document of a Region."""
    document = scope.arn("ssm", f"document/{DOCUMENT_NAME}")
    return tuple(Question(action, document) for action in (READ_PREFERENCES, *CHANGE_PREFERENCES_ACTIONS))


def node_arn(scope: Scope, node_id: str) -> str:
    """What StartSession is judged on: EC2's ARN of an instance, Systems Manager's of a hybrid node."""
    if node_id.startswith("mi-"):
        return scope.arn("ssm", f"managed-instance/{node_id}")
    return scope.arn("ec2", f"instance/{node_id}")


def document_question(scope: Scope) -> Question:
    """Starting a session by its document (the preferences, where none is named), judged on that alone."""
    return Question(START_SESSION, scope.session_document_arn, ((DOCUMENT_ACCESS_CHECK, "true"),))


def desktop_questions() -> tuple[Question, ...]:
    """Opening, looking at and closing a connection: actions that know no resource."""
    return tuple(Question(action, "*") for action in DESKTOP_ACTIONS)


def own_session_arns(scope: Scope, user_id: str, name: str) -> tuple[str, ...]:
    """ARNs that a session of the caller's may have: its id begins with a name that AWS gives it.

    That name is the session's (or user's) for some and the unique user id for others; policies are written for either.
    """
    names = dict.fromkeys((user_id, name))
    return tuple(scope.arn("ssm", f"session/{name}-0123456789abcdef0") for name in names)


def own_session_context(user_id: str, user_name: str | None) -> tuple[tuple[str, str], ...]:
    """The values of the policy variables that policies about one's own sessions are written with.

    Only a user has a `user_name`.
    """
    if user_name is not None:
        return (("aws:userid", user_id), ("aws:username", user_name))
    return (("aws:userid", user_id),)


def bucket_arn(scope: Scope, preferences: SessionPreferences) -> str:
    """The ARN of the log bucket that the preferences name; S3's ARNs hold neither Region nor account."""
    return f"arn:{scope.partition}:s3:::{preferences.s3_bucket}"
