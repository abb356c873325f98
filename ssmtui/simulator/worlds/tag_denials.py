"""Worlds whose organization denies by the tags or the aliases of what a session uses: keys, the bucket, the group."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.simulator.scenario import (
    HEALTHY,
    Bucket,
    Expectation,
    InlinePolicy,
    Key,
    LogGroup,
    Organization,
    Role,
    Scenario,
    StatementJSON,
    fails,
    unseen,
    warns,
)
from ssmtui.simulator.state import ACCOUNT
from ssmtui.simulator.worlds.building_blocks import (
    BUCKETS,
    DESTINATIONS,
    ENCRYPTED_GROUPS,
    ENGINEER,
    KEYS,
    WEB,
    Destinations,
    node,
    node_role,
    preferences,
    small_world,
)

_RESTRICTED = {"Data": "restricted"}
_OF_TAG: StatementJSON = {"StringEquals": {"aws:ResourceTag/Data": "restricted"}}
_UNLESS_OF_TAG: StatementJSON = {"StringNotEquals": {"aws:ResourceTag/Data": "restricted"}}
_OF_BUCKET_TAG: StatementJSON = {"StringEquals": {"s3:BucketTag/Data": "restricted"}}


def key_denied_by_organization_for_its_tag() -> Scenario:
    """The organization denies the use of keys with a tag or an alias, which the session key has."""
    return _restricting_keys("restricted", "alias/acme/sessions", fails("kms-node-denied"))


def key_without_the_tag_that_the_organization_denies() -> Scenario:
    """The organization denies the use of keys with a tag or an alias, which the session key does not have."""
    return _restricting_keys("public", "alias/acme/backup", HEALTHY)


def key_denied_to_caller_by_organization_for_its_tag() -> Scenario:
    """The organization denies the caller the use of keys with a tag, which the session key has.

    The network of the caller, on which such a policy can depend, is unknown: only a dry run shows the denial.
    """
    denied = node("web-1", fails("kms-caller-denied"))
    denial = _denied("kms:GenerateDataKey", ENGINEER, _OF_TAG)
    return small_world(
        (replace(denied, expected_in_fleet=unseen("kms-caller-denied")),),
        keys=(Key("sessions", tags=_RESTRICTED), *KEYS[1:]),
        organization=Organization(account_policies=(InlinePolicy("no-data-keys", (denial,)),)),
    )


def _restricting_keys(tag: str, alias: str, expected: Expectation) -> Scenario:
    """Return a world whose organization denies one role a key with a tag, and another role a key with an alias."""
    tagged, named = _roles("tagged", "named")
    return _denying(
        (
            _denied("kms:Decrypt", tagged, _OF_TAG),
            _denied("kms:Decrypt", named, {"ForAnyValue:StringEquals": {"kms:ResourceAliases": alias}}),
        ),
        ((tagged, expected), (named, expected)),
        keys=(Key("sessions", tags={"Data": tag}), *KEYS[1:]),
    )


def log_group_denied_by_organization_for_its_tag() -> Scenario:
    """The organization denies one role the log group because of its tag, and another role all groups without the tag.

    A request to describe log groups is for no group, and so it has no tag.
    """
    tagged, sparing, blind = _roles("tagged", "sparing", "blind")
    return _denying(
        (
            _denied("logs:PutLogEvents", tagged, _OF_TAG),
            _denied(("logs:CreateLogStream", "logs:PutLogEvents"), sparing, _UNLESS_OF_TAG),
            _denied("logs:*", blind, _UNLESS_OF_TAG),
        ),
        ((tagged, warns("cloudwatch-logs-lost")), (sparing, HEALTHY), (blind, fails("log-group-unreadable"))),
        log_groups=(LogGroup(str(DESTINATIONS.log_group), key="session-logs", tags=_RESTRICTED),),
    )


def bucket_denied_by_organization_for_its_tag() -> Scenario:
    """The organization denies roles the log bucket because of its tag, and one role all buckets without the tag."""
    return _restricting_bucket(
        warns("s3-logs-lost"), fails("s3-encryption-unreadable"), HEALTHY, tags=_RESTRICTED, has_abac=True
    )


def bucket_with_a_tag_that_s3_does_not_use() -> Scenario:
    """The organization denies roles buckets with a tag, but attribute-based access control is off for the log bucket.

    One role is denied all buckets without the tag: for S3, the log bucket has none.
    """
    return _restricting_bucket(HEALTHY, HEALTHY, fails("s3-encryption-unreadable"), tags=_RESTRICTED, has_abac=False)


def bucket_without_the_tag_that_the_organization_denies() -> Scenario:
    """The organization denies roles buckets with a tag, which the log bucket does not have."""
    return _restricting_bucket(HEALTHY, HEALTHY, fails("s3-encryption-unreadable"), tags={}, has_abac=True)


def _restricting_bucket(
    writing: Expectation, reading: Expectation, sparing: Expectation, *, tags: dict[str, str], has_abac: bool
) -> Scenario:
    writer, reader, spared = _roles("writer", "reader", "spared")
    return _denying(
        (
            _denied("s3:PutObject", writer, _OF_BUCKET_TAG),
            _denied("s3:GetEncryptionConfiguration", reader, _OF_TAG),
            _denied("s3:*", spared, _UNLESS_OF_TAG),
        ),
        ((writer, writing), (reader, reading), (spared, sparing)),
        buckets=(Bucket(str(DESTINATIONS.bucket), tags=tags, has_abac=has_abac),),
    )


def bucket_key_denied_by_organization_for_its_tag() -> Scenario:
    """The organization denies roles keys with a tag or an alias, which the key of the log bucket has.

    S3 uses the key for the node, from a network on which such a policy can depend, and which is unknown.
    """
    to = replace(DESTINATIONS, bucket_key="audit")
    tagged, named, sparing = _roles("tagged", "named", "sparing", to=to)
    of_alias: StatementJSON = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/acme/audit"}}
    lost = unseen("s3-logs-lost")
    return _denying(
        (
            _denied("kms:GenerateDataKey", tagged, _OF_TAG),
            _denied("kms:GenerateDataKey", named, of_alias),
            _denied("kms:GenerateDataKey", sparing, _UNLESS_OF_TAG),
        ),
        ((tagged, lost), (named, lost), (sparing, HEALTHY)),
        to,
        keys=(*KEYS, Key("audit", tags=_RESTRICTED)),
        buckets=(Bucket(str(to.bucket), key="audit"),),
    )


def _roles(*names: str, to: Destinations = DESTINATIONS) -> tuple[Role, ...]:
    return tuple(node_role(name, to.everything()) for name in names)


def _denying(
    denials: tuple[StatementJSON, ...],
    expected: tuple[tuple[Role, Expectation], ...],
    to: Destinations = DESTINATIONS,
    *,
    keys: tuple[Key, ...] = KEYS,
    buckets: tuple[Bucket, ...] = BUCKETS,
    log_groups: tuple[LogGroup, ...] = ENCRYPTED_GROUPS,
) -> Scenario:
    """Return a world with a node for each role, and one whose role the organization does not deny anything."""
    (web,) = _roles(WEB.name, to=to)
    nodes = (node(f"{role.name}-1", each, profile=role.name) for role, each in expected)
    return small_world(
        (*nodes, node("web-1")),
        preferences=preferences(to),
        roles=(web, *(role for role, _ in expected)),
        keys=keys,
        buckets=buckets,
        log_groups=log_groups,
        organization=Organization(account_policies=(InlinePolicy("by-tag", denials),)),
    )


def _denied(actions: str | tuple[str, ...], role: Role, condition: StatementJSON) -> StatementJSON:
    of_role = {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/{role.name}"}}
    named = actions if isinstance(actions, str) else list(actions)
    return {"Effect": "Deny", "Action": named, "Resource": "*", "Condition": {**of_role, **condition}}
