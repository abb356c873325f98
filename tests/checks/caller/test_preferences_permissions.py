from __future__ import annotations

import pytest

from ssmtui.checks.caller import caller_may_change_preferences
from ssmtui.model.document_text import DocumentFormat, parse_document_text
from ssmtui.model.fact import Absent, Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Status, Subject, SubjectKind
from ssmtui.model.iam_questions import caller_preferences_questions
from ssmtui.model.permissions import CallerPreferencesPermissions, Denier
from ssmtui.model.preferences import PreferencesDocument
from tests.builders.fleet import a_scope
from tests.builders.identity import answers, undecided
from tests.builders.storage import DOCUMENT_ARN
from tests.checks.outcome import Said, said

SCOPE = a_scope()
CALLER = SCOPE.principal or ""
QUESTIONS = caller_preferences_questions(SCOPE)
SAVED = PreferencesDocument(
    DOCUMENT_ARN, DocumentFormat.JSON, "1", "1", parse_document_text("{}", DocumentFormat.JSON), "{}"
)
NOT_SAVED = Absent("the document", "ssm:GetDocument")
PROVED, LIKELY, POSSIBLE = Confidence.PROVED, Confidence.LIKELY, Confidence.POSSIBLE


def may_not(*actions: str, denier: Denier = Denier.IDENTITY) -> CallerPreferencesPermissions:
    return answers(CallerPreferencesPermissions, QUESTIONS, *actions, denier=denier)


@pytest.mark.parametrize(
    ("permissions", "document", "expected"),
    [
        pytest.param(may_not(), SAVED, [], id="allowed"),
        pytest.param(may_not("ssm:CreateDocument"), SAVED, [], id="nothing is to be created"),
        pytest.param(
            may_not("ssm:CreateDocument"), NOT_SAVED, [(PROVED, ("steps-caller-policy",), ())], id="to be created first"
        ),
        pytest.param(may_not("ssm:UpdateDocument"), SAVED, [(PROVED, ("steps-caller-policy",), ())], id="denied"),
        pytest.param(
            may_not("ssm:UpdateDocumentDefaultVersion"),
            SAVED,
            [(PROVED, ("steps-caller-policy",), ())],
            id="the default",
        ),
        pytest.param(
            may_not("ssm:UpdateDocument", denier=Denier.ORGANIZATION),
            SAVED,
            [(LIKELY, ("steps-organization-policy",), ())],
            id="denied by the organization",
        ),
        pytest.param(
            undecided(CallerPreferencesPermissions, QUESTIONS, "ssm:UpdateDocument"),
            SAVED,
            [(POSSIBLE, (), ())],
            id="on conditions that nobody knows",
        ),
        pytest.param(
            undecided(CallerPreferencesPermissions, QUESTIONS, "ssm:CreateDocument"),
            SAVED,
            [],
            id="on conditions, and nothing is to be created",
        ),
        pytest.param(
            Unreadable("iam:SimulatePrincipalPolicy", "not authorized"),
            SAVED,
            [(POSSIBLE, (), ("iam:SimulatePrincipalPolicy",))],
            id="unread: still no node's fault",
        ),
    ],
)
def test_a_caller_may_change_the_preferences(
    permissions: CallerPreferencesPermissions | Unreadable,
    document: PreferencesDocument | Absent,
    expected: list[tuple[Confidence, tuple[str, ...], tuple[str, ...]]],
) -> None:
    assert said(caller_may_change_preferences(SCOPE, permissions, document)) == [
        Said("caller-preferences-denied", Status.INFO, sure, CALLER, fixes, needs) for sure, fixes, needs in expected
    ]


def test_the_denied_actions_are_named() -> None:
    permissions = may_not("ssm:UpdateDocument", "ssm:UpdateDocumentDefaultVersion")
    denial = f"{{}} on {DOCUMENT_ARN} is implicitly denied by the identity's own policies"
    assert caller_may_change_preferences(SCOPE, permissions, SAVED) == (
        Finding(
            cause="caller-preferences-denied",
            status=Status.INFO,
            confidence=PROVED,
            subject=Subject(SubjectKind.CALLER, CALLER),
            summary="Engineer may not change the session preferences: "
            "it lacks ssm:UpdateDocument and ssm:UpdateDocumentDefaultVersion.",
            evidence=(
                Evidence(denial.format("ssm:UpdateDocument"), "iam:SimulatePrincipalPolicy"),
                Evidence(denial.format("ssm:UpdateDocumentDefaultVersion"), "iam:SimulatePrincipalPolicy"),
            ),
            fixes=("steps-caller-policy",),
        ),
    )
