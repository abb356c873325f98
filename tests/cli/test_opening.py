from __future__ import annotations

from pathlib import Path

import pytest

from ssmtui.cli.app_launch import can_show_screens, open_screen
from ssmtui.cli.errors import UsageError
from ssmtui.cli.run import Run
from ssmtui.config.declared_settings import COLUMNS, THEME
from ssmtui.config.settings import Settings, settings_of
from tests.config.files import said


@pytest.mark.parametrize(
    ("theme", "words"),
    [
        ("nrod", "the configuration names an unknown theme: nrod. Did you mean nord?"),
        ("zz", "the configuration names an unknown theme: zz. Possible values: ssmtui-dark, ssmtui-light, "),
    ],
)
def test_a_theme_that_there_is_not_is_told_before_the_screen(theme: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        open_screen(Run((), Settings().having(THEME, theme), tmp_path))
    assert words in str(refused.value.message)


@pytest.mark.parametrize("table", ["profiles.prod", "accounts.123456789012"])
def test_an_unknown_theme_of_a_profile_or_an_account_is_refused_with_its_place(table: str, tmp_path: Path) -> None:
    file = said(tmp_path, f'theme = "nord"\n[{table}]\ntheme = "dracla"')
    with pytest.raises(UsageError) as refused:
        open_screen(Run((), settings_of(file, {}, {}), tmp_path))
    expected = "the configuration names an unknown theme: dracla. Did you mean dracula?"
    assert refused.value.message == f"{tmp_path / 'config.toml'}:3:1: {expected}"


def test_a_filter_that_cannot_be_is_told_with_who_said_it(tmp_path: Path) -> None:
    file = said(tmp_path, 'filter = "colour:red"')
    with pytest.raises(UsageError) as refused:
        open_screen(Run((), settings_of(file, {}, {}), tmp_path))
    assert str(refused.value.message).startswith(f"{tmp_path / 'config.toml'}:1:1: ")


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (("verdict", "nmae"), "--columns: unknown column: nmae. Did you mean name?"),
        (("zz",), "unknown column: zz. Possible values: verdict, name, id, "),
    ],
)
def test_a_column_that_there_is_not_is_told_before_the_screen(
    columns: tuple[str, ...], words: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError) as refused:
        open_screen(Run((), Settings().having(COLUMNS, columns), tmp_path))
    assert words.removeprefix("--columns: ") in str(refused.value.message)


@pytest.mark.parametrize(
    ("terminal", "on_terminal", "shown", "said"),
    [
        ("xterm-256color", {"stdin", "stdout"}, True, ""),
        (None, {"stdin", "stdout"}, True, ""),
        ("dumb", {"stdin", "stdout"}, False, ""),
        ("xterm", {"stdout"}, False, "ssmtui: Standard input is not a terminal, so the app cannot start."),
        ("dumb", {"stdout"}, False, ""),
        ("xterm", {"stdin"}, False, ""),
    ],
)
def test_a_screen_needs_a_terminal_to_read_keys_from_and_to_paint_on(
    terminal: str | None,
    on_terminal: set[str],
    shown: bool,  # noqa: FBT001
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("TERM", raising=False)
    if terminal is not None:
        monkeypatch.setenv("TERM", terminal)
    for stream in ("stdin", "stdout"):
        monkeypatch.setattr(f"sys.{stream}.isatty", lambda stream=stream: stream in on_terminal)
    assert can_show_screens() is shown
    assert capsys.readouterr().err.startswith(said)
