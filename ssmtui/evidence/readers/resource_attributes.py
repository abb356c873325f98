"""Read the tags and aliases of the keys, the log bucket and the log group, if policies depend on them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Hashable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from ssmtui.evidence.aws.reader_api import (
    Aws,
    AwsError,
    MalformedAnswer,
    ReadFailed,
    all_parts,
    tag_from_answer,
    unless_absent,
)
from ssmtui.evidence.aws.scope_errors import unreadable_from_error
from ssmtui.evidence.facts.sources import derives, reads
from ssmtui.evidence.readers.policy_evaluation import settle_answer
from ssmtui.evidence.readers.roles import DestinationStatements, SimulatedBucket, SimulatedKey, SimulatedLogGroup
from ssmtui.evidence.readers.session_permissions import OpenOnCallerKey
from ssmtui.language import say, translatable
from ssmtui.model.fact import NoFact, NotApplicable, Unreadable
from ssmtui.model.iam_questions import (
    DECRYPT,
    GENERATE_DATA_KEY,
    GET_BUCKET_ENCRYPTION,
    LOG_WRITE_ACTIONS,
    PUT_OBJECT,
    PUT_OBJECT_ACL,
)
from ssmtui.model.key_requests import BucketKeyConditions, CallerKeyConditions, KeyConditions
from ssmtui.model.permissions import Permissions
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.request_context import agent_context
from ssmtui.model.resource_attributes import (
    OF_ANY_RESOURCE,
    BucketAttributes,
    BucketKeyAttributes,
    CallerKeyAttributes,
    KeyAttributes,
    LogGroupAttributes,
    is_about_aliases,
    is_about_tags,
)
from ssmtui.model.scope import Scope
from ssmtui.model.storage import Bucket, BucketEncryption, Key

_TAGS_A_PAGE = 50
_ALIASES_A_PAGE = 100

_Attributes = TypeVar("_Attributes", bound=KeyAttributes)


def _lacked_keys(
    scope: Scope, simulated: Permissions | NoFact, statements: DestinationStatements | NoFact, actions: Collection[str]
) -> Iterator[str]:
    """Yield the condition keys that IAM did not have for these actions.

    IAM does not name the keys of the organization's policies. So if an organization has policies, each key about the
    resource is yielded: they can use it, also to deny what IAM allows.
    """
    if not isinstance(simulated, Permissions):
        return
    for answer in simulated.answers:
        if answer.question.action in actions:
            known = agent_context(scope, simulated.principal, answer.question)
            yield from settle_answer(answer, statements, known).open_keys
            if answer.is_barred_by_organization or answer.governed:
                yield from OF_ANY_RESOURCE


@dataclass(frozen=True, slots=True)
class KeyAttributesQuery:
    """What policies use of the session key: its aliases, or its tags."""

    key_arn: str
    aliases: bool
    tags: bool


class CallerKeyAttributesQuery(KeyAttributesQuery):
    """The same for the policies that decide about the caller."""

    __slots__ = ()


class BucketKeyAttributesQuery(KeyAttributesQuery):
    """The same for the key of the log bucket."""

    __slots__ = ()


_Query = TypeVar("_Query", bound=KeyAttributesQuery)


def _asked(
    kind: type[_Query], scope: Scope, key_arn: str, conditions: KeyConditions | NoFact, lacked: Iterable[str] = ()
) -> _Query | NotApplicable:
    keys = (*(conditions.keys if isinstance(conditions, KeyConditions) else ()), *lacked)
    aliases, tags = any(map(is_about_aliases, keys)), any(map(is_about_tags, keys))
    if not (aliases or tags):
        return NotApplicable(say("no policy depends on the aliases or the tags of the key"))
    if key_arn.split(":")[4:5] != [scope.account]:
        return NotApplicable(say("only its own account can read the aliases and the tags of the key"))
    return kind(key_arn, aliases, tags)


@derives
def attributes_asked(
    scope: Scope,
    key: Key,
    conditions: KeyConditions | NoFact,
    simulated: SimulatedKey | NoFact,
    statements: DestinationStatements | NoFact,
) -> KeyAttributesQuery | NotApplicable:
    """Return what the key's policy and the policies of the node's role use."""
    lacked = _lacked_keys(scope, simulated, statements, (DECRYPT,))
    return _asked(KeyAttributesQuery, scope, key.arn, conditions, lacked)


@derives
def caller_attributes_asked(
    scope: Scope, key: Key, conditions: CallerKeyConditions | NoFact, open_: OpenOnCallerKey | NoFact
) -> CallerKeyAttributesQuery | NotApplicable:
    """Return what the key's policy and the policies of the caller use."""
    lacked: tuple[str, ...] = ()
    if isinstance(open_, OpenOnCallerKey):
        lacked = (*open_.keys, *(OF_ANY_RESOURCE if open_.governed else ()))
    return _asked(CallerKeyAttributesQuery, scope, key.arn, conditions, lacked)


