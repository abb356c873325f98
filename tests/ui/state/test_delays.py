"""What AWS shows late is looked at again once a minute, for the nodes that it concerns, until it shows or is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ssmtui.diagnosis.events import Event, FindingChanged, FindingGone, ScopeOpened, VerdictChanged
from ssmtui.model.finding import Link, Status, Subject, SubjectKind, VerdictStatus
from ssmtui.model.node import Node
from ssmtui.model.node_facts import Observation
from ssmtui.ui.state.fleet_view import FleetView
from ssmtui.ui.state.scheduling import REFRESH_INTERVAL, DelayedChange, DelayTracker, QuietRefresh
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
