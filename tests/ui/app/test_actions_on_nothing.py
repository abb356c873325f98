"""Every action of every screen stands where it has nothing to act on: before the first layout, without rows, at once.

Keys come in bursts: an action is run as soon as its screen is put up, which is before anything is laid out or told.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.actions import parse
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget

from ssmtui.model.node import NodeKey
from ssmtui.model.scope import ScopeName
from ssmtui.ui.screens.screen_requests import (
    ChooseFixes,
    ExplainText,
    OpenFinding,
    OpenNode,
    OpenPreferences,
    ProbeNodes,
    ScreenRequest,
    ShowNamedScreen,
    all_screens,
    create_screen,
)
from tests.ui.demo_fleet import demo_inquiry
from tests.ui.fake_sessions import FakeSessions
from tests.ui.opened import NODE, Opened, opened
from tests.ui.past_changes import desk_with_a_past
from tests.ui.scripted_inquiry import ScriptedInquiry
from tests.ui.waiting import until

_GONE = NodeKey("123456789012", "eu-west-3", "i-0gone")
_NOWHERE = ScopeName("prod", "eu-west-3")

WISHES: tuple[Callable[[], ScreenRequest], ...] = (
    lambda: OpenNode(_GONE),
    lambda: OpenFinding("no-such@finding"),
    lambda: OpenPreferences(_NOWHERE),
    lambda: ChooseFixes(()),
    lambda: ExplainText(_GONE),
    lambda: ProbeNodes(()),
    *(lambda name=name: ShowNamedScreen(name, None, None) for name in ("changes", "pulse", "sessions", "tunnels")),
)
"""Every screen that can be put up without a plan, for things that are there no more."""

_LEAVES = frozenset({"leave", "quit", "interrupt", "suspend_process"})


async def test_every_action_of_the_fleet_stands_without_rows(tmp_path: Path) -> None:
    desk = desk_with_a_past(tmp_path)
    async with opened(ScriptedInquiry(), desk, sessions=FakeSessions()) as shown:
        await run_all(shown, shown.app.screen)
        await shown.press("tab")
        await run_all(shown, shown.app.screen)
    desk.close()


@pytest.mark.parametrize("wish", WISHES, ids=lambda wish: getattr(wish(), "name", type(wish()).__name__))
async def test_every_action_stands_before_its_screen_is_laid_out(
    wish: Callable[[], ScreenRequest], tmp_path: Path
) -> None:
    desk = desk_with_a_past(tmp_path)
    async with opened(ScriptedInquiry(), desk, sessions=FakeSessions()) as shown:
        for lays_out in (False, True):
            screen = create_screen(shown.app.context, wish())
            shown.app.push_screen(screen)
            if lays_out:
                await shown.pilot.pause()
            await run_all(shown, screen)
            await shown.pilot.pause()
    desk.close()


async def run_all(shown: Opened, screen: Screen[Any]) -> None:
    """Run every action that is bound there, as a key would, with nothing laid out or told between two of them."""
    for node, action in actions_of(screen):
        _, name, _ = parse(action)
        while shown.app.screen is not screen and screen in shown.app.screen_stack:
            shown.app.pop_screen()  # keys would go there
        if name not in _LEAVES and screen in shown.app.screen_stack and node.is_attached:
            await shown.app.run_action(action, node)
    await shown.pilot.pause()


def actions_of(screen: Screen[Any]) -> list[tuple[DOMNode, str]]:
    """The actions of the screen and of whatever can have the keys on it; those that close it last."""
    widgets = [each for each in vars(screen).values() if isinstance(each, Widget)]
    bound = [
        (node, binding.action)
        for node in (*widgets, screen, screen.app)
        for bindings in node._bindings.key_to_bindings.values()
        for binding in bindings
    ]
    return sorted(dict.fromkeys(bound), key=lambda each: "close" in each[1] or "back" in each[1])


def test_no_screen_is_left_out() -> None:
    of_plans = {"ExportPlans", "PreviewChanges", "ShowCompletion", "ShowPlan", "ShowUndo"}
    told = {each if isinstance(each, str) else each.__name__ for each in all_screens()}
    assert told - of_plans == {getattr(wish(), "name", type(wish()).__name__) for wish in WISHES}


async def test_what_was_read_for_a_node_may_come_after_nobody_reads_it_any_more() -> None:
    async with opened(demo_inquiry()) as shown:
        await shown.press("enter")
        await shown.until_screen(NODE)
        node = shown.app.screen
        for key in ("y", "escape", "y", "escape"):
            shown.app.simulate_key(key)
        await until(shown.pilot, lambda: shown.app.screen is node)
        assert [each.title for each in shown.app._notifications] == []
