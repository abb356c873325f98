"""What IAM is asked about a principal: the permissions that a session needs, each on the ARN that AWS judges.

A simulation without a resource judges `*`, which denies falsely where a policy is scoped (aws-facts, Corrections 4).
"""

from __future__ import annotations

from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.permissions import Question
from ssmtui.model.preferences import DOCUMENT_NAME, SessionPreferences
from ssmtui.model.scope import Scope
from ssmtui.model.storage import Bucket, BucketEncryption, Key

UPDATE_INSTANCE_INFORMATION = "ssm:UpdateInstanceInformation"
CHANNEL_ACTIONS = (
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
)
DECRYPT = "kms:Decrypt"
GENERATE_DATA_KEY = "kms:GenerateDataKey"
GET_BUCKET_ENCRYPTION = "s3:GetEncryptionConfiguration"
PUT_OBJECT = "s3:PutObject"
PUT_OBJECT_ACL = "s3:PutObjectAcl"
DESCRIBE_LOG_GROUPS = "logs:DescribeLogGroups"
LOG_WRITE_ACTIONS = ("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents")
READ_PREFERENCES = "ssm:GetDocument"
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
    bucket: Bucket | Absent | Moot | Unreadable,
    encryption: BucketEncryption | Absent | Moot | Unreadable,
) -> tuple[Question, ...]:
    """What a node's role does with the log bucket: look up its encryption, write an object, encrypt it.

    `s3:PutObjectAcl` counts only where the bucket is another account's; `kms:GenerateDataKey` where the bucket's
    default encryption names a customer key by its ARN (aws-facts §4.3).
    """
    arn = bucket_arn(scope, preferences)
    prefix = preferences.s3_prefix.strip("/")
    objects = f"{arn}/{prefix}/*" if prefix else f"{arn}/*"
    asked = [Question(GET_BUCKET_ENCRYPTION, arn), Question(PUT_OBJECT, objects)]
    if isinstance(bucket, Bucket) and bucket.foreign:
        asked.append(Question(PUT_OBJECT_ACL, objects))
    if isinstance(encryption, BucketEncryption) and encryption.names_customer_key:
        asked.append(Question(GENERATE_DATA_KEY, encryption.key_arn or "*"))
    return tuple(asked)


def log_group_questions(scope: Scope, preferences: SessionPreferences) -> tuple[Question, ...]:
    """What a node's role does with the log group.

    CloudWatch Logs authorises the lookup on `log-group::log-stream:` whatever the group, so that a statement scoped to
    one group does not allow it; the writes can be scoped (aws-facts, Corrections 3).
    """
    lookup = scope.arn("logs", "log-group::log-stream:")
    streams = scope.arn("logs", f"log-group:{preferences.log_group}:log-stream:")
    return (Question(DESCRIBE_LOG_GROUPS, lookup), *(Question(action, streams) for action in LOG_WRITE_ACTIONS))


def caller_preferences_questions(scope: Scope) -> tuple[Question, ...]:
    """What the caller must be allowed to show and change the preferences document of a Region."""
    document = scope.arn("ssm", f"document/{DOCUMENT_NAME}")
    return tuple(Question(action, document) for action in (READ_PREFERENCES, *CHANGE_PREFERENCES_ACTIONS))


def bucket_arn(scope: Scope, preferences: SessionPreferences) -> str:
    """The ARN of the log bucket that the preferences name; S3's ARNs hold neither Region nor account."""
    return f"arn:{scope.partition}:s3:::{preferences.s3_bucket}"
