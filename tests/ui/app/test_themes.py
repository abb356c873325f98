"""Themes: chosen by seeing them, read from a person's files, readable, and in as many colours as the terminal has."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from rich.segment import Segment
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from ssmtui.ui.app.app import SsmtuiApp
from ssmtui.ui.app.themes import (
    COLOUR_NAMES,
    CONTRAST,
    DARK,
    LIGHT,
    OWN_THEMES,
    TERMINAL,
    UserThemes,
    contrast,
    load_user_themes,
    variables_of,
)
from ssmtui.ui.screens.dialogs import ThemeDialog
from ssmtui.ui.state.ui_state import UiStateFile, UiStateStore
from ssmtui.ui.text.styled_text import TextStyle
from tests.ui.demo_fleet import demo_inquiry
from tests.ui.opened import Opened, opened, painted_strips
from tests.ui.waiting import until

RED, GREEN, GREY = 1, 2, 8
CURSOR_BACKGROUNDS = ("row-cursor", "row-cursor-blurred", "row-hover")


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
        await shown.until_said("The configuration sets theme = ssmtui-dark")


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
        await shown.until_said("The terminal has 16 colors")


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
    strip = painted_strips(shown.app)[line]
    segments = list(strip)
    for each in shown.app.get_line_filters():
        segments = each.apply(segments, shown.app.screen.background_colors[1])
    return segments


SEA = """
primary = "#0b7285"
error = "tomato"
dark = false

