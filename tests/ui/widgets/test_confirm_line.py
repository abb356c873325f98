"""The line in which a Region's name is typed: it says so, answers what is wrong, and leaves two keys to the screen."""

from __future__ import annotations

from pathlib import Path

from ssmtui.ui.screens.dialogs import TextDialog
from ssmtui.ui.screens.export_screen import ExportScreen
from tests.ui.demo_fleet import demo_inquiry
from tests.ui.opened import CHANGE, Opened, opened
from tests.ui.stored_document import StoredDocument
from tests.ui.waiting import until


def last_lines(shown: Opened) -> list[str]:
    return [line.strip() for line in shown.painted.split("\n")[-2:]]


async def test_the_word_is_asked_for_in_words_and_wrong_input_is_answered(tmp_path: Path) -> None:
    document = StoredDocument()
    async with opened(demo_inquiry(), document.desk(tmp_path), size=(80, 24)) as shown:
        shown.fleet.narrow("eu-worker")
        await until(shown.pilot, lambda: len(shown.names) == 8)
        await shown.press("w")
        await shown.until_screen(CHANGE)
        await shown.until_said("Type eu-central-1 and press Enter to apply: type it")
        assert "h Hand over" in last_lines(shown)[1]
        assert "? Help" in last_lines(shown)[1]
        await shown.press("enter")
        await shown.until_said("Nothing is typed yet: type eu-central-1, then Enter")
        await shown.write("eu-west-3h")
        await shown.until_said("Type eu-central-1 and press Enter to apply: eu-west-3h")
        await until(shown.pilot, lambda: "h Hand over" not in last_lines(shown)[1])
        await shown.press("enter")
        await shown.until_said("“eu-west-3h” is not eu-central-1: type it as it stands, then Enter")
        assert isinstance(shown.app.screen, CHANGE)
        assert document.calls == []
        await shown.press("question_mark")
        await shown.until_screen(TextDialog)
        await shown.press("escape", *["backspace"] * 10, "h")
        await shown.until_screen(ExportScreen)
