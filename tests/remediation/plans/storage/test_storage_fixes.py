"""Fixes of keys and log groups, and the preferences without a key."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ssmtui.model.document_text import DocumentFormat
from ssmtui.model.fact import Absent
from ssmtui.model.plan import FactChange, FixNotApplicable, Plan, Reach
from ssmtui.model.preferences import EncryptedOnly, SessionPreferences, parse_preferences
from ssmtui.model.storage import Key, LogGroup
from ssmtui.remediation.plans.preferences.encryption import clear_session_key
from ssmtui.remediation.plans.storage import cancel_key_deletion, create_log_group, enable_key
from tests.builders.storage import a_key, a_log_group
from tests.remediation.plans.facts import REGION, SCOPE, caller, stored, text_of

KEY = replace(a_key(), state="Disabled")
GOING = replace(KEY, state="PendingDeletion", deletion=datetime(2027, 1, 1, tzinfo=UTC))
NO_GROUP = Absent("the log group", "logs:DescribeLogGroups")
NAMED = SessionPreferences("", True, log_group="/ssm/sessions")


def why(plan: Plan | FixNotApplicable) -> str:
    assert isinstance(plan, FixNotApplicable)
    return plan.why


def test_a_disabled_key_is_enabled_for_the_whole_region_and_disabled_again() -> None:
    plan = enable_key(SCOPE, KEY)
    assert isinstance(plan, Plan)
    assert [call.operation for call in plan.calls] == ["EnableKey"]
    assert [call.operation for call in plan.way_back.calls] == ["DisableKey"]
    assert (plan.reach, plan.confirmation) == (Reach.REGION, REGION)
    assert plan.facts_after == (FactChange(Key, replace(KEY, state="Enabled"), replaces=KEY),)


def test_a_key_is_kept_and_its_old_date_is_not_promised_back() -> None:
    plan = cancel_key_deletion(SCOPE, GOING)
    assert isinstance(plan, Plan)
    assert [call.operation for call in plan.calls] == ["CancelKeyDeletion", "EnableKey"]
    assert [call.operation for call in plan.way_back.calls] == ["DisableKey"]
    assert "Its deletion is not scheduled again" in plan.undo
    assert plan.facts_after[0].value == replace(KEY, state="Enabled")


def test_only_a_key_of_ones_own_and_in_that_state_is_changed() -> None:
    theirs = replace(KEY, arn=KEY.arn.replace(SCOPE.account, "999999999999"))
    assert "999999999999" in why(enable_key(SCOPE, theirs))
    assert "PendingDeletion, not Disabled" in why(enable_key(SCOPE, GOING))
    assert "Disabled, not PendingDeletion" in why(cancel_key_deletion(SCOPE, KEY))


def test_a_log_group_is_created_and_deleted_while_it_is_empty() -> None:
    plan = create_log_group(SCOPE, NAMED, NO_GROUP)
    assert isinstance(plan, Plan)
    assert [(call.operation, call.parameters) for call in plan.calls] == [
        ("CreateLogGroup", {"logGroupName": "/ssm/sessions"})
    ]
    assert [guard.expected for guard in plan.guards] == [None]
    assert [guard.expected for guard in plan.way_back.guards] == [""]
    assert [call.operation for call in plan.way_back.calls] == ["DeleteLogGroup"]
    arn = SCOPE.arn("logs", "log-group:/ssm/sessions")
    assert plan.facts_after == (FactChange(LogGroup, LogGroup(arn, "/ssm/sessions", None)),)
    assert not any("stay refused" in note for note in plan.notes)


def test_a_group_without_a_key_is_said_not_to_do_where_only_encrypted_ones_are_allowed() -> None:
    plan = create_log_group(SCOPE, replace(NAMED, log_group_encrypted_only=EncryptedOnly.ON), NO_GROUP)
    assert isinstance(plan, Plan)
    assert "Sessions stay refused" in plan.notes[0]


def test_a_group_that_exists_or_cannot_be_called_so_is_not_created() -> None:
    assert "already exists" in why(create_log_group(SCOPE, NAMED, a_log_group()))
    arn = replace(NAMED, log_group="arn:aws:logs:eu-west-3:123456789012:log-group:x")
    assert "is not a valid log group name" in why(create_log_group(SCOPE, arn, NO_GROUP))


@pytest.mark.parametrize(
    ("text", "format_", "after"),
    [
        (
            text_of(kmsKeyId="alias/x"),
            DocumentFormat.JSON,
            text_of(kmsKeyId=""),
        ),
        (
            "inputs:\n  # ours\n  kmsKeyId: 'alias/x'  # the key\n  s3BucketName: audit\n",
            DocumentFormat.YAML,
            "inputs:\n  # ours\n  kmsKeyId: ''  # the key\n  s3BucketName: audit\n",
        ),
    ],
)
def test_clearing_the_key_leaves_every_other_byte_and_says_what_is_lost(
    text: str, format_: DocumentFormat, after: str
) -> None:
    document = stored(text, format_=format_)
    plan = clear_session_key(SCOPE, document, parse_preferences(document), caller())
    assert isinstance(plan, Plan)
    assert (plan.before, plan.after) == (text, after)
    assert "no longer encrypted with your KMS key" in plan.loses
    assert (plan.reach, plan.confirmation) == (Reach.REGION, REGION)


def test_no_key_no_right_and_no_readable_document_leave_the_preferences_alone() -> None:
    def told(text: str, *denied: str) -> str:
        document = stored(text)
        return why(clear_session_key(SCOPE, document, parse_preferences(document), caller(*denied)))

    assert "no session key" in told(text_of())
    assert "ssm:UpdateDocument" in told(text_of(kmsKeyId="alias/x"), "ssm:UpdateDocument")
    assert "correct the document first" in told("nonsense")
