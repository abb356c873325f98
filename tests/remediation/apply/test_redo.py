"""Redo: which change was undone last, and when the same change would not be the same any more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ssmtui.model.choice import Choices
from ssmtui.remediation.apply.apply_plan import apply
from ssmtui.remediation.apply.change import AppliedOutcome, Change
from ssmtui.remediation.apply.journal import Journal
from ssmtui.remediation.apply.undo import last_redoable, last_undoable, undo
from tests.remediation.apply.fake_aws import FakeAws
from tests.remediation.apply.plans import THEIRS, bucket_toggle, log_group_toggle
from tests.remediation.plans.facts import SCOPE

ELSEWHERE = replace(SCOPE, region="eu-north-1", name=replace(SCOPE.name, region="eu-north-1"))

BUCKET, GROUP = "toggle-s3-encryption", "toggle-cloudwatch-encryption"


def after(steps: str, aws: FakeAws, journal: Journal) -> Change | None:
    """What can be redone after these steps: b and g make a change, z undoes the last one."""
    for step in steps:
        change = last_undoable(journal, SCOPE)
        if step == "z":
            assert change is not None
            outcome = undo(change, aws, journal)
        else:
            outcome = apply(bucket_toggle(aws) if step == "b" else log_group_toggle(aws), aws, journal)
        assert isinstance(outcome, AppliedOutcome)
    return last_redoable(journal, (ELSEWHERE, SCOPE))


@pytest.mark.parametrize(
    ("steps", "fix"),
    [
        ("", None),
        ("b", None),
        ("bz", BUCKET),
        ("bzb", None),
        ("bzbz", BUCKET),
        ("bgz", GROUP),
        ("bgzz", BUCKET),
        ("bgzzb", GROUP),
        ("bgzzbg", None),
        ("bzg", BUCKET),
    ],
)
def test_the_change_undone_last_can_be_redone_until_it_is_made_again(
    steps: str, fix: str | None, aws: FakeAws, journal: Journal
) -> None:
    found = after(steps, aws, journal)
    assert (found.fix if found else None) == fix


def test_another_region_has_nothing_to_redo(aws: FakeAws, journal: Journal) -> None:
    after("bz", aws, journal)
    assert last_redoable(journal, (ELSEWHERE,)) is None
    assert last_redoable(journal, ()) is None


@pytest.mark.parametrize("repeats_refused", [False, True])
def test_a_plan_from_current_facts_is_the_same_change_unless_somebody_edited_meanwhile(
    repeats_refused: bool,  # noqa: FBT001
    aws: FakeAws,
    journal: Journal,
) -> None:
    aws.repeats_refused = repeats_refused
    change = after("bz", aws, journal)
    assert change is not None
    assert change.is_same_as(bucket_toggle(aws))
    assert not change.is_same_as(log_group_toggle(aws))
    aws.versions.append(THEIRS)
    assert not change.is_same_as(bucket_toggle(aws))


def test_the_journal_keeps_what_the_plan_was_made_with(aws: FakeAws, journal: Journal) -> None:
    made_with = Choices((("key", "alias/a"), ("name", "x=y")))
    outcome = apply(replace(bucket_toggle(aws), finding_id="cause@subject", choices=made_with), aws, journal)
    assert isinstance(outcome, AppliedOutcome)
    [change] = journal.changes()
    assert (change.finding_id, change.choices) == ("cause@subject", made_with)
