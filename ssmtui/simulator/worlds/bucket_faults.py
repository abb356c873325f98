"""Worlds where the bucket of the session logs is missing, cannot be looked at or cannot be written to."""

from __future__ import annotations

from ssmtui.simulator.scenario import Bucket, Scenario, fails, warns
from ssmtui.simulator.state import ACCOUNT
from ssmtui.simulator.worlds.permissions import node_role
from ssmtui.simulator.worlds.preferences import preferences
from ssmtui.simulator.worlds.small import BUCKETS, DESTINATIONS, WEB, node, small_world

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
