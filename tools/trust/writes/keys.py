"""Every key of the app's screens, pressed where nothing may be written."""

from __future__ import annotations

from string import ascii_letters

import pytest

from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.ui.screens.fleet_screen import FleetScreen
from tests.ui.conftest import start_on
from tests.ui.opened import Opened, opened
from tests.ui.waiting import until

_ENDS = frozenset({"q", "ctrl+q", "ctrl+z"})
"""What would end the app, or stop it."""
_OPENED = ((), ("enter",), ("tab",), ("tab", "enter"), ("p",))
"""What leads from the fleet to a node, the causes, one of them, and the preferences."""


async def press_everything(aws: SimulatedAws, patch: pytest.MonkeyPatch) -> int:
    """Press them on the fleet, a node, the causes, one of them, the preferences; tells how many were pressed."""
    pressed = 0
    live = start_on(aws, patch)
    try:
        async with opened(live) as shown:
            await until(shown.pilot, lambda: bool(shown.app.context.fleet_view.state.settled))
            for opening in _OPENED:
                await shown.press("home", *opening)
                pressed += await _press_all(shown)
                while not isinstance(shown.app.screen, FleetScreen):
                    await shown.app.pop_screen()
                if opening[:1] == ("tab",):
                    await shown.press("tab")
    finally:
        live.close()
    return pressed


async def _press_all(shown: Opened) -> int:
    """Each key that means something here, and Enter, which confirms where something asks."""
    start = len(shown.app.screen_stack)
    keys = sorted(shown.app.screen.active_bindings.keys() - _ENDS)
    for key in keys:
        await shown.press(key, *(("enter",) if key in ascii_letters else ()))
        while len(shown.app.screen_stack) > start:
            await shown.app.pop_screen()
    return len(keys)
