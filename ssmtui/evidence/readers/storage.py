"""Read the targets of session logs and their encryption: buckets, log groups and KMS keys."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Hashable
from dataclasses import dataclass, replace

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
from ssmtui.model.preferences import SessionPreferences, is_reference
from ssmtui.model.scope import Scope
from ssmtui.model.storage import (
    AccountBuckets,
    AccountKey,
    AccountKeyPolicies,
    AccountKeys,
    AccountLogGroups,
    Bucket,
    BucketEncryption,
    BucketKey,
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
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html, including the rules of us-east-1 before
# 2018
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
    """Read the bucket. HeadBucket distinguishes a missing bucket from a bucket that the caller cannot read."""
    name = preferences.s3_bucket
    if not name:
        return NotApplicable(say("the preferences name no log bucket"))
    unreadable = unreadable_reference(name, parameters=preferences.parameters)
    if unreadable is not None:
        return unreadable
    return await find_bucket(aws, scope, name)


@reads("s3:ListBuckets", key=by_account)
async def account_buckets(aws: Aws, scope: Scope) -> AccountBuckets:
    """Read the first buckets by name, of all Regions: only if a user is about to choose one."""
    answer = await aws.call("s3", "ListBuckets")
    names = sorted(raw.text("Name") for raw in answer.optional_parts("Buckets"))
    return AccountBuckets(tuple(names[:_MAX_BUCKETS]), more=len(names) > _MAX_BUCKETS)


async def find_bucket(aws: Aws, scope: Scope, name: str) -> Bucket | Absent | Unreadable:
    """Return a bucket by name. S3 refuses a read with `ExpectedBucketOwner` if another account owns the bucket."""
    arn, owner = f"arn:{scope.partition}:s3:::{name}", scope.account
    try:
        answer = await aws.call("s3", "HeadBucket", Bucket=name, ExpectedBucketOwner=owner)
    except AwsError as error:
        # A HEAD answer has no message: 400 can mean an invalid name or expired credentials.
        nameless = error.code == _BAD_REQUEST and not _NAME_OF_A_BUCKET.fullmatch(name)
        if error.code in _NO_SUCH_BUCKET or nameless:
            return Absent(say("the bucket {name}", name=name), "s3:HeadBucket")
        if error.code != "301":
            raise
        return await _located(aws, Bucket(arn, name, None), owner)
    except ReadFailed as failed:
        if failed.unreadable.obstacle is not ReadFailure.REFUSED:
            raise
        return await _unseen(aws, Bucket(arn, name, None), owner, failed.unreadable)
    region = answer.optional_text("BucketRegion")
    own = Bucket(arn, name, region, account=owner)
    return own if region else await _located(aws, own, owner)


async def _located(aws: Aws, bucket: Bucket, owner: str) -> Bucket | Absent:
    """Return a bucket for which HeadBucket gives no Region. An explicit answer that it does not exist is accepted."""
    try:
        return replace(bucket, region=await _region_of(aws, bucket.name, owner), account=owner)
    except AwsError as error:
        if error.code == _GONE:
            return Absent(say("the bucket {name}", name=bucket.name), "s3:GetBucketLocation")
        return bucket
    except ReadFailed as failed:
        if failed.unreadable.obstacle is not ReadFailure.REFUSED or bucket.account is not None:
            return bucket
    try:
        # Another account owns the bucket, and lets it be read.
        return replace(bucket, region=await _region_of(aws, bucket.name), foreign=True)
    except (AwsError, ReadFailed):
        return bucket


async def _unseen(aws: Aws, bucket: Bucket, owner: str, refused: Unreadable) -> Bucket | Unreadable:
    """Return a bucket that HeadBucket refuses: another account's, or the account's own without the permission.

    S3 names the refusing policy only inside the organization; for others the message is only `Access Denied`. Without a
    message, the owner of the bucket is unknown.
    """
    try:
        return replace(bucket, region=await _region_of(aws, bucket.name, owner), account=owner)
    except ReadFailed as failed:
        if failed.unreadable.obstacle is not ReadFailure.REFUSED:
            # The second read would have returned it; with the missing permission, it would not be needed.
            why = f"s3:HeadBucket: {refused.why.rstrip('.')}; {failed.unreadable.why}"
            return replace(refused, why=why, source=failed.unreadable.source)
        if "policy" in failed.unreadable.why:
            return replace(failed.unreadable, action="s3:ListBucket")
    except AwsError:
        return refused
    try:
        answer = await aws.call("s3", "HeadBucket", Bucket=bucket.name)
        return replace(bucket, region=answer.optional_text("BucketRegion"), foreign=True)
    except (AwsError, ReadFailed):
        return replace(bucket, foreign=True)


async def _region_of(aws: Aws, name: str, owner: str | None = None) -> str:
    expected = {} if owner is None else {"ExpectedBucketOwner": owner}
    answer = await aws.call("s3", "GetBucketLocation", Bucket=name, **expected)
    constraint = answer.optional_text("LocationConstraint")
    return "eu-west-1" if constraint == _OLD_IRELAND else constraint or _FIRST_REGION


def _bucket_name(scope: Scope, bucket: Bucket) -> Hashable:
    return bucket.name


@reads("s3:GetBucketEncryption", key=_bucket_name)
async def bucket_encryption(aws: Aws, scope: Scope, bucket: Bucket) -> BucketEncryption | Absent:
    """Read the default encryption; a key given by ID or alias is in the bucket's Region."""
    answer = await unless_absent(aws.call("s3", "GetBucketEncryption", Bucket=bucket.name), _NO_ENCRYPTION)
    if answer is None:
        return Absent(say("default encryption of the bucket {bucket}", bucket=bucket.name), "s3:GetBucketEncryption")
    configuration = answer.part("ServerSideEncryptionConfiguration")
    rules = configuration.parts("Rules")
    if not rules:
        raise configuration.malformed("Rules", _NO_RULES)
    # A rule can contain only the setting for S3 Bucket Keys: then S3's own keys encrypt, which is the default.
    if not rules[0].has("ApplyServerSideEncryptionByDefault"):
        return BucketEncryption(_UNLESS_SAID_OTHERWISE, None)
    default = rules[0].part("ApplyServerSideEncryptionByDefault")
    key_arn = _key_arn(scope, bucket, default.optional_text("KMSMasterKeyID") or "")
    return BucketEncryption(default.text("SSEAlgorithm"), key_arn, rules[0].optional_flag("BucketKeyEnabled") is True)


