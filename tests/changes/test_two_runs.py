"""Two runs of ssmtui at once: what one is still making is not named as interrupted, and the other leaves it alone."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from ssmtui.changes.change import Change, ChangeState
from ssmtui.changes.desk import ChangeDesk
from ssmtui.changes.journal import Journal, made_elsewhere
from ssmtui.changes.outcome import Applied, Refused
from ssmtui.changes.undo import settle_open
from ssmtui.changes.unfinished import unfinished
from ssmtui.config.running import AlreadyRunning, Running, is_running
from ssmtui.model.plan import JSON, Plan
from ssmtui.report.change import journal_lines
from tests.changes.fake_aws import FakeAws
from tests.changes.plans import bucket_toggle


class Run:
    """A run: a journal of its own, and the desk that writes to it."""

    def __init__(self, folder: Path, aws: FakeAws) -> None:
        self.journal = Journal(folder)
        self.desk = ChangeDesk(self.journal, lambda _: aws)

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
        assert settle_open(plan.scope, aws, other.journal) is None
        refused = everything(other, plan, change)
        lines = list(journal_lines([change], [change.id]))[1:]
        looks.append((unfinished(other.journal), refused, lines, other.change().state))

    aws.at_write = look
    assert isinstance(one.desk.apply(plan).result(), Applied)
    why = Refused(made_elsewhere(one.change().id))
    note = "  note      another run of ssmtui is making it"
    assert looks == [((), [why] * 4, [note], ChangeState.PLANNED)] * 2
    aws.at_write = lambda: None
    assert isinstance(other.desk.undo(one.change().id).result(), Applied)


@pytest.mark.parametrize("completes", [True, False], ids=["completed", "taken-back"])
def test_what_a_run_completes_or_takes_back_is_left_alone(
    *, completes: bool, runs: tuple[Run, Run], aws: FakeAws
) -> None:
    one, other = runs
    plan = bucket_toggle(aws)
    change = interrupted(one, aws, plan)
    assert unfinished(other.journal) == (change,)
    looks: list[tuple[object, ...]] = []
    aws.at_write = lambda: looks.append((unfinished(other.journal), everything(other, plan, change)))
    going_on = one.desk.complete(change.id) if completes else one.desk.undo(change.id)
    assert isinstance(going_on.result(), Applied)
    # Of the same subject the newest is named: the undo.
    newest = change if completes else other.change(undoes=change.id)
    refused = [Refused(made_elsewhere(id_)) for id_ in (newest.id, change.id, change.id, change.id)]
    assert looks
    assert all(look == ((), refused) for look in looks)
    assert unfinished(other.journal) == ()


def test_a_name_is_claimed_once_and_again_after_it_was_released(tmp_path: Path) -> None:
    name = "20261130T010203.000004Z-a1b2c3"
    assert not is_running(tmp_path, name)
    held = Running.claim(tmp_path, name)
    assert is_running(tmp_path, name)
    with pytest.raises(AlreadyRunning):
        Running.claim(tmp_path, name)
    held.close()
    assert not is_running(tmp_path, name)
    Running.claim(tmp_path, name).close()
    assert list((tmp_path / "running").iterdir()) == []
    with pytest.raises(OSError, match="no/name"):
        Running.claim(tmp_path, "no/name")
