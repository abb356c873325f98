"""Keys that IAM lacked: they count where they bear on what was asked, and where nobody can say."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from ssmtui.evidence.aws.reader_api import ReadFailed
from ssmtui.evidence.readers.policy_evaluation import settle_answer, settle_on_arns
from ssmtui.evidence.readers.roles import RolePolicies
from ssmtui.evidence.readers.simulation import no_context
from ssmtui.iam_policy.document import parse_policy
from ssmtui.iam_policy.truth import Truth
from ssmtui.model.fact import NotApplicable, Unreadable
from ssmtui.model.permissions import Decision, Denier, DenyingPolicy, EvaluationResult, Question, answer_of
from tests.evidence.fake_aws import FakeAws

START = Question("ssm:StartSession", "arn:aws:ec2:eu-west-3:123456789012:instance/i-0a")
LACKED = ("aws:MultiFactorAuthPresent", "aws:SourceIp")
ALLOWED = EvaluationResult(START, Decision.ALLOWED, missing_context=LACKED, may_be_barred=True)
DENIED = answer_of(START, (DenyingPolicy(Denier.IDENTITY, explicit=False, hangs_on=LACKED),))
REFUSED = Unreadable("iam:GetRole", "iam:GetRole was refused")
ALLOWS = {"Effect": "Allow", "Action": "ssm:*", "Resource": "*"}
OF_OTHERS = {
    "Effect": "Deny",
    "Action": "dynamodb:*",
    "Resource": "*",
    "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}, "IpAddress": {"aws:SourceIp": "192.0.2.0/24"}},
}
FROM_OUTSIDE = {
    "Effect": "Deny",
    "Action": "ssm:StartSession",
    "Resource": "*",
    "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
}
UNLESS_INSIDE = {**FROM_OUTSIDE, "Condition": {"NotIpAddressIfExists": {"aws:SourceIp": "192.0.2.0/24"}}}
DENIED_BY_STATEMENT = answer_of(START, (DenyingPolicy(Denier.IDENTITY, explicit=True, hangs_on=LACKED),))
SILENT = DenyingPolicy(Denier.IDENTITY, explicit=False)
PERHAPS_OWN = DenyingPolicy(Denier.IDENTITY, explicit=True, hangs_on=("aws:SourceIp",))
PERHAPS_BOUNDARY = DenyingPolicy(Denier.BOUNDARY, explicit=False, hangs_on=("aws:SourceIp",))
BY_TAG = {**ALLOWS, "Condition": {"StringEquals": {"ssm:resourceTag/Env": "test"}}}
INSIDE = {**ALLOWS, "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}


def policies(*statements: dict[str, Any]) -> RolePolicies:
    return RolePolicies((parse_policy(json.dumps({"Version": "2012-10-17", "Statement": list(statements)})),), None)


@pytest.mark.parametrize(
    ("answer", "statements", "permits", "lacking"),
    [
        pytest.param(ALLOWED, (ALLOWS, OF_OTHERS), Truth.YES, (), id="keys of other actions alone"),
        pytest.param(ALLOWED, (ALLOWS, INSIDE), Truth.YES, (), id="allowed whatever the key is"),
        pytest.param(ALLOWED, (ALLOWS, FROM_OUTSIDE, OF_OTHERS), Truth.PERHAPS, ("aws:SourceIp",), id="may be denied"),
        pytest.param(DENIED, (OF_OTHERS,), Truth.NO, (), id="denied whatever the keys are"),
        pytest.param(DENIED, (INSIDE, OF_OTHERS), Truth.PERHAPS, ("aws:SourceIp",), id="may be allowed"),
        pytest.param(ALLOWED, (BY_TAG, OF_OTHERS), Truth.YES, (), id="hangs on what IAM was told"),
        pytest.param(ALLOWED, (), Truth.PERHAPS, LACKED, id="policies that do not tell what IAM does"),
    ],
)
def test_what_the_policies_hang_on_counts_and_nothing_else(
    answer: EvaluationResult, statements: tuple[dict[str, Any], ...], permits: Truth, lacking: tuple[str, ...]
) -> None:
    told = settle_answer(answer, policies(*statements), {})
    assert (told.permits, told.missing_context, told.question) == (permits, lacking, START)


@pytest.mark.parametrize(
    ("answer", "statement", "boundary", "denials"),
    [
        pytest.param(DENIED, OF_OTHERS, None, (SILENT,), id="nothing allows, and nothing denies"),
        pytest.param(DENIED, FROM_OUTSIDE, None, (SILENT, PERHAPS_OWN), id="a statement may deny"),
        pytest.param(DENIED_BY_STATEMENT, UNLESS_INSIDE, None, (SILENT, PERHAPS_OWN), id="and denies without the key"),
        pytest.param(DENIED, OF_OTHERS, INSIDE, (SILENT, PERHAPS_BOUNDARY), id="the boundary may not allow"),
    ],
)
def test_what_nothing_allows_is_denied_and_what_may_deny_beside_stays_open(
    answer: EvaluationResult,
    statement: dict[str, Any],
    boundary: dict[str, Any] | None,
    denials: tuple[DenyingPolicy, ...],
) -> None:
    (bound,) = policies(boundary).policies if boundary else (None,)
    told = settle_answer(answer, replace(policies(statement), boundary=bound), {})
    barred = len(denials) > 1
    assert (told.permits, told.denials, told.may_be_barred) == (Truth.NO, denials, barred)
    assert told.decision is Decision.IMPLICIT_DENY


@pytest.mark.parametrize("answer", [ALLOWED, DENIED], ids=["allowed", "denied"])
def test_where_policies_were_not_read_it_is_in_doubt_and_names_that(answer: EvaluationResult) -> None:
    told = settle_answer(answer, REFUSED, {})
    assert (told.permits, told.missing_context, told.unread) == (Truth.PERHAPS, LACKED, (REFUSED,))
    assert settle_answer(answer, NotApplicable("the caller is not a role"), {}).unread == ()


def test_what_lacked_nothing_and_what_the_organization_denies_is_as_it_is() -> None:
    sure = EvaluationResult(START, Decision.ALLOWED)
    by_organization = answer_of(START, (DenyingPolicy(Denier.ORGANIZATION, explicit=True, hangs_on=LACKED),))
    for answer in (sure, by_organization, replace(ALLOWED, source="iam:GetRolePolicy")):
        assert settle_answer(answer, policies(FROM_OUTSIDE), {}) == answer


def test_a_tag_that_iam_lacked_counts_although_the_policies_reader_knows_it() -> None:
    """IAM judged without the tag, the policies' reader without the address: neither has said no to the request."""
    lacked = ("aws:PrincipalTag/team",)
    statement = {
        **ALLOWS,
        "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}, "Null": {"aws:PrincipalTag/team": "false"}},
    }
    answer = answer_of(START, (DenyingPolicy(Denier.IDENTITY, explicit=False, hangs_on=lacked),))
    tagged = replace(policies(statement), tags=(("team", "red"),))
    told = settle_answer(answer, tagged, {})
    assert (told.permits, told.missing_context) == (Truth.PERHAPS, lacked)


