"""Worlds about the KMS key of the log bucket."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.simulator.scenario import HEALTHY, Bucket, Expectation, Key, KeyState, Scenario, StatementJSON, warns
from ssmtui.simulator.state import ACCOUNT
from ssmtui.simulator.worlds.building_blocks import (
    DESTINATIONS,
    KEYS,
    allow,
    key_arn,
    node,
    node_role,
    preferences,
    small_world,
    two_nodes,
)

_D = DESTINATIONS


def bucket_key_denied() -> Scenario:
    """The key of the log bucket denies one role."""
    to = replace(_D, bucket_key="audit")
    denied, named = node_role("cache", to.everything()), node_role("archive", _D.everything())
    statements = ({**_on_key(named.name), "Effect": "Allow"}, {**_on_key(denied.name), "Effect": "Deny"})
    return small_world(
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


def bucket_key_by_alias_and_tag() -> Scenario:
    """The key of the log bucket allows roles by an alias or a tag, which it has or does not have."""
    to = replace(_D, bucket_key="audit")
    roles = tuple(node_role(name, _D.everything()) for name in ("by-alias", "by-tag", "by-other"))
    conditions: tuple[dict[str, object], ...] = (
        {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/acme/audit"}},
        {"StringEquals": {"aws:ResourceTag/Team": "Platform"}},
        {"StringEquals": {"aws:ResourceTag/Team": "Research"}},
    )
    allowed = (
        {**_on_key(role.name), "Effect": "Allow", "Condition": by} for role, by in zip(roles, conditions, strict=True)
    )
    return small_world(
        (
            node("alias-1", profile="by-alias"),
            node("tag-1", profile="by-tag"),
            node("other-1", warns("s3-logs-lost"), profile="by-other"),
        ),
        preferences=preferences(to),
        roles=roles,
        keys=(*KEYS, Key("audit", tags={"Team": "Platform"}, statements=tuple(allowed))),
        buckets=(Bucket(str(to.bucket), key="audit"),),
    )


def bucket_key_disabled() -> Scenario:
    """The key of the log bucket is disabled: sessions open, and their logs are lost."""
    return _bucket_key_world(warns("s3-logs-lost"), Key("audit", KeyState.DISABLED))


def bucket_key_pending_deletion() -> Scenario:
    """The key of the log bucket is to be deleted: sessions open, and their logs are lost."""
    return _bucket_key_world(warns("s3-logs-lost"), Key("audit", KeyState.PENDING_DELETION))


def bucket_key_works() -> Scenario:
    """The log bucket has a key of the account, which works. A disabled key encrypts something else."""
    world = _bucket_key_world(HEALTHY, Key("audit"))
    home = world.regions[0]
    return replace(world, regions=(replace(home, keys=(*home.keys, Key("backup", KeyState.DISABLED))),))


def _bucket_key_world(expected: Expectation, key: Key) -> Scenario:
    to = replace(_D, bucket_key=key.name)
    return small_world(
        two_nodes(expected),
        preferences=preferences(to),
        roles=(node_role("web", to.everything()),),
        keys=(*KEYS, key),
        buckets=(Bucket(str(to.bucket), key=key.name),),
    )


def _on_key(role: str) -> StatementJSON:
    principal = {"AWS": f"arn:aws:iam::{ACCOUNT}:role/{role}"}
    return {"Principal": principal, "Action": ["kms:GenerateDataKey", "kms:Decrypt"], "Resource": "*"}


def large_logs_lost() -> Scenario:
    """One role is not allowed to decrypt with the bucket's key. Uploads in several parts need this permission."""
    to = replace(_D, bucket_key="audit")
    making = allow("kms:GenerateDataKey", key_arn("audit"))
    role = node_role("cache", (*_D.everything(), making))
    return small_world(
        (node("cache-1", warns("s3-logs-lost"), profile=role.name), node("web-1")),
        preferences=preferences(to),
        roles=(node_role("web", to.everything()), role),
        keys=(*KEYS, Key("audit")),
        buckets=(Bucket(str(to.bucket), key="audit"),),
    )
