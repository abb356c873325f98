"""Whom a denial comes from: what IAM is asked again without, and what that tells."""

from __future__ import annotations

from typing import Any

import pytest

from ssmtui.evidence.aws.reader_api import AwsError
from ssmtui.evidence.readers.simulation import simulate, simulate_on_many
from ssmtui.iam_policy.truth import Truth
from ssmtui.model.finding import Confidence
from ssmtui.model.permissions import Decision, Denier, DenyingPolicy, Question
from ssmtui.model.request_context import open_organization_keys
from tests.evidence.fake_aws import FakeAws
from tests.evidence.readers.permissions.simulation_results import a_result

ROLE = "arn:aws:iam::123456789012:role/web"
KEY_ARN = "arn:aws:kms:eu-west-3:123456789012:key/k"

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
        return told if isinstance(told, AwsError) else {"EvaluationResults": [a_result("kms:Decrypt", KEY_ARN, **told)]}

    return FakeAws(iam_SimulatePrincipalPolicy=answer)


KEYS = dict.fromkeys(open_organization_keys({}), ("x",))
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
    (answer,) = await simulate(aws, ROLE, [Question("kms:Decrypt", KEY_ARN)], known=lambda _: KEYS)
    assert [(each.denier, each.explicit) for each in answer.denials] == denials
    assert (answer.confidence, answer.is_final, answer.permits) == (confidence, final, Truth.NO)


async def test_a_denial_by_the_organization_hangs_on_every_key_that_is_not_known() -> None:
    known = {key: values for key, values in KEYS.items() if key != "aws:SourceVpce"}
    questions = [Question("kms:Decrypt", KEY_ARN)]
    (alone,) = await simulate(without(EXPLICITLY | BY_ORGANIZATION, {}), ROLE, questions, known=lambda _: known)
    assert (alone.permits, alone.missing_context, alone.only_by_organization) == (
        Truth.PERHAPS,
        ("aws:SourceVpce",),
        True,
    )
    (both,) = await simulate(without(EXPLICITLY | BY_ORGANIZATION, SILENTLY), ROLE, questions, known=lambda _: known)
    assert (both.permits, both.denier, both.confidence) == (Truth.NO, Denier.IDENTITY, Confidence.PROVED)
    assert both.also == (DenyingPolicy(Denier.ORGANIZATION, explicit=True, hangs_on=("aws:SourceVpce",)),)


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
        "a": (Decision.EXPLICIT_DENY, (DenyingPolicy(Denier.ORGANIZATION, explicit=True),)),
        "b": (Decision.IMPLICIT_DENY, (DenyingPolicy(Denier.IDENTITY, explicit=False),)),
        "c": (Decision.ALLOWED, ()),
    }
    assert {each.missing_context for each in found.values()} == {()}
    asked = [each["ResourceArns"] for each in aws.parameters("iam:SimulatePrincipalPolicy")]
    # What the organization is said to deny among them is asked again without it; what both may deny, alone.
    assert asked == [["a", "b", "c"], ["a", "b"], ["b"]]
