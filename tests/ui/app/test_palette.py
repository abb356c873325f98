"""The palette: everything that can be done and gone to, found by name and by what is told of it, in a burst too."""

from __future__ import annotations

import pytest

from ssmtui.ui.screens.base_screen import BaseScreen
from ssmtui.ui.screens.change_history_screen import ChangeHistoryScreen
from ssmtui.ui.screens.dialogs import ThemeDialog
from ssmtui.ui.screens.help_dialog import HelpDialog
from ssmtui.ui.screens.screen_requests import Command
from ssmtui.ui.screens.search_dialogs import PaletteDialog, search_commands
from ssmtui.ui.screens.sessions_screen import SessionsScreen
from tests.ui.demo_fleet import demo_inquiry
from tests.ui.opened import CAUSE, NODE, PREFERENCES, opened
from tests.ui.waiting import until


def command(name: str, told: str = "", also: str = "", *, comes_last: bool = False) -> Command:
    return Command(name, told, lambda: None, also=also, comes_last=comes_last)


COMMANDS = (
    command("Prefs", "Show the session preferences of the Region", "settings"),
    command("Failing", "Show only failing nodes, or all nodes", "only-failing"),
    command("Fix", "Preview the fix with this number"),
    command("Changes", "Show the changes made on this computer", "history journal"),
    command("Refresh", "List all nodes and check them again", "refresh-all"),
    command("Session keys", comes_last=True),
    command("Sessions", "Show the sessions of the account", "holders"),
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
        ("them again", "Refresh"),
        ("rfrsh", "Refresh"),
        ("session", "Sessions"),  # a cause comes after what can be done, if words of both match
        ("session keys", "Session keys"),
        ("sssn", "Sessions"),
    ],
)
def test_a_command_is_found_by_its_names_its_description_and_its_letters(typed: str, first: str) -> None:
    assert search_commands(COMMANDS, typed)[0].name == first


def test_without_a_word_everything_is_there_and_by_a_strange_one_nothing() -> None:
    assert search_commands(COMMANDS, "  ") == list(COMMANDS)
    assert search_commands(COMMANDS, "qqq") == []


_FOUND_BY = {
    "Accounts": "ctx ns",
    "Causes": "popeye",
    "Describe": "describe",
    "Help": "h",
    "Log in": "login log",
    "Nodes": "no",
    "Overview": "pulses pu",
    "Quit": "q quit",
    "Raw": "yaml",
    "Save": "sd",
    "Sessions": "session",
    "Tunnels": "pf",
}
"""What is typed in k9s, or is a word of causes too, by the command that is listed first."""


async def test_commands_are_found_by_the_names_of_k9s_and_before_causes() -> None:
    async with opened(demo_inquiry(), size=(80, 24)) as shown:
        await shown.press("colon")
        await shown.until_screen(PaletteDialog)
        dialog = shown.app.screen
        assert isinstance(dialog, PaletteDialog)
        typed = {each: name for name, words in _FOUND_BY.items() for each in words.split()} | {"log in": "Log in"}
        assert {each: dialog.found(each)[0].name for each in typed} == typed


async def test_titles_are_whole_and_the_row_under_the_cursor_is_told_whole() -> None:
    async with opened(demo_inquiry(), size=(80, 24)) as shown:
        await shown.press("colon", *"group")
        dialog = shown.app.screen
        assert isinstance(dialog, PaletteDialog)
        names = [each.name for each in dialog.table.keys]
        assert names
        await until(shown.pilot, lambda: all(name in shown.painted for name in names))
        await shown.press("ctrl+u", *"shell")
        why_not = dialog.table.keys[0].why_not
        await until(shown.pilot, lambda: " ".join(dialog.line.text.split()) == f"Shell {why_not}")


async def test_help_is_searched_and_presses_the_key_of_the_row() -> None:
    async with opened(demo_inquiry(), size=(80, 24)) as shown:
        await shown.press("question_mark")
        await shown.until_screen(HelpDialog)
        await shown.press(*"failing", "enter")
        await until(shown.pilot, lambda: shown.app.screen is shown.fleet and len(shown.names) == 16)
        await shown.press("question_mark", *"quit")  # by the name in the bar, though its sentence has another
        await shown.press("ctrl+u", *"shell", "enter")
        await until(shown.pilot, lambda: any("read-only" in each.message for each in shown.app._notifications))
        assert isinstance(shown.app.screen, HelpDialog)
        shown.app.clear_notifications()
        await shown.press("ctrl+u", *"presumed", "enter")
        await until(
            shown.pilot, lambda: [each.message for each in shown.app._notifications] == ["This row has no key."]
        )
        await shown.press("ctrl+u", "question_mark")
        await until(shown.pilot, lambda: shown.app.screen is shown.fleet)


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
        assert {each.name: each.key for each in commands if each.name.startswith("Fix")} == {
            "Fix: Encrypt the log group with a KMS key": "1",
            'Fix: Turn off "Allow only encrypted CloudWatch log groups"': "2",
            "Fixes": "F",
        }
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
