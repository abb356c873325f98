"""A change that AWS takes its time for: it is left, goes on, and how it ended is told wherever somebody is then."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from threading import Event

from ssmtui.model.plan import JSON
from ssmtui.remediation.apply.change_service import ChangeService
from ssmtui.remediation.apply.journal import Journal
from ssmtui.remediation.operations.write_operation import Response
from ssmtui.ui.screens.change_screen import ChangeScreen
from ssmtui.ui.state.changes import ChangePhase
from tests.ui.opened import CHANGE, PREFERENCES, Opened, opened
from tests.ui.screens.test_change_screen import SWITCHED_OFF, SWITCHED_ON, inquiry_of, preview_from_preferences
from tests.ui.screens.test_marks import TwoThings, both_chosen, inquiry_with_both
from tests.ui.stored_document import StoredDocument
from tests.ui.waiting import until


class SlowDocument(StoredDocument):
    """Its writes are answered when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.answers = Event()

    def write(self, service: str, operation: str, parameters: Mapping[str, JSON]) -> Response:
        assert self.answers.wait(60)
        return super().write(service, operation, parameters)


class SlowThings(TwoThings):
    """The same of two things."""

    def __init__(self) -> None:
        super().__init__()
        self.answers = Event()

    def write(self, service: str, operation: str, parameters: object) -> dict[str, object]:  # type: ignore[override]
        assert self.answers.wait(60)
        return super().write(service, operation, parameters)


async def begun(shown: Opened) -> ChangeScreen:
    screen = await preview_from_preferences(shown)
    await shown.write("eu-central-1")
    await shown.press("enter")
    await until(shown.pilot, lambda: screen.confirmation.phase is ChangePhase.MAKING)
    return screen


async def left(shown: Opened) -> None:
    await shown.press("escape")
    await shown.until_screen(PREFERENCES)
    await shown.until_said("The change continues")


async def told(shown: Opened, message: str, severity: str) -> None:
    notices = shown.app._notifications
    await until(shown.pilot, lambda: (message, severity) in {(each.message, each.severity) for each in notices})


async def test_it_is_left_goes_on_and_its_end_is_told(tmp_path: Path) -> None:
    document = SlowDocument()
    async with opened(inquiry_of(document), document.desk(tmp_path), notifications=True) as shown:
        screen = await begun(shown)
        await shown.until_said("a message shows its result")
        await left(shown)
        assert SWITCHED_ON in document.content
        assert shown.app.context.writing
        document.answers.set()
        await told(shown, f"{screen.pending_change.title}: done", "information")
        assert SWITCHED_OFF in document.content
        assert not shown.app.context.writing
        await shown.press("escape")
        await until(shown.pilot, lambda: shown.app.screen is shown.fleet)


async def test_one_that_fails_or_may_have_been_made_is_told_as_that(tmp_path: Path) -> None:
    for number, refuses in enumerate((True, False)):
        document = SlowDocument()
        document.refuses = refuses
        document.breaks = None if refuses else ZeroDivisionError()
        desk = document.desk(tmp_path / str(number))
        async with opened(inquiry_of(document), desk, notifications=True) as shown:
            screen = await begun(shown)
            await left(shown)
            document.answers.set()
            ending = (
                "AWS denied the change. Nothing was changed."
                if refuses
                else (
                    "An error in ssmtui stopped the change during the write. The change can be complete, partial or "
                    "missing."
                )
            )
            await told(shown, f"{screen.pending_change.title}: {ending}", "warning")


async def test_another_change_is_read_meanwhile_and_made_when_it_is_done(tmp_path: Path) -> None:
    document = SlowDocument()
    async with opened(inquiry_of(document), document.desk(tmp_path), notifications=True) as shown:
        await begun(shown)
        await left(shown)
        await shown.press("w")
        await shown.until_screen(CHANGE)
        other = shown.app.screen
        assert isinstance(other, ChangeScreen)
        await shown.write("eu-central-1")
        await shown.press("enter")
        await shown.until_said("another change is in progress")
        assert other.confirmation.phase is ChangePhase.PREVIEW
        document.answers.set()
        await until(shown.pilot, lambda: not shown.app.context.writing)
        assert document.calls.count("UpdateDocument") == 1


async def test_several_are_left_go_on_and_are_counted(tmp_path: Path) -> None:
    things = SlowThings()
    desk = ChangeService(Journal(tmp_path), lambda _scope: things)  # type: ignore[arg-type, return-value]
    async with opened(inquiry_with_both(), desk, notifications=True) as shown:
        preview = await both_chosen(shown)
        await shown.write("eu-central-1")
        await shown.press("enter")
        await until(shown.pilot, lambda: preview.confirmation.phase is ChangePhase.MAKING)
        await shown.press("escape")
        await until(shown.pilot, lambda: shown.app.screen is not preview)
        things.answers.set()
        await told(shown, "2 of 2 applied", "information")
