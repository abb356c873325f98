"""Read KMS keys: the session key, the log bucket's key, and the keys that can be chosen."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable

from ssmtui.evidence.aws.reader_api import Answer, Aws, AwsError, ReadFailed
from ssmtui.evidence.facts.sources import derives, reads
from ssmtui.evidence.readers.identity.policy_documents import policy_from_answer
from ssmtui.evidence.readers.preferences.documents import unreadable_reference
from ssmtui.iam_policy.document import Policy
from ssmtui.language import say
from ssmtui.model.fact import Absent, NotApplicable, ReadFailure, Unreadable
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.scope import Scope
from ssmtui.model.storage import (
    AccountKey,
    AccountKeyPolicies,
    AccountKeys,
    BucketEncryption,
    BucketKeyGrants,
    BucketKeyPolicy,
    Key,
    KeyElsewhere,
    KeyGrant,
    KeyGrants,
    KeyPolicy,
    KeyTags,
)

_NO_SUCH_KEY = frozenset({"NotFoundException", "InvalidArnException", "InvalidParameter", "ValidationException"})
_GRANTS_A_PAGE = 100


@derives
def key_elsewhere(scope: Scope, preferences: SessionPreferences) -> KeyElsewhere | NotApplicable:
    """A key whose ARN names another Region: no session of this one can use it, whatever it is."""
    region, account = _place_in(preferences.kms_key)
    if region in {"", scope.region}:
        return NotApplicable(say("the preferences name no session key in another Region"))
    return KeyElsewhere(preferences.kms_key, region, account)


def _named(scope: Scope, preferences: SessionPreferences) -> Hashable:
    return preferences.kms_key


@reads("kms:DescribeKey", key=_named)
async def key(aws: Aws, scope: Scope, preferences: SessionPreferences) -> Key | Absent | NotApplicable | Unreadable:
    """By id, ARN or alias, whichever the preferences hold; another account's by its ARN."""
    named = preferences.kms_key
    if not named:
        return NotApplicable(say("the preferences name no session key"))
    unreadable = unreadable_reference(named, parameters=preferences.parameters)
    if unreadable is not None:
        return unreadable
    if key_of_another_region(scope, named):
        return NotApplicable(say("the session key is in another Region"))
    return await find_key(aws, named)


async def find_key(aws: Aws, named: str) -> Key | Absent:
    """A key by its id, ARN or alias."""
    try:
        raw = (await aws.call("kms", "DescribeKey", KeyId=named)).part("KeyMetadata")
    except AwsError as error:
        if error.code not in _NO_SUCH_KEY:
            raise
        return Absent(say("the key {named}", named=named), "kms:DescribeKey")
    return key_from_metadata(raw)


def key_from_metadata(raw: Answer) -> Key:
    """A key from what kms:DescribeKey says of it (KeyMetadata)."""
    return Key(
        arn=raw.arn("Arn"),
        state=raw.text("KeyState"),
        usage=raw.text("KeyUsage"),
        spec=raw.optional_text("KeySpec") or raw.text("CustomerMasterKeySpec"),
        deletion=raw.optional_moment("DeletionDate"),
    )


def _arn(key: Key) -> Hashable:
    return key.arn


@reads("kms:GetKeyPolicy", key=_arn)
async def key_policy(aws: Aws, key: Key) -> KeyPolicy:
    """The one policy that a key has; it is called `default`."""
    answer = await aws.call("kms", "GetKeyPolicy", KeyId=key.arn, PolicyName="default")
    return KeyPolicy(key.arn, policy_from_answer(answer, "Policy"))


@reads("kms:ListGrants", key=_arn)
async def key_grants(aws: Aws, key: Key) -> KeyGrants:
    """Every grant on the key."""
    return KeyGrants(key.arn, await grants_from_answer(aws, key.arn))


async def grants_from_answer(aws: Aws, key_arn: str) -> tuple[KeyGrant, ...]:
    """The grants of a key that name a principal."""
    grants = [
        KeyGrant(raw.text("GranteePrincipal"), raw.texts("Operations"), not raw.optional_part("Constraints").is_empty)
        async for page in aws.pages("kms", "ListGrants", KeyId=key_arn, Limit=_GRANTS_A_PAGE)
        for raw in page.parts("Grants")
        if raw.has("GranteePrincipal")
    ]
    return tuple(grants)


def key_of_another_region(scope: Scope, named: str) -> bool:
    """Whether a key's name is an ARN of another Region."""
    return _place_in(named)[0] not in {"", scope.region}


