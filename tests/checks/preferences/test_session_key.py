from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ssmtui.checks.preferences.session_key import session_key_is_of_this_region, session_key_is_usable
from ssmtui.model.fact import Absent
from ssmtui.model.finding import Confidence, Evidence, Finding, Status, Subject, SubjectKind
from ssmtui.model.storage import Key, KeyElsewhere
from tests.builders.fleet import ACCOUNT, a_scope
from tests.builders.storage import ENCRYPTED_ONLY, KEY_ARN, KEY_ID, a_key
from tests.checks.outcome import Said, said

ANOTHER = ("choose-session-key", "clear-session-key")
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
            summary=f"The session key {KEY_ID} is to be deleted on 2026-12-24, and cannot be used until then either.",
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
            summary="The session key is of eu-central-1; no session in eu-west-3 can use it.",
            evidence=(
                Evidence(
                    "the key's ARN names the Region eu-central-1, and sessions here need one of eu-west-3",
                    "ssm:GetDocument",
                ),
            ),
            fixes=ANOTHER,
        ),
    )
