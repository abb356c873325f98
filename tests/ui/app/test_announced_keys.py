"""Every key of every screen is tried at 80×24: something happens on the screen, or it says why nothing does.

The screens and their keys are those of the page of keys (tools/keys_page.py).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.actions import parse
from textual.binding import ActiveBinding, Binding
from textual.dom import DOMNode
from textual.widget import Widget
from textual.widgets import Input

from ssmtui.model.plan import Plan
from ssmtui.ui.screens.base_screen import BaseScreen
from ssmtui.ui.screens.input_dialogs import ChoiceDialog
from ssmtui.ui.screens.key_catalogue import screens
from ssmtui.ui.screens.overview_screen import OverviewScreen
from ssmtui.ui.screens.probe_screen import ProbeScreen
from ssmtui.ui.screens.screen_behaviour import accepts_text
from ssmtui.ui.screens.sessions_screen import SessionsScreen
from ssmtui.ui.widgets.screen_frame import key_entries
from tests.ui.builders import FRANKFURT
from tests.ui.demo_fleet import demo_inquiry, switch_plan
from tests.ui.listed_sessions import with_sessions
from tests.ui.opened import Opened, opened, painted_strips
from tests.ui.past_changes import desk_with_a_past
from tests.ui.scenes import HANDSHAKE
from tests.ui.screens.test_marks import both_chosen, inquiry_with_both
from tests.ui.screens.test_preferences_screen import account, form_of
from tests.ui.scripted_inquiry import ScriptedInquiry
from tests.ui.tunnelled_sessions import some_tunnels
from tests.ui.waiting import until

_LAST = (
    "next_view",
    "show_causes",
    "show_nodes",
    "close",
    "back",
    "go_back",
    "quit",
    "answer",
    "take",
    "apply",
    "save",
    "go_on",
)
"""What leads away from a screen, or is done once: pressed after the others."""

_QUITS = frozenset({"quit", "leave", "interrupt", "suspend_process"})
"""What ends the app, or stops it: tests/ui/app/test_app.py and test_suspending.py press these."""

_MAY_CHANGE_NOTHING = frozenset(
    {
        *("move", "page", "half_page", "go_first", "go_last", "go_left", "go_right", "other_pane", "read", "read_page"),
        *("scroll_up", "scroll_down", "scroll_home", "scroll_end", "page_up", "page_down", "next", "previous", "pick"),
        *("no_filter", "no_marks", "mark_to_here", "extend_marks", "region", "neighbour", "plan", "next_panel"),
    }
)
"""What moves, or takes back: at the edge, or with nothing to take back, the action runs and nothing changes."""


def without_a_word_to_type() -> ScriptedInquiry:
    handle, plan = demo_inquiry(), switch_plan(FRANKFURT)
    assert isinstance(plan, Plan)
    handle.plans["toggle-cloudwatch-encryption"] = replace(plan, confirmation="")
    return handle


async def go(shown: Opened, *keys: str, until_said: str = "") -> None:
    await shown.press(*keys)
    await shown.until_said(until_said)


async def workers(shown: Opened) -> None:
    shown.fleet.narrow("eu-worker")
    await until(shown.pilot, lambda: len(shown.names) == 8)


async def fleet(shown: Opened) -> None:
    await workers(shown)


async def causes(shown: Opened) -> None:
    await go(shown, "tab", until_said="/ssm/sessions")


async def filtering(shown: Opened) -> None:
    await go(shown, "slash", "w", until_said="/ w")


async def node(shown: Opened) -> None:
    await workers(shown)
    await go(shown, "enter", until_said="Evidence")


async def cause(shown: Opened) -> None:
    await go(shown, "tab", "enter", until_said="Affected nodes")


async def preferences(shown: Opened) -> None:
    await workers(shown)
    await go(shown, "p", until_said="sessions on 8")


async def an_edit(shown: Opened) -> None:
    await form_of(shown, "cloudWatchStreamingEnabled")
    await go(shown, "enter", until_said="1 edit is not saved")


async def leaving(shown: Opened) -> None:
    await an_edit(shown)
    await go(shown, "escape", until_said="Discard the edits?")


async def a_value(shown: Opened) -> None:
    await form_of(shown, "kmsKeyId")
    await go(shown, "enter")
    await shown.until_screen(ChoiceDialog)


async def commands(shown: Opened) -> None:
    await form_of(shown, "shellProfile.linux")
    await go(shown, "enter", until_said="Ctrl+S accepts the commands")


async def change(shown: Opened) -> None:
    await workers(shown)
    await go(shown, "w", until_said="8 nodes change to ok")


async def typed_change(shown: Opened) -> None:
    await change(shown)


async def made(shown: Opened) -> None:
    await change(shown)
    await go(shown, "A", until_said=": done")


async def fixes(shown: Opened) -> None:
    await workers(shown)
    await go(shown, "F", until_said="Space selects a fix")


async def handed_over(shown: Opened) -> None:
    await change(shown)
    await go(shown, "h", until_said="set -euo pipefail")


async def explain(shown: Opened) -> None:
    await go(shown, "x", until_said="What does this error mean?")


async def explained(shown: Opened) -> None:
    await explain(shown)
    shown.app.post_message(events.Paste(HANDSHAKE))
    await shown.until_said("true here")
    if accepts_text(shown.app.screen.focused):
        await shown.press("escape")


async def history(shown: Opened) -> None:
    await go(shown, "Z", until_said="The change was applied.")


async def help_(shown: Opened) -> None:
    await go(shown, "question_mark", until_said="Keys")


async def overview(shown: Opened) -> None:
    await go(shown, "tilde")
    await shown.until_screen(OverviewScreen)


async def sessions_(shown: Opened) -> None:
    await go(shown, "S")
    await shown.until_screen(SessionsScreen)
    screen = shown.app.screen
    assert isinstance(screen, SessionsScreen)
    await until(shown.pilot, lambda: bool(screen.tables.opened.keys))


async def probe(shown: Opened) -> None:
    shown.fleet.narrow("web-2")
    await until(shown.pilot, lambda: shown.names == ["web-2"])
    await go(shown, "v")
    await shown.until_screen(ProbeScreen)


async def changes_together(shown: Opened) -> None:
    await both_chosen(shown)


async def tunnels(shown: Opened) -> None:
    await go(shown, "T", "down", "down", until_said="Equivalent command")


async def tunnel_form(shown: Opened) -> None:
    shown.fleet.narrow("web-2")
    await until(shown.pilot, lambda: shown.names == ["web-2"])
    await go(shown, "t", until_said="any free port")


Way = Callable[[Opened], Awaitable[None]]
WAYS: tuple[tuple[Way, Callable[[], ScriptedInquiry]], ...] = (
    *((way, demo_inquiry) for way in (fleet, causes, filtering, node, cause, preferences, typed_change)),
    *((way, demo_inquiry) for way in (fixes, explain, explained, history, help_)),
    *((way, demo_inquiry) for way in (tunnels, tunnel_form, overview, probe)),
    (sessions_, with_sessions),
    (changes_together, inquiry_with_both),
    *((way, account) for way in (an_edit, leaving, a_value, commands)),
    *((way, without_a_word_to_type) for way in (change, made, handed_over)),
)


_SCREENS = {
    "ChangeHistoryScreen": (history,),
    "ChangeScreen": (change, typed_change, made),
    "ChangeSetScreen": (changes_together,),
    "ExplainScreen": (explain, explained),
    "ExportScreen": (handed_over,),
    "FindingScreen": (cause,),
    "FixesScreen": (fixes,),
    "FleetScreen": (fleet, causes, filtering),
    "NodeScreen": (node,),
    "OverviewScreen": (overview,),
    "PreferencesScreen": (preferences, an_edit),
    "ProbeScreen": (probe,),
    "SessionsScreen": (sessions_,),
    "TunnelsScreen": (tunnels,),
}
"""Every screen of the page of keys, and where its keys are pressed."""


def test_every_screen_of_the_page_of_keys_is_tried() -> None:
    assert {each.__name__ for each in screens()} == _SCREENS.keys()
    assert {each for ways in _SCREENS.values() for each in ways} <= {way for way, _ in WAYS}


_WITH_SESSIONS = (tunnels, tunnel_form, overview, sessions_, probe)


@pytest.mark.parametrize(("way", "handle"), WAYS, ids=lambda each: getattr(each, "__name__", ""))
async def test_every_key_is_answered(
    way: Way, handle: Callable[[], ScriptedInquiry], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ssmtui.ui.app.navigation.has_browser", lambda *_: False)
    asked = handle()
    desk = desk_with_a_past(tmp_path)
    sessions = some_tunnels() if way in _WITH_SESSIONS else None
    async with opened(asked, desk, sessions=sessions, size=(80, 24)) as shown:
        shown.app.animation_level = "none"
        await way(shown)
        assert [name for name, ways in _SCREENS.items() if way in ways] in ([], [type(shown.app.screen).__name__])
        assert await unanswered(shown, asked, ran_actions(shown, monkeypatch)) == []
    desk.close()


def ran_actions(shown: Opened, patch: pytest.MonkeyPatch) -> list[str]:
    """The actions that have run, by name; the list grows."""
    ran: list[str] = []
    run = shown.app._dispatch_action

    async def remembered(namespace: DOMNode, action_name: str, params: Any) -> bool:
        handled = await run(namespace, action_name, params)
        ran.extend([action_name] if handled else [])
        return handled

    patch.setattr(shown.app, "_dispatch_action", remembered)
    return ran


async def unanswered(shown: Opened, handle: ScriptedInquiry, ran: list[str]) -> list[str]:
    """The keys that nothing comes of. What a key has opened is closed again before the next one."""
    here, focused = shown.app.screen, shown.app.screen.focused
    silent: list[str] = []
    for key, action in pressable(shown):
        bound = here.active_bindings.get(key)
        if bound is None or action in _QUITS:
            continue
        ran.clear()
        before = state(shown, handle)
        await shown.press(key)
        try:
            await until(shown.pilot, lambda before=before: state(shown, handle) != before, looks=60)  # type: ignore[misc]
        except AssertionError:
            if action not in _MAY_CHANGE_NOTHING or action not in ran:
                silent.append(f"{key} {bound.binding.action} ({bound.binding.description})")
        if here not in shown.app.screen_stack:
            break
        while shown.app.screen is not here:
            shown.app.pop_screen()
            await shown.pilot.pause()
        await back_to(shown, focused)
    return silent


async def back_to(shown: Opened, focused: Widget | None) -> None:
    """The keys where they were, and a filter that was opened gone."""
    screen = shown.app.screen
    if screen.focused is focused or focused is None or not (focused.is_attached and focused.display):
        return
    if isinstance(screen, BaseScreen) and screen.filter_line is not None and not isinstance(focused, Input):
        screen.filter_line.put("")
    screen.set_focus(focused)
    await shown.pilot.pause()


def pressable(shown: Opened) -> list[tuple[str, str]]:
    """Every key that ssmtui binds where the keys are, with the name of its action; those that lead away last."""
    bound = ((key, each) for key, each in shown.app.screen.active_bindings.items() if is_ours(each))
    return sorted(((key, parse(each.binding.action)[1]) for key, each in bound), key=lambda each: each[1] in _LAST)


def is_ours(active: ActiveBinding) -> bool:
    """Whether ssmtui binds the key, and not Textual for every input line, text area or scrolling widget."""
    kinds = (kind for kind in type(active.node).__mro__ if kind.__module__.startswith("ssmtui."))
    bound = (each for kind in kinds for each in kind.__dict__.get("BINDINGS", ()))
    return any(each.action == active.binding.action for each in bound if isinstance(each, Binding))


def state(shown: Opened, handle: ScriptedInquiry) -> tuple[object, ...]:
    """What somebody at the terminal would notice, and what was asked for."""
    strips = painted_strips(shown.app)
    painted = tuple((segment.text, str(segment.style)) for strip in strips for segment in strip)
    app = shown.app
    return painted, tuple(app.screen_stack), app.screen.focused, app.clipboard, len(app._notifications)


TEXT_FIELDS: tuple[tuple[Way, Callable[[], ScriptedInquiry]], ...] = (
    *((way, demo_inquiry) for way in (filtering, typed_change, explain, tunnel_form)),
    *((way, account) for way in (commands,)),
)


@pytest.mark.parametrize(("way", "handle"), TEXT_FIELDS, ids=lambda each: getattr(each, "__name__", ""))
async def test_in_a_text_field_the_bar_shows_no_key_that_would_be_typed(
    way: Way, handle: Callable[[], ScriptedInquiry], tmp_path: Path
) -> None:
    desk = desk_with_a_past(tmp_path)
    sessions = some_tunnels() if way is tunnel_form else None
    async with opened(handle(), desk, sessions=sessions, size=(200, 40)) as shown:
        await way(shown)
        field = shown.app.screen.focused
        assert field is not None
        assert accepts_text(field)
        active = list(shown.app.screen.active_bindings.values())
        told = key_entries(active, [shown.app.get_key_display(each.binding) for each in active])
        keys = [key for entry in told for key in entry.keys]
        assert keys
        one_character = [key.display for key in keys if len(key.display) == 1 and key.display.isascii()]
        assert [each for each in one_character if field.check_consume_key(each, each)] == []
    desk.close()
