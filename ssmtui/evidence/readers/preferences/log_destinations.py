"""Read the log bucket and the log group, and those that can be chosen."""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import replace

from ssmtui.evidence.aws.reader_api import Answer, Aws, AwsError, ReadFailed
from ssmtui.evidence.facts.sources import reads
from ssmtui.evidence.readers.identity.policy_documents import policy_from_answer
from ssmtui.evidence.readers.preferences.documents import unreadable_reference
from ssmtui.language import say, translatable
from ssmtui.model.fact import Absent, NotApplicable, ReadFailure, Unreadable
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.scope import Scope
from ssmtui.model.storage import AccountBuckets, AccountLogGroups, Bucket, BucketEncryption, BucketPolicy, LogGroup

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
async def bucket(
    aws: Aws, scope: Scope, preferences: SessionPreferences
) -> Bucket | Absent | NotApplicable | Unreadable:
    """HeadBucket tells apart a bucket that is not there from one that the caller may not look at."""
    name = preferences.s3_bucket
    if not name:
        return NotApplicable(say("the preferences name no log bucket"))
    unreadable = unreadable_reference(name, parameters=preferences.parameters)
    if unreadable is not None:
        return unreadable
    return await find_bucket(aws, scope, name)


def _account(scope: Scope) -> Hashable:
    return scope.account


@reads("s3:ListBuckets", key=_account)
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
    try:
        answer = await aws.call("s3", "GetBucketEncryption", Bucket=bucket.name)
    except AwsError as error:
        if error.code != _NO_ENCRYPTION:
            raise
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
    try:
        answer = await aws.call("s3", "GetBucketPolicy", Bucket=bucket.name)
    except AwsError as error:
        if error.code != "NoSuchBucketPolicy":
            raise
        return Absent(say("a policy of the bucket {bucket}", bucket=bucket.name), "s3:GetBucketPolicy")
    return BucketPolicy(bucket.arn, policy_from_answer(answer, "Policy"))


_GROUPS_A_PAGE = 50
_MAX_LOG_GROUPS = 200
_NO_NAME_OF_A_GROUP = frozenset({"InvalidParameter", "InvalidParameterException"})


def _log_group_key(preferences: SessionPreferences) -> Hashable:
    return preferences.log_group


@reads("logs:DescribeLogGroups", key=_log_group_key)
async def log_group(aws: Aws, preferences: SessionPreferences) -> LogGroup | Absent | NotApplicable | Unreadable:
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


def _region(scope: Scope) -> Hashable:
    return scope.region


@reads("logs:DescribeLogGroups", key=_region)
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
