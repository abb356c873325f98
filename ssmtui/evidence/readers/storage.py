"""Read where sessions are logged and what encrypts them: buckets, log groups and KMS keys."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Hashable
from dataclasses import replace

from ssmtui.evidence.aws.reader_api import (
    Answer,
    Aws,
    AwsError,
    ReadFailed,
    all_parts,
    policy_from_answer,
    tag_from_answer,
    unless_absent,
)
from ssmtui.evidence.facts.sources import by_account, by_region, derives, reads
from ssmtui.evidence.readers.preferences import unreadable_reference
from ssmtui.iam_policy.document import Policy
from ssmtui.language import say, translatable
from ssmtui.model.fact import Absent, NoFact, NotApplicable, ReadFailure, Unreadable
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.scope import Scope
from ssmtui.model.storage import (
    AccountBuckets,
    AccountKey,
    AccountKeyPolicies,
    AccountKeys,
    AccountLogGroups,
    Bucket,
    BucketEncryption,
    BucketKeyGrants,
    BucketKeyPolicy,
    BucketPolicy,
    Key,
    KeyElsewhere,
    KeyGrant,
    KeyGrants,
    KeyPolicy,
    KeyTags,
    LogGroup,
)

_GONE = "NoSuchBucket"
_NO_SUCH_BUCKET = frozenset({"404", _GONE, "NotFound", "InvalidParameter", "InvalidBucketName"})
_BAD_REQUEST = "400"
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html, those of us-east-1 before 2018 included
_NAME_OF_A_BUCKET = re.compile(r"[A-Za-z0-9._-]{3,255}")
_NO_ENCRYPTION = "ServerSideEncryptionConfigurationNotFoundError"
_FIRST_REGION = "us-east-1"
_UNLESS_SAID_OTHERWISE = "AES256"
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html"""

_NO_RULES = translatable("{member} is empty")
_OLD_IRELAND = "EU"
_MAX_BUCKETS = 200


def _bucket_key(scope: Scope, preferences: SessionPreferences) -> Hashable:
    return preferences.s3_bucket


@reads("s3:HeadBucket", "s3:GetBucketLocation", key=_bucket_key)
async def bucket(aws: Aws, scope: Scope, preferences: SessionPreferences) -> Bucket | NoFact:
    """HeadBucket tells apart a bucket that is not there from one that the caller may not look at."""
    name = preferences.s3_bucket
    if not name:
        return NotApplicable(say("the preferences name no log bucket"))
    unreadable = unreadable_reference(name, parameters=preferences.parameters)
    if unreadable is not None:
        return unreadable
    return await find_bucket(aws, scope, name)


@reads("s3:ListBuckets", key=by_account)
async def account_buckets(aws: Aws, scope: Scope) -> AccountBuckets:
    """Those that come first by their names, of every Region: read only where somebody is about to choose one."""
    answer = await aws.call("s3", "ListBuckets")
    names = sorted(raw.text("Name") for raw in answer.optional_parts("Buckets"))
    return AccountBuckets(tuple(names[:_MAX_BUCKETS]), more=len(names) > _MAX_BUCKETS)


async def find_bucket(aws: Aws, scope: Scope, name: str) -> Bucket | Absent | Unreadable:
    """A bucket by its name."""
    arn = f"arn:{scope.partition}:s3:::{name}"
    try:
        region = (await aws.call("s3", "HeadBucket", Bucket=name)).optional_text("BucketRegion")
    except AwsError as error:
        # A HEAD answer has no words: 400 is what a bad name gets, and what expired credentials get too.
        nameless = error.code == _BAD_REQUEST and not _NAME_OF_A_BUCKET.fullmatch(name)
        if error.code in _NO_SUCH_BUCKET or nameless:
            return Absent(say("the bucket {name}", name=name), "s3:HeadBucket")
        if error.code != "301":
            raise
        region = None
    except ReadFailed as failed:
        if failed.unreadable.obstacle is not ReadFailure.REFUSED:
            raise
        return await _unseen(aws, arn, name, failed.unreadable)
    return Bucket(arn, name, region) if region else await _located(aws, arn, name)


