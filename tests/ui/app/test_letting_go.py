"""Of a screen that was closed nothing is held: an app that is lived in does not grow with what is opened in it."""

from __future__ import annotations

import gc
from weakref import ReferenceType, ref

import pytest
from textual._styles_cache import StylesCache
from textual.widget import Widget

from ssmtui.ui.screens.fleet_screen import FleetScreen
from tests.ui.demo_fleet import demo_inquiry
from tests.ui.opened import Opened, opened
from tests.ui.waiting import until


async def opened_and_closed(shown: Opened, key: str) -> list[ReferenceType[StylesCache]]:
    """What was painted of a screen that was up."""
    await shown.press(key)
    await until(shown.pilot, lambda: not isinstance(shown.app.screen, FleetScreen))
    painted = [ref(each._styles_cache) for each in shown.app.screen.walk_children(Widget, with_self=True)]
    await shown.press("escape")
    await until(shown.pilot, lambda: isinstance(shown.app.screen, FleetScreen))
    return painted


@pytest.mark.parametrize("key", ["question_mark", "x"])
async def test_nothing_that_was_painted_is_held_of_a_screen_that_is_closed(key: str) -> None:
    async with opened(demo_inquiry()) as shown:
        painted = await opened_and_closed(shown, key)
        await opened_and_closed(shown, key)  # of the last one, what had the keys may be remembered
        gc.collect()
        assert [each() for each in painted if each() is not None] == []
