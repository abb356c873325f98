from __future__ import annotations

from dataclasses import replace

import pytest

from ssmtui.analysis.finding_parts import (
    READ_PARAMETER,
    add_interface_findings,
    denial_evidence,
    fixes_for,
    settling_actions,
    status_by_switch,
    the_bucket,
    the_document,
    the_key,
    the_log_group,
    the_subnet,
    undecided_evidence,
)
from ssmtui.model.fact import Unreadable
from ssmtui.model.finding import Confidence, Evidence, Status, Subject, SubjectKind
from ssmtui.model.network import NetworkInterface
from ssmtui.model.permissions import Decision, Denier, DenyingPolicy, EvaluationResult, Question
from ssmtui.model.preferences import EncryptedOnly
from tests.builders.fleet import a_finding, a_scope
from tests.builders.network import NODE_SUBNET, a_placement
from tests.builders.storage import BUCKET_ARN, DOCUMENT_ARN, ENCRYPTED_ONLY, GROUP_ARN, KEY_ARN, KEY_ID
from tests.checks.outcome import Said, said

SCOPE = a_scope()


@pytest.mark.parametrize(
    ("named", "arn"),
    [
        (KEY_ARN, KEY_ARN),
        (KEY_ID, KEY_ARN),
        ("alias/sessions", SCOPE.arn("kms", "alias/sessions")),
        ("{{ssm:key}}", "{{ssm:key}}"),
    ],
)
def test_a_session_key_is_an_arn_however_it_is_named(named: str, arn: str) -> None:
    assert the_key(SCOPE, replace(ENCRYPTED_ONLY, kms_key=named)) == Subject(SubjectKind.KEY, arn)


def test_destinations_are_arns() -> None:
    assert the_bucket(SCOPE, ENCRYPTED_ONLY) == Subject(SubjectKind.BUCKET, BUCKET_ARN)
    assert the_log_group(SCOPE, ENCRYPTED_ONLY) == Subject(SubjectKind.LOG_GROUP, GROUP_ARN)


def test_a_placement_is_its_subnets_matter() -> None:
    assert the_subnet(a_placement()) == Subject(SubjectKind.SUBNET, NODE_SUBNET)


def test_what_unread_preferences_name_is_the_documents_matter() -> None:
    unread = Unreadable("ssm:GetDocument", "not authorized")
    document = Subject(SubjectKind.DOCUMENT, DOCUMENT_ARN)
    assert the_document(SCOPE) == document
    assert {subject(SCOPE, unread) for subject in (the_key, the_bucket, the_log_group)} == {document}


@pytest.mark.parametrize("named", ["{{kmsKey}}", "{{ kmsKey }}"])
def test_a_key_that_whoever_starts_a_session_names_is_the_documents_matter(named: str) -> None:
    assert the_key(SCOPE, replace(ENCRYPTED_ONLY, kms_key=named)) == Subject(SubjectKind.DOCUMENT, DOCUMENT_ARN)


ON_KEY = Question("kms:Decrypt", "arn:aws:kms:eu-west-3:123456789012:key/k")
ON_ALL = Question("ssm:UpdateInstanceInformation", "*")
EXPLICIT, IMPLICIT = Decision.EXPLICIT_DENY, Decision.IMPLICIT_DENY
PROVED, LIKELY = Confidence.PROVED, Confidence.LIKELY
OWN_READING = "iam:GetRolePolicy, iam:GetPolicyVersion"
UNKNOWN = "; the values of aws:PrincipalOrgPaths in the request are unknown"
GRANT, ASK = "attach-core-policy", "steps-organization-policy"


