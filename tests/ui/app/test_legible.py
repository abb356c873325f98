"""In every theme that can be chosen, every text can be read on every ground that it stands on."""

from __future__ import annotations

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from ssmtui.ui.app.themes import COLOUR_NAMES, CONTRAST, CURSOR_BACKGROUNDS, DARK, OWN_THEMES, contrast, variables_of
from ssmtui.ui.text.styled_text import TextStyle

THEMES = {theme.name: theme for theme in (*OWN_THEMES, *BUILTIN_THEMES.values())}
COLOURED = [name for name, theme in THEMES.items() if not theme.ansi]
GROUNDS = ("background", "surface", "panel")


def shown(theme: Theme) -> dict[str, Color]:
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
    colours = shown(THEMES[name])
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
    colours = shown(THEMES[name])
    pairs = [
        *(("foreground", f"{kind}-muted") for kind in COLOUR_NAMES),
        ("footer-key-foreground", "footer-background"),
        ("footer-description-foreground", "footer-background"),
    ]
    assert [pair for pair in pairs if contrast(colours[pair[0]], colours[pair[1]]) < 4.5] == []


@pytest.mark.parametrize("name", COLOURED)
def test_red_stays_red_and_green_stays_green(name: str) -> None:
    colours = shown(THEMES[name])
    red, green = colours["text-error"], colours["text-success"]
    assert red.r > max(red.g, red.b)
    assert green.g > min(green.r, green.b)
    assert contrast(colours["row-cursor"], colours["surface"]) > 1.05


@pytest.mark.parametrize("name", [name for name, theme in THEMES.items() if theme.ansi])
def test_a_theme_of_the_terminals_colours_has_no_others(name: str) -> None:
    colours = shown(THEMES[name])
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
    assert shown(dracula)["foreground"] == Color.parse(dracula.foreground or "")
    assert shown(dracula)["text-success"] == Color.parse(dracula.to_color_system().generate()["text-success"])


@pytest.mark.parametrize("name", THEMES)
def test_a_theme_has_every_variable_that_the_stylesheets_may_name(name: str) -> None:
    theme = THEMES[name]
    told = variables_of(theme, {**theme.to_color_system().generate(), **theme.variables})
    assert variables_of(DARK, DARK.to_color_system().generate()).keys() - told.keys() == set()
