from __future__ import annotations

import pytest

from ssmtui.checks.preferences.session_key import role_may_decrypt_with_session_key
from ssmtui.model.fact import Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Status, Subject, SubjectKind
from ssmtui.model.iam_questions import key_questions
from ssmtui.model.permissions import Decision, Denier, KeyPermissions
from ssmtui.model.storage import KeyGrants, KeyPolicy
from tests.builders.fleet import a_scope
from tests.builders.identity import ROLE_ARN, a_node_role, answers
from tests.builders.policies import allow, deny
from tests.builders.storage import KEY_ARN, KEY_ID, ROOT, a_key, a_key_policy, key_grants
from tests.checks.outcome import Said, said

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
        pytest.param(MAY_NOT, NAMES_ROLE, NO_GRANTS, [], id="the key's policy names the role"),
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
        pytest.param(MAY_NOT, NO_POLICY, NO_GRANTS, open_until("kms:GetKeyPolicy"), id="the key's policy may allow"),
        pytest.param(MAY, NAMES_NOBODY, NO_GRANTS, denied(PROVED, CLEAR), id="the key's policy admits others only"),
        pytest.param(MAY, DENIES_ROLE, GRANTED, denied(PROVED, CLEAR), id="the key's policy denies the role"),
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
    found = role_may_decrypt_with_session_key(a_node_role(), a_key(), a_scope(), permissions, policy, grants)
    assert said(found) == expected


def test_a_key_of_another_account_needs_both_sides() -> None:
    foreign = a_key(account="999999999999")
    both = role_may_decrypt_with_session_key(a_node_role(), foreign, a_scope(), MAY, NAMES_ROLE, NO_GRANTS)
    key_alone = role_may_decrypt_with_session_key(a_node_role(), foreign, a_scope(), MAY_NOT, NAMES_ROLE, NO_GRANTS)
    assert (said(both), said(key_alone)) == ([], denied(PROVED, GRANT, CLEAR))


def test_a_denial_is_said_in_a_sentence_with_both_proofs() -> None:
    assert role_may_decrypt_with_session_key(a_node_role(), a_key(), a_scope(), MAY_NOT, DELEGATES, NO_GRANTS) == (
        Finding(
            cause="kms-node-denied",
            status=Status.FAIL,
            confidence=PROVED,
            subject=Subject(SubjectKind.ROLE, ROLE_ARN),
            summary=f"The role web may not decrypt with the session key {KEY_ID}.",
            evidence=(
                Evidence(
                    f"kms:Decrypt on {KEY_ARN} is implicitly denied by the identity's own policies",
                    "iam:SimulatePrincipalPolicy",
                ),
                Evidence(
                    "the key's policy leaves it to the account and does not name the role",
                    "kms:GetKeyPolicy",
                ),
            ),
            fixes=(GRANT, CLEAR),
        ),
    )
