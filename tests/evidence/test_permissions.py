"""What IAM is asked, how often, and what its answers mean."""

from __future__ import annotations

from typing import Any, cast

import pytest

from ssmtui.evidence.aws import AwsError, MalformedAnswer
from ssmtui.evidence.simulation import simulate, simulate_on_many
from ssmtui.model.agent_requests import open_to_organization
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.finding import Confidence
from ssmtui.model.identity import NodeRole, Role, RoleSource
from ssmtui.model.permissions import (
    Answer,
    BucketPermissions,
    CallerPreferencesPermissions,
    Decision,
    Denial,
    Denier,
    KeyPermissions,
    LogGroupPermissions,
    Permissions,
    Question,
)
from ssmtui.model.policy import Policy
from ssmtui.model.questions import log_group_questions
from ssmtui.model.storage import Bucket, BucketEncryption, Key, LogGroup
from ssmtui.model.truth import Truth
from tests.builders.fleet import a_node, a_scope
from tests.evidence.facts import fact, preferences
from tests.evidence.fake_aws import FakeAws

ROLE = "arn:aws:iam::123456789012:role/web"
NODE_ROLE = NodeRole(Role(ROLE, "web", Policy(())), RoleSource.INSTANCE_PROFILE)
KEY = Key("arn:aws:kms:eu-west-3:123456789012:key/k", "Enabled", "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT")
BUCKET = Bucket("arn:aws:s3:::logs", "logs", "eu-west-3")
PLAIN = BucketEncryption("AES256", None)
REFERENCE = "{{ssm:bucket}}"


def a_result(action: str, resource: str, **more: Any) -> dict[str, Any]:
    return {"EvalActionName": action, "EvalResourceName": resource, "EvalDecision": "allowed"} | more


def allowing(**parameters: Any) -> dict[str, Any]:
    return {"EvaluationResults": [a_result(each, parameters["ResourceArns"][0]) for each in parameters["ActionNames"]]}


def judged(**more: Any) -> FakeAws:
    return FakeAws(iam_SimulatePrincipalPolicy={"EvaluationResults": [a_result("kms:Decrypt", KEY.arn, **more)]})


async def the_answer(aws: FakeAws) -> Answer:
    (answer,) = await simulate(aws, ROLE, [Question("kms:Decrypt", KEY.arn)])
    return answer


async def test_questions_about_one_resource_in_one_context_are_one_simulation() -> None:
    aws = FakeAws(iam_SimulatePrincipalPolicy=allowing)
    tagged = (("ssm:resourceTag/Env", "prod"),)
    questions = [
        Question("logs:PutLogEvents", "group"),
        Question("logs:DescribeLogGroups", "all"),
        Question("logs:CreateLogStream", "group"),
        Question("logs:PutLogEvents", "group", tagged),
        Question("logs:PutLogEvents", "group"),
    ]
    answers = await simulate(aws, ROLE, questions)
    assert [each.question for each in answers] == questions
    asked = aws.parameters("iam:SimulatePrincipalPolicy")
    assert [(each["ActionNames"], each["ResourceArns"]) for each in asked] == [
        (["logs:PutLogEvents", "logs:CreateLogStream"], ["group"]),
        (["logs:DescribeLogGroups"], ["all"]),
        (["logs:PutLogEvents"], ["group"]),
    ]
    assert [each["ContextEntries"] for each in asked] == [
        [],
        [],
        [{"ContextKeyName": "ssm:resourceTag/Env", "ContextKeyValues": ["prod"], "ContextKeyType": "string"}],
    ]
    assert {each["PolicySourceArn"] for each in asked} == {ROLE}


async def test_answers_are_collected_over_all_pages() -> None:
    aws = FakeAws(
        iam_SimulatePrincipalPolicy=[
            {"EvaluationResults": [a_result("a:A", "*")], "IsTruncated": True, "Marker": "more"},
            {"EvaluationResults": [a_result("a:B", "*", EvalDecision="explicitDeny")]},
        ]
    )
    answers = await simulate(aws, ROLE, [Question("a:A", "*"), Question("a:B", "*")])
    assert [each.decision for each in answers] == [Decision.ALLOWED, Decision.EXPLICIT_DENY]