CHANNEL = Question("ssmmessages:OpenDataChannel", "arn:aws:ssm:eu-west-3:123456789012:session/alex-0a")
ROLE = "arn:aws:iam::123456789012:role/Engineer"
SILENT_ON_CHANNEL = EvaluationResult(CHANNEL, Decision.IMPLICIT_DENY, Denier.IDENTITY)
BY_ORGANIZATION = DenyingPolicy(Denier.ORGANIZATION, explicit=True)
OWN_SESSIONS = {
    "Effect": "Allow",
    "Action": "ssmmessages:OpenDataChannel",
    "Resource": "arn:aws:ssm:*:*:session/alex-*",
}


def role_with(*statements: dict[str, Any]) -> FakeAws:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    return FakeAws(
        iam_GetRole={
            "Role": {
                "Path": "/",
                "RoleName": "Engineer",
                "RoleId": "AROAENGINEER00000000",
                "Arn": "arn:aws:iam::123456789012:role/Engineer",
                "CreateDate": "2026-01-01T00:00:00Z",
            }
        },
        iam_ListRolePolicies={"PolicyNames": ["own"]},
        iam_GetRolePolicy={"RoleName": "Engineer", "PolicyName": "own", "PolicyDocument": json.dumps(document)},
        iam_ListAttachedRolePolicies={"AttachedPolicies": []},
    )


@pytest.mark.parametrize(
    ("answer", "aws", "principal", "permits", "reads"),
    [
        pytest.param(
            EvaluationResult(CHANNEL, Decision.ALLOWED), FakeAws(), ROLE, Truth.YES, 0, id="allowed: nothing is read"
        ),
        pytest.param(SILENT_ON_CHANNEL, role_with(OWN_SESSIONS), ROLE, Truth.YES, 1, id="the policies allow it"),
        pytest.param(SILENT_ON_CHANNEL, role_with(ALLOWS), ROLE, Truth.NO, 1, id="the policies do not allow it"),
        pytest.param(
            SILENT_ON_CHANNEL,
            FakeAws(iam_GetRole=ReadFailed(REFUSED)),
            ROLE,
            Truth.PERHAPS,
            1,
            id="the policies cannot be read",
        ),
        pytest.param(
            SILENT_ON_CHANNEL, FakeAws(), ROLE.replace("role", "user"), Truth.PERHAPS, 0, id="the policies of a user"
        ),
        pytest.param(
            answer_of(CHANNEL, (DenyingPolicy(Denier.IDENTITY, explicit=False), BY_ORGANIZATION)),
            role_with(OWN_SESSIONS, {**OWN_SESSIONS, "Effect": "Deny", "Condition": FROM_OUTSIDE["Condition"]}),
            ROLE,
            Truth.NO,
            1,
            id="the policies perhaps allow it, the organization does not",
        ),
        pytest.param(
            answer_of(CHANNEL, (BY_ORGANIZATION,)), FakeAws(), ROLE, Truth.NO, 0, id="only the organization denies it"
        ),
        pytest.param(
            answer_of(CHANNEL, (DenyingPolicy(Denier.IDENTITY, explicit=False), BY_ORGANIZATION)),
            role_with(OWN_SESSIONS),
            ROLE,
            Truth.NO,
            1,
            id="the policies allow it, the organization does not",
        ),
        pytest.param(DENIED, FakeAws(), ROLE, Truth.PERHAPS, 0, id="an action with a resource type"),
    ],
)
async def test_a_denied_action_without_a_resource_type_is_settled_by_the_policies(
    answer: EvaluationResult, aws: FakeAws, principal: str, permits: Truth, reads: int
) -> None:
    (settled,) = await settle_on_arns(aws, principal, (answer,), no_context)
    assert (settled.question, settled.permits, aws.calls["iam:GetRole"]) == (answer.question, permits, reads)
    not_read = {1: ["iam:GetRole was refused"], 0: ["the policies of IAM users are not read"]}
    is_open = permits is Truth.PERHAPS and answer is SILENT_ON_CHANNEL
    assert [each.why for each in settled.unread] == (not_read[reads] if is_open else [])
