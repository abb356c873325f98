"""A timer that is set once comes, whatever has become of its time; Textual would look for it without an end."""

from __future__ import annotations

from asyncio import Event
from itertools import count
from time import monotonic

import pytest
from textual.notifications import Notification
from textual.widgets._toast import Toast

from tests.ui.demo_fleet import demo_inquiry
from tests.ui.opened import opened
from tests.ui.waiting import until

_LOOKS = 20_000
"""At the clock, of all timers of a test: what looks for a time without an end fails by it instead of hanging."""


@pytest.fixture(autouse=True)
def a_slow_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two looks at the timers' clock, other threads have had their turn."""
    looks = count()

    def now() -> float:
        look = next(looks)
        assert look < _LOOKS, "a timer looks for its time without an end"
        return monotonic() + look / 1_000

    monkeypatch.setattr("textual._time.get_time", now)


@pytest.mark.parametrize("seconds", [-0.005, 0, 0.000_001, 0.02])
async def test_a_timer_whose_time_is_over_comes_at_once(seconds: float) -> None:
    async with opened(demo_inquiry()) as shown:
        for widget in (shown.app, shown.fleet, shown.nodes):
            came = Event()
            widget.set_timer(seconds, came.set)
            await until(shown.pilot, came.is_set)


async def test_a_notice_that_expires_as_it_is_shown_goes_and_hangs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(demo_inquiry(), notifications=True) as shown:
        monkeypatch.setattr(Notification, "time_left", -0.005)
        monkeypatch.setattr(Notification, "has_expired", False)
        shown.app.notify("Saved")
        await until(shown.pilot, lambda: not shown.app.screen.query(Toast) and not shown.app._notifications)
