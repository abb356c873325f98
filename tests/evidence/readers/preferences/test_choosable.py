"""What can be chosen, and what was: keys with their aliases and policies, places that are not named yet."""

from __future__ import annotations

from typing import Any

import pytest

from ssmtui.evidence.aws.reader_api import AwsError
from ssmtui.model.choice import Choices
from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.storage import (
    AccountBuckets,
    AccountKey,
    AccountKeyPolicies,
    AccountKeys,
    AccountLogGroups,
    Bucket,
    Key,
    KeyTags,
    LogGroup,
    WantedBucket,
    WantedKey,
    WantedLogGroup,
)
from tests.builders.fleet import ACCOUNT
from tests.evidence.fact_builders import fact
from tests.evidence.fake_aws import Canned, FakeAws, refused

PREFIX = "arn:aws:kms:eu-west-3:123456789012:key/"
POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"*","Resource":"*"}]}'


def key(id_: str, spec: str = "SYMMETRIC_DEFAULT") -> Key:
    return Key(PREFIX + id_, "Enabled", "ENCRYPT_DECRYPT", spec)


def described(**parameters: object) -> Canned:
    id_ = str(parameters["KeyId"]).removeprefix(PREFIX).removeprefix("alias/")
    if id_ == "hidden":
        return refused("kms:DescribeKey")
    if id_ == "gone":
        return AwsError("NotFoundException", "gone")
    metadata: dict[str, Any] = {
        "KeyId": id_,
        "Arn": PREFIX + id_,
        "KeyState": "Enabled",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeySpec": "RSA_2048" if id_ == "rsa" else "SYMMETRIC_DEFAULT",
        "KeyManager": "AWS" if id_ == "aws" else "CUSTOMER",
    }
    return {"KeyMetadata": metadata}


def account(*ids: str, **answers: Any) -> FakeAws:
    aliases = [
        {"AliasName": "alias/sessions", "TargetKeyId": "b"},
        {"AliasName": "alias/old", "TargetKeyId": "b"},
        {"AliasName": "alias/aws/s3", "TargetKeyId": "aws"},
        {"AliasName": "alias/aws/unused"},
    ]
    return FakeAws(
        **{
            "kms_ListKeys": [{"Keys": [{"KeyId": id_}]} for id_ in ids],
            "kms_ListAliases": [{"Aliases": [each]} for each in aliases],
            "kms_DescribeKey": described,
            **answers,
        }
    )


async def test_keys_come_with_their_aliases_and_those_with_one_first() -> None:
    found = await fact(account("c", "b", "aws", "rsa", "hidden", "gone"), AccountKeys)
    assert found == AccountKeys(
        (
            AccountKey(key("aws"), ("alias/aws/s3",), of_aws=True),
            AccountKey(key("b"), ("alias/old", "alias/sessions"), of_aws=False),
            AccountKey(key("c"), (), of_aws=False),
            AccountKey(key("rsa", spec="RSA_2048"), (), of_aws=False),
        ),
        unlooked=2,
    )
    assert [each.name for each in found.keys] == ["alias/aws/s3", "alias/old", "c", "rsa"]


async def test_of_very_many_keys_the_first_are_described() -> None:
    aws = account(*(f"{number:04}" for number in range(250)))
    found = await fact(aws, AccountKeys)
    assert isinstance(found, AccountKeys)
    assert (len(found.keys), found.unlooked, aws.calls["kms:DescribeKey"]) == (200, 50, 200)


async def test_keys_that_may_not_be_listed_are_unreadable() -> None:
    found = await fact(account("b", kms_ListKeys=refused("kms:ListKeys")), AccountKeys)
    assert isinstance(found, Unreadable)
    assert found.action == "kms:ListKeys"


async def test_policies_are_read_of_keys_that_are_the_accounts_own_and_encrypt() -> None:
    def policy(**parameters: object) -> Canned:
        return refused("kms:GetKeyPolicy") if str(parameters["KeyId"]).endswith("/c") else {"Policy": POLICY}

    aws = account("b", "c", "aws", "rsa", kms_GetKeyPolicy=policy)
    found = await fact(aws, AccountKeyPolicies)
    assert isinstance(found, AccountKeyPolicies)
    assert [arn for arn, _ in found.policies] == [PREFIX + "b"]
    assert found.of(PREFIX + "c") is None
    assert [each["KeyId"] for each in aws.parameters("kms:GetKeyPolicy")] == [PREFIX + "b", PREFIX + "c"]


