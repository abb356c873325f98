"""Worlds where the bucket of the session logs is missing, cannot be looked at or cannot be written to."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.simulator.scenario import Bucket, Key, Scenario, StatementJSON, fails, warns
from ssmtui.simulator.state import ACCOUNT
from ssmtui.simulator.worlds.permissions import allow, key_arn, node_role
from ssmtui.simulator.worlds.preferences import preferences
from ssmtui.simulator.worlds.small import BUCKETS, DESTINATIONS, KEYS, WEB, node, small_world

_D = DESTINATIONS


def bucket_missing() -> Scenario:
    """The preferences name a bucket that is gone."""
    missing = fails("s3-bucket-missing")
    return small_world(
        "bucket-missing",
        "The bucket of the session preferences does not exist.",
        (node("web-1", missing), node("web-2", missing)),
        preferences=preferences(_D),
        buckets=(),
    )


def bucket_encryption_unreadable() -> Scenario:
    """One role may not read how the bucket is encrypted."""
    role = node_role("ingest", (*_D.key_use(), *_D.bucket_write(), *_D.log_lookup(), *_D.log_write()))
    return small_world(
        "bucket-encryption-unreadable",
        "One role may not read how the bucket is encrypted.",
        (node("ingest-1", fails("s3-encryption-unreadable"), profile=role.name), node("web-1")),
        preferences=preferences(_D),
        roles=(WEB, role),
    )


def bucket_policy_denies() -> Scenario:
    """The roles are sound, and the bucket's own policy denies one of them."""
    role = node_role("ingest", _D.everything())
    denial = {
        "Sid": "OnlyTheWebTier",
        "Effect": "Deny",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/{role.name}"},
        "Action": "s3:GetEncryptionConfiguration",
        "Resource": f"arn:aws:s3:::{_D.bucket}",
    }
    return small_world(
        "bucket-policy-denies",
        "The policy of the bucket denies one role what its own policies allow.",
        (node("ingest-1", fails("s3-encryption-unreadable"), profile=role.name), node("web-1")),
        preferences=preferences(_D),
        roles=(WEB, role),
        buckets=(Bucket(BUCKETS[0].name, statements=(denial,)),),
    )


def bucket_doubly_encrypted() -> Scenario:
    """The bucket is encrypted by two layers, which the agent does not take for encryption."""
    refused = fails("s3-encryption-refused")
    return small_world(
        "bucket-doubly-encrypted",
        "The bucket is encrypted in a way that the agent does not know.",
        (node("web-1", refused), node("web-2", refused)),
        preferences=preferences(_D),
        buckets=(Bucket(str(_D.bucket), doubly=True),),
    )


def bucket_key_denied() -> Scenario:
    """The bucket's key denies one role by its policy, and names another that has nothing of its own."""
    to = replace(_D, bucket_key="audit")
    denied, named = node_role("cache", to.everything()), node_role("archive", _D.everything())
    statements = (
        {**_on_key(named.name), "Effect": "Allow"},
        {**_on_key(denied.name), "Effect": "Deny"},
    )
    return small_world(
        "bucket-key-denied",
        "The key of the log bucket denies one role.",
        (
            node("cache-1", warns("s3-logs-lost"), profile=denied.name),
            node("archive-1", profile=named.name),
            node("web-1"),
        ),
        preferences=preferences(to),
        roles=(node_role("web", to.everything()), denied, named),
        keys=(*KEYS, Key("audit", statements=statements)),
        buckets=(Bucket(str(to.bucket), key="audit"),),
    )


def _on_key(role: str) -> StatementJSON:
    principal = {"AWS": f"arn:aws:iam::{ACCOUNT}:role/{role}"}
    return {"Principal": principal, "Action": ["kms:GenerateDataKey", "kms:Decrypt"], "Resource": "*"}


def large_logs_lost() -> Scenario:
    """One role may make data keys with the bucket's key and not decrypt by it: logs in parts do not arrive."""
    to = replace(_D, bucket_key="audit")
    making = allow("kms:GenerateDataKey", key_arn("audit"))
    role = node_role("cache", (*_D.everything(), making))
    return small_world(
        "large-logs-lost",
        "One role may not decrypt by the bucket's key, which an upload in parts takes.",
        (node("cache-1", warns("s3-logs-lost"), profile=role.name), node("web-1")),
        preferences=preferences(to),
        roles=(node_role("web", to.everything()), role),
        keys=(*KEYS, Key("audit")),
        buckets=(Bucket(str(to.bucket), key="audit"),),
    )


def s3_logs_lost() -> Scenario:
    """One role may not write to the bucket: sessions open, their logs vanish."""
    role = node_role("cache", (*_D.key_use(), *_D.bucket_lookup(), *_D.log_lookup(), *_D.log_write()))
    return small_world(
        "s3-logs-lost",
        "One role may not write session logs to the bucket.",
        (node("cache-1", warns("s3-logs-lost"), profile=role.name), node("web-1")),
        preferences=preferences(_D),
        roles=(WEB, role),
    )
