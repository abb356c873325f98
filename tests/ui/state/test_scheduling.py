"""Scheduling: the event budget, throttled work, auto-refresh, and delayed changes."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from ssmtui.diagnosis.events import Event, FindingChanged, FindingGone, ScopeOpened, VerdictChanged
from ssmtui.model.finding import Link, Status, Subject, SubjectKind, VerdictStatus
from ssmtui.model.node import Node
from ssmtui.model.node_facts import Observation
from ssmtui.ui.state.fleet_view import FleetView
from ssmtui.ui.state.scheduling import (
    IDLE_SECONDS,
    REFRESH_INTERVAL,
    AutoRefresh,
    DelayedChange,
    DelayTracker,
    EventBudget,
    IdleCollection,
    QuietRefresh,
)
from tests.ui.builders import HEALTHY, NOON, PARIS, finding, log_group_unencrypted, node, told, verdict

WEB, API = node("web-1", 1), node("api-1", 2)
GROUP = log_group_unencrypted([WEB, API])
HALF_AN_HOUR = timedelta(minutes=30)


def fleet_view(*events: Event) -> FleetView:
    known = FleetView()
    for event in (ScopeOpened(PARIS), *told(PARIS, [WEB, API]), *events):
        known.apply(event)
    return known


def both_red() -> FleetView:
    red = verdict(VerdictStatus.FAIL, GROUP)
    return fleet_view(FindingChanged(GROUP), VerdictChanged(WEB.key, red), VerdictChanged(API.key, red))


def starting(minutes: int) -> FleetView:
    subject = Subject(SubjectKind.NODE, WEB.id)
    held = finding("instance-starting", Link.INSTANCE, subject, [WEB], status=Status.WARN)
    held = replace(held, finding=replace(held.finding, until=NOON + timedelta(minutes=minutes)))
    return fleet_view(
        FindingChanged(held),
        VerdictChanged(WEB.key, verdict(VerdictStatus.WARN, held)),
        VerdictChanged(API.key, HEALTHY),
    )


def looks(delays: DelayTracker, known: FleetView, minutes: float) -> tuple[QuietRefresh, ...]:
    return delays.due(known, NOON + timedelta(minutes=minutes))


def waiting_for_both() -> DelayTracker:
    delays = DelayTracker()
    delays.begin(DelayedChange(PARIS.name, (WEB.key, API.key), (Observation,), NOON + HALF_AN_HOUR), NOON)
    return delays


def test_a_change_is_looked_at_once_a_minute_on_the_nodes_that_are_not_green_yet() -> None:
    known, delays = both_red(), waiting_for_both()
    assert looks(delays, known, 0.5) == ()
    assert looks(delays, known, 1) == (QuietRefresh(PARIS.name, (WEB.key, API.key), (Observation, Node)),)
    assert looks(delays, known, 1.5) == ()
    known.apply(VerdictChanged(API.key, HEALTHY))
    assert [look.nodes for look in looks(delays, known, 2)] == [(WEB.key,)]
    known.apply(VerdictChanged(WEB.key, HEALTHY))
    known.apply(FindingGone(GROUP.id))
    assert looks(delays, known, 3) == looks(delays, known, 10) == ()


def test_the_last_look_is_when_the_delay_has_passed() -> None:
    known, delays = both_red(), waiting_for_both()
    assert looks(delays, known, 29.5)
    assert looks(delays, known, 30)
    assert looks(delays, known, 31) == looks(delays, known, 60) == ()


def test_a_node_on_its_way_is_looked_at_until_its_time_has_passed() -> None:
    known, delays = starting(minutes=3), DelayTracker()
    assert [[look.nodes for look in looks(delays, known, minute)] for minute in (0, 1, 2, 2.5, 3, 4)] == [
        [],
        [(WEB.key,)],
        [(WEB.key,)],
        [],
        [(WEB.key,)],
        [],
    ]


def test_two_waits_of_one_region_are_one_look() -> None:
    known, delays = both_red(), DelayTracker()
    for key in (WEB.key, API.key, WEB.key):
        delays.begin(DelayedChange(PARIS.name, (key,), (Observation,), NOON + HALF_AN_HOUR), NOON)
    assert looks(delays, known, 1) == (QuietRefresh(PARIS.name, (WEB.key, API.key), (Observation, Node)),)


def test_where_nothing_is_late_nothing_is_looked_at() -> None:
    known, delays = fleet_view(VerdictChanged(WEB.key, HEALTHY)), DelayTracker()
    assert [looks(delays, known, minute) for minute in range(10)] == [()] * 10


def test_a_minute_is_what_lies_between_two_looks() -> None:
    assert timedelta(minutes=1) == REFRESH_INTERVAL


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
    assert auto_refresh.words == "refresh in 1 min"
    assert not due(auto_refresh, 118.5)
    assert auto_refresh.words == "refresh in 42 s"
    assert due(auto_refresh, 160)
    assert not due(auto_refresh, 161, at_rest=False)
    assert not due(auto_refresh, 200)
    assert due(auto_refresh, 260)


def test_it_waits_while_it_would_disturb_and_says_so() -> None:
    auto_refresh = AutoRefresh(MINUTE)
    due(auto_refresh, 0)
    assert not due(auto_refresh, 60, is_user_busy=True)
    assert auto_refresh.words == "refresh waits for you"
    assert due(auto_refresh, 61)


def test_switched_off_it_forgets_what_it_counted() -> None:
    auto_refresh = AutoRefresh(MINUTE)
    due(auto_refresh, 0)
    auto_refresh.switch()
    assert not due(auto_refresh, 60)
    auto_refresh.switch()
    assert not due(auto_refresh, 61)
    assert due(auto_refresh, 121)


THRESHOLD = (50_000, 20, 20)


@pytest.fixture
def own_threshold() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(*THRESHOLD)
    yield
    gc.set_threshold(*before)


@pytest.mark.usefixtures("own_threshold")
def test_python_collects_new_objects_in_parts_and_older_ones_later_while_the_app_runs() -> None:
    collection = IdleCollection()
    collection.begin()
    young, middle, _ = gc.get_threshold()
    assert young < THRESHOLD[0]
    assert young * middle > THRESHOLD[0] * THRESHOLD[1]
    collection.end()
    assert gc.get_threshold() == THRESHOLD


@pytest.mark.usefixtures("own_threshold")
@pytest.mark.parametrize(
    ("since_input", "counts", "collected"),
    [
        (IDLE_SECONDS, (0, 501, 0), [1]),
        (IDLE_SECONDS, (0, 501, 21), [2]),
        (IDLE_SECONDS, (0, 500, 21), []),  # few new objects: there is little to find
        (IDLE_SECONDS / 2, (0, 501, 21), []),  # a key would wait
    ],
)
def test_garbage_of_older_objects_is_collected_while_the_user_is_idle(
    since_input: float, counts: tuple[int, int, int], collected: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    collection, made = IdleCollection(), list[int]()
    collection.begin()
    monkeypatch.setattr(gc, "get_count", lambda: counts)
    monkeypatch.setattr(gc, "collect", made.append)
    collection.note_input(100.0)
    collection.collect(100.0 + since_input)
    assert made == collected
    collection.end()
    collection.collect(200.0)
    assert made == collected


@pytest.mark.usefixtures("own_threshold")
def test_nothing_is_collected_while_collection_is_paused(monkeypatch: pytest.MonkeyPatch) -> None:
    collection, made = IdleCollection(), list[int]()
    collection.begin()
    monkeypatch.setattr(gc, "get_count", lambda: (0, 501, 0))
    monkeypatch.setattr(gc, "isenabled", lambda: False)  # a large answer is being parsed
    monkeypatch.setattr(gc, "collect", made.append)
    collection.collect(100.0)
    assert made == []
