"""Somebody has the keys on every screen, wherever the mouse goes and whatever is hidden."""

from __future__ import annotations

from textual import events

from ssmtui.ui.screens.dialogs import TextDialog
from tests.ui.demo_fleet import demo_inquiry
from tests.ui.opened import NODE, Opened, opened
from tests.ui.waiting import until
from tools.trust.monkey.actions import is_answered


def mouse(shown: Opened, kind: type[events.MouseEvent], x: int, y: int) -> None:
    """The mouse, as the terminal tells of it: where a window was larger a moment ago, of places that are no more."""
    assert shown.app._driver is not None
    shown.app._driver.process_message(kind(None, x, y, 0, 0, 1, False, False, False, x, y, None))


async def test_the_mouse_takes_the_keys_from_nobody() -> None:
    async with opened(demo_inquiry(), size=(100, 30)) as shown:
        for opening in ((), ("enter",), ("question_mark",)):
            await shown.press(*opening)
            focused = shown.app.screen.focused
            assert focused is not None
            for kind in (events.MouseMove, events.MouseDown, events.MouseUp):
                mouse(shown, kind, 150, 50)
                assert await is_answered(shown.app)
                assert shown.app.screen.focused is focused


async def test_who_is_hidden_hands_the_keys_on() -> None:
    async with opened(demo_inquiry(), size=(100, 30)) as shown:
        await shown.press("enter")
        await shown.until_screen(NODE)
        screen, had = shown.app.screen, shown.app.screen.focused
        assert had is not None
        others = [each for each in screen.focus_chain if each is not had]
        had.display = False
        await until(shown.pilot, lambda: screen.focused in others)
        for each in others:
            each.display = False
        await until(shown.pilot, lambda: screen.focused is None)
        had.display = True
        await shown.pilot.resize_terminal(90, 30)
        await until(shown.pilot, lambda: screen.focused is had)


async def test_a_click_on_what_was_just_taken_away_does_nothing() -> None:
    async with opened(demo_inquiry(), size=(100, 30)) as shown:
        screen = shown.app.screen
        header, _ = screen.get_widget_at(10, 1)
        await header.remove()
        assert screen.get_widget_at(10, 1)[0] is header, "nothing was laid out since"
        screen._forward_event(events.MouseDown(None, 10, 1, 0, 0, 1, False, False, False, 10, 1, None))
        await shown.press("question_mark")
        await until(shown.pilot, lambda: isinstance(shown.app.screen, TextDialog))