def _key_arn(scope: Scope, bucket: Bucket, named: str) -> str | None:
    if not named or named.startswith("arn:"):
        return named or None
    resource = named if named.startswith("alias/") else f"key/{named}"
    return f"arn:{scope.partition}:kms:{bucket.region or scope.region}:{scope.account}:{resource}"


def _name(bucket: Bucket) -> Hashable:
    return bucket.name


@reads("s3:GetBucketPolicy", key=_name)
async def bucket_policy(aws: Aws, bucket: Bucket) -> BucketPolicy | Absent:
    """Read the bucket policy; most buckets have none."""
    answer = await unless_absent(aws.call("s3", "GetBucketPolicy", Bucket=bucket.name), "NoSuchBucketPolicy")
    if answer is None:
        return Absent(say("the policy of the bucket {bucket}", bucket=bucket.name), "s3:GetBucketPolicy")
    return BucketPolicy(bucket.arn, policy_from_answer(answer, "Policy"))


_GROUPS_A_PAGE = 50
_MAX_LOG_GROUPS = 200
_NO_NAME_OF_A_GROUP = frozenset({"InvalidParameter", "InvalidParameterException"})


def _log_group_key(preferences: SessionPreferences) -> Hashable:
    return preferences.log_group


@reads("logs:DescribeLogGroups", key=_log_group_key)
async def log_group(aws: Aws, preferences: SessionPreferences) -> LogGroup | NoFact:
    """Read the group with exactly that name: AWS searches by prefix."""
    name = preferences.log_group
    if not name:
        return NotApplicable(say("the preferences name no log group"))
    unreadable = unreadable_reference(name, parameters=preferences.parameters)
    if unreadable is not None:
        return unreadable
    return await find_log_group(aws, name)


