"""What CloudTrail's refusals add to what is judged by policies."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ssmtui.analysis.refused_calls import apply_refusals, describe_refusal
from ssmtui.model.access_denied import RefusedCall, SessionRefusals
from ssmtui.model.finding import Confidence, Status
from tests.builders.fleet import ACCOUNT, NOON, a_finding
from tests.builders.storage import KEY_ARN
from tests.checks.outcome import Said, said

ROLE = f"arn:aws:iam::{ACCOUNT}:role/web"
CALL = RefusedCall("kms:Decrypt", KEY_ARN, NOON, "AccessDenied", "identity-based policy", explicit=False)
REFUSED = SessionRefusals(ROLE, (CALL,))
CAUSES = ("kms-node-denied",)
SOURCE = "cloudtrail:LookupEvents"
GRANT = ("grant-node-key-access",)


def test_a_denial_that_was_only_likely_is_proved() -> None:
    likely = a_finding(confidence=Confidence.LIKELY)
    (told,) = apply_refusals((likely,), CAUSES, REFUSED)
    assert (told.status, told.confidence, told.summary) == (Status.FAIL, Confidence.PROVED, likely.summary)
    assert [each.source for each in told.evidence] == [SOURCE, "iam:SimulatePrincipalPolicy"]


def test_what_could_not_be_told_is_told_by_the_refusal() -> None:
    unsure = replace(a_finding(status=Status.UNKNOWN, confidence=Confidence.POSSIBLE), fixes=())
    assert said(apply_refusals((unsure,), CAUSES, REFUSED)) == [
        Said("kms-node-denied", Status.FAIL, Confidence.PROVED, ROLE, GRANT)
    ]
    lost = replace(unsure, cause="cloudwatch-logs-lost")
    call = replace(CALL, action="logs:CreateLogStream")
    assert said(apply_refusals((lost,), ("cloudwatch-logs-lost",), SessionRefusals(ROLE, (call,)))) == [
        Said("cloudwatch-logs-lost", Status.WARN, Confidence.PROVED, ROLE, ("grant-node-log-write",))
    ]


def test_where_a_parameter_decides_a_refusal_does_not() -> None:
    unsure = a_finding(status=Status.UNKNOWN, confidence=Confidence.POSSIBLE, needs=("ssm:GetParameter",))
    (told,) = apply_refusals((unsure,), CAUSES, REFUSED)
    assert (told.status, told.needs, told.evidence[0].source) == (Status.UNKNOWN, ("ssm:GetParameter",), SOURCE)


@pytest.mark.parametrize(
    ("call", "fixes"),
    [
        (CALL, GRANT),
        (replace(CALL, explicit=True), ()),
        (replace(CALL, because="service control policy", explicit=True), ("steps-organization-policy",)),
        (replace(CALL, because="permissions boundary"), ()),
        (replace(CALL, because="", explicit=None), ()),
    ],
)
def test_a_fix_is_offered_only_for_what_aws_says_denied(call: RefusedCall, fixes: tuple[str, ...]) -> None:
    unsure = a_finding(status=Status.UNKNOWN, confidence=Confidence.POSSIBLE)
    (told,) = apply_refusals((unsure,), CAUSES, SessionRefusals(ROLE, (call,)))
    assert told.fixes == fixes


def test_a_refusal_of_what_is_allowed_now_is_a_note_and_turns_nobody_red() -> None:
    assert said(apply_refusals((), CAUSES, REFUSED)) == [
        Said("kms-node-denied", Status.INFO, Confidence.POSSIBLE, ROLE)
    ]
    assert apply_refusals((), ("log-group-unreadable",), REFUSED) == ()


def test_the_refusal_is_told_with_its_time_and_aws_own_word_for_it() -> None:
    policy = "arn:aws:organizations::123456789012:policy/o-1/service_control_policy/p-1"
    assert describe_refusal(replace(CALL, because="")) == (
        f"kms:Decrypt on {KEY_ARN} was denied to the role at 12:00 UTC (AccessDenied)"
    )
    assert describe_refusal(replace(CALL, because="service control policy", explicit=True, policy=policy)) == (
        f"kms:Decrypt on {KEY_ARN} was denied to the role at 12:00 UTC by an explicit deny: service control policy "
        f"{policy}"
    )


def test_each_cause_that_was_refused_is_told_also_behind_one_that_was_not() -> None:
    call = replace(CALL, action="logs:CreateLogStream")
    told = apply_refusals((), ("kms-node-denied", "cloudwatch-logs-lost"), SessionRefusals(ROLE, (call,)))
    assert [each.cause for each in told] == ["cloudwatch-logs-lost"]
