"""Every filter and every setting that the README, the lines and the page of settings show is tried at 80×24."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from ssmtui.cli.app_launch import apply_colours, apply_key_bindings, apply_ui_state
from ssmtui.config.declared_settings import COLUMNS, FILTER, KEYS, REFRESH, SETTINGS
from ssmtui.config.file import read_config
from ssmtui.config.setting_types import SettingLayer
from ssmtui.config.settings import Settings, settings_of
from ssmtui.ui.app.app import SsmtuiApp
from ssmtui.ui.text.filters import parse_filter
from ssmtui.ui.text.node_rows import FIELDS, filtered_rows
from ssmtui.ui.widgets.filter_line import FilterLine
from tests.ui.app.test_announced_keys import Way, cause, causes, fixes, fleet, history, preferences, sessions_, tunnels
from tests.ui.builders import NOON
from tests.ui.demo_fleet import demo_inquiry
from tests.ui.listed_sessions import with_sessions
from tests.ui.opened import Opened, filter_said, opened
from tests.ui.past_changes import desk_with_a_past
from tests.ui.tunnelled_sessions import some_tunnels
from tests.ui.waiting import until

_README = Path(__file__).parents[3] / "README.md"


def filters_of_the_readme() -> list[str]:
    [row] = re.findall(r"^\| `/` \|(.*)$", _README.read_text(encoding="utf-8"), re.MULTILINE)
    return re.findall(r"`([^`]+)`", row)


@pytest.mark.parametrize("text", filters_of_the_readme())
async def test_every_filter_of_the_readme_filters(text: str) -> None:
    async with opened(demo_inquiry(), size=(80, 24)) as shown:
        await shown.press("slash")
        await shown.write(text)
        await until(shown.pilot, lambda: re.search(r"\d+ of 45", filter_said(shown)) is not None)
        line = shown.fleet.filter_line
        assert (line.text, line.is_wrong) == (text, False)
        wanted = parse_filter(text, FIELDS)
        matching = sum(wanted.admits(row) for row in filtered_rows(shown.app.context.fleet_view))
        assert filter_said(shown).endswith(f"{matching} of 45")
        assert len(shown.names) == matching


@pytest.mark.parametrize("way", [fleet, causes, cause, preferences, fixes, history, sessions_, tunnels])
async def test_every_filter_that_a_line_shows_is_one(way: Way, tmp_path: Path) -> None:
    desk = desk_with_a_past(tmp_path)
    handle = with_sessions() if way is sessions_ else demo_inquiry()
    async with opened(handle, desk, sessions=some_tunnels() if way is tunnels else None, size=(80, 24)) as shown:
        await way(shown)
        lines = list(shown.app.screen.query(FilterLine))
        assert lines
        for line in lines:
            words = [each for each in line.line.placeholder.split("   ") if each.strip()]
            assert len(words) > 1
            assert [parse_filter(each.strip(), line.fields).text for each in words]
    desk.close()


def settings_in(folder: Path) -> Settings:
    """Every setting at the example of its page, in a file."""
    file = folder / "config.toml"
    file.write_text("".join(f"{each.name} = {each.example}\n" for each in SETTINGS), encoding="utf-8")
    return settings_of(read_config(file), {}, {})


def test_every_setting_of_the_page_is_taken_from_the_file(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    for each in SETTINGS:
        told = settings.how(each)
        assert told.value != each.default, each.name
        assert told.origin.layer is SettingLayer.FILE, each.name


async def test_the_settings_of_the_app_have_their_effect(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    app = SsmtuiApp(demo_inquiry, now=lambda: NOON, refresh=settings[REFRESH])
    app.context.first_filter, app.context.configured_columns = settings[FILTER] or "", settings[COLUMNS]
    apply_colours(app, settings)
    apply_ui_state(app, tmp_path / "state", None, settings)
    apply_key_bindings(app, settings.how(KEYS))
    async with app.run_test(size=(80, 24)) as pilot:
        shown = Opened(app, pilot)
        await until(pilot, lambda: app.context.handle is not None and app.screen.has_class("-worn-red"))
        assert app.theme == "nord"
        assert app.context.auto_refresh.pause == timedelta(seconds=60)
        assert shown.fleet.filter_line.text == "tag:Env=prod !state:stopped"
        placed = [each.column.key for each in shown.nodes.placed]
        assert placed == [each for each in settings[COLUMNS] if each != "id"]  # which has no room at this width
        await shown.press("f3")
        await until(pilot, lambda: shown.fleet.filter_line.line.has_focus)
