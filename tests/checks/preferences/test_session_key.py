from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ssmtui.checks.preferences.session_key import (
    role_may_decrypt_with_session_key,
    session_key_is_of_this_region,
    session_key_is_usable,
    session_key_serves_access_requests,
)
from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Status, Subject, SubjectKind
from ssmtui.model.iam_questions import key_questions
from ssmtui.model.node_requests import NO_CONDITIONS
from ssmtui.model.permissions import Decision, Denier, KeyPermissions
from ssmtui.model.sessions import JUST_IN_TIME_KEY_TAG, JustInTimeAccess
from ssmtui.model.storage import Key, KeyElsewhere, KeyGrants, KeyPolicy, KeyTags
from tests.builders.fleet import ACCOUNT, a_scope
from tests.builders.identity import ROLE_ARN, a_node_role, answers
from tests.builders.policies import allow, deny
from tests.builders.storage import ENCRYPTED_ONLY, KEY_ARN, KEY_ID, ROOT, a_key, a_key_policy, key_grants
from tests.checks.outcome import Said, judged, said

ANOTHER = ("choose-session-key", "clear-session-key")
NO_CONDITION = (NO_CONDITIONS, NotApplicable("no policy depends on it"))
UNDELETED = ("cancel-key-deletion", *ANOTHER)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        pytest.param(a_key(), [], id="enabled"),
        pytest.param(a_key("Updating"), [], id="being updated"),
        pytest.param(a_key("Disabled"), [("kms-key-disabled", ("enable-key", *ANOTHER))], id="disabled"),
        pytest.param(a_key("PendingDeletion"), [("kms-key-pending-deletion", UNDELETED)], id="to be deleted"),
        pytest.param(
            a_key("PendingReplicaDeletion"), [("kms-key-pending-deletion", UNDELETED)], id="with its replicas"
        ),
        pytest.param(a_key("PendingImport"), [("kms-key-unusable", ANOTHER)], id="without key material"),
        pytest.param(a_key("Unavailable"), [("kms-key-unusable", ANOTHER)], id="its key store is away"),
        pytest.param(a_key(spec="RSA_2048"), [("kms-key-unusable", ANOTHER)], id="asymmetric"),
        pytest.param(a_key(usage="GENERATE_VERIFY_MAC"), [("kms-key-unusable", ANOTHER)], id="for signatures"),
        pytest.param(Absent("the key k", "kms:DescribeKey"), [("kms-key-missing", ANOTHER)], id="gone"),
    ],
)
def test_a_session_key_is_there_and_usable(key: Key | Absent, expected: list[tuple[str, tuple[str, ...]]]) -> None:
    assert said(session_key_is_usable(a_scope(), ENCRYPTED_ONLY, key)) == [
        Said(cause, Status.FAIL, Confidence.PROVED, KEY_ARN, fixes) for cause, fixes in expected
    ]


def test_a_key_that_is_to_be_deleted_is_named_with_the_date() -> None:
    key = replace(a_key("PendingDeletion"), deletion=datetime(2026, 12, 24, tzinfo=UTC))
    assert session_key_is_usable(a_scope(), ENCRYPTED_ONLY, key) == (
        Finding(
            cause="kms-key-pending-deletion",
            status=Status.FAIL,
            confidence=Confidence.PROVED,
            subject=Subject(SubjectKind.KEY, KEY_ARN),
            summary=f"The session key {KEY_ID} is scheduled for deletion on 2026-12-24 and cannot be used.",
            evidence=(Evidence("KeyState is PendingDeletion on 2026-12-24", "kms:DescribeKey"),),
            fixes=UNDELETED,
        ),
    )


def test_an_alias_that_leads_nowhere_is_named_as_an_arn() -> None:
    preferences = replace(ENCRYPTED_ONLY, kms_key="alias/sessions")
    (found,) = said(session_key_is_usable(a_scope(), preferences, Absent("the key", "kms:DescribeKey")))
    assert found.subject == a_scope().arn("kms", "alias/sessions")


def test_a_disabled_key_behind_an_alias_is_the_key_itself() -> None:
    preferences = replace(ENCRYPTED_ONLY, kms_key="alias/sessions")
    (found,) = said(session_key_is_usable(a_scope(), preferences, a_key("Disabled")))
    assert found.subject == KEY_ARN