@derives
def bucket_key_attributes_asked(
    scope: Scope,
    encryption: BucketEncryption,
    conditions: BucketKeyConditions | NoFact,
    simulated: SimulatedBucket | NoFact,
    statements: DestinationStatements | NoFact,
) -> BucketKeyAttributesQuery | NotApplicable:
    """Return what the policy of the log bucket's key and the policies of the node's role use."""
    if not encryption.names_customer_key:
        return NotApplicable(say("the log bucket is not encrypted with a customer managed key"))
    lacked = _lacked_keys(scope, simulated, statements, (GENERATE_DATA_KEY, DECRYPT))
    return _asked(BucketKeyAttributesQuery, scope, encryption.key_arn or "", conditions, lacked)


def _what(asked: KeyAttributesQuery) -> Hashable:
    return asked.key_arn, asked.aliases, asked.tags


@reads("kms:ListAliases", "kms:ListResourceTags", key=_what)
async def key_attributes(aws: Aws, asked: KeyAttributesQuery) -> KeyAttributes:
    """Read the aliases and the tags that the policies use."""
    return await _attributes(KeyAttributes, aws, asked)


@reads("kms:ListAliases", "kms:ListResourceTags", key=_what)
async def caller_key_attributes(aws: Aws, asked: CallerKeyAttributesQuery) -> CallerKeyAttributes:
    """Read the aliases and the tags that the policies use."""
    return await _attributes(CallerKeyAttributes, aws, asked)


@reads("kms:ListAliases", "kms:ListResourceTags", key=_what)
async def bucket_key_attributes(aws: Aws, asked: BucketKeyAttributesQuery) -> BucketKeyAttributes:
    """Read the aliases and the tags that the policies use, in the Region of the key."""
    return await _attributes(BucketKeyAttributes, aws, asked)


async def _attributes(kind: type[_Attributes], aws: Aws, asked: KeyAttributesQuery) -> _Attributes:
    aliases, tags = await asyncio.gather(
        _aliases(aws, asked.key_arn) if asked.aliases else _nothing(),
        _tags(aws, asked.key_arn) if asked.tags else _nothing(),
    )
    return kind(aliases, tags)


async def _nothing() -> None:
    return None


async def _aliases(aws: Aws, key_arn: str) -> tuple[str, ...] | Unreadable:
    try:
        listed = await all_parts(aws, "kms", "ListAliases", "Aliases", KeyId=key_arn, Limit=_ALIASES_A_PAGE)
        return tuple(sorted(raw.text("AliasName") for raw in listed))
    except (AwsError, ReadFailed, MalformedAnswer) as failed:
        return unreadable_from_error(failed)


async def _tags(aws: Aws, key_arn: str) -> tuple[tuple[str, str], ...] | Unreadable:
    try:
        listed = await all_parts(aws, "kms", "ListResourceTags", "Tags", KeyId=key_arn, Limit=_TAGS_A_PAGE)
        return tuple(sorted(tag_from_answer(raw, "Tag") for raw in listed))
    except (AwsError, ReadFailed, MalformedAnswer) as failed:
        return unreadable_from_error(failed)


