"""Keys that come in one write: each acts on the row and the screen as they are when its turn has come."""

from __future__ import annotations

import pytest
from textual import events
from textual.keys import _character_to_key

from ssmtui.ui.screens.fixes_screen import FixesScreen
from ssmtui.ui.screens.help_dialog import HelpDialog
from ssmtui.ui.textual_workarounds import LONGEST_LINE
from tests.ui.demo_fleet import demo_inquiry
from tests.ui.opened import CAUSE, NODE, Opened, opened
from tests.ui.waiting import until

_NAMED = {"enter": "\r", "escape": "\x1b", "tab": "\t", "space": " ", "backspace": "\x7f"}


def burst(shown: Opened, keys: str) -> None:
    """All keys at once, before the app has seen the first of them."""
    for word in keys.split():
        name = word if word in _NAMED or (len(word) == 1 and word.isalnum()) else _character_to_key(word)
        shown.app.post_message(events.Key(name, _NAMED.get(word, word)))


async def test_marks_and_fixes_are_those_of_the_row_at_the_time_of_their_key() -> None:
    async with opened(demo_inquiry()) as shown:
        first, second, third, fourth = shown.nodes.keys[:4]
        burst(shown, "j space j space F")
        await shown.until_screen(FixesScreen)
        assert tuple(shown.fleet.marked_nodes) == (second, third)
        assert isinstance(shown.app.screen, FixesScreen)
        assert shown.app.screen._asked_for == (second, third)
        burst(shown, "escape space k k space j")
        await until(shown.pilot, lambda: shown.nodes.cursor == second)
        assert set(shown.fleet.marked_nodes) == {first, second}
        assert fourth not in shown.fleet.marked_nodes


async def test_what_comes_behind_the_key_that_opens_a_screen_acts_on_that_screen() -> None:
    async with opened(demo_inquiry()) as shown:
        third = shown.nodes.keys[2]
        burst(shown, "j j enter g C y escape c")
        await until(shown.pilot, lambda: shown.app.clipboard.startswith("ssmtui connect"))
        await shown.until_screen(NODE)
        assert shown.app.screen.current_node == third  # type: ignore[attr-defined]
        burst(shown, "escape j C")
        await until(shown.pilot, lambda: shown.app.clipboard == shown.nodes.keys[3].id)
        burst(shown, "enter escape k C ?")
        await shown.until_screen(HelpDialog)
        assert shown.app.clipboard == third.id
        assert shown.nodes.cursor == third


async def test_what_comes_behind_another_view_or_a_line_acts_there() -> None:
    async with opened(demo_inquiry()) as shown:
        burst(shown, "tab j j enter C")
        await shown.until_screen(CAUSE)
        held = shown.fleet.causes.keys[2]
        await until(shown.pilot, lambda: shown.app.clipboard.startswith(held))
        burst(shown, "escape tab / e u - w o r k e r enter j j space")
        await until(shown.pilot, lambda: len(shown.fleet.marks) == 1)
        assert shown.fleet.filter_line.text == "eu-worker"
        assert tuple(shown.fleet.marked_nodes) == (shown.nodes.keys[2],)


@pytest.mark.parametrize("count", [300])
async def test_hundreds_of_keys_are_all_given_and_in_order(count: int) -> None:
    async with opened(demo_inquiry()) as shown:
        burst(shown, "/ " + " ".join("ab"[number % 2] for number in range(count)))
        await until(shown.pilot, lambda: len(shown.fleet.filter_line.text) == count)
        assert shown.fleet.filter_line.text == "ab" * (count // 2)


@pytest.mark.parametrize(
    "late",
    [events.Key("j", "j"), events.Paste("web"), events.MouseMove(None, 1, 1, 0, 0, 0, False, False, False, 1, 1, None)],
    ids=lambda event: type(event).__name__,
)
async def test_what_comes_once_the_last_screen_is_gone_is_nobodys(late: events.Event) -> None:
    async with opened(demo_inquiry()) as shown:
        app = shown.app
    assert app.screen_stack == []
    await app.on_event(late)


async def test_a_line_takes_of_a_paste_its_first_line_as_far_as_there_is_room() -> None:
    async with opened(demo_inquiry()) as shown:
        burst(shown, "/ w")
        shown.app.post_message(events.Paste("eb" * 500_000 + "\nmore"))
        line = shown.fleet.filter_line.line
        await until(shown.pilot, lambda: len(line.value) == LONGEST_LINE)
        burst(shown, "x backspace y y")
        await until(shown.pilot, lambda: line.value.endswith("y"))
        assert line.value == ("w" + "eb" * LONGEST_LINE)[: LONGEST_LINE - 1] + "y"


async def test_ctrl_c_comes_before_all_keys_that_wait() -> None:
    async with opened(demo_inquiry()) as shown:
        burst(shown, "j " * 30_000)
        shown.app.post_message(events.Key("ctrl+c", None))
        await until(shown.pilot, lambda: not shown.app._running)
        assert shown.app.return_code == 130
