"""A person's own themes: read from their files, and each mistake told with its line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from textual.color import Color

from ssmtui.ui.app.themes import LIGHT, UserThemes, contrast, load_user_themes, variables_of

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
        ('dark = true\nprimary = "#zzz"\n', "2:1: primary is no colour, such as #88c0d0"),
        ('primary = "#0b728540"', "1:1: primary is no colour, such as #88c0d0"),
        ('primary = "ansi_red"', "1:1: primary is no colour"),
        ('primary = "red"\nprimry = "red"', "2:1: themes have no primry. Did you mean primary?"),
        ("dark = true", "1:1: a theme says primary, its colour, at the least"),
        ('primary = "red"\ndark = "yes"', "2:1: dark is true or false"),
        ('primary = "red"\n[variables]\n\n"bordr" = "red"', "4:1: themes have no bordr. Did you mean border?"),
        ('primary = "red"\n[variables]\n"border" = "x 3%"', "3:1: border is no colour"),
        ('primary = "red"\n[variables]\n"link-style" = "loud"', "3:1: link-style is no style"),
        ('primary = "red"\nvariables = 3', "2:1: [variables] is a table"),
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
        ("nord.toml", "there is a theme nord already"),
        ("ssmtui-dark.toml", "there is a theme ssmtui-dark already"),
        ("my sea.toml", "the file's name is the theme's"),
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
    assert load_user_themes(tmp_path).mistakes == (f"{tmp_path / 'sea.toml'}:1:1: it is no file",)
