"""The tag of the session key, where sessions have to be asked for."""

from __future__ import annotations

import pytest

from ssmtui.checks.preferences.session_key import session_key_serves_access_requests
from ssmtui.model.finding import Confidence, Status
from ssmtui.model.sessions import JUST_IN_TIME_KEY_TAG, JustInTimeAccess
from ssmtui.model.storage import KeyTags
from tests.builders.storage import KEY_ARN, a_key
from tests.checks.outcome import Said, said


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