def test_a_key_of_another_region_is_of_no_use_here() -> None:
    arn = f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/{KEY_ID}"
    elsewhere = KeyElsewhere(arn, "eu-central-1", ACCOUNT)
    assert session_key_is_of_this_region(a_scope(), elsewhere) == (
        Finding(
            cause="kms-key-wrong-region",
            status=Status.FAIL,
            confidence=Confidence.PROVED,
            subject=Subject(SubjectKind.KEY, arn),
            summary="The session key is in eu-central-1; sessions in eu-west-3 cannot use it.",
            evidence=(
                Evidence(
                    "the ARN of the key is in the Region eu-central-1, but sessions in eu-west-3 need a key of "
                    "eu-west-3",
                    "ssm:GetDocument",
                ),
            ),
            fixes=ANOTHER,
        ),
    )


QUESTIONS = key_questions(a_key())
MAY = answers(KeyPermissions, QUESTIONS)
MAY_NOT = answers(KeyPermissions, QUESTIONS, "kms:Decrypt")
FORBIDDEN = answers(KeyPermissions, QUESTIONS, "kms:Decrypt", decision=Decision.EXPLICIT_DENY)
BOUNDED = answers(KeyPermissions, QUESTIONS, "kms:Decrypt", denier=Denier.BOUNDARY)
BY_ORGANIZATION = answers(KeyPermissions, QUESTIONS, "kms:Decrypt", denier=Denier.ORGANIZATION)

DELEGATES = a_key_policy(allow("kms:*", "*", ROOT))
NAMES_ROLE = a_key_policy(allow("kms:*", "*", ROOT), allow("kms:Decrypt", "*", ROLE_ARN))
NAMES_NOBODY = a_key_policy(allow("kms:*", "*", "arn:aws:iam::123456789012:role/KeyAdministrator"))
DENIES_ROLE = a_key_policy(allow("kms:*", "*", ROOT), deny("kms:Decrypt", "*", ROLE_ARN))
NO_GRANTS, GRANTED, GRANTED_ENCRYPT = key_grants(), key_grants(ROLE_ARN), key_grants(ROLE_ARN, operation="Encrypt")
NO_SIMULATION = Unreadable("iam:SimulatePrincipalPolicy", "not authorized")
NO_POLICY = Unreadable("kms:GetKeyPolicy", "not authorized")
GRANTS_UNREAD = Unreadable("kms:ListGrants", "not authorized")

PROVED, LIKELY, POSSIBLE = Confidence.PROVED, Confidence.LIKELY, Confidence.POSSIBLE
GRANT, CLEAR = "grant-node-key-access", "clear-session-key"


def denied(confidence: Confidence, *fixes: str) -> list[Said]:
    return [Said("kms-node-denied", Status.FAIL, confidence, ROLE_ARN, fixes)]


def open_until(*needs: str) -> list[Said]:
    return [Said("kms-node-denied", Status.UNKNOWN, POSSIBLE, ROLE_ARN, (), needs)]


@pytest.mark.parametrize(
    ("permissions", "policy", "grants", "expected"),
    [
        pytest.param(MAY, DELEGATES, NO_GRANTS, [], id="role allows, key leaves it to the account"),
        pytest.param(MAY_NOT, NAMES_ROLE, NO_GRANTS, [], id="the key policy names the role"),
        pytest.param(MAY_NOT, DELEGATES, GRANTED, [], id="a grant names the role"),
        pytest.param(MAY_NOT, DELEGATES, NO_GRANTS, denied(PROVED, GRANT, CLEAR), id="nobody allows the role"),
        pytest.param(
            MAY_NOT,
            DELEGATES,
            key_grants(ROLE_ARN, operation="Encrypt"),
            denied(PROVED, GRANT, CLEAR),
            id="wrong grant",
        ),
        pytest.param(MAY_NOT, DELEGATES, GRANTS_UNREAD, open_until("kms:ListGrants"), id="a grant may allow"),
        pytest.param(MAY_NOT, NO_POLICY, NO_GRANTS, open_until("kms:GetKeyPolicy"), id="the key policy may allow"),
        pytest.param(MAY, NAMES_NOBODY, NO_GRANTS, denied(PROVED, CLEAR), id="the key policy admits others only"),
        pytest.param(MAY, DENIES_ROLE, GRANTED, denied(PROVED, CLEAR), id="the key policy denies the role"),
        pytest.param(FORBIDDEN, NAMES_ROLE, GRANTED, denied(PROVED, CLEAR), id="the role's own policies deny"),
        pytest.param(BOUNDED, NAMES_ROLE, NO_GRANTS, denied(PROVED, CLEAR), id="the boundary does not allow"),
        pytest.param(
            BY_ORGANIZATION,
            NAMES_ROLE,
            NO_GRANTS,
            denied(LIKELY, "steps-organization-policy", CLEAR),
            id="the organization does not allow",
        ),
        pytest.param(MAY, NO_POLICY, NO_GRANTS, open_until("kms:GetKeyPolicy"), id="the key may deny"),
        pytest.param(
            NO_SIMULATION, NAMES_ROLE, NO_GRANTS, open_until("iam:SimulatePrincipalPolicy"), id="the role may be denied"
        ),
        pytest.param(
            NO_SIMULATION,
            NO_POLICY,
            GRANTS_UNREAD,
            open_until("iam:SimulatePrincipalPolicy", "kms:GetKeyPolicy", "kms:ListGrants"),
            id="nothing is to be read",
        ),
        pytest.param(NO_SIMULATION, DENIES_ROLE, NO_GRANTS, denied(PROVED, CLEAR), id="the key's denial is enough"),
    ],
)
def test_the_role_the_keys_policy_and_its_grants_decide_together(
    permissions: KeyPermissions | Unreadable,
    policy: KeyPolicy | Unreadable,
    grants: KeyGrants | Unreadable,
    expected: list[Said],
) -> None:
    found = judged(
        role_may_decrypt_with_session_key,
        a_node_role(),
        a_key(),
        a_scope(),
        permissions,
        policy,
        grants,
        *NO_CONDITION,
    )
    assert said(found) == expected