async def find_log_group(aws: Aws, name: str) -> LogGroup | Absent:
    """Return the group with exactly that name."""
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
    """Read the first log groups by name: only if a user is about to choose one."""
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
    """Return a key whose ARN is in another Region: sessions of this Region cannot use it."""
    region, account = _place_in(preferences.kms_key)
    if region in {"", scope.region}:
        return NotApplicable(say("the preferences name no session key in another Region"))
    return KeyElsewhere(preferences.kms_key, region, account)


def _named(scope: Scope, preferences: SessionPreferences) -> Hashable:
    return preferences.kms_key


@reads("kms:DescribeKey", key=_named)
async def key(aws: Aws, scope: Scope, preferences: SessionPreferences) -> Key | NoFact:
    """Read the key by ID, ARN or alias, as in the preferences; another account's key by its ARN."""
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
    """Return a key by ID, ARN or alias."""
    answer = await unless_absent(aws.call("kms", "DescribeKey", KeyId=named), *_NO_SUCH_KEY)
    if answer is None:
        return Absent(say("the key {named}", named=named), "kms:DescribeKey")
    return key_from_metadata(answer.part("KeyMetadata"))


def key_from_metadata(raw: Answer) -> Key:
    """Return the key from kms:DescribeKey (KeyMetadata)."""
    return Key(
        arn=raw.arn("Arn"),
        state=raw.text("KeyState"),
        usage=raw.text("KeyUsage"),
        spec=raw.optional_text("KeySpec") or raw.text("CustomerMasterKeySpec"),
        deletion=raw.optional_moment("DeletionDate"),
    )


@dataclass(frozen=True, slots=True)
class KeyWithoutArn:
    """A session key that the preferences name by its ID or an alias: only DescribeKey returns its ARN."""


@dataclass(frozen=True, slots=True)
class DescribedKeyArn:
    """The ARN of a session key that the preferences do not name by its ARN."""

    arn: str


@derives
def key_without_arn(preferences: SessionPreferences) -> KeyWithoutArn | NotApplicable:
    """Return the session key if its ARN is not in the preferences."""
    if not preferences.kms_key or is_key_arn(preferences.kms_key):
        return NotApplicable(say("the preferences contain the ARN of the session key, or name no key"))
    return KeyWithoutArn()


@derives
def described_key_arn(unnamed: KeyWithoutArn, key: Key) -> DescribedKeyArn:
    """Return the ARN. If the preferences contain it, this fact does not wait for DescribeKey."""
    return DescribedKeyArn(key.arn)


def _arn(key: Key) -> Hashable:
    return key.arn


@reads("kms:GetKeyPolicy", key=_arn)
async def key_policy(aws: Aws, key: Key) -> KeyPolicy:
    """Read the key policy; a key has only one, named `default`."""
    answer = await aws.call("kms", "GetKeyPolicy", KeyId=key.arn, PolicyName="default")
    return KeyPolicy(key.arn, policy_from_answer(answer, "Policy"))


@reads("kms:ListGrants", key=_arn)
async def key_grants(aws: Aws, key: Key) -> KeyGrants:
    """Read all grants on the key."""
    return KeyGrants(key.arn, await grants_from_answer(aws, key.arn))


async def grants_from_answer(aws: Aws, key_arn: str) -> tuple[KeyGrant, ...]:
    """Return the grants of a key that have a principal."""
    listed = await all_parts(aws, "kms", "ListGrants", "Grants", KeyId=key_arn, Limit=_GRANTS_A_PAGE)
    return tuple(_grant(raw) for raw in listed if raw.has("GranteePrincipal"))


def _grant(raw: Answer) -> KeyGrant:
    constraints = raw.optional_part("Constraints")
    # Each constraint must hold. `SourceArn` is for grants to services.
    unknown = constraints.has("SourceArn")
    return KeyGrant(
        raw.text("GranteePrincipal"),
        raw.texts("Operations"),
        not constraints.is_empty,
        None if unknown else _pairs(constraints, "EncryptionContextSubset"),
        None if unknown else _pairs(constraints, "EncryptionContextEquals"),
    )


