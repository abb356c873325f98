from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import CancelledError
from pathlib import Path

import pytest

from ssmtui.remediation.apply.change import (
    AppliedOutcome,
    Change,
    ChangeState,
    DefectOutcome,
    FailedOutcome,
    RefusedOutcome,
)
from ssmtui.remediation.apply.change_service import ChangeService
from ssmtui.remediation.apply.journal import Journal
from ssmtui.remediation.operations.write_operation import ChangeFailedError
from tests.remediation.apply.fake_aws import FakeAws
from tests.remediation.apply.plans import OFF, ON, bucket_toggle, log_group_toggle
from tests.remediation.plans.facts import SCOPE


@pytest.fixture
def desk(aws: FakeAws, journal: Journal) -> Iterator[ChangeService]:
    opened = ChangeService(journal, lambda _: aws)
    yield opened
    opened.close()


def test_a_change_is_made_offered_for_undo_and_taken_back(desk: ChangeService, aws: FakeAws) -> None:
    assert desk.undoable() is None
    outcome = desk.apply(bucket_toggle(aws)).result()
    assert isinstance(outcome, AppliedOutcome)
    assert aws.text == OFF
    assert desk.undoable() == outcome.change
    assert isinstance(desk.undo().result(), AppliedOutcome)
    assert aws.text == ON
    assert desk.undoable() is None


def test_the_change_named_is_taken_back(desk: ChangeService, aws: FakeAws) -> None:
    outcome = desk.apply(bucket_toggle(aws)).result()
    assert isinstance(outcome, AppliedOutcome)
    assert isinstance(desk.undo(outcome.change.id).result(), AppliedOutcome)
    assert desk.undo(outcome.change.id).result() == RefusedOutcome("the change is already undone")
    assert desk.undo("20260101T000000").result() == RefusedOutcome("the journal has no change 20260101T000000")


def test_an_empty_journal_has_nothing_to_take_back(desk: ChangeService) -> None:
    assert desk.undo().result() == RefusedOutcome("the journal has no change that can be undone")


def test_what_a_killed_process_planned_and_never_sent_is_passed_over(desk: ChangeService, aws: FakeAws) -> None:
    desk.apply(bucket_toggle(aws)).result()
    desk.journal.plan(log_group_toggle(aws))
    assert isinstance(desk.undo().result(), AppliedOutcome)
    assert aws.text == ON


def test_what_a_killed_process_left_open_is_settled_before_the_next_change(desk: ChangeService, aws: FakeAws) -> None:
    made, not_sent = desk.journal.plan(bucket_toggle(aws)), desk.journal.plan(log_group_toggle(aws))
    aws.versions.append(OFF)
    aws.default = 2
    assert isinstance(desk.apply(log_group_toggle(aws)).result(), AppliedOutcome)
    states = {change.id: change.state for change in desk.journal.changes()}
    assert states.pop(made.id) is ChangeState.APPLIED
    assert states.pop(not_sent.id) is ChangeState.PLANNED  # of its text nothing is left to tell by
    assert list(states.values()) == [ChangeState.APPLIED]


def test_what_is_open_and_cannot_be_read_back_stays_open(desk: ChangeService, aws: FakeAws) -> None:
    open_ = desk.journal.plan(bucket_toggle(aws))
    plan = bucket_toggle(aws)
    aws.unreadable = ChangeFailedError("", "unreachable")
    assert desk.apply(plan).result() == FailedOutcome("unreachable")
    assert [change.state for change in desk.journal.changes() if change.id == open_.id] == [ChangeState.PLANNED]


def test_a_change_of_another_region_is_not_taken_back_for_this_one(desk: ChangeService, aws: FakeAws) -> None:
    from dataclasses import replace

    desk.apply(bucket_toggle(aws)).result()
    elsewhere = replace(SCOPE, region="eu-central-1")
    assert desk.undoable(elsewhere) is None
    assert desk.undo(scope=elsewhere).result() == RefusedOutcome("the journal has no change that can be undone")
    assert desk.undoable(SCOPE) is not None


def test_changes_are_made_one_at_a_time_in_order(desk: ChangeService, aws: FakeAws) -> None:
    plans = (bucket_toggle(aws), log_group_toggle(aws))
    first, second = (desk.apply(plan) for plan in plans)
    assert isinstance(first.result(), AppliedOutcome)
    assert isinstance(second.result(), RefusedOutcome)


def test_closing_finishes_the_write_under_way_and_makes_no_other(aws: FakeAws, journal: Journal) -> None:
    desk = ChangeService(journal, lambda _: aws)
    writing, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        writing.set()
        go_on.wait()

    aws.at_write = wait
    under_way, waiting = desk.apply(bucket_toggle(aws)), desk.apply(log_group_toggle(aws))
    writing.wait()
    closing = threading.Thread(target=desk.close)
    closing.start()
    with pytest.raises(CancelledError):
        waiting.result()
    go_on.set()
    closing.join()
    assert isinstance(under_way.result(), AppliedOutcome)
    assert desk.finished_late == (under_way.result(),)
    assert aws.versions == [ON, OFF]


def test_a_journal_that_cannot_be_read_offers_no_undo(aws: FakeAws, tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.file.mkdir()
    desk = ChangeService(journal, lambda _: aws)
    assert desk.undoable() is None
    assert isinstance(desk.undo().result(), FailedOutcome)
    desk.close()


@pytest.mark.parametrize("come_to", ["before", "after"])
def test_a_defect_while_a_change_is_written_is_told_and_what_it_left_is_taken_back(
    come_to: str, desk: ChangeService, aws: FakeAws
) -> None:
    plan = bucket_toggle(aws)
    getattr(aws, come_to)["UpdateDocument"] = ZeroDivisionError("a defect")
    outcome = desk.apply(plan).result()
    assert isinstance(outcome, DefectOutcome)
    assert outcome.change is not None
    assert outcome.change.state is ChangeState.UNSURE
    assert outcome.why.startswith("ZeroDivisionError at ssmtui/remediation/apply/")
    assert [change.why for change in desk.journal.changes()] == [f"internal error in ssmtui ({outcome.why})"]
    getattr(aws, come_to).clear()
    desk.undo().result()
    assert (aws.text, aws.default) == (ON, aws.newest)


def test_a_defect_before_anything_is_sent_says_that_nothing_was(desk: ChangeService, aws: FakeAws) -> None:
    plan = bucket_toggle(aws)
    aws.unreadable = ZeroDivisionError("a defect")
    outcome = desk.apply(plan).result()
    assert isinstance(outcome, DefectOutcome)
    assert outcome.change is None
    assert desk.journal.changes() == ()
    made = desk.journal.applied(desk.journal.plan(plan), {}, ())
    undone = desk.undo(made.id).result()
    assert isinstance(undone, DefectOutcome)
    assert undone.change is None
    assert aws.written == []


def test_a_defect_in_writing_down_what_a_defect_did_leaves_it_open(aws: FakeAws, tmp_path: Path) -> None:
    class Broken(Journal):
        def unsure(self, change: Change, results: Mapping[str, str], why: str) -> Change:
            raise ZeroDivisionError(change.id, results, why)

    desk = ChangeService(Broken(tmp_path), lambda _: aws)
    plan = bucket_toggle(aws)
    aws.after["UpdateDocument"] = ZeroDivisionError("a defect")
    outcome = desk.apply(plan).result()
    desk.close()
    assert isinstance(outcome, DefectOutcome)
    assert outcome.change == desk.journal.changes()[0]
    assert outcome.change.is_open