async def _located(aws: Aws, arn: str, name: str) -> Bucket | Absent:
    """A bucket of which HeadBucket does not say where it is. What says in words that there is none is believed."""
    try:
        return Bucket(arn, name, await _region_of(aws, name))
    except AwsError as error:
        if error.code == _GONE:
            return Absent(say("the bucket {name}", name=name), "s3:GetBucketLocation")
        return Bucket(arn, name, None)
    except ReadFailed:
        return Bucket(arn, name, None)


async def _unseen(aws: Aws, arn: str, name: str, refused: Unreadable) -> Bucket | Unreadable:
    """A bucket that HeadBucket is refused of: another account's, or one's own without the permission.

    S3 says which policy refuses only within one's own organization; to others it says `Access Denied` and no more.
    Where it says nothing at all, whose the bucket is was not told.
    """
    try:
        return Bucket(arn, name, await _region_of(aws, name))
    except ReadFailed as failed:
        if failed.unreadable.obstacle is not ReadFailure.REFUSED:
            # It would have told; the permission that is lacking would have it not needed.
            why = f"s3:HeadBucket: {refused.why.rstrip('.')}; {failed.unreadable.why}"
            return replace(refused, why=why, source=failed.unreadable.source)
        if "policy" in failed.unreadable.why:
            return replace(failed.unreadable, action="s3:ListBucket")
    except AwsError:
        return refused
    return Bucket(arn, name, None, foreign=True)


async def _region_of(aws: Aws, name: str) -> str:
    constraint = (await aws.call("s3", "GetBucketLocation", Bucket=name)).optional_text("LocationConstraint")
    return "eu-west-1" if constraint == _OLD_IRELAND else constraint or _FIRST_REGION


def _bucket_name(scope: Scope, bucket: Bucket) -> Hashable:
    return bucket.name


@reads("s3:GetBucketEncryption", key=_bucket_name)
async def bucket_encryption(aws: Aws, scope: Scope, bucket: Bucket) -> BucketEncryption | Absent:
    """The default encryption; a key that is named by its id or alias is one of the bucket's Region."""
    answer = await unless_absent(aws.call("s3", "GetBucketEncryption", Bucket=bucket.name), _NO_ENCRYPTION)
    if answer is None:
        return Absent(say("default encryption of the bucket {bucket}", bucket=bucket.name), "s3:GetBucketEncryption")
    configuration = answer.part("ServerSideEncryptionConfiguration")
    rules = configuration.parts("Rules")
    if not rules:
        raise configuration.malformed("Rules", _NO_RULES)
    # A rule may speak of S3 Bucket Keys alone: then S3's own keys encrypt, as they do wherever nothing else is said.
    if not rules[0].has("ApplyServerSideEncryptionByDefault"):
        return BucketEncryption(_UNLESS_SAID_OTHERWISE, None)
    default = rules[0].part("ApplyServerSideEncryptionByDefault")
    key_arn = _key_arn(scope, bucket, default.optional_text("KMSMasterKeyID") or "")
    return BucketEncryption(default.text("SSEAlgorithm"), key_arn)


def _key_arn(scope: Scope, bucket: Bucket, named: str) -> str | None:
    if not named or named.startswith("arn:"):
        return named or None
    resource = named if named.startswith("alias/") else f"key/{named}"
    return f"arn:{scope.partition}:kms:{bucket.region or scope.region}:{scope.account}:{resource}"


def _name(bucket: Bucket) -> Hashable:
    return bucket.name


@reads("s3:GetBucketPolicy", key=_name)
async def bucket_policy(aws: Aws, bucket: Bucket) -> BucketPolicy | Absent:
    """The bucket's own policy, which most have not."""
    answer = await unless_absent(aws.call("s3", "GetBucketPolicy", Bucket=bucket.name), "NoSuchBucketPolicy")
    if answer is None:
        return Absent(say("a policy of the bucket {bucket}", bucket=bucket.name), "s3:GetBucketPolicy")
    return BucketPolicy(bucket.arn, policy_from_answer(answer, "Policy"))


_GROUPS_A_PAGE = 50
_MAX_LOG_GROUPS = 200
_NO_NAME_OF_A_GROUP = frozenset({"InvalidParameter", "InvalidParameterException"})


def _log_group_key(preferences: SessionPreferences) -> Hashable:
    return preferences.log_group


