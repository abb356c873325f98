"""What stands while something is waited for goes when that has come, and takes nothing with it that lies above."""

from __future__ import annotations

import pytest

from ssmtui.ui.screens.dialogs import KeyDialog, WaitingDialog
from ssmtui.ui.screens.fleet_screen import FleetScreen
from tests.ui.demo_fleet import demo_inquiry
from tests.ui.opened import opened
from tests.ui.waiting import until


@pytest.mark.parametrize("how", ["take_away", "action_give_up"])
async def test_a_dialog_above_it_stays_until_it_is_closed_itself(how: str) -> None:
    async with opened(demo_inquiry()) as shown:
        heard: list[None] = []
        waits, above = WaitingDialog("Opening", ()), KeyDialog("A question", (), ())
        await shown.app.push_screen(waits, heard.append)
        await shown.app.push_screen(above)
        getattr(waits, how)()
        await shown.pilot.pause()
        assert (shown.app.screen, heard) == (above, [])
        await shown.press("escape")
        await until(shown.pilot, lambda: isinstance(shown.app.screen, FleetScreen))
        assert heard == [None]