BY_ORGANIZATION = {"OrganizationsDecisionDetail": {"AllowedByOrganizations": False}}
BY_BOUNDARY = {"PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": False}}
EXPLICITLY, SILENTLY = {"EvalDecision": "explicitDeny"}, {"EvalDecision": "implicitDeny"}


def without(
    everything: dict[str, Any], scp: dict[str, Any] | AwsError | None = None, boundary: dict[str, Any] | None = None
) -> FakeAws:
    """What IAM says with all policies, without the organization's, and without the boundary besides."""

    def answer(**parameters: Any) -> dict[str, Any] | AwsError:
        left_out = [each["PolicyType"] for each in parameters.get("PolicyExclusionList", ())]
        told = {0: everything, 1: scp, 2: boundary}[len(left_out)]
        assert left_out == ["scp", "permission-boundary"][: len(left_out)]
        assert told is not None
        return told if isinstance(told, AwsError) else {"EvaluationResults": [a_result("kms:Decrypt", KEY.arn, **told)]}

    return FakeAws(iam_SimulatePrincipalPolicy=answer)


KEYS = dict.fromkeys(open_to_organization({}), ("x",))
"""Something for each of the keys that a service control policy may ask for."""


@pytest.mark.parametrize(
    ("aws", "denials", "confidence", "final"),
    [
        pytest.param(without(SILENTLY), [(Denier.IDENTITY, False)], Confidence.PROVED, False, id="own, silently"),
        pytest.param(without(EXPLICITLY), [(Denier.IDENTITY, True)], Confidence.PROVED, True, id="own"),
        pytest.param(
            without(SILENTLY | BY_BOUNDARY, boundary={}),
            [(Denier.BOUNDARY, False)],
            Confidence.PROVED,
            True,
            id="the boundary alone",
        ),
        pytest.param(
            without(SILENTLY | BY_BOUNDARY, boundary=SILENTLY),
            [(Denier.IDENTITY, False), (Denier.BOUNDARY, False)],
            Confidence.PROVED,
            True,
            id="own policies and boundary",
        ),
        pytest.param(
            without(EXPLICITLY | BY_BOUNDARY, boundary=EXPLICITLY),
            [(Denier.IDENTITY, True), (Denier.BOUNDARY, False)],
            Confidence.PROVED,
            True,
            id="own policies explicitly, and the boundary",
        ),
        pytest.param(
            without(EXPLICITLY | BY_BOUNDARY, boundary={}),
            [(Denier.BOUNDARY, True)],
            Confidence.PROVED,
            True,
            id="the boundary, explicitly",
        ),
        pytest.param(
            without(EXPLICITLY | BY_ORGANIZATION, {}),
            [(Denier.ORGANIZATION, True)],
            Confidence.LIKELY,
            True,
            id="the organization alone",
        ),
        pytest.param(
            without(EXPLICITLY | BY_ORGANIZATION, SILENTLY),
            [(Denier.IDENTITY, False), (Denier.ORGANIZATION, True)],
            Confidence.PROVED,
            True,
            id="own policies and the organization",
        ),
        pytest.param(
            without(EXPLICITLY | BY_ORGANIZATION, SILENTLY | BY_BOUNDARY, {}),
            [(Denier.BOUNDARY, False), (Denier.ORGANIZATION, True)],
            Confidence.PROVED,
            True,
            id="boundary and organization",
        ),
        pytest.param(
            without(EXPLICITLY | BY_ORGANIZATION, AwsError("InvalidInput", "no such parameter")),
            [(Denier.ORGANIZATION, True)],
            Confidence.LIKELY,
            True,
            id="where nothing can be left out",
        ),
    ],
)
async def test_a_denial_is_asked_about_until_it_is_told_who_denies(
    aws: FakeAws, denials: list[tuple[Denier, bool]], confidence: Confidence, *, final: bool
) -> None:
    (answer,) = await simulate(aws, ROLE, [Question("kms:Decrypt", KEY.arn)], known=lambda _: KEYS)
    assert [(each.denier, each.explicit) for each in answer.denials] == denials
    assert (answer.confidence, answer.is_final, answer.permits) == (confidence, final, Truth.NO)


