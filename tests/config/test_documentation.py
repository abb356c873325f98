"""What is said of the configuration: the page is that of the declarations, and the example can be used."""

from __future__ import annotations

import re
from pathlib import Path

from ssmtui.config.declared_settings import SETTINGS
from ssmtui.config.file import example_lines
from ssmtui.config.setting_types import SettingTable
from ssmtui.ui.app.themes import load_user_themes
from tests.config.files import said
from tools.configuration_page import page


def test_every_setting_has_a_heading() -> None:
    assert re.findall(r"^### `(\w+)`$", page(), re.MULTILINE) == [each.name for each in SETTINGS]


def test_the_example_says_nothing_and_with_its_marks_away_everything(tmp_path: Path) -> None:
    assert said(tmp_path, "\n".join(example_lines())).told == {}
    freed = [re.sub(r"^# ", "", line) for line in example_lines()]
    file = said(tmp_path, "\n".join(freed))
    assert file.told.keys() == {each.name for each in SETTINGS}
    assert {table: [set(alone.told) for alone in named] for table, named in file.some.items() if named} == {
        table: [names] for table in SettingTable if (names := {each.name for each in SETTINGS if table in each.tables})
    }


def test_an_example_is_no_wider_than_a_terminal() -> None:
    assert max(map(len, example_lines())) <= 80


def test_the_theme_that_the_page_shows_is_one(tmp_path: Path) -> None:
    [shown] = re.findall(r"^```toml\n(dark = .*?)^```", page(), re.MULTILINE | re.DOTALL)
    (tmp_path / "sea.toml").write_text(shown, encoding="utf-8")
    told = load_user_themes(tmp_path)
    assert ([each.name for each in told.themes], told.mistakes) == (["sea"], ())
