"""Whose a denial is: in words, how sure, and what would help against it."""

from __future__ import annotations

import pytest

from ssmtui.analysis.finding_parts import denial_evidence, fixes_for, undecided_evidence
from ssmtui.model.finding import Confidence, Evidence
from ssmtui.model.permissions import Decision, Denier, DenyingPolicy, EvaluationResult, Question

ON_KEY = Question("kms:Decrypt", "arn:aws:kms:eu-west-3:123456789012:key/k")
ON_ALL = Question("ssm:UpdateInstanceInformation", "*")
EXPLICIT, IMPLICIT = Decision.EXPLICIT_DENY, Decision.IMPLICIT_DENY
PROVED, LIKELY = Confidence.PROVED, Confidence.LIKELY
OWN_READING = "iam:GetRolePolicy, iam:GetPolicyVersion"
UNKNOWN = ", as far as the request is known: aws:PrincipalOrgPaths is not"
GRANT, ASK = "attach-core-policy", "steps-organization-policy"


@pytest.mark.parametrize(
    ("answer", "fact", "sure", "fixes"),
    [
        pytest.param(
            EvaluationResult(ON_ALL, IMPLICIT, Denier.IDENTITY),
            "ssm:UpdateInstanceInformation is implicitly denied by the identity's own policies",
            PROVED,
            (GRANT,),
            id="the role says nothing",
        ),
        pytest.param(
            EvaluationResult(ON_KEY, EXPLICIT, Denier.IDENTITY),
            f"kms:Decrypt on {ON_KEY.resource} is explicitly denied by the identity's own policies",
            PROVED,
            (),
            id="the role denies",
        ),
        pytest.param(
            EvaluationResult(ON_ALL, IMPLICIT, Denier.BOUNDARY),
            "ssm:UpdateInstanceInformation is implicitly denied by the permissions boundary",
            PROVED,
            (),
            id="the boundary says nothing",
        ),
        pytest.param(
            EvaluationResult(ON_KEY, EXPLICIT, Denier.BOUNDARY),
            f"kms:Decrypt on {ON_KEY.resource} is explicitly denied by the permissions boundary",
            PROVED,
            (),
            id="the boundary denies",
        ),
        pytest.param(
            EvaluationResult(ON_ALL, EXPLICIT, Denier.ORGANIZATION),
            "ssm:UpdateInstanceInformation is explicitly denied by a service control policy" + UNKNOWN,
            LIKELY,
            (ASK,),
            id="the organization denies",
        ),
        pytest.param(
            EvaluationResult(ON_ALL, IMPLICIT, Denier.ORGANIZATION),
            "ssm:UpdateInstanceInformation is implicitly denied by a service control policy" + UNKNOWN,
            LIKELY,
            (ASK,),
            id="the organization says nothing",
        ),
        pytest.param(
            EvaluationResult(ON_ALL, IMPLICIT, Denier.IDENTITY, source=OWN_READING),
            "ssm:UpdateInstanceInformation is implicitly denied by the identity's own policies",
            LIKELY,
            (GRANT,),
            id="the role says nothing, as ssmtui reads it",
        ),
        pytest.param(
            EvaluationResult(
                ON_ALL, EXPLICIT, Denier.ORGANIZATION, also=(DenyingPolicy(Denier.IDENTITY, explicit=False),)
            ),
            "ssm:UpdateInstanceInformation is implicitly denied by the identity's own policies, "
            "and by a service control policy too",
            PROVED,
            (ASK,),
            id="the role says nothing, and the organization denies",
        ),
        pytest.param(
            EvaluationResult(
                ON_ALL,
                IMPLICIT,
                Denier.IDENTITY,
                also=(DenyingPolicy(Denier.ORGANIZATION, explicit=True, hangs_on=("aws:SourceVpc",)),),
            ),
            "ssm:UpdateInstanceInformation is implicitly denied by the identity's own policies; "
            "a service control policy may deny it too",
            PROVED,
            (GRANT, ASK),
            id="the role says nothing, and the organization may deny",
        ),
        pytest.param(
            EvaluationResult(ON_ALL, EXPLICIT, Denier.IDENTITY, also=(DenyingPolicy(Denier.BOUNDARY, explicit=False),)),
            "ssm:UpdateInstanceInformation is explicitly denied by the identity's own policies, "
            "and by the permissions boundary too",
            PROVED,
            (),
            id="the role denies, and the boundary says nothing",
        ),
    ],
)
def test_a_denial_names_the_kind_of_policy_that_it_comes_from(
    answer: EvaluationResult, fact: str, sure: Confidence, fixes: tuple[str, ...]
) -> None:
    assert denial_evidence(answer) == Evidence(fact, answer.source)
    assert answer.confidence is sure
    assert fixes_for((answer,), GRANT) == fixes


def test_a_doubt_names_the_keys_that_it_hangs_on() -> None:
    keys = ("aws:SourceVpc", "aws:SourceVpce")
    assert undecided_evidence(EvaluationResult(ON_ALL, IMPLICIT, Denier.IDENTITY, keys, undecided=True)) == Evidence(
        "whether ssm:UpdateInstanceInformation is allowed hangs on conditions on aws:SourceVpc and aws:SourceVpce",
        "iam:SimulatePrincipalPolicy",
    )


def test_a_doubt_about_the_organization_says_that_it_alone_denies() -> None:
    keys = ("aws:SourceVpc", "aws:SourceVpce")
    answer = EvaluationResult(ON_ALL, EXPLICIT, Denier.ORGANIZATION, keys, undecided=True)
    assert undecided_evidence(answer) == Evidence(
        "a service control policy denies ssm:UpdateInstanceInformation to a request of which aws:SourceVpc and "
        "aws:SourceVpce are not known; IAM does not tell which of them it asks for",
        "iam:SimulatePrincipalPolicy",
    )