async def test_tags_of_the_session_key_are_sorted() -> None:
    tags = [{"TagKey": "b", "TagValue": "2"}, {"TagKey": "a", "TagValue": "1"}]
    aws = FakeAws(kms_ListResourceTags={"Tags": tags})
    assert await fact(aws, KeyTags, None, key("b")) == KeyTags(PREFIX + "b", (("a", "1"), ("b", "2")))


def chosen(**values: str) -> Choices:
    return Choices(tuple(values.items()))


@pytest.mark.parametrize("name", ["kmsKeyId", "key"])
async def test_a_chosen_key_is_looked_at_by_whatever_names_it(name: str) -> None:
    aws = account()
    assert await fact(aws, WantedKey, None, chosen(**{name: "alias/b"})) == WantedKey(key("b"))
    assert aws.parameters("kms:DescribeKey") == [{"KeyId": "alias/b"}]
    assert isinstance(await fact(aws, WantedKey, None, chosen(**{name: "gone"})), Absent)


async def test_nothing_chosen_a_reference_and_a_key_elsewhere_are_not_looked_at() -> None:
    aws = FakeAws()
    elsewhere = chosen(key=PREFIX.replace("eu-west-3", "us-east-1") + "b")
    assert await fact(aws, WantedKey, None, elsewhere) == NotApplicable("the key is in another Region")
    for choices in (
        Choices(),
        chosen(kmsKeyId="{{ssm:key}}", s3BucketName="{{ssm:b}}", cloudWatchLogGroupName="{{g}}"),
    ):
        for kind in (WantedKey, WantedBucket, WantedLogGroup):
            assert isinstance(await fact(aws, kind, None, choices), NotApplicable)
    assert aws.calls.total() == 0


async def test_a_chosen_bucket_and_a_chosen_log_group_are_there_or_not() -> None:
    choices = chosen(s3BucketName="audit", cloudWatchLogGroupName="/x")
    arn = "arn:aws:logs:eu-west-3:123456789012:log-group:/x"
    there = FakeAws(
        s3_HeadBucket={"BucketRegion": "eu-west-3"},
        logs_DescribeLogGroups=[{"logGroups": [{"logGroupName": "/x", "logGroupArn": arn}]}],
    )
    bucket = Bucket("arn:aws:s3:::audit", "audit", "eu-west-3", account=ACCOUNT)
    assert await fact(there, WantedBucket, None, choices) == WantedBucket(bucket)
    assert await fact(there, WantedLogGroup, None, choices) == WantedLogGroup(LogGroup(arn, "/x", None))
    gone = FakeAws(s3_HeadBucket=AwsError("404", "Not Found"), logs_DescribeLogGroups=[{"logGroups": []}])
    assert isinstance(await fact(gone, WantedBucket, None, choices), Absent)
    assert isinstance(await fact(gone, WantedLogGroup, None, choices), Absent)


async def test_buckets_are_listed_by_name_and_not_without_end() -> None:
    few = FakeAws(s3_ListBuckets={"Buckets": [{"Name": "b"}, {"Name": "a"}]})
    assert await fact(few, AccountBuckets) == AccountBuckets(("a", "b"), more=False)
    assert await fact(FakeAws(s3_ListBuckets={}), AccountBuckets) == AccountBuckets((), more=False)
    many = await fact(FakeAws(s3_ListBuckets={"Buckets": [{"Name": f"{n:03}"} for n in range(201)]}), AccountBuckets)
    assert isinstance(many, AccountBuckets)
    assert (len(many.names), many.names[-1], many.more) == (200, "199", True)
    hidden = await fact(FakeAws(s3_ListBuckets=refused("s3:ListAllMyBuckets")), AccountBuckets)
    assert isinstance(hidden, Unreadable)
    assert hidden.action == "s3:ListAllMyBuckets"


async def test_log_groups_are_listed_by_name_and_not_without_end() -> None:
    raw = [{"logGroupName": f"/{number:03}", "arn": f"arn:{number}:*"} for number in range(60)]
    raw[0]["kmsKeyId"] = "arn:k"
    few = await fact(FakeAws(logs_DescribeLogGroups=[{"logGroups": raw[:2]}]), AccountLogGroups)
    assert few == AccountLogGroups((LogGroup("arn:0", "/000", "arn:k"), LogGroup("arn:1", "/001", None)), more=False)
    aws = FakeAws(logs_DescribeLogGroups=[{"logGroups": raw[:50]}] * 9)
    many = await fact(aws, AccountLogGroups)
    assert isinstance(many, AccountLogGroups)
    assert (len(many.groups), many.more, aws.calls["logs:DescribeLogGroups"]) == (200, True, 5)