[variables]
"border" = "#0b7285 40%"
"block-cursor-text-style" = "bold underline"
"""


def read(folder: Path, text: str, name: str = "sea.toml") -> UserThemes:
    (folder / name).write_text(text, encoding="utf-8")
    return load_user_themes(folder)


def test_a_few_colours_make_a_whole_theme(tmp_path: Path) -> None:
    told = read(tmp_path, SEA)
    [sea] = told.themes
    assert (sea.name, sea.primary, sea.error, sea.dark, sea.background) == (
        "sea",
        "#0b7285",
        "tomato",
        False,
        LIGHT.background,
    )
    assert sea.variables == {"border": "#0b7285 40%", "block-cursor-text-style": "bold underline"}
    shown = variables_of(sea, {**sea.to_color_system().generate(), **sea.variables})
    assert contrast(Color.parse(shown["text-error"]), Color.parse(shown["surface"])) >= 4.5
    assert told.mistakes == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('primary = "#0b7285\n', "1:19: Illegal character '\\n'"),
        ('dark = true\nprimary = "#zzz"\n', "2:1: primary must be a color, such as #88c0d0"),
        ('primary = "#0b728540"', "1:1: primary must be a color, such as #88c0d0"),
        ('primary = "ansi_red"', "1:1: primary must be a color"),
        ('primary = "red"\nprimry = "red"', "2:1: a theme has no key primry. Did you mean primary?"),
        ("dark = true", "1:1: the theme must set the color primary"),
        ('primary = "red"\ndark = "yes"', "2:1: dark must be true or false"),
        ('primary = "red"\n[variables]\n\n"bordr" = "red"', "4:1: a theme has no key bordr. Did you mean border?"),
        ('primary = "red"\n[variables]\n"border" = "x 3%"', "3:1: border must be a color"),
        ('primary = "red"\n[variables]\n"link-style" = "loud"', "3:1: link-style must be a style"),
        ('primary = "red"\nvariables = 3', "2:1: [variables] must be a table"),
        ("\x1b[31m = 3", "1:1: Invalid"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_the_theme_is_left_out(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "sound.toml").write_text('primary = "red"')
    themes = read(tmp_path, text)
    [mistake] = themes.mistakes
    assert mistake.startswith(f"{tmp_path / 'sea.toml'}:{told}")
    assert [each.name for each in themes.themes] == ["sound"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("nord.toml", "theme nord already exists"),
        ("ssmtui-dark.toml", "theme ssmtui-dark already exists"),
        ("my sea.toml", "the file name must contain only letters"),
    ],
)
def test_a_name_that_a_theme_cannot_have_is_told(name: str, told: str, tmp_path: Path) -> None:
    assert told in read(tmp_path, SEA, name).mistakes[0]


def test_what_cannot_be_read_is_told_and_where_there_is_no_folder_there_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "sea.toml").mkdir()
    (tmp_path / "latin.toml").write_bytes(b'primary = "\xe9"')
    (tmp_path / "long.toml").write_text("#" * 200_000)
    assert [each.partition(":1:1: ")[0] for each in load_user_themes(tmp_path).mistakes] == [
        str(tmp_path / name) for name in ("latin.toml", "long.toml", "sea.toml")
    ]
    assert load_user_themes(tmp_path / "none") == UserThemes()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such pipes")
def test_a_pipe_in_a_files_place_is_told_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "sea.toml")
    assert load_user_themes(tmp_path).mistakes == (f"{tmp_path / 'sea.toml'}:1:1: this is not a file",)


THEMES = {theme.name: theme for theme in (*OWN_THEMES, *BUILTIN_THEMES.values())}
COLOURED = [name for name, theme in THEMES.items() if not theme.ansi]
GROUNDS = ("background", "surface", "panel")


def colours_of(theme: Theme) -> dict[str, Color]:
    variables = {**theme.to_color_system().generate(), **theme.variables}
    told = variables_of(theme, variables)
    plain = {name: value for name, value in told.items() if value.startswith(("#", "ansi_")) and "%" not in value}
    return {name: Color.parse(value) for name, value in plain.items()}


def grounds_of(text_style: TextStyle) -> tuple[str, ...]:
    """Quiet inks are louder on the cursor; what has a ground of its own stands on that."""
    _, _, own = text_style.value.partition(" on $")
    if own:
        return (own.split()[0],)
    return GROUNDS if text_style is TextStyle.FAINT else (*GROUNDS, *CURSOR_BACKGROUNDS)


@pytest.mark.parametrize("name", COLOURED)
def test_every_ink_can_be_read_on_its_grounds(name: str) -> None:
    colours = colours_of(THEMES[name])
    least = 7.0 if THEMES[name] is CONTRAST else 4.5
    too_faint = [
        (text_style.name, ground, round(contrast(text, colours[ground]), 2))
        for text_style in TextStyle
        if text_style.value.startswith("$") or text_style is TextStyle.PLAIN
        for text in (colours[text_style.value.partition(" ")[0].removeprefix("$") or "foreground"],)
        for ground in grounds_of(text_style)
        if contrast(text, colours[ground]) < least
    ]
    assert too_faint == []


@pytest.mark.parametrize("name", COLOURED)
def test_what_is_typed_the_keys_and_a_banner_can_be_read(name: str) -> None:
    colours = colours_of(THEMES[name])
    pairs = [
        *(("foreground", f"{kind}-muted") for kind in COLOUR_NAMES),
        ("footer-key-foreground", "footer-background"),
        ("footer-description-foreground", "footer-background"),
    ]
    assert [pair for pair in pairs if contrast(colours[pair[0]], colours[pair[1]]) < 4.5] == []


@pytest.mark.parametrize("name", COLOURED)
def test_red_stays_red_and_green_stays_green(name: str) -> None:
    colours = colours_of(THEMES[name])
    red, green = colours["text-error"], colours["text-success"]
    assert red.r > max(red.g, red.b)
    assert green.g > min(green.r, green.b)
    assert contrast(colours["row-cursor"], colours["surface"]) > 1.05


@pytest.mark.parametrize("name", [name for name, theme in THEMES.items() if theme.ansi])
def test_a_theme_of_the_terminals_colours_has_no_others(name: str) -> None:
    colours = colours_of(THEMES[name])
    text_styles = {
        text_style.value.partition(" ")[0].removeprefix("$")
        for text_style in TextStyle
        if text_style.value.startswith("$")
    }
    assert {
        text_style for text_style in (*text_styles, *CURSOR_BACKGROUNDS) if colours[text_style].ansi is None
    } == set()
    assert (colours["text-error"].css, colours["text-success"].css) == ("ansi_red", "ansi_green")


def test_what_is_read_already_stays_as_its_theme_has_it() -> None:
    dracula = THEMES["dracula"]
    assert colours_of(dracula)["foreground"] == Color.parse(dracula.foreground or "")
    assert colours_of(dracula)["text-success"] == Color.parse(dracula.to_color_system().generate()["text-success"])


@pytest.mark.parametrize("name", THEMES)
def test_a_theme_has_every_variable_that_the_stylesheets_may_name(name: str) -> None:
    theme = THEMES[name]
    told = variables_of(theme, {**theme.to_color_system().generate(), **theme.variables})
    assert variables_of(DARK, DARK.to_color_system().generate()).keys() - told.keys() == set()
