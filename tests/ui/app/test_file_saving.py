"""Saving a snapshot from the list of commands: where it can be, and why not where it cannot."""

from __future__ import annotations

from tests.ui.demo_fleet import demo_inquiry
from tests.ui.opened import opened
from tests.ui.screens.test_snapshot_shown import WHY_NOT
from tests.ui.screens.test_snapshot_shown import shown as snapshot_shown
from tests.ui.waiting import until


async def test_a_snapshot_is_saved_where_something_can_write_it() -> None:
    asked: list[str] = []

    def save() -> tuple[str, ...]:
        asked.append("saved")
        return ("fleet.snapshot: 66 nodes", "[b]Only you[/b] may read it.")

    async with opened(demo_inquiry(), notifications=True) as shown:
        command = shown.app.saving.snapshot_command()
        assert (command.name, command.why_not) == ("Save snapshot", "snapshots are not available here")
        shown.app.saving.write_snapshot = save
        assert shown.app.saving.snapshot_command().why_not == ""
        await shown.press("colon", *"save snap", "enter")
        await until(shown.pilot, lambda: len(shown.app._notifications) == 2)
        assert asked == ["saved"]
        assert [each.message for each in shown.app._notifications][1] == (
            "fleet.snapshot: 66 nodes\n[b]Only you[/b] may read it."
        )
        shown.app.context.snapshot = snapshot_shown(0)
        assert shown.app.saving.snapshot_command().why_not == WHY_NOT


async def test_one_that_cannot_be_written_is_told_and_is_no_defect() -> None:
    def full() -> tuple[str, ...]:
        raise OSError("the report cannot be written to fleet.snapshot: No space left on device")

    async with opened(demo_inquiry(), notifications=True) as shown:
        shown.app.saving.write_snapshot = full
        shown.app.saving.save_snapshot()
        await until(shown.pilot, lambda: len(shown.app._notifications) == 2)
        told = list(shown.app._notifications)[1]
        assert (told.title, told.message) == (
            "Not saved",
            "the report cannot be written to fleet.snapshot: No space left on device",
        )
