from __future__ import annotations

import pytest

from ssmtui.session.tunnels.manager import SleepWatch

NOON, STARTED = 1_800_000_000.0, 4711.0


@pytest.mark.parametrize(
    ("wall", "steady", "slept"),
    [
        (5.0, 5.0, 0.0),  # nothing happened
        (8.0, 8.0, 0.0),  # a busy computer
        (7205.0, 5.0, 7200.0),  # Linux and macOS: the steady clock stood still
        (7200.0, 7200.0, 7195.0),  # Windows, or a process that was stopped: the look came late
        (25.0, 5.0, 0.0),  # too short for a connection to mind
        (-3600.0, 5.0, 0.0),  # the clock was set back
    ],
)
def test_sleep_is_a_gap_between_the_clocks_or_in_the_looking(wall: float, steady: float, slept: float) -> None:
    watch = SleepWatch(NOON, STARTED, period=5.0)
    assert watch.look(NOON + wall, STARTED + steady) == slept


def test_a_gap_counts_once() -> None:
    watch = SleepWatch(NOON, STARTED, period=5.0)
    assert watch.look(NOON + 3605, STARTED + 5) == 3600.0
    assert watch.look(NOON + 3610, STARTED + 10) == 0.0
