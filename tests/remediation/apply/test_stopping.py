"""A change whose process is told to end: gone on with for a while, then stopped between two calls, and completed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ssmtui.remediation.apply.apply_plan import apply
from ssmtui.remediation.apply.change import AppliedOutcome, ChangeState, FailedOutcome, UnsureOutcome
from ssmtui.remediation.apply.change_service import ChangeService, Stop, StoppableWriter
from ssmtui.remediation.apply.follow_up import find_same_change, interrupted_changes
from ssmtui.remediation.apply.journal import Journal
from ssmtui.remediation.apply.undo import aws_shows
from ssmtui.report.change_text import outcome_lines, unfinished_lines
from tests.remediation.apply.fake_aws import FakeAws
from tests.remediation.apply.plans import OFF, ON, bucket_toggle, log_group_toggle


class Clock:
    """A clock that only tests move."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("asked", "then", "state"),
    [
        (None, AppliedOutcome, ChangeState.APPLIED),
        (10.0, AppliedOutcome, ChangeState.APPLIED),
        (0.0, UnsureOutcome, ChangeState.UNSURE),
    ],
    ids=["not-told", "within-the-time", "after-it"],
)
def test_the_calls_that_follow_are_made_within_the_time(
    asked: float | None, then: type, state: ChangeState, aws: FakeAws, journal: Journal
) -> None:
    clock = Clock()
    stop = Stop(clock)

    def told() -> None:
        if asked is not None:
            stop.ask(asked)
        clock.now += 1

    aws.at_write = told
    outcome = apply(bucket_toggle(aws), StoppableWriter(aws, stop), journal)
    assert isinstance(outcome, then)
    assert [each.state for each in journal.changes()] == [state]


def test_what_is_stopped_is_made_in_part_and_says_how_to_go_on(aws: FakeAws, journal: Journal, tmp_path: Path) -> None:
    stop = Stop(Clock())
    aws.at_write = lambda: stop.ask(0)
    outcome = apply(bucket_toggle(aws), StoppableWriter(aws, stop), journal)
    assert isinstance(outcome, UnsureOutcome)
    id_ = outcome.change.id
    ways = [f"  complete the change: ssmtui fix --complete {id_} --yes", f"  undo the change: ssmtui undo {id_} --yes"]
    assert list(outcome_lines(outcome)) == [
        "The change was applied in part: 1 of 2 calls succeeded, then: ssmtui was stopped",
        *ways,
    ]
    (left,) = interrupted_changes(Journal(journal.file.parent))
    shown = aws_shows(left, aws)
    assert list(unfinished_lines(left, shown))[1:] == [
        "  1 of 2 calls were made; missing: ssm:UpdateDocumentDefaultVersion",
        *ways,
    ]
    aws.at_write = lambda: None
    desk = ChangeService(Journal(journal.file.parent), lambda _: aws)
    assert isinstance(desk.complete(id_).result(), AppliedOutcome)
    assert (aws.versions, aws.default) == ([ON, OFF], 2)
    assert interrupted_changes(desk.journal) == ()
    desk.close()


def test_nothing_is_begun_once_it_was_told_to_end(aws: FakeAws, journal: Journal) -> None:
    stop = Stop(Clock())
    stop.ask(0)
    assert apply(bucket_toggle(aws), StoppableWriter(aws, stop), journal) == FailedOutcome("ssmtui was stopped")
    assert [each.state for each in journal.changes()] == [ChangeState.FAILED]
    assert aws.written == []


def test_a_later_wish_to_end_does_not_give_more_time() -> None:
    clock = Clock()
    stop = Stop(clock)
    assert not stop.is_asked
    stop.ask(0)
    stop.ask(10)
    assert stop.is_over


def test_a_change_that_was_made_again_since_is_not_named(aws: FakeAws, journal: Journal) -> None:
    plan = bucket_toggle(aws)
    killed = journal.plan(plan)
    assert interrupted_changes(journal) == (killed,)
    journal.applied(journal.plan(plan), {}, ())
    assert interrupted_changes(journal) == ()


def test_of_a_change_and_its_undo_the_undo_is_named(aws: FakeAws, journal: Journal) -> None:
    change = journal.plan(bucket_toggle(aws))
    undoing = journal.plan(bucket_toggle(aws), undoes=change.id)
    assert interrupted_changes(journal) == (undoing,)
    assert list(unfinished_lines(undoing, ""))[1:] == [f"  complete the undo: ssmtui undo {change.id} --yes"]


def test_a_plan_that_was_chosen_otherwise_is_no_rest_of_what_was_begun(aws: FakeAws, journal: Journal) -> None:
    plan, other = bucket_toggle(aws), log_group_toggle(aws)
    begun = journal.plan(plan)
    left = interrupted_changes(Journal(journal.file.parent))
    assert find_same_change(left, plan) == begun
    assert find_same_change(left, replace(plan, calls=plan.calls[1:])) == begun
    assert find_same_change(left, replace(plan, calls=other.calls)) is None
    assert find_same_change(left, other) is None
