"""How many events a tick takes in, by what the ticks before took."""

from __future__ import annotations

import pytest

from ssmtui.ui.state.scheduling import EventBudget


def settled(cost: float, ticks: int = 100) -> EventBudget:
    """A budget after many full ticks of events that cost so many seconds each."""
    budget = EventBudget(0.008)
    for _ in range(ticks):
        budget.took(budget.events, budget.events * cost)
    return budget


@pytest.mark.parametrize("cost", [0.000_004, 0.000_01, 0.000_05])
def test_full_ticks_come_to_take_what_they_may_and_no_longer(cost: float) -> None:
    assert 0.006 <= settled(cost).events * cost <= 0.008


def test_a_slow_tick_is_followed_by_a_shorter_one_at_once() -> None:
    budget = settled(0.000_004)
    events = budget.events
    budget.took(events, 0.012)
    assert budget.events == events * 8 // 12
    budget.took(budget.events, 1.0)
    assert budget.events == events * 8 // 12 // 2


def test_however_slow_it_goes_on() -> None:
    assert settled(1.0).events == 50


def test_however_quick_it_takes_no_more_than_a_screen_can_show() -> None:
    assert settled(0.0).events == 4_000


def test_a_tick_with_little_to_take_in_tells_nothing() -> None:
    budget = settled(0.000_01)
    events = budget.events
    budget.took(3, 0.000_1)
    assert budget.events == events
