"""When everything is looked at again by itself."""

from __future__ import annotations

from datetime import timedelta

from ssmtui.ui.state.timed_refresh import TimedRefresh
from tests.ui.builders import NOON

MINUTE = timedelta(minutes=1)


def due(timed: TimedRefresh, seconds: float, *, at_rest: bool = True, disturbs: bool = False) -> bool:
    return timed.is_due(NOON + timedelta(seconds=seconds), at_rest=at_rest, disturbs=disturbs)


def test_it_is_off_until_somebody_wants_it() -> None:
    timed = TimedRefresh()
    assert not due(timed, 0)
    assert not due(timed, 1_000)
    assert (timed.pause, timed.words) == (None, "")
    timed.switch()
    assert timed.pause == MINUTE


def test_it_counts_from_when_all_is_at_rest() -> None:
    timed = TimedRefresh(MINUTE)
    assert not due(timed, 0, at_rest=False)
    assert timed.words == ""
    assert not due(timed, 100)
    assert timed.words == "again in 1 min"
    assert not due(timed, 118.5)
    assert timed.words == "again in 42 s"
    assert due(timed, 160)
    assert not due(timed, 161, at_rest=False)
    assert not due(timed, 200)
    assert due(timed, 260)


def test_it_waits_while_it_would_disturb_and_says_so() -> None:
    timed = TimedRefresh(MINUTE)
    due(timed, 0)
    assert not due(timed, 60, disturbs=True)
    assert timed.words == "again when you are done"
    assert due(timed, 61)


def test_switched_off_it_forgets_what_it_counted() -> None:
    timed = TimedRefresh(MINUTE)
    due(timed, 0)
    timed.switch()
    assert not due(timed, 60)
    timed.switch()
    assert not due(timed, 61)
    assert due(timed, 121)