async def test_a_denial_by_the_organization_hangs_on_every_key_that_is_not_known() -> None:
    known = {key: values for key, values in KEYS.items() if key != "aws:SourceVpce"}
    questions = [Question("kms:Decrypt", KEY.arn)]
    (alone,) = await simulate(without(EXPLICITLY | BY_ORGANIZATION, {}), ROLE, questions, known=lambda _: known)
    assert (alone.permits, alone.missing_context, alone.only_by_organization) == (
        Truth.PERHAPS,
        ("aws:SourceVpce",),
        True,
    )
    (both,) = await simulate(without(EXPLICITLY | BY_ORGANIZATION, SILENTLY), ROLE, questions, known=lambda _: known)
    assert (both.permits, both.denier, both.confidence) == (Truth.NO, Denier.IDENTITY, Confidence.PROVED)
    assert both.also == (Denial(Denier.ORGANIZATION, explicit=True, hangs_on=("aws:SourceVpce",)),)


def on_resources(**parameters: Any) -> dict[str, Any]:
    """As IAM sums several resources up: `a` is denied by the organization, `b` by the role's own policies."""
    left_out = bool(parameters.get("PolicyExclusionList"))
    decisions = {"a": "allowed" if left_out else "explicitDeny", "b": "implicitDeny", "c": "allowed"}
    asked = parameters["ResourceArns"]
    allowed = left_out or "a" not in asked
    return {
        "EvaluationResults": [
            a_result(
                action,
                "arn:${Partition}:s3:::${BucketName}",
                EvalDecision=min(
                    (decisions[each] for each in asked), key=["explicitDeny", "implicitDeny", "allowed"].index
                ),
                OrganizationsDecisionDetail={"AllowedByOrganizations": allowed},
                MissingContextValues=["aws:SourceVpc"],
                ResourceSpecificResults=[
                    {
                        "EvalResourceName": each,
                        "EvalResourceDecision": decisions[each],
                        "MissingContextValues": ["aws:SourceVpc"] if each == "c" else [],
                    }
                    for each in asked
                ],
            )
            for action in parameters["ActionNames"]
        ]
    }


async def test_each_of_several_resources_has_its_own_decision_and_its_own_denier() -> None:
    aws = FakeAws(iam_SimulatePrincipalPolicy=on_resources)
    found = await simulate_on_many(aws, ROLE, ["s3:PutObject"], ["a", "b", "c"], known=KEYS)
    assert {question.resource: (each.decision, each.denials) for question, each in found.items()} == {
        "a": (Decision.EXPLICIT_DENY, (Denial(Denier.ORGANIZATION, explicit=True),)),
        "b": (Decision.IMPLICIT_DENY, (Denial(Denier.IDENTITY, explicit=False),)),
        "c": (Decision.ALLOWED, ()),
    }
    assert {each.missing_context for each in found.values()} == {()}
    asked = [each["ResourceArns"] for each in aws.parameters("iam:SimulatePrincipalPolicy")]
    # What the organization is said to deny among them is asked again without it; what both may deny, alone.
    assert asked == [["a", "b", "c"], ["a", "b"], ["b"]]


async def test_an_answer_that_hangs_on_an_unknown_condition_is_likely_only() -> None:
    answer = await the_answer(judged(MissingContextValues=["kms:ViaService", "aws:SourceVpc"]))
    assert answer.missing_context == ("aws:SourceVpc", "kms:ViaService")
    assert (answer.denier, answer.confidence) == (None, Confidence.LIKELY)


async def test_a_denial_that_hangs_on_an_unknown_condition_decides_nothing() -> None:
    silent = await the_answer(judged(EvalDecision="implicitDeny", MissingContextValues=["aws:SourceVpc"]))
    assert (silent.permits, silent.may_be_barred) == (Truth.PERHAPS, False)
    barred = await the_answer(judged(EvalDecision="explicitDeny", MissingContextValues=["aws:SourceVpc"]))
    assert (barred.permits, barred.may_be_barred, barred.is_final) == (Truth.PERHAPS, True, False)