@dataclass(frozen=True, slots=True)
class BucketTagsQuery:
    """The log bucket, on whose tags policies depend."""

    bucket: str


@dataclass(frozen=True, slots=True)
class LogGroupTagsQuery:
    """The log group, on whose tags policies depend."""

    arn: str


@derives
def bucket_tags_asked(
    scope: Scope, bucket: Bucket, simulated: SimulatedBucket, statements: DestinationStatements | NoFact
) -> BucketTagsQuery | NotApplicable:
    """Return the log bucket if the policies of the node's role depend on its tags."""
    if bucket.foreign:
        return NotApplicable(say("only its own account can read the tags of the bucket"))
    actions = (GET_BUCKET_ENCRYPTION, PUT_OBJECT, PUT_OBJECT_ACL)
    if any(map(is_about_tags, _lacked_keys(scope, simulated, statements, actions))):
        return BucketTagsQuery(bucket.name)
    return NotApplicable(say("no policy depends on the tags of the bucket"))


@derives
def log_group_tags_asked(
    scope: Scope,
    preferences: SessionPreferences,
    simulated: SimulatedLogGroup,
    statements: DestinationStatements | NoFact,
) -> LogGroupTagsQuery | NotApplicable:
    """Return the log group if the policies of the node's role depend on its tags."""
    if any(map(is_about_tags, _lacked_keys(scope, simulated, statements, LOG_WRITE_ACTIONS))):
        return LogGroupTagsQuery(scope.arn("logs", f"log-group:{preferences.log_group}"))
    return NotApplicable(say("no policy depends on the tags of the log group"))


def _bucket(asked: BucketTagsQuery) -> Hashable:
    return asked.bucket


_ENABLED, _DISABLED = "Enabled", "Disabled"
_NO_STATUS = translatable("{member} is neither Enabled nor Disabled")


@reads("s3:GetBucketAbac", "s3:GetBucketTagging", key=_bucket)
async def bucket_attributes(aws: Aws, asked: BucketTagsQuery) -> BucketAttributes:
    """Read the tags. Without attribute-based access control, requests have no condition keys about them.

    It is off by default, and it makes no difference to a bucket without tags (docs/facts/permissions.md §4).
    """
    try:
        has_abac = await _has_abac(aws, asked.bucket)
    except (AwsError, ReadFailed, MalformedAnswer):
        with suppress(AwsError, ReadFailed, MalformedAnswer):
            if not await _bucket_tags(aws, asked.bucket):
                return BucketAttributes(None, ())
        raise
    return BucketAttributes(None, await _bucket_tags(aws, asked.bucket) if has_abac else ())


async def _has_abac(aws: Aws, bucket: str) -> bool:
    control = (await aws.call("s3", "GetBucketAbac", Bucket=bucket)).part("AbacStatus")
    status = control.optional_text("Status")
    if status not in (_ENABLED, _DISABLED):
        raise control.malformed("Status", _NO_STATUS)
    return status == _ENABLED


async def _bucket_tags(aws: Aws, bucket: str) -> tuple[tuple[str, str], ...]:
    answer = await unless_absent(aws.call("s3", "GetBucketTagging", Bucket=bucket), "NoSuchTagSet")
    return () if answer is None else tuple(sorted(map(tag_from_answer, answer.parts("TagSet"))))


def _group(asked: LogGroupTagsQuery) -> Hashable:
    return asked.arn


@reads("logs:ListTagsForResource", key=_group)
async def log_group_attributes(aws: Aws, asked: LogGroupTagsQuery) -> LogGroupAttributes:
    """Read the tags of the log group, which are those of its streams, too."""
    answer = await aws.call("logs", "ListTagsForResource", resourceArn=asked.arn)
    return LogGroupAttributes(None, tuple(sorted(answer.named_texts("tags").items())))