@pytest.mark.parametrize(
    ("answer", "fact", "sure", "fixes"),
    [
        pytest.param(
            EvaluationResult(ON_ALL, IMPLICIT, Denier.IDENTITY),
            "ssm:UpdateInstanceInformation is implicitly denied by the identity-based policies",
            PROVED,
            (GRANT,),
            id="the role says nothing",
        ),
        pytest.param(
            EvaluationResult(ON_KEY, EXPLICIT, Denier.IDENTITY),
            f"kms:Decrypt on {ON_KEY.resource} is explicitly denied by the identity-based policies",
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
            "ssm:UpdateInstanceInformation is implicitly denied by the identity-based policies",
            LIKELY,
            (GRANT,),
            id="the role says nothing, as ssmtui reads it",
        ),
        pytest.param(
            EvaluationResult(
                ON_ALL, EXPLICIT, Denier.ORGANIZATION, also=(DenyingPolicy(Denier.IDENTITY, explicit=False),)
            ),
            "ssm:UpdateInstanceInformation is implicitly denied by the identity-based policies, "
            "and also by a service control policy",
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
            "ssm:UpdateInstanceInformation is implicitly denied by the identity-based policies, "
            "and possibly also by a service control policy",
            PROVED,
            (GRANT, ASK),
            id="the role says nothing, and the organization may deny",
        ),
        pytest.param(
            EvaluationResult(
                ON_ALL,
                EXPLICIT,
                Denier.ORGANIZATION,
                also=(DenyingPolicy(Denier.IDENTITY, explicit=True, hangs_on=("aws:SourceVpc",)),),
            ),
            "ssm:UpdateInstanceInformation is explicitly denied by a service control policy, "
            "and possibly also by the identity-based policies",
            PROVED,
            (ASK,),
            id="the organization denies, and the role may deny",
        ),
        pytest.param(
            EvaluationResult(ON_ALL, EXPLICIT, Denier.IDENTITY, also=(DenyingPolicy(Denier.BOUNDARY, explicit=False),)),
            "ssm:UpdateInstanceInformation is explicitly denied by the identity-based policies, "
            "and also by the permissions boundary",
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
        "the result for ssm:UpdateInstanceInformation depends on conditions on aws:SourceVpc and aws:SourceVpce",
        "iam:SimulatePrincipalPolicy",
    )


@pytest.mark.parametrize(
    ("keys", "fact"),
    [
        pytest.param(
            ("aws:SourceVpc", "aws:SourceVpce"),
            "a service control policy possibly denies ssm:UpdateInstanceInformation, depending on aws:SourceVpc and "
            "aws:SourceVpce; IAM does not report which of these keys a policy uses",
            id="keys that are unknown",
        ),
        pytest.param(
            (),
            "a service control policy possibly denies ssm:UpdateInstanceInformation: the organization's policies could "
            "not be evaluated",
            id="the policies are unread",
        ),
    ],
)
def test_a_doubt_about_the_organization_says_that_it_alone_may_deny(keys: tuple[str, ...], fact: str) -> None:
    answer = EvaluationResult(ON_ALL, EXPLICIT, Denier.ORGANIZATION, keys, undecided=True)
    assert undecided_evidence(answer) == Evidence(fact, "iam:SimulatePrincipalPolicy")


def test_what_would_have_let_things_be_read_is_named_once_and_only_where_an_action_would() -> None:
    refused = Unreadable("kms:DescribeKey", "not authorized")
    illegible = Unreadable("", "it is no policy", source="kms:GetKeyPolicy")
    assert settling_actions(refused, illegible, refused) == ("kms:DescribeKey",)


@pytest.mark.parametrize(
    ("switch", "status"),
    [
        (EncryptedOnly.ON, (Status.FAIL, ())),
        (EncryptedOnly.OFF, (Status.WARN, ())),
        (EncryptedOnly.MALFORMED, (Status.WARN, ())),
        (EncryptedOnly.REFERENCE, (Status.UNKNOWN, (READ_PARAMETER,))),
        (EncryptedOnly.PARAMETER, (Status.UNKNOWN, ())),
    ],
)
def test_a_fault_of_a_destination_matters_by_its_switch(
    switch: EncryptedOnly, status: tuple[Status, tuple[str, ...]]
) -> None:
    assert status_by_switch(switch) == status


SUBNET = Subject(SubjectKind.SUBNET, "subnet-1")
CLOSED = a_finding("no-route-to-endpoint", subject=SUBNET, confidence=Confidence.LIKELY)
LAB = NetworkInterface("eni-2", 1, "subnet-2", "vpc-1", ("sg-2",), "10.0.1.10", None)


def test_a_way_that_another_interface_has_is_not_known_to_be_closed() -> None:
    (told,) = add_interface_findings((CLOSED,), [(LAB, ())])
    assert (told.status, told.confidence, told.fixes) == (Status.UNKNOWN, Confidence.POSSIBLE, CLOSED.fixes)
    assert told.evidence[-1].source == "ec2:DescribeNetworkInterfaces"
    assert "eni-2 in subnet-2 with sg-2" in told.evidence[-1].fact


def test_a_way_that_another_interface_has_not_is_a_note_and_changes_no_verdict() -> None:
    told = add_interface_findings((), [(LAB, (CLOSED,))])
    assert said(told) == [Said("no-route-to-endpoint", Status.INFO, Confidence.POSSIBLE, "subnet-1")]
    assert "eni-2" in told[0].summary


def test_what_is_only_noted_of_the_primary_interface_closes_no_way() -> None:
    noted = replace(CLOSED, status=Status.INFO)
    told = add_interface_findings((noted,), [(LAB, (CLOSED,))])
    assert [(each.status, each.confidence) for each in told] == [
        (Status.INFO, Confidence.LIKELY),
        (Status.INFO, Confidence.POSSIBLE),
    ]
    assert told[0] == noted


def test_what_is_the_same_by_every_interface_stays_as_it_is() -> None:
    assert add_interface_findings((CLOSED,), [(LAB, (CLOSED,))]) == (CLOSED,)
    assert add_interface_findings((), [(LAB, ())]) == ()


def test_a_note_asks_for_no_permission_and_offers_no_change() -> None:
    mendable = replace(CLOSED, fixes=("open-https-out",), needs=("ec2:DescribeRouteTables",))
    (told,) = add_interface_findings((), [(LAB, (mendable,))])
    assert (told.fixes, told.needs) == ((), ())
