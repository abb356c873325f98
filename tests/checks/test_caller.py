"""What the caller may do with sessions, session keys, preferences and remote desktops."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ssmtui.checks.caller import (
    caller_may_change_preferences,
    caller_may_make_data_keys,
    caller_may_open_desktops,
    caller_may_start_sessions,
    caller_may_use_its_sessions,
    caller_may_use_the_document,
)
from ssmtui.model.document_text import DocumentFormat, parse_document_text
from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Status, Subject, SubjectKind
from ssmtui.model.iam_questions import (
    DESKTOP_ACTIONS,
    DOCUMENT_ACCESS_CHECK,
    GENERATE_DATA_KEY,
    OPEN_DATA_CHANNEL,
    OWN_SESSION_ACTIONS,
    START_ACCESS_REQUEST,
    START_SESSION,
    caller_preferences_questions,
    document_question,
    node_arn,
)
from ssmtui.model.node_facts import WindowsNode
from ssmtui.model.permissions import (
    CallerAtNode,
    CallerDesktopPermissions,
    CallerInSessions,
    CallerKeyPermissions,
    CallerPreferencesPermissions,
    DataKeyDryRun,
    Decision,
    Denier,
    EvaluationResult,
    Question,
)
from ssmtui.model.preferences import PreferencesDocument
from ssmtui.model.storage import KeyPolicy
from tests.builders.fleet import a_node, a_scope
from tests.builders.identity import answers, undecided
from tests.builders.policies import allow, deny
from tests.builders.storage import DOCUMENT_ARN, KEY_ARN, ROOT, a_key, a_key_policy, key_grants
from tests.checks.outcome import Said, judged, said

SCOPE = a_scope()
CALLER = SCOPE.principal or ""
STEPS = ("steps-caller-policy",)
PROVED, LIKELY, POSSIBLE = Confidence.PROVED, Confidence.LIKELY, Confidence.POSSIBLE
NODE = node_arn(SCOPE, "i-1")


def answer(
    question: Question, *, allowed: object, denier: Denier = Denier.IDENTITY, missing: str = ""
) -> EvaluationResult:
    keys = (missing,) if missing else ()
    if allowed:
        return EvaluationResult(question, Decision.ALLOWED, None, keys)
    return EvaluationResult(question, Decision.IMPLICIT_DENY, denier, keys)


def at_node(
    *,
    start: object = True,
    request: object = False,
    denier: Denier = Denier.IDENTITY,
    missing: str = "",
    checked: object = False,
) -> CallerAtNode:
    return CallerAtNode(
        answer(Question(START_SESSION, NODE), allowed=start, denier=denier, missing=missing),
        answer(Question(START_ACCESS_REQUEST, NODE), allowed=request),
        bool(checked),
    )


def perhaps_barred(answer: EvaluationResult) -> EvaluationResult:
    """The same, where simulating is refused and the account is in an organization."""
    return answer.perhaps_barred_by_organization(Unreadable("iam:SimulatePrincipalPolicy", "refused"))


def in_sessions(*denied: str, document: object = True, missing: str = "") -> CallerInSessions:
    arn = SCOPE.arn("ssm", "session/alex-0123456789abcdef0")
    return CallerInSessions(
        tuple(
            answer(Question(action, arn), allowed=action not in denied, missing=missing)
            for action in OWN_SESSION_ACTIONS
        ),
        answer(document_question(SCOPE), allowed=document),
    )


NOTHING_DEPENDS = NotApplicable("no policy depends on it")


@pytest.mark.parametrize(
    ("permissions", "expected"),
    [
        pytest.param(at_node(), [], id="allowed"),
        pytest.param(
            at_node(start=False), [Said("caller-start-denied", Status.FAIL, PROVED, CALLER, STEPS)], id="denied"
        ),
        pytest.param(
            at_node(start=False, denier=Denier.ORGANIZATION),
            [Said("caller-start-denied", Status.FAIL, LIKELY, CALLER, ("steps-organization-policy",))],
            id="denied by the organization",
        ),
        pytest.param(
            at_node(start=False, request=True),
            [Said("caller-needs-access-request", Status.WARN, PROVED, CALLER, STEPS)],
            id="just-in-time access",
        ),
        pytest.param(
            at_node(start=False, missing="aws:MultiFactorAuthPresent"),
            [Said("caller-start-denied", Status.UNKNOWN, POSSIBLE, CALLER)],
            id="it hangs on MFA",
        ),
        pytest.param(
            replace(at_node(request=True), start=perhaps_barred(at_node().start)),
            [Said("caller-start-denied", Status.UNKNOWN, POSSIBLE, CALLER, needs=("iam:SimulatePrincipalPolicy",))],
            id="the organization may deny it",
        ),
        pytest.param(
            replace(at_node(start=False), request=perhaps_barred(at_node(request=True).request)),
            [Said("caller-start-denied", Status.UNKNOWN, POSSIBLE, CALLER, needs=("iam:SimulatePrincipalPolicy",))],
            id="the organization may deny just-in-time access",
        ),
    ],
)
def test_the_caller_may_start_sessions(permissions: CallerAtNode, expected: list[Said]) -> None:
    assert said(caller_may_start_sessions(SCOPE, permissions)) == expected


def barred(held: EvaluationResult) -> EvaluationResult:
    """Allowed, and perhaps denied for the address that the request comes from."""
    unread = (Unreadable("iam:GetRolePolicy", "refused", source="iam:GetRolePolicy"),)
    return replace(held, missing_context=("aws:SourceIp",), undecided=True, may_be_barred=True, unread=unread)


def test_what_may_be_denied_for_an_address_that_nobody_knows_is_unknown_and_says_so_and_what_would_tell() -> None:
    on_address = [
        ("the policies have conditions on aws:SourceIp", "iam:SimulatePrincipalPolicy"),
        ("refused", "iam:GetRolePolicy"),
    ]
    here = at_node(checked=True)
    (start,) = caller_may_start_sessions(SCOPE, replace(here, start=barred(here.start)))
    sessions = in_sessions()
    sessions = CallerInSessions(tuple(barred(each) for each in sessions.own), barred(sessions.document))
    (document,) = judged(caller_may_use_the_document, SCOPE, here, sessions)
    own = caller_may_use_its_sessions(SCOPE, sessions)
    told = [(start, 0), (document, 1), *((each, 0) for each in own)]
    assert len(own) == len(OWN_SESSION_ACTIONS)
    for found, before in told:
        assert (found.status, found.needs) == (Status.UNKNOWN, ("iam:GetRolePolicy",))
        assert [(each.fact, each.source) for each in found.evidence[before:]] == on_address


def test_a_document_that_the_organization_may_deny_is_unknown() -> None:
    sessions = in_sessions()
    sessions = replace(sessions, document=perhaps_barred(sessions.document))
    assert said(caller_may_use_the_document(SCOPE, at_node(checked=True), sessions)) == [
        Said("caller-document-denied", Status.UNKNOWN, POSSIBLE, CALLER, needs=("iam:SimulatePrincipalPolicy",))
    ]


def test_a_denial_is_worded_alike_for_every_node_since_they_share_the_finding() -> None:
    elsewhere = Question(START_SESSION, node_arn(SCOPE, "mi-2"))
    other = replace(at_node(start=False), start=answer(elsewhere, allowed=False))
    assert caller_may_start_sessions(SCOPE, other) == caller_may_start_sessions(SCOPE, at_node(start=False))


@pytest.mark.parametrize(
    ("permissions", "document", "denied"),
    [
        pytest.param(at_node(checked=True), False, True, id="documents are checked"),
        pytest.param(at_node(checked=False), False, False, id="documents are not checked"),
        pytest.param(at_node(checked=True), True, False, id="the document is allowed"),
        pytest.param(at_node(start=False, checked=True), False, False, id="the node is denied first"),
        pytest.param(
            at_node(checked=True, missing=DOCUMENT_ACCESS_CHECK),
            False,
            True,
            id="the check itself is no open condition",
        ),
    ],
)
def test_the_document_counts_where_the_callers_policies_ask_for_it(
    permissions: CallerAtNode, document: object, denied: object
) -> None:
    found = said(caller_may_use_the_document(SCOPE, permissions, in_sessions(document=document)))
    assert [(each.cause, each.status, each.fixes) for each in found] == (
        [("caller-document-denied", Status.FAIL, STEPS)] if denied else []
    )


@pytest.mark.parametrize(
    ("action", "cause", "status"),
    [
        ("ssmmessages:OpenDataChannel", "caller-open-channel-denied", Status.FAIL),
        ("ssm:TerminateSession", "caller-terminate-denied", Status.WARN),
        ("ssm:ResumeSession", "caller-resume-denied", Status.WARN),
    ],
)
def test_what_closes_a_session_fails_and_what_hinders_it_warns(action: str, cause: str, status: Status) -> None:
    assert said(caller_may_use_its_sessions(SCOPE, in_sessions(action))) == [Said(cause, status, LIKELY, CALLER, STEPS)]
    conditional = said(caller_may_use_its_sessions(SCOPE, in_sessions(action, missing="aws:SourceIp")))
    assert conditional == [Said(cause, Status.UNKNOWN, POSSIBLE, CALLER)]


def test_a_caller_that_may_use_its_sessions_has_no_finding() -> None:
    assert caller_may_use_its_sessions(SCOPE, in_sessions()) == ()


def on_key(*, allowed: object = True) -> CallerKeyPermissions:
    return CallerKeyPermissions(CALLER, (answer(Question(GENERATE_DATA_KEY, KEY_ARN), allowed=allowed),))


REFUSED = Unreadable("iam:SimulatePrincipalPolicy", "not authorized")
NOT_TRIED = NotApplicable("not selected")
LEAVES_IT_TO_THE_ACCOUNT = a_key_policy(allow("kms:*", principal=ROOT))


@pytest.mark.parametrize(
    ("permissions", "policy", "status"),
    [
        pytest.param(on_key(), LEAVES_IT_TO_THE_ACCOUNT, None, id="allowed by both"),
        pytest.param(
            on_key(allowed=False), LEAVES_IT_TO_THE_ACCOUNT, Status.FAIL, id="denied by the caller's policies"
        ),
        pytest.param(
            on_key(allowed=False), a_key_policy(allow(GENERATE_DATA_KEY, principal=CALLER)), None, id="named by the key"
        ),
        pytest.param(
            on_key(),
            a_key_policy(allow("kms:*", principal="arn:aws:iam::999999999999:root")),
            Status.FAIL,
            id="not admitted by the key",
        ),
        pytest.param(
            on_key(),
            a_key_policy(allow("kms:*", principal=ROOT), deny(GENERATE_DATA_KEY, principal=CALLER)),
            Status.FAIL,
            id="denied by the key",
        ),
        pytest.param(REFUSED, LEAVES_IT_TO_THE_ACCOUNT, Status.UNKNOWN, id="simulating is refused"),
    ],
)
def test_the_caller_may_make_data_keys(
    permissions: CallerKeyPermissions | Unreadable, policy: KeyPolicy, status: Status | None
) -> None:
    found = caller_may_make_data_keys(SCOPE, permissions, a_key(), policy, key_grants(), NOTHING_DEPENDS, NOT_TRIED)
    assert [(each.cause, each.status, each.subject.id) for each in found] == (
        [("kms-caller-denied", status, CALLER)] if status else []
    )
    assert said(found) is not None


@pytest.mark.parametrize(
    ("permissions", "dry_run", "expected"),
    [
        pytest.param(REFUSED, DataKeyDryRun(KEY_ARN), None, id="KMS allows what could not be simulated"),
        pytest.param(on_key(allowed=False), DataKeyDryRun(KEY_ARN), None, id="KMS allows what policies seem to deny"),
        pytest.param(REFUSED, DataKeyDryRun(KEY_ARN, "no"), (Status.FAIL, PROVED), id="KMS refuses it"),
        pytest.param(
            on_key(), DataKeyDryRun(KEY_ARN, "no"), (Status.FAIL, PROVED), id="KMS refuses what policies allow"
        ),
        pytest.param(
            REFUSED,
            DataKeyDryRun(f"{KEY_ARN}-before"),
            (Status.UNKNOWN, POSSIBLE),
            id="the dry run was with another key",
        ),
        pytest.param(
            REFUSED, Unreadable(GENERATE_DATA_KEY, "no answer"), (Status.UNKNOWN, POSSIBLE), id="KMS did not answer"
        ),
    ],
)
def test_a_dry_run_outranks_the_evaluation_of_policies(
    permissions: CallerKeyPermissions | Unreadable,
    dry_run: DataKeyDryRun | Unreadable,
    expected: tuple[Status, Confidence] | None,
) -> None:
    policy, grants = LEAVES_IT_TO_THE_ACCOUNT, key_grants()
    found = caller_may_make_data_keys(SCOPE, permissions, a_key(), policy, grants, NOTHING_DEPENDS, dry_run)
    assert [(each.status, each.confidence) for each in found] == ([expected] if expected else [])
    refused = [each.source for finding in found for each in finding.evidence if each.source == GENERATE_DATA_KEY]
    assert bool(refused) is (isinstance(dry_run, DataKeyDryRun) and dry_run.refusal != "")


QUESTIONS = caller_preferences_questions(SCOPE)
SAVED = PreferencesDocument(
    DOCUMENT_ARN, DocumentFormat.JSON, "1", "1", parse_document_text("{}", DocumentFormat.JSON), "{}"
)
NOT_SAVED = Absent("the document", "ssm:GetDocument")


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
    denial = f"{{}} on {DOCUMENT_ARN} is implicitly denied by the identity-based policies"
    assert caller_may_change_preferences(SCOPE, permissions, SAVED) == (
        Finding(
            cause="caller-preferences-denied",
            status=Status.INFO,
            confidence=PROVED,
            subject=Subject(SubjectKind.CALLER, CALLER),
            summary="Engineer is not allowed to change the session preferences: "
            "missing ssm:UpdateDocument and ssm:UpdateDocumentDefaultVersion.",
            evidence=(
                Evidence(denial.format("ssm:UpdateDocument"), "iam:SimulatePrincipalPolicy"),
                Evidence(denial.format("ssm:UpdateDocumentDefaultVersion"), "iam:SimulatePrincipalPolicy"),
            ),
            fixes=("steps-caller-policy",),
        ),
    )


def permissions(*denied: str, denier: Denier = Denier.IDENTITY) -> CallerDesktopPermissions:
    return CallerDesktopPermissions(
        CALLER,
        tuple(
            EvaluationResult(Question(action, "*"), Decision.IMPLICIT_DENY, denier)
            if action in denied
            else EvaluationResult(Question(action, "*"), Decision.ALLOWED)
            for action in (*DESKTOP_ACTIONS, OPEN_DATA_CHANNEL)
        ),
    )


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (permissions(), []),
        (permissions(*DESKTOP_ACTIONS), [(LIKELY, ("steps-caller-policy",), ())]),
        (permissions(OPEN_DATA_CHANNEL), [(LIKELY, ("steps-caller-policy",), ())]),
        (permissions(DESKTOP_ACTIONS[0], denier=Denier.ORGANIZATION), [(LIKELY, ("steps-organization-policy",), ())]),
        (Unreadable("iam:SimulatePrincipalPolicy", "no"), [(POSSIBLE, (), ("iam:SimulatePrincipalPolicy",))]),
    ],
)
def test_the_caller_may_open_remote_desktops(
    found: CallerDesktopPermissions | Unreadable,
    expected: list[tuple[Confidence, tuple[str, ...], tuple[str, ...]]],
) -> None:
    assert said(caller_may_open_desktops(SCOPE, WindowsNode(a_node()), found)) == [
        Said("caller-desktop-denied", Status.INFO, sure, CALLER, fixes, needs) for sure, fixes, needs in expected
    ]