def _place_in(named: str) -> tuple[str, str]:
    """The Region and the account in an ARN, empty where it is none."""
    parts = named.split(":")
    return (parts[3], parts[4]) if len(parts) > 5 and parts[0] == "arn" else ("", "")


_DESCRIBED_AT_MOST = 200
_A_PAGE = 100
_TAGS_A_PAGE = 50


def _region(scope: Scope) -> Hashable:
    return scope.region


@reads("kms:ListKeys", "kms:ListAliases", "kms:DescribeKey", key=_region)
async def account_keys(aws: Aws, scope: Scope) -> AccountKeys:
    """Every key of the Region with its aliases, those with an alias first; each is described for itself."""
    aliases: dict[str, list[str]] = {}
    async for page in aws.pages("kms", "ListAliases", Limit=_A_PAGE):
        for raw in page.parts("Aliases"):
            if target := raw.optional_text("TargetKeyId"):
                aliases.setdefault(target, []).append(raw.text("AliasName"))
    ids = [
        raw.text("KeyId") async for page in aws.pages("kms", "ListKeys", Limit=_A_PAGE) for raw in page.parts("Keys")
    ]
    ids.sort(key=lambda id_: (id_ not in aliases, sorted(aliases.get(id_, ())), id_))
    found = await asyncio.gather(*(_described(aws, id_, aliases.get(id_, [])) for id_ in ids[:_DESCRIBED_AT_MOST]))
    keys = tuple(each for each in found if each is not None)
    return AccountKeys(keys, len(ids) - len(keys))


async def _described(aws: Aws, id_: str, aliases: list[str]) -> AccountKey | None:
    try:
        raw = (await aws.call("kms", "DescribeKey", KeyId=id_)).part("KeyMetadata")
    except AwsError:
        return None  # deleted meanwhile
    except ReadFailed as failed:
        if failed.unreadable.obstacle is not ReadFailure.REFUSED:
            raise
        return None  # its own policy keeps the caller from it
    return AccountKey(key_from_metadata(raw), tuple(sorted(aliases)), raw.optional_text("KeyManager") == "AWS")


def _keys(keys: AccountKeys) -> Hashable:
    return keys


@reads("kms:GetKeyPolicy", key=_keys)
async def account_key_policies(aws: Aws, keys: AccountKeys) -> AccountKeyPolicies:
    """The policies of the account's own keys that can encrypt."""
    arns = [each.key.arn for each in keys.keys if not each.of_aws and each.key.encrypts]
    found = await asyncio.gather(*(_policy(aws, arn) for arn in arns))
    return AccountKeyPolicies(
        tuple((arn, policy) for arn, policy in zip(arns, found, strict=True) if policy is not None)
    )


async def _policy(aws: Aws, arn: str) -> Policy | None:
    try:
        return policy_from_answer(await aws.call("kms", "GetKeyPolicy", KeyId=arn, PolicyName="default"), "Policy")
    except AwsError:
        return None
    except ReadFailed as failed:
        if failed.unreadable.obstacle is not ReadFailure.REFUSED:
            raise
        return None


@reads("kms:ListResourceTags", key=_arn)
async def key_tags(aws: Aws, key: Key) -> KeyTags:
    """A key has at most 50 tags (KMS Developer Guide, tagging keys)."""
    tags = [
        (raw.text("TagKey"), raw.text("TagValue"))
        async for page in aws.pages("kms", "ListResourceTags", KeyId=key.arn, Limit=_TAGS_A_PAGE)
        for raw in page.parts("Tags")
    ]
    return KeyTags(key.arn, tuple(sorted(tags)))


def _key_arn(encryption: BucketEncryption) -> Hashable:
    return encryption.key_arn


@reads("kms:GetKeyPolicy", key=_key_arn)
async def bucket_key_policy(aws: Aws, encryption: BucketEncryption) -> BucketKeyPolicy | NotApplicable:
    """Only of a customer key: nobody needs a permission on S3's own."""
    if not encryption.names_customer_key:
        return NotApplicable(say("the log bucket is encrypted with no key of a customer"))
    arn = encryption.key_arn or ""
    answer = await aws.call("kms", "GetKeyPolicy", KeyId=arn, PolicyName="default")
    return BucketKeyPolicy(arn, policy_from_answer(answer, "Policy"))


@reads("kms:ListGrants", key=_key_arn)
async def bucket_key_grants(aws: Aws, encryption: BucketEncryption) -> BucketKeyGrants | NotApplicable:
    """Every grant on such a key."""
    if not encryption.names_customer_key:
        return NotApplicable(say("the log bucket is encrypted with no key of a customer"))
    arn = encryption.key_arn or ""
    return BucketKeyGrants(arn, await grants_from_answer(aws, arn))
