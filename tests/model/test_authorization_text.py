"""AWS's own word for a refusal, as a sentence and as evidence."""

from __future__ import annotations

import pytest

from ssmtui.model.access_denied import (
    AuthorizationDetails,
    Denial,
    Evaluation,
    EvaluationEffect,
    LookedUp,
    deciding_sentence,
    denial_sentence,
    lookup_evidence,
)

DENIAL = Denial("iam:GetRole", "arn:aws:iam::123456789012:role/web")


def test_what_was_not_looked_up_is_no_evidence() -> None:
    assert lookup_evidence(None) == ()
    assert lookup_evidence(LookedUp(DENIAL)) == ()


def test_why_aws_has_no_word_of_its_own_is_evidence() -> None:
    (told,) = lookup_evidence(LookedUp(DENIAL, why_not="it is older than a day"))
    assert told.fact == "AWS did not return the details of this denial: it is older than a day"


def refused(action: str, resource: str = "*") -> Evaluation:
    return Evaluation(action, resource, EvaluationEffect.EXPLICIT_DENY, ())


@pytest.mark.parametrize(
    ("evaluations", "asked"),
    [
        pytest.param((refused("iam:PassRole"), refused("IAM:getrole")), "IAM:getrole", id="that of the action"),
        pytest.param((refused("iam:PassRole", "web"), refused("s3:PutObject")), "iam:PassRole on web", id="the first"),
        pytest.param(
            (Evaluation("iam:GetRole", "", EvaluationEffect.ALLOW, ()), refused("iam:PassRole", "")),
            "iam:PassRole on arn:aws:iam::123456789012:role/web",
            id="none that allows",
        ),
        pytest.param((refused(""),), "iam:GetRole", id="one that names no action"),
    ],
)
def test_the_evaluation_that_refused_is_told_by_its_action_and_resource(
    evaluations: tuple[Evaluation, ...], asked: str
) -> None:
    looked_up = LookedUp(DENIAL, AuthorizationDetails(evaluations, 4))
    assert deciding_sentence(looked_up) == f"AWS reports that a policy denies {asked}, but does not show the policy"


def test_a_refusal_names_its_resource_where_it_is_one() -> None:
    said = "was denied; the text does not name the policy"
    assert denial_sentence(DENIAL) == f"iam:GetRole on arn:aws:iam::123456789012:role/web {said}"
    assert denial_sentence(Denial("iam:GetRole", "*")) == f"iam:GetRole {said}"
    assert denial_sentence(Denial("iam:GetRole")) == f"iam:GetRole {said}"


@pytest.mark.parametrize(
    ("kind", "named"), [("service control policy", "service control policy"), ("", "policy"), ("new kind", "new kind")]
)
def test_what_nothing_allows_is_told_with_the_kind_of_policy_that_would_have_to(kind: str, named: str) -> None:
    silent = Evaluation("iam:GetRole", "", EvaluationEffect.IMPLICIT_DENY, ())
    looked_up = LookedUp(Denial("iam:GetRole", kind=kind), AuthorizationDetails((silent,), 4))
    assert deciding_sentence(looked_up) == (
        f"AWS reports that no {named} allows iam:GetRole and that no statement denies it"
    )
