"""Worlds with faults of keys, buckets and log groups."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.simulator.scenario import (
    HEALTHY,
    Bucket,
    Expectation,
    Key,
    KeyState,
    RegionScenario,
    Scenario,
    StatementJSON,
    fails,
    warns,
)
from ssmtui.simulator.state import ACCOUNT
from ssmtui.simulator.worlds.building_blocks import (
    BUCKETS,
    DESTINATIONS,
    KEYS,
    REGION,
    UNENCRYPTED_GROUPS,
    WEB,
    Destinations,
    allow,
    key_arn,
    node,
    node_role,
    preferences,
    small_world,
)

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
        buckets=(Bucket(str(_D.bucket), has_dual_layer_encryption=True),),
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


_GONE = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0f4e9a51-7d0c-4f6e-9d0a-3c2b1a09f8e7"


def key_missing() -> Scenario:
    """The preferences name a key that is gone."""
    return _world("key-missing", "The key of the session preferences does not exist.", "kms-key-missing", _GONE)


def key_disabled() -> Scenario:
    """The preferences name a disabled key."""
    key = Key("sessions", KeyState.DISABLED)
    return _world("key-disabled", "The key of the session preferences is disabled.", "kms-key-disabled", key=key)


def key_pending_deletion() -> Scenario:
    """The preferences name a key that waits to be deleted."""
    return _world(
        "key-pending-deletion",
        "The key of the session preferences is to be deleted.",
        "kms-key-pending-deletion",
        key=Key("sessions", KeyState.PENDING_DELETION),
    )


def key_unusable() -> Scenario:
    """The preferences name a key that is not symmetric."""
    return _world(
        "key-unusable",
        "The key of the session preferences is of a kind that encrypts no session.",
        "kms-key-unusable",
        key=Key("sessions", spec="RSA_2048"),
    )


def key_wrong_region() -> Scenario:
    """The preferences name a key of another Region."""
    return _world(
        "key-wrong-region",
        "The key of the session preferences lives in another Region.",
        "kms-key-wrong-region",
        "sessions-frankfurt",
        elsewhere=RegionScenario("eu-central-1", keys=(Key("sessions-frankfurt"),)),
    )


def key_policy_denies() -> Scenario:
    """The key's own policy denies one role what the role's policies allow: no grant to the role would help."""
    role = node_role("ingest", DESTINATIONS.everything())
    return small_world(
        "key-policy-denies",
        "The policy of the session key denies one role.",
        (node("ingest-1", fails("kms-node-denied"), profile=role.name), node("web-1")),
        preferences=preferences(DESTINATIONS),
        roles=(WEB, role),
        keys=(Key("sessions", statements=(_denial(role.name, "kms:Decrypt"),)), *KEYS[1:]),
    )


def key_policy_denies_caller() -> Scenario:
    """The key's own policy lets nodes decrypt, and denies the caller its data keys."""
    denied = fails("kms-caller-denied")
    return small_world(
        "key-policy-denies-caller",
        "The policy of the session key denies the caller.",
        (node("web-1", denied), node("web-2", denied)),
        preferences=preferences(DESTINATIONS),
        keys=(Key("sessions", statements=(_denial("Engineer", "kms:GenerateDataKey"),)), *KEYS[1:]),
    )


def _denial(role: str, action: str) -> StatementJSON:
    principal = {"AWS": f"arn:aws:iam::{ACCOUNT}:role/{role}"}
    return {"Effect": "Deny", "Principal": principal, "Action": action, "Resource": "*"}


def access_requests() -> Scenario:
    """Just-in-time access is in use, and the session key lacks the tag for it."""
    untagged = warns("kms-key-jit-tag-missing")
    return _with_access_requests(
        "access-requests",
        "Access can be asked for, and the session key is not tagged for it.",
        untagged,
        Key("sessions"),
    )


def access_requests_tagged() -> Scenario:
    """Just-in-time access is in use, and the session key carries its tag."""
    key = Key("sessions", tags={"SystemsManagerJustInTimeNodeAccessManaged": "true"})
    return _with_access_requests("access-requests-tagged", "Access can be asked for, and all is sound.", HEALTHY, key)


def _with_access_requests(name: str, summary: str, told: Expectation, key: Key) -> Scenario:
    keys = tuple(key if each.name == key.name else each for each in KEYS)
    nodes = (node("web-1", told), node("web-2", told))
    world = small_world(name, summary, nodes, preferences=preferences(DESTINATIONS), keys=keys)
    return replace(world, regions=(replace(world.regions[0], approval_policies=("ops-approval",)),))


def _world(
    name: str,
    summary: str,
    cause: str,
    session_key: str = "sessions",
    *,
    key: Key = KEYS[0],
    elsewhere: RegionScenario | None = None,
) -> Scenario:
    destinations: Destinations = replace(DESTINATIONS, session_key=session_key)
    return small_world(
        name,
        summary,
        (node("web-1", fails(cause)), node("web-2", fails(cause))),
        preferences=preferences(destinations),
        roles=(node_role("web", destinations.everything()),),
        keys=(key, *KEYS[1:]),
        other_regions=(elsewhere,) if elsewhere else (),
    )


def log_group_missing() -> Scenario:
    """The preferences name a log group that is gone."""
    missing = fails("log-group-missing")
    return small_world(
        "log-group-missing",
        "The log group of the session preferences does not exist.",
        (node("web-1", missing), node("web-2", missing)),
        preferences=preferences(_D),
        log_groups=(),
    )


def log_group_unencrypted() -> Scenario:
    """Only encrypted log groups are wanted, and the group is not."""
    plain = fails("log-group-unencrypted")
    return small_world(
        "log-group-unencrypted",
        "Only encrypted log groups are wanted, and the group is not.",
        (node("web-1", plain), node("web-2", plain)),
        preferences=preferences(_D),
        log_groups=UNENCRYPTED_GROUPS,
    )


def log_group_unreadable() -> Scenario:
    """The group is encrypted, and one role may not find that out: its statement is scoped to the group."""
    lookup = allow("logs:DescribeLogGroups", *_D.log_group_arns)
    role = node_role("queue-worker", (*_D.key_use(), *_D.bucket_lookup(), *_D.bucket_write(), *_D.log_write(), lookup))
    return small_world(
        "log-group-unreadable",
        "One role may not find the log group, which is encrypted.",
        (node("queue-1", fails("log-group-unreadable"), profile=role.name), node("web-1")),
        preferences=preferences(_D),
        roles=(WEB, role),
    )


def cloudwatch_logs_lost() -> Scenario:
    """One role may not write to the log group: sessions open, their logs vanish."""
    role = node_role("scheduler", (*_D.key_use(), *_D.bucket_lookup(), *_D.bucket_write(), *_D.log_lookup()))
    return small_world(
        "cloudwatch-logs-lost",
        "One role may not write session logs to the log group.",
        (node("scheduler-1", warns("cloudwatch-logs-lost"), profile=role.name), node("web-1")),
        preferences=preferences(_D),
        roles=(WEB, role),
    )
