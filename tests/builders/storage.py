"""Builders of preferences and of what they point at."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.iam_policy.document import Statement
from ssmtui.model.preferences import EncryptedOnly, SessionPreferences
from ssmtui.model.storage import (
    Bucket,
    BucketEncryption,
    BucketPolicy,
    Key,
    KeyGrant,
    KeyGrants,
    KeyPolicy,
    LogGroup,
)
from tests.builders.fleet import ACCOUNT, a_scope
from tests.builders.policies import a_policy

DOCUMENT_ARN = a_scope().arn("ssm", "document/SSM-SessionManagerRunShell")
KEY_ID = "1b9e2a44-3c07-4d7e-8f51-0a6d2c9b7e10"
KEY_ARN = a_scope().arn("kms", f"key/{KEY_ID}")
BUCKET = "acme-session-logs"
BUCKET_ARN = f"arn:aws:s3:::{BUCKET}"
GROUP = "/sessions"
GROUP_ARN = a_scope().arn("logs", f"log-group:{GROUP}")
ROOT = f"arn:aws:iam::{ACCOUNT}:root"

ENCRYPTED_ONLY = SessionPreferences(
    document_arn=DOCUMENT_ARN,
    document_exists=True,
    kms_key=KEY_ARN,
    s3_bucket=BUCKET,
    s3_prefix="sessions",
    s3_encrypted_only=EncryptedOnly.ON,
    log_group=GROUP,
    log_group_encrypted_only=EncryptedOnly.ON,
)
"""A key, a bucket and a log group, and both switches on."""

ANY_DESTINATION = replace(
    ENCRYPTED_ONLY, s3_encrypted_only=EncryptedOnly.OFF, log_group_encrypted_only=EncryptedOnly.OFF
)
"""The same with both switches off."""

BY_PARAMETER = replace(
    ENCRYPTED_ONLY, s3_encrypted_only=EncryptedOnly.REFERENCE, log_group_encrypted_only=EncryptedOnly.REFERENCE
)
"""The same with switches that are references."""


def a_key(
    state: str = "Enabled", *, spec: str = "SYMMETRIC_DEFAULT", usage: str = "ENCRYPT_DECRYPT", account: str = ACCOUNT
) -> Key:
    """A key that can be used, unless said otherwise."""
    return Key(KEY_ARN.replace(ACCOUNT, account), state, usage, spec)


def a_key_policy(*statements: Statement) -> KeyPolicy:
    """The key's policy."""
    return KeyPolicy(KEY_ARN, a_policy(*statements))


def key_grants(*grantees: str, operation: str = "Decrypt") -> KeyGrants:
    """Grants of one operation."""
    return KeyGrants(KEY_ARN, tuple(KeyGrant(grantee, (operation,)) for grantee in grantees))


def a_log_group(key_arn: str | None = KEY_ARN) -> LogGroup:
    """An encrypted log group; None has no key."""
    return LogGroup(GROUP_ARN, GROUP, key_arn)


def a_bucket(*, foreign: bool = False) -> Bucket:
    """The log bucket."""
    return Bucket(BUCKET_ARN, BUCKET, None if foreign else "eu-west-3", foreign)


def encrypted_with(algorithm: str = "AES256", key_arn: str | None = None) -> BucketEncryption:
    """The bucket's default encryption."""
    return BucketEncryption(algorithm, key_arn)


def a_bucket_policy(*statements: Statement) -> BucketPolicy:
    """The bucket's policy."""
    return BucketPolicy(BUCKET_ARN, a_policy(*statements))