async def test_keys_that_iam_misses_may_stand_with_the_resource() -> None:
    specific = {"EvalResourceName": KEY.arn, "EvalResourceDecision": "implicitDeny", "MissingContextValues": ["aws:x"]}
    other = specific | {"EvalResourceName": "another", "MissingContextValues": ["aws:y"]}
    answer = await the_answer(judged(EvalDecision="implicitDeny", ResourceSpecificResults=[specific, other]))
    assert answer.missing_context == ("aws:x",)


async def test_what_is_known_of_the_request_is_told_and_is_not_missing() -> None:
    known = {"aws:RequestedRegion": ("eu-west-3",), "aws:SecureTransport": ("true",), "kms:ViaService": ()}
    aws = judged(EvalDecision="implicitDeny", MissingContextValues=["kms:viaservice"])
    (answer,) = await simulate(aws, ROLE, [Question("kms:Decrypt", KEY.arn)], known=lambda _: known)
    assert (answer.permits, answer.missing_context) == (Truth.NO, ())
    (asked,) = aws.parameters("iam:SimulatePrincipalPolicy")
    assert asked["ContextEntries"] == [
        {"ContextKeyName": "aws:RequestedRegion", "ContextKeyValues": ["eu-west-3"], "ContextKeyType": "string"},
        {"ContextKeyName": "aws:SecureTransport", "ContextKeyValues": ["true"], "ContextKeyType": "boolean"},
    ]


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
    assert told == [([BUCKET.arn], False), ([f"{BUCKET.arn}/*"], False), ([KEY.arn], True)]


async def test_an_action_without_an_answer_is_no_permission() -> None:
    with pytest.raises(MalformedAnswer):
        await simulate(judged(), ROLE, [Question("kms:Encrypt", KEY.arn)])


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


async def test_the_bucket_is_judged_with_its_objects_and_its_key() -> None:
    aws = FakeAws(iam_SimulatePrincipalPolicy=allowing)
    encryption = BucketEncryption("aws:kms", KEY.arn)
    asking = (NODE_ROLE, BUCKET, encryption, preferences(s3_bucket="logs", s3_prefix="sessions"))
    found = await fact(aws, BucketPermissions, a_node(), *asking)
    assert isinstance(found, BucketPermissions)
    assert actions_of(found) == [
        ("s3:GetEncryptionConfiguration", BUCKET.arn),
        ("s3:PutObject", f"{BUCKET.arn}/sessions/*"),
        ("kms:GenerateDataKey", KEY.arn),
    ]


async def test_a_bucket_that_the_caller_may_not_look_at_is_judged_for_the_node_all_the_same() -> None:
    aws = FakeAws(iam_SimulatePrincipalPolicy=allowing, s3_HeadBucket={}, s3_GetBucketEncryption={})
    foreign = Bucket("arn:aws:s3:::logs", "logs", None, foreign=True)
    asking = (NODE_ROLE, foreign, PLAIN, preferences(s3_bucket="logs"))
    assert ("s3:PutObjectAcl", f"{BUCKET.arn}/*") in actions_of(await fact(aws, BucketPermissions, a_node(), *asking))


@pytest.mark.parametrize("kind", [BucketPermissions, LogGroupPermissions, KeyPermissions])
async def test_a_setting_that_is_off_or_only_a_reference_is_not_asked_about(kind: type) -> None:
    aws = FakeAws()
    off = await fact(aws, kind, a_node(), NODE_ROLE, preferences())
    assert isinstance(off, Moot)
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
    assert len(asked) == 2
    questions = log_group_questions(a_scope(), preferences(log_group="/sessions"))
    assert actions_of(found) == [(each.action, each.resource) for each in questions]


async def test_the_caller_is_judged_by_the_principal_behind_the_session() -> None:
    aws = FakeAws(iam_SimulatePrincipalPolicy=allowing)
    found = await fact(aws, CallerPreferencesPermissions)
    assert isinstance(found, CallerPreferencesPermissions)
    assert found.principal == "arn:aws:iam::123456789012:role/Engineer"
    assert aws.calls["iam:SimulatePrincipalPolicy"] == 1
