"""Every key that a bar announces is answered: something happens on the screen, or it says why nothing does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from textual import events

from ssmtui.model.plan import Plan
from ssmtui.ui.screens.base_screen import accepts_text
from ssmtui.ui.screens.input_dialogs import ChoiceDialog
from ssmtui.ui.widgets.screen_frame import key_entries
from tests.ui.builders import FRANKFURT
from tests.ui.demo_fleet import demo_inquiry, switch_plan
from tests.ui.opened import Opened, opened
from tests.ui.past_changes import desk_with_a_past
from tests.ui.scenes import HANDSHAKE
from tests.ui.screens.test_preferences_screen import account, form_of
from tests.ui.scripted_inquiry import ScriptedInquiry
from tests.ui.tunnelled_sessions import some_tunnels
from tests.ui.waiting import until

_LAST = ("close", "quit", "answer", "take", "apply", "save")
"""What leads away from a screen, or is done once: pressed after the others."""


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
    await shown.press("escape")


async def history(shown: Opened) -> None:
    await go(shown, "Z", until_said="The change was applied.")


async def help_(shown: Opened) -> None:
    await go(shown, "question_mark", until_said="Keys")


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
    *((way, demo_inquiry) for way in (tunnels, tunnel_form)),
    *((way, account) for way in (an_edit, leaving, a_value, commands)),
    *((way, without_a_word_to_type) for way in (change, made, handed_over)),
)


@pytest.mark.parametrize(("way", "handle"), WAYS, ids=lambda each: getattr(each, "__name__", ""))
async def test_every_key_that_the_bar_announces_is_answered(
    way: Way, handle: Callable[[], ScriptedInquiry], tmp_path: Path
) -> None:
    asked = handle()
    desk = desk_with_a_past(tmp_path)
    sessions = some_tunnels() if way in (tunnels, tunnel_form) else None
    async with opened(asked, desk, sessions=sessions) as shown:
        shown.app.animation_level = "none"
        await way(shown)
        assert await unanswered(shown, asked) == []
    desk.close()


async def unanswered(shown: Opened, handle: ScriptedInquiry) -> list[str]:
    """The announced keys that nothing comes of. What a key has opened is closed again before the next one."""
    here = shown.app.screen
    silent: list[str] = []
    for key, action in announced(shown):
        bound = here.active_bindings.get(key)
        if action == "quit" or bound is None:
            continue
        before = state(shown, handle)
        await shown.press(key)
        try:
            await until(shown.pilot, lambda before=before: state(shown, handle) != before, looks=60)  # type: ignore[misc]
        except AssertionError:
            silent.append(f"{key} ({bound.binding.description})")
        if here not in shown.app.screen_stack:
            break
        while shown.app.screen is not here:
            shown.app.pop_screen()
            await shown.pilot.pause()
    return silent


def announced(shown: Opened) -> list[tuple[str, str]]:
    """The keys of the bar with their actions, those that lead away last."""
    active = list(shown.app.screen.active_bindings.values())
    told = key_entries(active, [shown.app.get_key_display(each.binding) for each in active])
    keys = [(key.pressed, entry.action.rpartition(".")[2]) for entry in told for key in entry.keys]
    return sorted(keys, key=lambda each: each[1] in _LAST)


def state(shown: Opened, handle: ScriptedInquiry) -> tuple[object, ...]:
    """What somebody at the terminal would notice, and what was asked for."""
    strips = shown.app.screen._compositor.render_strips(shown.app.size)
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
