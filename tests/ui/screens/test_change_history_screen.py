"""The history of changes on screen: what was made, by whom and how to take it back; and where there is none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ssmtui.model.plan import Plan
from ssmtui.remediation.apply.change import ChangeState
from ssmtui.remediation.apply.journal import FILE_NAME, Journal
from ssmtui.ui.app.app import SsmtuiApp
from ssmtui.ui.screens.change_history_screen import ChangeHistoryScreen
from ssmtui.ui.screens.change_screen import ChangeScreen
from ssmtui.ui.screens.screen_requests import PreviewFix
from ssmtui.ui.state.changes import ChangePhase
from tests.ui.builders import FRANKFURT, NOON, scope
from tests.ui.demo_fleet import demo_inquiry, switch_plan
from tests.ui.opened import CHANGE, Opened, opened
from tests.ui.stored_document import StoredDocument
from tests.ui.waiting import until


def plan(title: str, region: str = "eu-central-1") -> Plan:
    made = switch_plan(FRANKFURT)
    assert isinstance(made, Plan)
    return replace(made, title=title, scope=scope(region))


def written(folder: Path) -> Journal:
    """A journal with one change of each kind, oldest first; the last is of a Region that is not open."""
    clock = iter(NOON.replace(minute=minute) for minute in range(60))
    journal = Journal(folder, now=lambda: next(clock))
    first = journal.plan(plan("Switch one"))
    journal.applied(first, {}, ("The default version stays behind.",))
    journal.failed(journal.plan(plan("Switch two")), "AWS was not in the mood")
    journal.unsure(journal.plan(plan("Switch three")), {}, "no answer came")
    journal.plan(plan("Switch four"))
    journal.applied(journal.plan(plan("Undo: Switch one"), undoes=first.id), {}, ())
    journal.applied(journal.plan(plan("Switch far away", "us-east-1")), {}, ())
    return journal


async def history(shown: Opened) -> ChangeHistoryScreen:
    await shown.press("Z")
    await shown.until_screen(ChangeHistoryScreen)
    screen = shown.app.screen
    assert isinstance(screen, ChangeHistoryScreen)
    return screen


def states(shown: Opened) -> list[str]:
    assert shown.app.context.journal is not None
    return [change.state.value for change in shown.app.context.journal.changes()]


def notices(shown: Opened) -> str:
    return "\n".join(each.message for each in shown.app._notifications)


async def test_every_change_is_listed_newest_first_with_its_state_its_region_and_its_caller(tmp_path: Path) -> None:
    written(tmp_path)
    async with opened(demo_inquiry(), StoredDocument().desk(tmp_path)) as shown:
        await history(shown)
        await shown.until_said("6 changes made on this computer")
        assert states(shown) == ["applied", "applied", "planned", "unsure", "failed", "undone"]
        lines = [line for line in shown.painted.splitlines() if "Switch" in line and "12:0" in line]
        assert len(lines) == 6
        assert all("platform-engineer/ada" in line for line in lines)
        assert "us-east-1" in lines[0]
        assert "2026-11-24 12:00" in lines[-1]


async def test_the_change_under_the_cursor_is_told_in_full(tmp_path: Path) -> None:
    written(tmp_path)
    async with opened(demo_inquiry(), StoredDocument().desk(tmp_path)) as shown:
        screen = await history(shown)
        await shown.press("G")
        for words in (
            "The change was applied and undone.",
            "The default version stays behind.",
            '-    "cloudWatchEncryptionEnabled": true',
            "ssm UpdateDocument",
            "How to undo",
            "assumed-role/platform-engineer/ada",
        ):
            await shown.until_said(words)
        await shown.press("k")
        await shown.until_said("AWS was not in the mood")
        await shown.press("enter")
        assert screen.pane.has_focus
        await shown.press("escape")
        assert shown.app.screen is shown.fleet


async def test_the_change_under_the_cursor_is_taken_back(tmp_path: Path) -> None:
    document = StoredDocument()
    desk = document.desk(tmp_path)
    made = switch_plan(FRANKFURT)
    assert isinstance(made, Plan)
    desk.apply(made).result()
    before = document.versions[4]
    async with opened(demo_inquiry(), desk) as shown:
        screen = await history(shown)
        await shown.until_said("The change was applied.")
        await shown.press("z")
        await shown.until_screen(CHANGE)
        await shown.until_said("Undo: ")
        await shown.write(FRANKFURT.region)
        await shown.press("enter")
        change = shown.app.screen
        assert isinstance(change, ChangeScreen)
        await until(
            shown.pilot, lambda: change.confirmation.phase is ChangePhase.MADE
        )  # while it is written, nobody leaves
        assert desk.journal.changes()[-1].state is ChangeState.UNDONE
        assert document.content.rstrip() == before.rstrip()
        await shown.press("escape")
        await until(shown.pilot, lambda: shown.app.screen is screen)
        await shown.until_said("2 changes made on this computer")


async def test_an_interrupted_change_is_named_and_completed(tmp_path: Path) -> None:
    document = StoredDocument()
    desk = document.desk(tmp_path)
    made = switch_plan(FRANKFURT)
    assert isinstance(made, Plan)
    desk.journal.plan(made)
    document.write("ssm", "UpdateDocument", {"Content": made.after})
    async with opened(demo_inquiry(), desk) as shown:
        await shown.until_said("1 change was interrupted  press Z for details")
        screen = await history(shown)
        await shown.until_said("1 of 2 calls were made; missing: ssm:UpdateDocumentDefaultVersion")
        await shown.press("f")
        await shown.until_screen(CHANGE)
        await shown.until_said("Remaining API calls")
        await shown.write(FRANKFURT.region)
        await shown.press("enter")
        change = shown.app.screen
        assert isinstance(change, ChangeScreen)
        await until(shown.pilot, lambda: change.confirmation.phase is ChangePhase.MADE)
        assert states(shown) == ["applied"]
        assert (document.calls[1:], document.default) == (["UpdateDocumentDefaultVersion"], document.latest)
        await shown.press("escape")
        await until(shown.pilot, lambda: shown.app.screen is screen)
        await shown.press("f")
        await until(shown.pilot, lambda: "this change was not interrupted" in notices(shown))
        await shown.press("escape")
        await until(shown.pilot, lambda: shown.app.screen is shown.fleet and not shown.app.context.unfinished)


async def test_the_same_fix_again_completes_what_was_begun(tmp_path: Path) -> None:
    document = StoredDocument()
    desk = document.desk(tmp_path)
    made = switch_plan(FRANKFURT)
    assert isinstance(made, Plan)
    desk.journal.plan(made)
    async with opened(demo_inquiry(), desk) as shown:
        await shown.until_said("1 change was interrupted")
        # Nothing of it was made: it is settled so, and made anew.
        shown.app.post_message(PreviewFix(FRANKFURT.name, made.fix, None))
        await shown.until_screen(CHANGE)
        assert "Complete: " not in shown.said
        assert states(shown) == ["failed"]
        await shown.press("escape")
        desk.journal.plan(made)
        document.write("ssm", "UpdateDocument", {"Content": made.after})
        shown.app.context.read_unfinished()
        shown.app.post_message(PreviewFix(FRANKFURT.name, made.fix, None))
        await shown.until_said("Complete: ")
        await shown.until_said("Remaining API calls")


async def test_what_cannot_be_taken_back_from_here_says_why(tmp_path: Path) -> None:
    written(tmp_path)
    async with opened(demo_inquiry(), StoredDocument().desk(tmp_path)) as shown:
        await history(shown)
        await shown.until_said("6 changes")
        await shown.press("z")
        await until(shown.pilot, lambda: "us-east-1 of account 123456789012 is not open" in notices(shown))
        await shown.press("G", "z")
        await until(shown.pilot, lambda: "the change is already undone" in notices(shown))
        await shown.press("k", "z")
        await until(shown.pilot, lambda: "the change was never applied" in notices(shown))
        assert isinstance(shown.app.screen, ChangeHistoryScreen)


async def test_read_only_shows_the_history_and_dims_the_way_back(tmp_path: Path) -> None:
    written(tmp_path)
    app = SsmtuiApp(demo_inquiry, None, journal=Journal(tmp_path))
    async with app.run_test(size=(120, 40)) as pilot:
        shown = Opened(app, pilot)
        await until(pilot, lambda: app.context.handle is not None)
        await history(shown)
        await shown.until_said("6 changes")
        assert app.screen.active_bindings["z"].enabled is False
        await shown.press("z")
        await until(pilot, lambda: "read-only" in notices(shown))


async def test_an_empty_journal_says_so(tmp_path: Path) -> None:
    async with opened(demo_inquiry(), StoredDocument().desk(tmp_path)) as shown:
        await history(shown)
        await shown.until_said("No changes yet.")
        await shown.press("z")
        await until(shown.pilot, lambda: "no change is selected" in notices(shown))


async def test_an_unreadable_journal_is_no_empty_one(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()
    async with opened(demo_inquiry(), StoredDocument().desk(tmp_path)) as shown:
        await history(shown)
        await shown.until_said("Cannot read the journal")
        await shown.until_said("ssmtui info shows its path")
        (tmp_path / FILE_NAME).rmdir()
        written(tmp_path)
        await shown.press("r")
        await shown.until_said("6 changes")


async def test_damaged_lines_are_told_of_and_the_others_stand(tmp_path: Path) -> None:
    journal = written(tmp_path)
    with journal.file.open("a", encoding="utf-8") as file:
        file.write('{"half a line\n')
    async with opened(demo_inquiry(), StoredDocument().desk(tmp_path)) as shown:
        await history(shown)
        await shown.until_said("1 line of the journal cannot be read")
        await shown.until_said("6 changes")
