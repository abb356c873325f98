"""On which resources a node's role is judged towards the session key, the log bucket and the log group."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest

from ssmtui.evidence.aws.reader_api import AwsError
from ssmtui.iam_policy.document import Policy
from ssmtui.iam_policy.truth import Truth
from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.iam_questions import log_group_questions
from ssmtui.model.identity import NodeRole, Role, RoleSource
from ssmtui.model.permissions import BucketPermissions, KeyPermissions, LogGroupPermissions, Permissions
from ssmtui.model.storage import Bucket, BucketEncryption, Key, LogGroup
from tests.builders.fleet import a_node, a_scope
from tests.evidence.fact_builders import fact, preferences
from tests.evidence.fake_aws import FakeAws
from tests.evidence.readers.permissions.simulation_results import allowing

ROLE = "arn:aws:iam::123456789012:role/web"
NODE_ROLE = NodeRole(Role(ROLE, "web", Policy(())), RoleSource.INSTANCE_PROFILE)
KEY = Key("arn:aws:kms:eu-west-3:123456789012:key/k", "Enabled", "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT")
BUCKET = Bucket("arn:aws:s3:::logs", "logs", "eu-west-3")
PLAIN = BucketEncryption("AES256", None)
REFERENCE = "{{ssm:bucket}}"


async def test_a_data_key_for_an_object_is_asked_for_by_s3() -> None:
    aws = FakeAws(iam_SimulatePrincipalPolicy=allowing)
    asking = (NODE_ROLE, BUCKET, BucketEncryption("aws:kms", KEY.arn), preferences(s3_bucket="logs"))
    await fact(aws, BucketPermissions, a_node(), *asking)
    asked = [each for each in aws.parameters("iam:SimulatePrincipalPolicy") if each["PolicySourceArn"] == ROLE]
    via_s3 = {
        "ContextKeyName": "kms:ViaService",
        "ContextKeyValues": ["s3.eu-west-3.amazonaws.com"],
        "ContextKeyType": "string",
    }
    told = [(each["ResourceArns"], via_s3 in cast("list[object]", each["ContextEntries"])) for each in asked]
    assert told == [([BUCKET.arn, f"{BUCKET.arn}/*.log"], False), ([KEY.arn], True)]


async def test_a_principal_that_iam_does_not_know_is_unreadable() -> None:
    aws = FakeAws(iam_SimulatePrincipalPolicy=AwsError("NoSuchEntity", "no such role"))
    assert isinstance(await fact(aws, KeyPermissions, a_node(), NODE_ROLE, KEY), Unreadable)


def actions_of(permissions: object) -> list[tuple[str, str]]:
    assert isinstance(permissions, Permissions)
    return [(each.question.action, each.question.resource) for each in permissions.answers]


async def test_the_key_is_judged_by_its_arn() -> None:
    aws = FakeAws(iam_SimulatePrincipalPolicy=allowing)
    found = await fact(aws, KeyPermissions, a_node(), NODE_ROLE, KEY)
    assert isinstance(found, KeyPermissions)
    assert actions_of(found) == [("kms:Decrypt", KEY.arn)]


def wanting_a_key(decision: str) -> Callable[..., dict[str, Any]]:
    """What IAM says where a policy speaks of requests with a certain `aws:UserAgent`, which it was not told."""

    def judged(**parameters: Any) -> dict[str, Any]:
        told = {"EvalDecision": decision, "MissingContextValues": ["aws:UserAgent"]}
        return {"EvaluationResults": [{**each, **told} for each in allowing(**parameters)["EvaluationResults"]]}

    return judged


@pytest.mark.heavy
@pytest.mark.parametrize("decision", ["allowed", "implicitDeny"])
async def test_what_iam_lacks_a_key_for_is_in_doubt_as_every_request_has_it_and_may_be_denied_for_it(
    decision: str,
) -> None:
    aws = FakeAws(iam_SimulatePrincipalPolicy=wanting_a_key(decision), ssm_GetConnectionStatus={})
    found = await fact(aws, KeyPermissions, a_node(), NODE_ROLE, KEY)
    assert isinstance(found, KeyPermissions)
    told = [(each.permits, each.missing_context, each.may_be_barred) for each in found.answers]
    assert told == [(Truth.PERHAPS, ("aws:UserAgent",), True)]


async def test_the_bucket_is_judged_with_its_objects_and_its_key() -> None:
    aws = FakeAws(iam_SimulatePrincipalPolicy=allowing)
    encryption = BucketEncryption("aws:kms", KEY.arn)
    asking = (NODE_ROLE, BUCKET, encryption, preferences(s3_bucket="logs", s3_prefix="sessions"))
    found = await fact(aws, BucketPermissions, a_node(), *asking)
    assert isinstance(found, BucketPermissions)
    assert actions_of(found) == [
        ("s3:GetEncryptionConfiguration", BUCKET.arn),
        ("s3:PutObject", f"{BUCKET.arn}/sessions/*.log"),
        ("kms:GenerateDataKey", KEY.arn),
        ("kms:Decrypt", KEY.arn),
    ]


async def test_a_bucket_that_the_caller_may_not_look_at_is_judged_for_the_node_all_the_same() -> None:
    aws = FakeAws(iam_SimulatePrincipalPolicy=allowing, s3_HeadBucket={}, s3_GetBucketEncryption={})
    foreign = Bucket("arn:aws:s3:::logs", "logs", None, foreign=True)
    asking = (NODE_ROLE, foreign, PLAIN, preferences(s3_bucket="logs"))
    assert ("s3:PutObjectAcl", f"{BUCKET.arn}/*.log") in actions_of(
        await fact(aws, BucketPermissions, a_node(), *asking)
    )


@pytest.mark.parametrize("kind", [BucketPermissions, LogGroupPermissions, KeyPermissions])
async def test_a_setting_that_is_off_or_only_a_reference_is_not_asked_about(kind: type) -> None:
    aws = FakeAws()
    off = await fact(aws, kind, a_node(), NODE_ROLE, preferences())
    assert isinstance(off, NotApplicable)
    named = preferences(s3_bucket=REFERENCE, log_group=REFERENCE, kms_key=REFERENCE)
    unknown = await fact(aws, kind, a_node(), NODE_ROLE, named)
    assert isinstance(unknown, Unreadable)
    assert unknown.action == "ssm:GetParameter"
    assert aws.calls["iam:SimulatePrincipalPolicy"] == 0


async def test_a_missing_group_needs_no_permissions() -> None:
    aws = FakeAws(logs_DescribeLogGroups={"logGroups": []})
    found = await fact(aws, LogGroupPermissions, a_node(), NODE_ROLE, preferences(log_group="/sessions"))
    assert isinstance(found, Absent)


async def test_the_log_group_is_judged_by_the_arns_that_cloudwatch_judges() -> None:
    aws = FakeAws(iam_SimulatePrincipalPolicy=allowing)
    group = LogGroup("arn:aws:logs:eu-west-3:123456789012:log-group:/sessions", "/sessions", None)
    found = await fact(aws, LogGroupPermissions, a_node(), NODE_ROLE, group, preferences(log_group="/sessions"))
    assert isinstance(found, LogGroupPermissions)
    asked = [each for each in aws.parameters("iam:SimulatePrincipalPolicy") if each["PolicySourceArn"] == ROLE]
    assert [each["ActionNames"] for each in asked] == [
        ["logs:describeloggroups"],
        ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
    ]
    questions = log_group_questions(a_scope(), preferences(log_group="/sessions"))
    assert actions_of(found) == [(each.action, each.resource) for each in questions]
