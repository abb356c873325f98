"""Keys, buckets and log groups: there, gone, elsewhere, somebody else's, or hidden."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from ssmtui.evidence.aws.failures import classify_error_code
from ssmtui.evidence.aws.reader_api import AwsError, ReadFailed
from ssmtui.iam_policy.truth import Truth
from ssmtui.model.fact import Absent, NotApplicable, ReadFailure, Unreadable
from ssmtui.model.storage import (
    Bucket,
    BucketEncryption,
    BucketPolicy,
    Key,
    KeyElsewhere,
    KeyGrant,
    KeyGrants,
    KeyPolicy,
    LogGroup,
)
from tests.builders.fleet import ACCOUNT
from tests.evidence.fact_builders import fact, preferences
from tests.evidence.fake_aws import Canned, FakeAws, refused

KEY_ARN = "arn:aws:kms:eu-west-3:123456789012:key/11111111-2222-3333-4444-555555555555"
POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"*","Resource":"*"}]}'
BUCKET = Bucket("arn:aws:s3:::logs", "logs", "eu-west-3")
KEY = Key(KEY_ARN, "Enabled", "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT")


def metadata(**more: Any) -> dict[str, Any]:
    return {
        "KeyMetadata": {
            "KeyId": "11111111-2222-3333-4444-555555555555",
            "Arn": KEY_ARN,
            "KeyState": "Enabled",
            "KeyUsage": "ENCRYPT_DECRYPT",
            "KeySpec": "SYMMETRIC_DEFAULT",
        }
        | more
    }


def access_denied(message: str) -> Any:
    return classify_error_code("AccessDenied", message, 403, "s3:ListBucket")


HEAD_403 = classify_error_code("403", "Forbidden", 403, "s3:ListBucket")


@pytest.mark.parametrize("named", ["alias/sessions", KEY_ARN, "11111111-2222-3333-4444-555555555555"])
async def test_a_key_is_found_by_whatever_names_it(named: str) -> None:
    aws = FakeAws(kms_DescribeKey=metadata())
    assert await fact(aws, Key, None, preferences(kms_key=named)) == KEY
    assert aws.parameters("kms:DescribeKey") == [{"KeyId": named}]


async def test_a_key_that_waits_for_its_deletion_says_when() -> None:
    when = datetime(2026, 12, 24, tzinfo=UTC)
    aws = FakeAws(kms_DescribeKey=metadata(KeyState="PendingDeletion", DeletionDate=when))
    found = await fact(aws, Key, None, preferences(kms_key=KEY_ARN))
    assert isinstance(found, Key)
    assert (found.state, found.deletion) == ("PendingDeletion", when)


async def test_no_key_is_moot_and_a_key_that_is_gone_is_absent() -> None:
    gone = FakeAws(kms_DescribeKey=AwsError("NotFoundException", "Alias is not found."))
    assert await fact(FakeAws(), Key, None, preferences()) == NotApplicable("the preferences name no session key")
    assert await fact(gone, Key, None, preferences(kms_key="alias/x")) == Absent("the key alias/x", "kms:DescribeKey")


async def test_a_key_of_another_region_is_judged_by_its_arn_and_not_asked_for() -> None:
    elsewhere = KEY_ARN.replace("eu-west-3", "us-east-1")
    aws = FakeAws()
    assert isinstance(await fact(aws, Key, None, preferences(kms_key=elsewhere)), NotApplicable)
    assert await fact(aws, KeyElsewhere, None, preferences(kms_key=elsewhere)) == KeyElsewhere(
        elsewhere, "us-east-1", "123456789012"
    )
    assert isinstance(await fact(aws, KeyElsewhere, None, preferences(kms_key=KEY_ARN)), NotApplicable)
    assert aws.calls == {}


async def test_a_key_of_another_account_is_asked_for_by_its_arn() -> None:
    foreign = KEY_ARN.replace("123456789012", "999999999999")
    aws = FakeAws(kms_DescribeKey=refused("kms:DescribeKey"))
    found = await fact(aws, Key, None, preferences(kms_key=foreign))
    assert isinstance(found, Unreadable)
    assert found.action == "kms:DescribeKey"
    assert isinstance(await fact(aws, KeyElsewhere, None, preferences(kms_key=foreign)), NotApplicable)


@pytest.mark.parametrize(("kind", "setting"), [(Key, "kms_key"), (Bucket, "s3_bucket"), (LogGroup, "log_group")])
async def test_a_reference_hides_its_value(kind: type, setting: str) -> None:
    found = await fact(FakeAws(), kind, None, preferences(**{setting: "{{ssm:name}}"}))
    assert isinstance(found, Unreadable)
    assert found.action == "ssm:GetParameter"


async def test_a_keys_policy_and_grants() -> None:
    grants = [
        {"GranteePrincipal": "arn:aws:iam::123456789012:role/web", "Operations": ["Decrypt", "DescribeKey"]},
        {
            "GranteePrincipal": "arn:aws:iam::123456789012:role/api",
            "Operations": ["Decrypt"],
            "Constraints": {"EncryptionContextSubset": {"app": "api"}},
        },
    ]
    aws = FakeAws(
        kms_GetKeyPolicy={"Policy": POLICY},
        kms_ListGrants=[{"Grants": grants, "Truncated": True, "NextMarker": "x"}, {"Grants": []}],
    )
    policy = await fact(aws, KeyPolicy, None, KEY)
    assert isinstance(policy, KeyPolicy)
    assert policy.policy.statements[0].principals == ("*",)
    assert await fact(aws, KeyGrants, None, KEY) == KeyGrants(
        KEY_ARN,
        (
            KeyGrant("arn:aws:iam::123456789012:role/web", ("Decrypt", "DescribeKey")),
            KeyGrant("arn:aws:iam::123456789012:role/api", ("Decrypt",), constrained=True, subset=(("app", "api"),)),
        ),
    )


@pytest.mark.parametrize(
    ("role", "operation", "allowed"),
    [("web", "Decrypt", Truth.YES), ("api", "Decrypt", Truth.PERHAPS), ("web", "Encrypt", Truth.NO)],
)
def test_a_grant_for_some_encryption_contexts_perhaps_does_not_hold(role: str, operation: str, allowed: Truth) -> None:
    grants = KeyGrants(KEY_ARN, (KeyGrant("web", ("Decrypt",)), KeyGrant("api", ("Decrypt",), constrained=True)))
    assert grants.allow(role, operation) is allowed


def test_a_grant_to_a_session_of_the_role_may_be_to_another_one() -> None:
    session, role = "arn:aws:sts::123456789012:assumed-role/web/i-1", "arn:aws:iam::123456789012:role/web"
    grants = KeyGrants(KEY_ARN, (KeyGrant(session, ("Decrypt",)),))
    assert grants.allow(role, "Decrypt") is Truth.PERHAPS
    assert grants.allow(role, "Decrypt", session) is Truth.YES
    assert grants.allow(role, "Decrypt", f"{session}2") is Truth.NO
    assert grants.allow("arn:aws:iam::123456789012:role/api", "Decrypt") is Truth.NO


OF_NODE = ("aws:ssm:TargetId", "i-1")
OF_SESSION = ("aws:ssm:SessionId", "alex-1")


@pytest.mark.parametrize(
    ("subset", "equals", "node", "admitted"),
    [
        pytest.param((OF_NODE,), None, "i-1", Truth.YES, id="the node"),
        pytest.param((OF_NODE,), None, "i-2", Truth.NO, id="another node"),
        pytest.param((OF_NODE,), None, None, Truth.PERHAPS, id="the node is unknown"),
        pytest.param((("aws:ssm:targetid", "i-1"),), None, "i-1", Truth.NO, id="keys are case-sensitive"),
        pytest.param((("aws:ssm:TargetId", "I-1"),), None, "i-1", Truth.NO, id="values are case-sensitive"),
        pytest.param((("app", "api"),), None, "i-1", Truth.NO, id="a key that no session has"),
        pytest.param((OF_SESSION,), None, "i-1", Truth.PERHAPS, id="a session"),
        pytest.param((OF_SESSION, ("app", "api")), None, "i-1", Truth.NO, id="a session, and a key that none has"),
        pytest.param(None, (OF_NODE,), "i-1", Truth.NO, id="exactly the node: each session has an ID, too"),
        pytest.param(None, (OF_NODE, OF_SESSION), "i-1", Truth.PERHAPS, id="exactly one session"),
        pytest.param(None, (OF_NODE, OF_SESSION), "i-2", Truth.NO, id="exactly one session of another node"),
        pytest.param(None, None, "i-1", Truth.PERHAPS, id="an unknown constraint"),
    ],
)
def test_the_constraints_of_a_grant_are_about_the_encryption_context(
    subset: tuple[tuple[str, str], ...] | None,
    equals: tuple[tuple[str, str], ...] | None,
    node: str | None,
    admitted: Truth,
) -> None:
    grant = KeyGrant("web", ("Decrypt",), constrained=True, subset=subset, equals=equals)
    assert grant.admits({"aws:ssm:SessionId": None, "aws:ssm:TargetId": node}) is admitted
    assert grant.admits(None) is Truth.PERHAPS
    assert KeyGrants(KEY_ARN, (grant,)).allow("web", "Decrypt") is Truth.PERHAPS


async def test_a_grant_with_a_constraint_on_the_source_is_not_known() -> None:
    constraints = {
        "SourceArn": "arn:aws:sns:eu-west-3:123456789012:a",
        "EncryptionContextSubset": {"app": "api"},
    }
    web = "arn:aws:iam::123456789012:role/web"
    grant = {"GranteePrincipal": web, "Operations": ["Decrypt"], "Constraints": constraints}
    aws = FakeAws(kms_ListGrants={"Grants": [grant]})
    told = await fact(aws, KeyGrants, None, KEY)
    assert isinstance(told, KeyGrants)
    assert told.grants == (KeyGrant(web, ("Decrypt",), constrained=True),)


async def test_a_bucket_that_answers_says_where_it_is() -> None:
    aws = FakeAws(s3_HeadBucket={"BucketRegion": "eu-west-3"})
    assert await fact(aws, Bucket, None, preferences(s3_bucket="logs")) == replace(BUCKET, account=ACCOUNT)
    assert aws.parameters("s3:HeadBucket") == [{"Bucket": "logs", "ExpectedBucketOwner": ACCOUNT}]


def only_to_another_owner(told: Mapping[str, str]) -> Callable[..., Canned]:
    """What S3 says of a bucket of another account that lets everybody read: not if this account is expected."""
    return lambda **asked: HEAD_403 if "ExpectedBucketOwner" in asked else told


async def test_a_bucket_that_may_be_read_and_has_another_owner_is_another_accounts() -> None:
    aws = FakeAws(
        s3_HeadBucket=only_to_another_owner({"BucketRegion": "eu-west-3"}),
        s3_GetBucketLocation=access_denied("Access Denied"),
    )
    found = await fact(aws, Bucket, None, preferences(s3_bucket="logs"))
    assert found == Bucket("arn:aws:s3:::logs", "logs", "eu-west-3", foreign=True)


async def test_a_bucket_of_another_region_and_another_owner_says_where_it_is() -> None:
    aws = FakeAws(
        s3_HeadBucket=AwsError("301", "Moved Permanently"),
        s3_GetBucketLocation=only_to_another_owner({"LocationConstraint": "eu-north-1"}),
    )
    found = await fact(aws, Bucket, None, preferences(s3_bucket="logs"))
    assert found == Bucket("arn:aws:s3:::logs", "logs", "eu-north-1", foreign=True)


async def test_a_bucket_that_may_be_located_only_is_the_accounts_own() -> None:
    aws = FakeAws(s3_HeadBucket=HEAD_403, s3_GetBucketLocation={"LocationConstraint": "eu-west-3"})
    found = await fact(aws, Bucket, None, preferences(s3_bucket="logs"))
    assert found == replace(BUCKET, account=ACCOUNT)


@pytest.mark.parametrize(
    ("location", "region"),
    [
        ({}, "us-east-1"),
        ({"LocationConstraint": "EU"}, "eu-west-1"),
        ({"LocationConstraint": "eu-west-3"}, "eu-west-3"),
    ],
)
async def test_where_head_bucket_does_not_say_its_location_does(location: dict[str, str], region: str) -> None:
    aws = FakeAws(s3_HeadBucket={}, s3_GetBucketLocation=location)
    found = await fact(aws, Bucket, None, preferences(s3_bucket="logs"))
    assert found == Bucket("arn:aws:s3:::logs", "logs", region, account=ACCOUNT)


@pytest.mark.parametrize("code", ["404", "NoSuchBucket", "InvalidParameter"])
async def test_a_bucket_that_is_not_there_is_absent(code: str) -> None:
    aws = FakeAws(s3_HeadBucket=AwsError(code, "Not Found"))
    assert await fact(aws, Bucket, None, preferences(s3_bucket="logs")) == Absent("the bucket logs", "s3:HeadBucket")


async def test_where_head_bucket_says_nothing_a_bucket_is_not_there_if_its_location_says_so_in_words() -> None:
    aws = FakeAws(s3_HeadBucket={}, s3_GetBucketLocation=AwsError("NoSuchBucket", "The bucket does not exist"))
    found = await fact(aws, Bucket, None, preferences(s3_bucket="logs"))
    assert found == Absent("the bucket logs", "s3:GetBucketLocation")


async def test_where_its_location_is_refused_a_bucket_is_there_and_nobody_says_where() -> None:
    aws = FakeAws(s3_HeadBucket={}, s3_GetBucketLocation=access_denied("Access Denied"))
    found = await fact(aws, Bucket, None, preferences(s3_bucket="logs"))
    assert found == Bucket("arn:aws:s3:::logs", "logs", None, account=ACCOUNT)


async def test_a_bucket_that_keeps_silent_is_another_accounts() -> None:
    aws = FakeAws(s3_HeadBucket=HEAD_403, s3_GetBucketLocation=access_denied("Access Denied"))
    found = await fact(aws, Bucket, None, preferences(s3_bucket="logs"))
    assert found == Bucket("arn:aws:s3:::logs", "logs", None, foreign=True)


async def test_a_bucket_that_may_not_be_looked_at_and_was_not_found_otherwise_names_both_calls() -> None:
    late = ReadFailed(Unreadable("", "s3:GetBucketLocation: no answer", ReadFailure.TIMED_OUT, "s3:GetBucketLocation"))
    found = await fact(
        FakeAws(s3_HeadBucket=HEAD_403, s3_GetBucketLocation=late), Bucket, None, preferences(s3_bucket="logs")
    )
    assert isinstance(found, Unreadable)
    assert (found.action, found.obstacle, found.source) == (
        "s3:ListBucket",
        ReadFailure.REFUSED,
        "s3:GetBucketLocation",
    )
    assert found.why.startswith("s3:HeadBucket: ")
    assert found.why.endswith("; s3:GetBucketLocation: no answer")


async def test_a_bucket_of_ones_own_that_is_refused_names_the_permission() -> None:
    why = "User: x is not authorized to perform: s3:GetBucketLocation because no identity-based policy allows it"
    aws = FakeAws(s3_HeadBucket=HEAD_403, s3_GetBucketLocation=access_denied(why))
    found = await fact(aws, Bucket, None, preferences(s3_bucket="logs"))
    assert isinstance(found, Unreadable)
    assert found.action == "s3:ListBucket"


@pytest.mark.parametrize(
    "location",
    [
        classify_error_code("InternalError", "We encountered an internal error", 500, "s3:GetBucketLocation"),
        classify_error_code("SlowDown", "Please reduce your request rate", 503, "s3:GetBucketLocation"),
        AwsError("IllegalLocationConstraintException", "not from here"),
    ],
)
async def test_a_bucket_that_was_not_told_of_is_nobodys_yet(location: AwsError | ReadFailed) -> None:
    aws = FakeAws(s3_HeadBucket=HEAD_403, s3_GetBucketLocation=location)
    found = await fact(aws, Bucket, None, preferences(s3_bucket="logs"))
    assert isinstance(found, Unreadable)
    assert found.action == "s3:ListBucket"


@pytest.mark.parametrize(("name", "kind"), [("logs", Unreadable), ("no", Absent), ("s3://logs", Absent)])
async def test_a_bad_request_says_that_a_bucket_is_not_there_only_of_a_name_that_none_can_have(
    name: str, kind: type
) -> None:
    aws = FakeAws(s3_HeadBucket=AwsError("400", "Bad Request"))
    assert type(await fact(aws, Bucket, None, preferences(s3_bucket=name))) is kind


async def test_no_bucket_is_moot() -> None:
    assert await fact(FakeAws(), Bucket, None, preferences()) == NotApplicable("the preferences name no log bucket")


@pytest.mark.parametrize(
    ("default", "encryption"),
    [
        ({"SSEAlgorithm": "AES256"}, BucketEncryption("AES256", None)),
        ({"SSEAlgorithm": "aws:kms"}, BucketEncryption("aws:kms", None)),
        ({"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY_ARN}, BucketEncryption("aws:kms", KEY_ARN)),
        (
            {"SSEAlgorithm": "aws:kms:dsse", "KMSMasterKeyID": "11111111-2222-3333-4444-555555555555"},
            BucketEncryption("aws:kms:dsse", KEY_ARN),
        ),
    ],
)
async def test_a_buckets_default_encryption(default: dict[str, str], encryption: BucketEncryption) -> None:
    rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": default}]}
    aws = FakeAws(s3_GetBucketEncryption={"ServerSideEncryptionConfiguration": rules})
    assert await fact(aws, BucketEncryption, None, BUCKET) == encryption


async def test_a_rule_that_speaks_of_bucket_keys_alone_leaves_it_to_s3s_own_keys() -> None:
    rules = {"Rules": [{"BucketKeyEnabled": True}]}
    aws = FakeAws(s3_GetBucketEncryption={"ServerSideEncryptionConfiguration": rules})
    assert await fact(aws, BucketEncryption, None, BUCKET) == BucketEncryption("AES256", None)


async def test_a_bucket_without_default_encryption_or_policy() -> None:
    aws = FakeAws(
        s3_GetBucketEncryption=AwsError("ServerSideEncryptionConfigurationNotFoundError", "not found"),
        s3_GetBucketPolicy=AwsError("NoSuchBucketPolicy", "The bucket policy does not exist"),
    )
    assert isinstance(await fact(aws, BucketEncryption, None, BUCKET), Absent)
    assert isinstance(await fact(aws, BucketPolicy, None, BUCKET), Absent)


async def test_a_buckets_encryption_that_is_refused_names_the_permission_of_that_name() -> None:
    aws = FakeAws(
        s3_GetBucketEncryption=classify_error_code(
            "AccessDenied", "Access Denied", 403, "s3:GetEncryptionConfiguration"
        )
    )
    found = await fact(aws, BucketEncryption, None, BUCKET)
    assert isinstance(found, Unreadable)
    assert found.action == "s3:GetEncryptionConfiguration"


async def test_a_buckets_policy() -> None:
    found = await fact(FakeAws(s3_GetBucketPolicy={"Policy": POLICY}), BucketPolicy, None, BUCKET)
    assert isinstance(found, BucketPolicy)
    assert found.policy.text == POLICY


async def test_a_log_group_is_the_one_of_exactly_that_name() -> None:
    arn = "arn:aws:logs:eu-west-3:123456789012:log-group:"
    pages: list[Any] = [
        {"logGroups": [{"logGroupName": "/sessions-old", "arn": f"{arn}/sessions-old:*"}], "nextToken": "x"},
        {"logGroups": [{"logGroupName": "/sessions", "arn": f"{arn}/sessions:*", "kmsKeyId": KEY_ARN}]},
    ]
    aws = FakeAws(logs_DescribeLogGroups=pages)
    assert await fact(aws, LogGroup, None, preferences(log_group="/sessions")) == LogGroup(
        f"{arn}/sessions", "/sessions", KEY_ARN
    )
    assert await fact(aws, LogGroup, None, preferences(log_group="/session")) == Absent(
        "the log group /session", "logs:DescribeLogGroups"
    )


async def test_a_name_that_no_log_group_can_have_is_absent() -> None:
    aws = FakeAws(logs_DescribeLogGroups=AwsError("InvalidParameterException", "1 validation error detected"))
    named = "arn:aws:logs:eu-west-3:123456789012:log-group:x"
    assert isinstance(await fact(aws, LogGroup, None, preferences(log_group=named)), Absent)