@reads("logs:DescribeLogGroups", key=_log_group_key)
async def log_group(aws: Aws, preferences: SessionPreferences) -> LogGroup | NoFact:
    """The group of exactly that name: AWS looks for names that begin with it."""
    name = preferences.log_group
    if not name:
        return NotApplicable(say("the preferences name no log group"))
    unreadable = unreadable_reference(name, parameters=preferences.parameters)
    if unreadable is not None:
        return unreadable
    return await find_log_group(aws, name)


async def find_log_group(aws: Aws, name: str) -> LogGroup | Absent:
    """The group of exactly that name."""
    try:
        async for page in aws.pages("logs", "DescribeLogGroups", logGroupNamePrefix=name, limit=_GROUPS_A_PAGE):
            for raw in page.parts("logGroups"):
                if raw.text("logGroupName") == name:
                    return _group(raw)
    except AwsError as error:
        if error.code not in _NO_NAME_OF_A_GROUP:
            raise
    return Absent(say("the log group {name}", name=name), "logs:DescribeLogGroups")


@reads("logs:DescribeLogGroups", key=by_region)
async def account_log_groups(aws: Aws, scope: Scope) -> AccountLogGroups:
    """Those that come first by their names: read only where somebody is about to choose one."""
    found: list[LogGroup] = []
    async for page in aws.pages("logs", "DescribeLogGroups", limit=_GROUPS_A_PAGE):
        found += [_group(raw) for raw in page.parts("logGroups")]
        if len(found) > _MAX_LOG_GROUPS:
            break
    return AccountLogGroups(tuple(found[:_MAX_LOG_GROUPS]), more=len(found) > _MAX_LOG_GROUPS)


def _group(raw: Answer) -> LogGroup:
    arn = (raw.optional_text("logGroupArn") or raw.text("arn")).removesuffix(":*")
    return LogGroup(arn, raw.text("logGroupName"), raw.optional_text("kmsKeyId"))


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
async def key(aws: Aws, scope: Scope, preferences: SessionPreferences) -> Key | NoFact:
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
    answer = await unless_absent(aws.call("kms", "DescribeKey", KeyId=named), *_NO_SUCH_KEY)
    if answer is None:
        return Absent(say("the key {named}", named=named), "kms:DescribeKey")
    return key_from_metadata(answer.part("KeyMetadata"))


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
        for raw in await all_parts(aws, "kms", "ListGrants", "Grants", KeyId=key_arn, Limit=_GRANTS_A_PAGE)
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


@reads("kms:ListKeys", "kms:ListAliases", "kms:DescribeKey", key=by_region)
async def account_keys(aws: Aws, scope: Scope) -> AccountKeys:
    """Every key of the Region with its aliases, those with an alias first; each is described for itself."""
    aliases: dict[str, list[str]] = {}
    for raw in await all_parts(aws, "kms", "ListAliases", "Aliases", Limit=_A_PAGE):
        if target := raw.optional_text("TargetKeyId"):
            aliases.setdefault(target, []).append(raw.text("AliasName"))
    ids = [raw.text("KeyId") for raw in await all_parts(aws, "kms", "ListKeys", "Keys", Limit=_A_PAGE)]
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
    tags = await all_parts(aws, "kms", "ListResourceTags", "Tags", KeyId=key.arn, Limit=_TAGS_A_PAGE)
    return KeyTags(key.arn, tuple(sorted(tag_from_answer(raw, "Tag") for raw in tags)))


def _key_of(encryption: BucketEncryption) -> Hashable:
    return encryption.key_arn


@reads("kms:GetKeyPolicy", key=_key_of)
async def bucket_key_policy(aws: Aws, encryption: BucketEncryption) -> BucketKeyPolicy | NotApplicable:
    """Only of a customer key: nobody needs a permission on S3's own."""
    if not encryption.names_customer_key:
        return NotApplicable(say("the log bucket is encrypted with no key of a customer"))
    arn = encryption.key_arn or ""
    answer = await aws.call("kms", "GetKeyPolicy", KeyId=arn, PolicyName="default")
    return BucketKeyPolicy(arn, policy_from_answer(answer, "Policy"))


@reads("kms:ListGrants", key=_key_of)
async def bucket_key_grants(aws: Aws, encryption: BucketEncryption) -> BucketKeyGrants | NotApplicable:
    """Every grant on such a key."""
    if not encryption.names_customer_key:
        return NotApplicable(say("the log bucket is encrypted with no key of a customer"))
    arn = encryption.key_arn or ""
    return BucketKeyGrants(arn, await grants_from_answer(aws, arn))
