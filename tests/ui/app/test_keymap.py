"""Keys given by the configuration: checked before the app opens, and then those that every place tells."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ssmtui.cli.app_launch import apply_key_bindings
from ssmtui.cli.errors import UsageError
from ssmtui.config.declared_settings import KEYS
from ssmtui.config.file import read_config
from ssmtui.config.setting_types import SettingLayer, SettingOrigin, SettingValue
from ssmtui.config.settings import settings_of
from ssmtui.ui.app.app import SsmtuiApp
from ssmtui.ui.screens.fleet_columns import sort_bindings
from ssmtui.ui.screens.help_dialog import HelpDialog
from ssmtui.ui.screens.key_catalogue import KeymapError, checked_keymap, keys_of, screens, widgets_of
from ssmtui.ui.text import cause_rows
from ssmtui.ui.widgets.line_table import LineTable
from tests.ui.demo_fleet import demo_inquiry
from tests.ui.opened import NODE, opened
from tests.ui.waiting import until
from tools.keys_page import page


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        ({}, {}),
        ({"filter": "f3, /"}, {"filter": "f3,slash"}),
        ({"shell": "S", "sessions": "s"}, {"shell": "S", "sessions": "s"}),
        ({"help": "CTRL+H"}, {"help": "ctrl+h"}),
        ({"reverse": ","}, {"reverse": "comma"}),
        ({"down": "é"}, {"down": "é"}),
    ],
)
def test_keys_are_taken_by_the_names_that_the_app_knows_them_by(wanted: dict[str, str], given: dict[str, str]) -> None:
    assert checked_keymap(wanted, SsmtuiApp) == given


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ({"shel": "u"}, "there is no action shel. Did you mean shell?"),
        ({"shell": "contrl+f"}, "contrl+f is not a key. Did you mean ctrl?"),
        ({"shell": "pgdown"}, "pgdown is not a key. Did you mean pagedown, down?"),
        ({"shell": ""}, '"" is not a key.'),
        ({"shell": "j"}, "j is already the key of down: assign another key to down too"),
        ({"quit": "x"}, "x is already the key of explain: assign another key to explain too"),
        ({"shell": "f4", "tunnel": "f4"}, "f4 is already the key of shell: assign another key to shell too"),
        ({"shell": "ctrl+q"}, "ctrl+q is reserved: its action cannot be changed"),
        ({"quit": "ctrl+c"}, "ctrl+c is reserved: its action cannot be changed"),
    ],
)
def test_what_cannot_be_given_is_told_with_what_may_have_been_meant(wanted: dict[str, str], sentence: str) -> None:
    with pytest.raises(KeymapError, match=f"^{sentence.replace('+', '[+]').replace('.', '[.]').replace('?', '[?]')}$"):
        checked_keymap(wanted, SsmtuiApp)


def test_where_it_was_said_is_told_too() -> None:
    told = SettingValue({"shel": "u"}, SettingOrigin(SettingLayer.FILE, "/home/ada/config.toml:7:1"))
    with pytest.raises(UsageError, match=r"^/home/ada/config.toml:7:1: keys.shel: there is no action shel"):
        apply_key_bindings(SsmtuiApp(demo_inquiry), told)


def test_the_line_of_the_wrong_entry_is_told_and_not_that_of_its_table(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[keys]\nfilter = "f3"\n  shel = "u"\n')
    settings = settings_of(read_config(file), {}, {})
    with pytest.raises(UsageError, match=f"^{file}:3:3: keys.shel: there is no action shel"):
        apply_key_bindings(SsmtuiApp(demo_inquiry), settings.how(KEYS))


def test_no_two_actions_of_a_screen_have_one_key_by_themselves() -> None:
    """Where a key shadows one of the app, or of every table, it is meant to: those are told here."""
    meant = {"save", "open", "page_down", "back", "other_view", "go_left", "no_filter"}
    for screen in screens():
        for widget in widgets_of(screen):
            held = [
                {key: row.id for row in keys_of((kind,)) for key in row.keys} for kind in (widget, screen, SsmtuiApp)
            ]
            twice = {
                (first[key], second[key])
                for place, first in enumerate(held)
                for second in held[place + 1 :]
                for key in first.keys() & second.keys()
            }
            assert [pair for pair in twice if pair[0] != pair[1] and pair[0] not in meant] == [], screen.__name__


async def test_what_was_given_works_and_is_what_every_place_tells() -> None:
    app = SsmtuiApp(demo_inquiry, mode="demo")
    app.keymap = checked_keymap({"filter": "f3", "explain": "f9", "down": "n", "quit": "Q", "help": "f2"}, SsmtuiApp)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.context.handle is not None and app.screen.focused is not None)
        bar = str(app.screen.query_one("KeyBar").render())
        assert "F3 Filter" in bar
        assert "Q Quit" in bar
        await pilot.press("f2")
        await until(pilot, lambda: isinstance(app.screen, HelpDialog) and app.screen.is_mounted)
        lines = {row.key: row.name for row in app.screen.query_one("#commands-found", LineTable).keys}
        assert lines["F3"] == "Filter the rows"
        assert lines["F9"].startswith("Paste an error message")
        assert "/" not in lines
        await pilot.press("escape", "slash", "f3", *"web", "enter")
        nodes = app.screen.query_one("#nodes", LineTable)
        await until(pilot, lambda: 0 < len(nodes.keys) < 45)


async def test_help_lists_every_key_that_is_bound_and_then_the_signs() -> None:
    async with opened(demo_inquiry()) as shown:
        of_hidden_table = sorted(each.id or "" for each in sort_bindings("sort_causes", cause_rows.COLUMNS))
        assert len(of_hidden_table) == 6
        for keys, screen, left_out in (((), type(shown.app.screen), of_hidden_table), (("enter",), NODE, [])):
            await shown.press(*keys)
            await shown.until_screen(screen)
            here = shown.app.screen
            bound: dict[str, set[str]] = {}
            for node in (*here.query("LineTable, TextPane"), here, shown.app):
                for binding in (each for bindings in node._bindings.key_to_bindings.values() for each in bindings):
                    if binding.id or (binding.system and node is shown.app):
                        words = binding.tooltip or binding.description
                        bound.setdefault(binding.id or binding.action, set()).add(words)
            assert len(bound) > 30
            await shown.press("question_mark")
            await shown.until_screen(HelpDialog)
            listed = [row.name for row in shown.app.screen.query_one("#commands-found", LineTable).keys]
            assert sorted(id_ for id_, words in bound.items() if words.isdisjoint(listed)) == left_out
            assert listed.index("Keys of this screen") < listed.index("Navigation") < listed.index("presumed ok")
            await shown.press("escape")
            await until(shown.pilot, lambda here=here: shown.app.screen is here)  # type: ignore[misc]


def test_the_page_of_keys_has_every_screen_and_every_id() -> None:
    text = page()
    assert [each for each in screens() if f"\n## {each.__name__.removesuffix('Screen')}\n" not in text] == []
    ids = {row.id for screen in screens() for row in keys_of((*widgets_of(screen), screen)) if not row.is_kept}
    assert len(ids) > 30
    # Keys that count from 1 on are one row.
    assert [each for each in sorted(ids) if f"`{each}`" not in text and not re.search("_[2-9]$", each)] == []
