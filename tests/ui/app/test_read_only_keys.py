"""Read-only: whatever key is pressed, no session is opened, carried on or ended, and nothing is written."""

from __future__ import annotations

from string import ascii_letters

import pytest

from ssmtui.session.client import OPERATIONS
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.ui.screens.fleet_screen import FleetScreen
from tests.ui.conftest import start_on
from tests.ui.opened import NODE, Opened, opened
from tests.ui.waiting import until

LEAVES = frozenset("q")
"""The key that would end the test."""


async def press_every_letter(shown: Opened) -> None:
    """Each that means something on the screen that is up; what it put up is left again."""
    start = len(shown.app.screen_stack)
    for letter in sorted(shown.app.screen.active_bindings.keys() & set(ascii_letters) - LEAVES):
        await shown.press(letter, "enter")
        await shown.pilot.pause()
        while len(shown.app.screen_stack) > start:
            await shown.app.pop_screen()


async def test_no_key_opens_or_ends_a_session(aws: SimulatedAws, monkeypatch: pytest.MonkeyPatch) -> None:
    aws.load("log-group-unreadable")
    live = start_on(aws, monkeypatch)
    try:
        async with opened(live) as shown:
            await until(shown.pilot, lambda: bool(shown.app.context.fleet_view.state.settled) and len(shown.names) == 2)
            await press_every_letter(shown)
            assert isinstance(shown.app.screen, FleetScreen)
            await shown.press("escape", "home", "enter")
            await shown.until_screen(NODE)
            await press_every_letter(shown)
    finally:
        live.close()
    assert [each.operation for each in aws.journal.entries if (each.service, each.operation) in OPERATIONS] == []
    assert aws.journal.writes == ()
    assert aws.active_sessions == ()
