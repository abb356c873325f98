"""The theme: chosen by seeing it, kept, and shown in as many colours as the terminal has."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.segment import Segment
from textual.theme import BUILTIN_THEMES

from ssmtui.ui.app.app import SsmtuiApp
from ssmtui.ui.app.themes import DARK, LIGHT, TERMINAL
from ssmtui.ui.screens.dialogs import ThemeDialog
from ssmtui.ui.state.ui_state import UiStateFile, UiStateStore
from tests.ui.demo_fleet import demo_inquiry
from tests.ui.opened import Opened, opened
from tests.ui.waiting import until

RED, GREEN, GREY = 1, 2, 8


def kept(folder: Path) -> UiStateStore:
    return UiStateStore(UiStateFile(folder))


async def choosing(shown: Opened) -> ThemeDialog:
    shown.app.action_change_theme()
    await shown.until_screen(ThemeDialog)
    dialog = shown.app.screen
    assert isinstance(dialog, ThemeDialog)
    return dialog


async def test_a_theme_is_seen_before_it_is_chosen_and_kept_only_then(tmp_path: Path) -> None:
    own = tmp_path / "themes"
    own.mkdir()
    (own / "sea.toml").write_text('primary = "#0b7285"')
    (own / "torn.toml").write_text("primary = ")
    async with opened(demo_inquiry(), ui_state=kept(tmp_path), notifications=True) as shown:
        shown.app.themes.folder = own
        dialog = await choosing(shown)
        assert dialog.table.cursor == DARK.name
        assert {*BUILTIN_THEMES, LIGHT.name, "sea"} <= set(dialog.table.keys)
        await shown.until_said("torn.toml:1:11")
        await shown.press("down")
        await until(shown.pilot, lambda: shown.app.theme == LIGHT.name)
        await shown.press("escape")
        await until(shown.pilot, lambda: shown.app.screen is shown.fleet)
        assert (shown.app.theme, kept(tmp_path).current.theme) == (DARK.name, None)
        await choosing(shown)
        await shown.press("end", "enter")
        await until(shown.pilot, lambda: shown.app.screen is shown.fleet)
        assert (shown.app.theme, kept(tmp_path).current.theme) == ("sea", "sea")


def test_what_was_chosen_last_is_worn_unless_the_configuration_says_otherwise(tmp_path: Path) -> None:
    kept(tmp_path).change(lambda ui_state: type(ui_state)(theme="nord"))
    app = SsmtuiApp(demo_inquiry)
    app.context.ui_state = kept(tmp_path)
    assert (app.themes.apply(None, None), app.theme) == ((), "nord")
    assert (app.themes.apply(None, "dracula"), app.theme) == ((), "dracula")


def test_a_theme_that_is_no_more_is_as_good_as_none(tmp_path: Path) -> None:
    kept(tmp_path).change(lambda ui_state: type(ui_state)(theme="gone"))
    app = SsmtuiApp(demo_inquiry)
    app.context.ui_state = kept(tmp_path)
    assert (app.themes.apply(None, None), app.theme) == ((), DARK.name)


async def test_what_the_configuration_says_comes_back_and_that_is_said(tmp_path: Path) -> None:
    async with opened(demo_inquiry(), ui_state=kept(tmp_path), notifications=True) as shown:
        shown.app.themes.configured = DARK.name
        await choosing(shown)
        await shown.press("down", "enter")
        await shown.until_said("The configuration says theme = ssmtui-dark")


async def test_sixteen_colours_are_the_terminals_own_and_the_row_is_reversed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("COLORTERM", raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-16color")
    kept(tmp_path).change(lambda ui_state: type(ui_state)(theme="nord"))
    async with opened(demo_inquiry(), ui_state=kept(tmp_path), terminal=True) as shown:
        assert (shown.app.theme, shown.app.current_theme) == ("nord", TERMINAL)
        row, other = painted(shown, 3), painted(shown, 4)
        assert {(each.style.reverse, each.style.bold) for each in row[:4] if each.style} == {(True, True)}
        assert not any(each.style.reverse for each in other[:4] if each.style)
        colours = {each.style.color.number for each in (*row, *other) if each.style and each.style.color}
        assert {RED, GREEN} <= colours <= {RED, GREEN, GREY, None}
        dialog = await choosing(shown)
        assert set(dialog.table.keys) == {TERMINAL.name, "ansi-dark", "ansi-light"}
        await shown.until_said("The terminal has 16 colours")


async def test_without_colour_nothing_has_one_and_the_row_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with opened(demo_inquiry()) as shown:
        lines = [painted(shown, line) for line in range(shown.app.size.height)]
        styles = [each.style for line in lines for each in line if each.style]
        colours = [colour for each in styles for colour in (each.color, each.bgcolor)]
        assert all(colour is None or colour.is_default for colour in colours)
        assert all(each.style and each.style.reverse for each in lines[3][:4])
        await choosing(shown)
        await shown.until_said("NO_COLOR is set")


def painted(shown: Opened, line: int) -> list[Segment]:
    """A line as it is written: with what filters make of it."""
    strip = shown.app.screen._compositor.render_strips(shown.app.size)[line]
    segments = list(strip)
    for each in shown.app.get_line_filters():
        segments = each.apply(segments, shown.app.screen.background_colors[1])
    return segments