def test_a_key_of_another_account_needs_both_sides() -> None:
    foreign = a_key(account="999999999999")
    both = judged(
        role_may_decrypt_with_session_key,
        a_node_role(),
        foreign,
        a_scope(),
        MAY,
        NAMES_ROLE,
        NO_GRANTS,
        *NO_CONDITION,
    )
    key_alone = judged(
        role_may_decrypt_with_session_key,
        a_node_role(),
        foreign,
        a_scope(),
        MAY_NOT,
        NAMES_ROLE,
        NO_GRANTS,
        *NO_CONDITION,
    )
    assert (said(both), said(key_alone)) == ([], denied(PROVED, GRANT, CLEAR))


def test_a_denial_is_said_in_a_sentence_with_both_proofs() -> None:
    assert judged(
        role_may_decrypt_with_session_key,
        a_node_role(),
        a_key(),
        a_scope(),
        MAY_NOT,
        DELEGATES,
        NO_GRANTS,
        *NO_CONDITION,
    ) == (
        Finding(
            cause="kms-node-denied",
            status=Status.FAIL,
            confidence=PROVED,
            subject=Subject(SubjectKind.ROLE, ROLE_ARN),
            summary=f"The role web is not allowed to decrypt with the session key {KEY_ID}.",
            evidence=(
                Evidence(
                    f"kms:Decrypt on {KEY_ARN} is implicitly denied by the identity-based policies",
                    "iam:SimulatePrincipalPolicy",
                ),
                Evidence(
                    "the key policy delegates the decision to the account and does not name the role",
                    "kms:GetKeyPolicy",
                ),
            ),
            fixes=(GRANT, CLEAR),
        ),
    )


@pytest.mark.parametrize(
    ("tags", "missing"),
    [
        ((), True),
        ((("Team", "Platform"),), True),
        (((JUST_IN_TIME_KEY_TAG, "false"),), True),
        (((JUST_IN_TIME_KEY_TAG, "true"),), False),
    ],
)
def test_the_session_key_needs_its_tag(tags: tuple[tuple[str, str], ...], missing: object) -> None:
    found = session_key_serves_access_requests(JustInTimeAccess(("ops-approval",)), a_key(), KeyTags(KEY_ARN, tags))
    fixes = ("tag-key-for-access-requests",)
    expected = [Said("kms-key-jit-tag-missing", Status.WARN, Confidence.LIKELY, KEY_ARN, fixes)]
    assert said(found) == (expected if missing else [])
    assert [[each.source for each in finding.evidence] for finding in found] == (
        [["kms:ListResourceTags", "ssm:ListDocuments"]] if missing else []
    )


@pytest.mark.parametrize(
    ("tags", "fact"),
    [
        ((), f"the key has no tag {JUST_IN_TIME_KEY_TAG}"),
        (((JUST_IN_TIME_KEY_TAG, "false"),), f"the tag {JUST_IN_TIME_KEY_TAG} of the key is false, not true"),
    ],
)
def test_what_the_tag_is_stands_beside_what_asks_for_it(tags: tuple[tuple[str, str], ...], fact: str) -> None:
    (found,) = session_key_serves_access_requests(JustInTimeAccess(("ops",)), a_key(), KeyTags(KEY_ARN, tags))
    assert [each.fact for each in found.evidence] == [fact, "the Region has the approval policy ops"]
