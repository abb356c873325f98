"""Two runs of ssmtui at once: what one is still making is not named as interrupted, and the other leaves it alone."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from ssmtui.config.run_lock import AlreadyRunning, RunLock, is_run_alive
from ssmtui.model.plan import JSON, Plan
from ssmtui.remediation.apply.change import AppliedOutcome, Change, ChangeState, RefusedOutcome
from ssmtui.remediation.apply.change_service import ChangeService
from ssmtui.remediation.apply.follow_up import interrupted_changes
from ssmtui.remediation.apply.journal import Journal, made_elsewhere
from ssmtui.remediation.apply.undo import settle_open_changes
from ssmtui.report.change_text import journal_lines
from tests.remediation.apply.fake_aws import FakeAws
from tests.remediation.apply.plans import bucket_toggle


class Run:
    """A run: a journal of its own, and the desk that writes to it."""

    def __init__(self, folder: Path, aws: FakeAws) -> None:
        self.journal = Journal(folder)
        self.desk = ChangeService(self.journal, lambda _: aws)

    def change(self, *, undoes: str = "") -> Change:
        """The change that takes another one back, or none."""
        (found,) = (each for each in self.journal.changes() if each.undoes == undoes)
        return found


@pytest.fixture
def runs(journal: Journal, aws: FakeAws) -> tuple[Run, Run]:
    return Run(journal.file.parent, aws), Run(journal.file.parent, aws)


def interrupted(run: Run, aws: FakeAws, plan: Plan) -> Change:
    """A change of which one call was made by a run that is gone."""
    change = run.journal.plan(plan)
    call = plan.calls[0]
    aws.write(call.service, call.operation, {name: cast("JSON", value) for name, value in call.parameters.items()})
    return change


def everything(run: Run, plan: Plan, change: Change) -> list[object]:
    """What the other run says where it would apply, complete, preview the rest, or take back."""
    desk = run.desk
    asked = (desk.apply(plan), desk.complete(change.id), desk.completion(change.id), desk.undo(change.id))
    return [each.result() for each in asked]


def test_what_a_run_is_making_is_left_alone(runs: tuple[Run, Run], aws: FakeAws) -> None:
    one, other = runs
    plan = bucket_toggle(aws)
    looks: list[tuple[object, ...]] = []

    def look() -> None:
        change = other.change()
        assert settle_open_changes(plan.scope, aws, other.journal) is None
        refused = everything(other, plan, change)
        lines = list(journal_lines([change], [change.id]))[1:]
        looks.append((interrupted_changes(other.journal), refused, lines, other.change().state))

    aws.at_write = look
    assert isinstance(one.desk.apply(plan).result(), AppliedOutcome)
    why = RefusedOutcome(made_elsewhere(one.change().id))
    note = "  note      another process of ssmtui is applying this change"
    assert looks == [((), [why] * 4, [note], ChangeState.PLANNED)] * 2
    aws.at_write = lambda: None
    assert isinstance(other.desk.undo(one.change().id).result(), AppliedOutcome)


@pytest.mark.parametrize("completes", [True, False], ids=["completed", "taken-back"])
def test_what_a_run_completes_or_takes_back_is_left_alone(
    *, completes: bool, runs: tuple[Run, Run], aws: FakeAws
) -> None:
    one, other = runs
    plan = bucket_toggle(aws)
    change = interrupted(one, aws, plan)
    assert interrupted_changes(other.journal) == (change,)
    looks: list[tuple[object, ...]] = []
    aws.at_write = lambda: looks.append((interrupted_changes(other.journal), everything(other, plan, change)))
    going_on = one.desk.complete(change.id) if completes else one.desk.undo(change.id)
    assert isinstance(going_on.result(), AppliedOutcome)
    # Of the same subject the newest is named: the undo.
    newest = change if completes else other.change(undoes=change.id)
    refused = [RefusedOutcome(made_elsewhere(id_)) for id_ in (newest.id, change.id, change.id, change.id)]
    assert looks
    assert all(look == ((), refused) for look in looks)
    assert interrupted_changes(other.journal) == ()


def test_a_name_is_claimed_once_and_again_after_it_was_released(tmp_path: Path) -> None:
    name = "20261130T010203.000004Z-a1b2c3"
    assert not is_run_alive(tmp_path, name)
    held = RunLock.claim(tmp_path, name)
    assert is_run_alive(tmp_path, name)
    with pytest.raises(AlreadyRunning):
        RunLock.claim(tmp_path, name)
    held.close()
    assert not is_run_alive(tmp_path, name)
    RunLock.claim(tmp_path, name).close()
    assert list((tmp_path / "running").iterdir()) == []
    with pytest.raises(OSError, match="no/name"):
        RunLock.claim(tmp_path, "no/name")
