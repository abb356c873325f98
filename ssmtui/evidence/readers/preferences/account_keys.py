"""The keys that can be chosen from: read only where somebody is about to choose one."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable

from ssmtui.evidence.gathering.reading import reads
from ssmtui.evidence.readers.identity.policies import policy_in
from ssmtui.evidence.readers.preferences.keys import key_of
from ssmtui.evidence.wire.aws import Aws, AwsError, ReadFailed
from ssmtui.model.account_keys import AccountKey, AccountKeyPolicies, AccountKeys, KeyTags
from ssmtui.model.answers import Obstacle
from ssmtui.model.policy import Policy
from ssmtui.model.scope import Scope
from ssmtui.model.storage import Key

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
        if failed.unreadable.obstacle is not Obstacle.REFUSED:
            raise
        return None  # its own policy keeps the caller from it
    return AccountKey(key_of(raw), tuple(sorted(aliases)), raw.optional_text("KeyManager") == "AWS")


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
        return policy_in(await aws.call("kms", "GetKeyPolicy", KeyId=arn, PolicyName="default"), "Policy")
    except AwsError:
        return None
    except ReadFailed as failed:
        if failed.unreadable.obstacle is not Obstacle.REFUSED:
            raise
        return None


def _arn(key: Key) -> Hashable:
    return key.arn


@reads("kms:ListResourceTags", key=_arn)
async def key_tags(aws: Aws, key: Key) -> KeyTags:
    """A key has at most 50 tags (KMS Developer Guide, tagging keys)."""
    tags = [
        (raw.text("TagKey"), raw.text("TagValue"))
        async for page in aws.pages("kms", "ListResourceTags", KeyId=key.arn, Limit=_TAGS_A_PAGE)
        for raw in page.parts("Tags")
    ]
    return KeyTags(key.arn, tuple(sorted(tags)))
