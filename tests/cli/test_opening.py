from __future__ import annotations

from pathlib import Path

import pytest

from ssmtui.cli.dressing import shows_screens
from ssmtui.cli.opening import open_screen
from ssmtui.cli.refusals import UsageError
from ssmtui.cli.run import Run
from ssmtui.config.declared import COLUMNS, THEME
from ssmtui.config.layers import settings_of
from ssmtui.config.settings import Settings
from tests.config.files import said


@pytest.mark.parametrize(
    ("theme", "words"),
    [
        ("nrod", "the configuration names a theme that there is not: nrod. Did you mean nord?"),
        ("zz", "the configuration names a theme that there is not: zz. There are: ssmtui-dark, ssmtui-light, "),
    ],
)
def test_a_theme_that_there_is_not_is_told_before_the_screen(theme: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        open_screen(Run((), Settings().having(THEME, theme), tmp_path))
    assert words in str(refused.value.message)


def test_a_filter_that_cannot_be_is_told_with_who_said_it(tmp_path: Path) -> None:
    file = said(tmp_path, 'filter = "colour:red"')
    with pytest.raises(UsageError) as refused:
        open_screen(Run((), settings_of(file, {}, {}), tmp_path))
    assert str(refused.value.message).startswith(f"{tmp_path / 'config.toml'}:1:1: ")


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (("verdict", "nmae"), "--columns: there is no column nmae. Did you mean name?"),
        (("zz",), "there is no column zz. There are: verdict, name, id, "),
    ],
)
def test_a_column_that_there_is_not_is_told_before_the_screen(
    columns: tuple[str, ...], words: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError) as refused:
        open_screen(Run((), Settings().having(COLUMNS, columns), tmp_path))
    assert words.removeprefix("--columns: ") in str(refused.value.message)


@pytest.mark.parametrize(
    ("terminal", "shown"), [("xterm-256color", "a screen"), ("dumb", "a report"), (None, "a screen")]
)
def test_no_screen_is_shown_on_a_dumb_terminal(
    terminal: str | None, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TERM", raising=False)
    if terminal is not None:
        monkeypatch.setenv("TERM", terminal)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert ("a screen" if shows_screens() else "a report") == shown
