"""Filters kept under a name: saved in the line, recalled by `@name`, the palette and a list, at the next start, too."""

from __future__ import annotations

from pathlib import Path

from ssmtui.ui.screens.input_dialogs import ChoiceDialog
from ssmtui.ui.screens.search_dialogs import PaletteDialog
from ssmtui.ui.state.ui_state import UiStateFile, UiStateStore
from tests.ui.demo_fleet import demo_inquiry
from tests.ui.opened import NODE, Opened, filter_said, opened
from tests.ui.waiting import until


async def shows(shown: Opened, count: int) -> None:
    await until(shown.pilot, lambda: len(shown.names) == count)


async def test_a_filter_is_saved_under_a_name_and_found_again_by_it_at_the_next_start(tmp_path: Path) -> None:
    async with opened(demo_inquiry(), ui_state=UiStateStore(UiStateFile(tmp_path))) as shown:
        everyone = len(shown.names)
        await shown.press("slash")
        await shown.write("eu-worker")
        await shows(shown, 8)
        await shown.press("ctrl+s")
        await shown.until_screen(ChoiceDialog)
        await shown.write("two words")
        await shown.press("enter")
        await shown.until_said("a name must be one word")
        await shown.press(*["backspace"] * 6, "enter")
        await until(shown.pilot, lambda: bool(shown.app.context.ui_state.current.filters))
        assert shown.app.context.ui_state.current.filters == (("two", "eu-worker"),)
        await shown.press("enter")
        await until(shown.pilot, lambda: shown.app.context.ui_state.current.recent_filters == ("eu-worker",))
        await shown.press("escape")
        await shows(shown, everyone)

    async with opened(demo_inquiry(), ui_state=UiStateStore(UiStateFile(tmp_path)), size=(80, 24)) as shown:
        await shows(shown, everyone)
        await shown.press("slash")
        await shown.write("@tow")
        await until(shown.pilot, lambda: "did you mean @two?" in filter_said(shown))
        await shown.press("tab")
        await shows(shown, 8)
        await shown.press("enter", "enter")
        await shown.until_screen(NODE)
        await shown.press("colon")
        await shown.until_screen(PaletteDialog)
        await shown.write("save fil")
        await shown.press("enter")
        await shown.until_screen(ChoiceDialog)
        await shown.press("escape", "escape", "escape")
        await shows(shown, everyone)
        await shown.press("ctrl+o")
        await shown.until_said("Filter: two")
        await shown.press("enter")
        await shows(shown, 8)
        assert shown.fleet.filter_line.text == "eu-worker"
        await shown.press("ctrl+o")
        await shown.write("delete")
        await shown.press("enter")
        await until(shown.pilot, lambda: not shown.app.context.ui_state.current.filters)
    assert UiStateFile(tmp_path).read().filters == ()


async def test_a_value_that_nothing_has_is_told_and_taken_back_by_a_key() -> None:
    async with opened(demo_inquiry(), size=(80, 24)) as shown:
        await shown.press("slash")
        await shown.write("name:eu-wokrer-1")
        await until(shown.pilot, lambda: "did you mean name:eu-worker-1?  0 of" in filter_said(shown))
        await shown.until_said("Tab Accept")
        await shown.press("tab")
        await shows(shown, 1)
        assert filter_said(shown).startswith("1 of")
        await shown.write(" !state:runnning")
        await until(shown.pilot, lambda: "did you mean !state:running?  1 of" in filter_said(shown))
        await shown.press("tab")
        await shows(shown, 0)
        await shown.press("ctrl+u")
        await shown.write("verdict:zzz")
        await until(shown.pilot, lambda: "no match for verdict:zzz  0 of" in filter_said(shown))
        await shown.press("tab")
        assert shown.fleet.shows_causes


async def test_a_filter_that_is_typed_on_is_narrowed_by_one_word_more() -> None:
    async with opened(demo_inquiry()) as shown:
        await shown.press("exclamation_mark", "slash")
        await shown.write("eu-worker")
        assert shown.fleet.filter_line.text == "verdict:fail eu-worker"


async def test_what_is_no_filter_is_not_kept_and_no_report_is_saved_instead() -> None:
    async with opened(demo_inquiry(), notifications=True) as shown:
        await shown.press("slash", "ctrl+s")
        await shown.pilot.pause()
        assert [each.message for each in shown.app._notifications] == ["The filter is empty."]
        shown.app.clear_notifications()
        await shown.pilot.pause()
        await shown.write("nofield:x")
        await until(shown.pilot, lambda: shown.fleet.filter_line.is_wrong)
        await shown.press("ctrl+s")
        await shown.pilot.pause()
        assert [each.message for each in shown.app._notifications] == ["The filter is not valid."]