def _pairs(constraints: Answer, member: str) -> tuple[tuple[str, str], ...] | None:
    return tuple(sorted(constraints.named_texts(member).items())) if constraints.has(member) else None


def is_key_arn(named: str) -> bool:
    """Return whether a key's name is its ARN, and not its ID, an alias or the ARN of an alias."""
    return named.count(":") == 5 and named.startswith("arn:") and ":key/" in named and not is_reference(named)


def key_of_another_region(scope: Scope, named: str) -> bool:
    """Return whether a key's name is an ARN in another Region."""
    return _place_in(named)[0] not in {"", scope.region}


def _place_in(named: str) -> tuple[str, str]:
    """Return the Region and the account in an ARN, or empty texts."""
    parts = named.split(":")
    return (parts[3], parts[4]) if len(parts) > 5 and parts[0] == "arn" else ("", "")


_DESCRIBED_AT_MOST = 200
_A_PAGE = 100
_TAGS_A_PAGE = 50


@reads("kms:ListKeys", "kms:ListAliases", "kms:DescribeKey", key=by_region)
async def account_keys(aws: Aws, scope: Scope) -> AccountKeys:
    """Read all keys of the Region with their aliases, those with an alias first; one DescribeKey call per key."""
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
        return None  # the key policy does not allow the caller to read it
    return AccountKey(key_from_metadata(raw), tuple(sorted(aliases)), raw.optional_text("KeyManager") == "AWS")


def _keys(keys: AccountKeys) -> Hashable:
    return keys


@reads("kms:GetKeyPolicy", key=_keys)
async def account_key_policies(aws: Aws, keys: AccountKeys) -> AccountKeyPolicies:
    """Read the policies of the account's own keys that can encrypt."""
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
    """Read the tags of the key: at most 50 (KMS Developer Guide, tagging keys)."""
    tags = await all_parts(aws, "kms", "ListResourceTags", "Tags", KeyId=key.arn, Limit=_TAGS_A_PAGE)
    return KeyTags(key.arn, tuple(sorted(tag_from_answer(raw, "Tag") for raw in tags)))


def _key_of(encryption: BucketEncryption) -> Hashable:
    return encryption.key_arn


def _key_from(scope: Scope, encryption: BucketEncryption) -> Hashable:
    return encryption.key_arn


@reads("kms:DescribeKey", key=_key_from)
async def bucket_key(aws: Aws, scope: Scope, encryption: BucketEncryption) -> BucketKey | Absent | NotApplicable:
    """Read a customer managed key: S3's own keys always work."""
    arn = encryption.key_arn or ""
    if not encryption.names_customer_key:
        return NotApplicable(say("the log bucket is not encrypted with a customer managed key"))
    if key_of_another_region(scope, arn):
        return NotApplicable(say("the key of the log bucket is in another Region"))
    key = await find_key(aws, arn)
    if isinstance(key, Absent):
        return key
    return BucketKey(key.arn, key.state, key.usage, key.spec, key.deletion)


@reads("kms:GetKeyPolicy", key=_key_of)
async def bucket_key_policy(aws: Aws, encryption: BucketEncryption) -> BucketKeyPolicy | NotApplicable:
    """Read the policy of a customer managed key: S3's own keys need no permission."""
    if not encryption.names_customer_key:
        return NotApplicable(say("the log bucket is not encrypted with a customer managed key"))
    arn = encryption.key_arn or ""
    answer = await aws.call("kms", "GetKeyPolicy", KeyId=arn, PolicyName="default")
    return BucketKeyPolicy(arn, policy_from_answer(answer, "Policy"))


@reads("kms:ListGrants", key=_key_of)
async def bucket_key_grants(aws: Aws, encryption: BucketEncryption) -> BucketKeyGrants | NotApplicable:
    """Read all grants on the bucket's customer managed key."""
    if not encryption.names_customer_key:
        return NotApplicable(say("the log bucket is not encrypted with a customer managed key"))
    arn = encryption.key_arn or ""
    return BucketKeyGrants(arn, await grants_from_answer(aws, arn))
