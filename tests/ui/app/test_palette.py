"""The palette: everything that can be done and gone to, found by name and by what is told of it, in a burst too."""

from __future__ import annotations

import pytest

from ssmtui.ui.screens.base_screen import BaseScreen
from ssmtui.ui.screens.change_history_screen import ChangeHistoryScreen
from ssmtui.ui.screens.dialogs import ThemeDialog
from ssmtui.ui.screens.screen_requests import Command
from ssmtui.ui.screens.search_dialogs import PaletteDialog, search_commands
from ssmtui.ui.screens.sessions_screen import SessionsScreen
from tests.ui.demo_fleet import demo_inquiry
from tests.ui.opened import CAUSE, NODE, PREFERENCES, opened
from tests.ui.waiting import until


def command(name: str, told: str = "", also: str = "") -> Command:
    return Command(name, told, lambda: None, also=also)


COMMANDS = (
    command("Prefs", "Show the session preferences of the Region", "settings"),
    command("Failing", "Show only failing nodes, or all nodes", "only-failing"),
    command("Fix", "Preview the fix with this number"),
    command("Changes", "Show the changes made on this computer", "history journal"),
    command("Refresh", "List all nodes and check them again", "refresh-all"),
)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("fix", "Fix"),
        ("f", "Fix"),
        ("FAIL", "Failing"),
        ("journal", "Changes"),
        ("hist", "Changes"),
        ("session preferences", "Prefs"),
        ("anew", "Refresh"),
        ("rfrsh", "Refresh"),
    ],
)
def test_a_command_is_found_by_its_names_its_description_and_its_letters(typed: str, first: str) -> None:
    assert search_commands(COMMANDS, typed)[0].name == first


def test_without_a_word_everything_is_there_and_by_a_strange_one_nothing() -> None:
    assert search_commands(COMMANDS, "  ") == list(COMMANDS)
    assert search_commands(COMMANDS, "qqq") == []


@pytest.mark.parametrize("key", ["colon", "ctrl+p"])
async def test_what_is_typed_in_one_burst_is_done(key: str) -> None:
    async with opened(demo_inquiry()) as shown:
        await shown.press(key, *"failing", "enter")
        await until(shown.pilot, lambda: shown.app.screen is shown.fleet and len(shown.names) == 16)


async def test_every_action_and_screen_is_offered_once_with_its_key_and_why_not() -> None:
    async with opened(demo_inquiry()) as shown:
        screen = shown.app.screen
        assert isinstance(screen, BaseScreen)
        commands = list(shown.app.palette.commands_of(screen))
        names = [each.name for each in commands]
        assert {"Filter", "Explain", "Changes", "Help", "Quit", "Theme", "Nodes", "Causes", "Sessions"} <= set(names)
        assert len(names) == len(set(names))
        shell = next(each for each in commands if each.name == "Shell")
        assert (shell.key, shell.why_not.partition(":")[0]) == ("s", "read-only")
        await shown.press("colon", *"shell", "enter")
        await shown.until_screen(PaletteDialog)
        await until(shown.pilot, lambda: any("read-only" in each.message for each in shown.app._notifications))


async def test_one_goes_to_nodes_causes_and_screens_by_name_and_back_to_those_that_are_there() -> None:
    async with opened(demo_inquiry()) as shown:
        await shown.press("colon", *"queue", "minus", "1", "enter")
        await shown.until_screen(NODE)
        await shown.press("colon", *"changes", "enter")
        await shown.until_screen(ChangeHistoryScreen)
        changes = shown.app.screen
        await shown.press("colon", *"sessions", "enter")
        await shown.until_screen(SessionsScreen)
        await shown.press("colon", *"journal", "enter")
        await until(shown.pilot, lambda: shown.app.screen is changes)
        await shown.press("colon", *"log group", "enter")
        await shown.until_screen(CAUSE)
        await shown.press("colon", *"prefs", "enter")
        await shown.until_screen(PREFERENCES)
        await shown.press("colon", *"causes", "enter")
        await until(shown.pilot, lambda: shown.app.screen is shown.fleet and shown.fleet.shows_causes)
        assert shown.app.screen_stack == [shown.fleet]


async def test_the_themes_are_found_by_their_name() -> None:
    async with opened(demo_inquiry()) as shown:
        await shown.press("colon", *"theme", "enter")
        await shown.until_screen(ThemeDialog)
