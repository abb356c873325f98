"""When everything is looked at again by itself."""

from __future__ import annotations

from datetime import timedelta

from ssmtui.ui.state.scheduling import AutoRefresh
from tests.ui.builders import NOON

MINUTE = timedelta(minutes=1)


def due(auto_refresh: AutoRefresh, seconds: float, *, at_rest: bool = True, is_user_busy: bool = False) -> bool:
    return auto_refresh.is_due(NOON + timedelta(seconds=seconds), at_rest=at_rest, is_user_busy=is_user_busy)


def test_it_is_off_until_somebody_wants_it() -> None:
    auto_refresh = AutoRefresh()
    assert not due(auto_refresh, 0)
    assert not due(auto_refresh, 1_000)
    assert (auto_refresh.pause, auto_refresh.words) == (None, "")
    auto_refresh.switch()
    assert auto_refresh.pause == MINUTE


def test_it_counts_from_when_all_is_at_rest() -> None:
    auto_refresh = AutoRefresh(MINUTE)
    assert not due(auto_refresh, 0, at_rest=False)
    assert auto_refresh.words == ""
    assert not due(auto_refresh, 100)
    assert auto_refresh.words == "again in 1 min"
    assert not due(auto_refresh, 118.5)
    assert auto_refresh.words == "again in 42 s"
    assert due(auto_refresh, 160)
    assert not due(auto_refresh, 161, at_rest=False)
    assert not due(auto_refresh, 200)
    assert due(auto_refresh, 260)


def test_it_waits_while_it_would_disturb_and_says_so() -> None:
    auto_refresh = AutoRefresh(MINUTE)
    due(auto_refresh, 0)
    assert not due(auto_refresh, 60, is_user_busy=True)
    assert auto_refresh.words == "again when you are done"
    assert due(auto_refresh, 61)


def test_switched_off_it_forgets_what_it_counted() -> None:
    auto_refresh = AutoRefresh(MINUTE)
    due(auto_refresh, 0)
    auto_refresh.switch()
    assert not due(auto_refresh, 60)
    auto_refresh.switch()
    assert not due(auto_refresh, 61)
    assert due(auto_refresh, 121)
