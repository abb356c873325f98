"""The fleet as the screens show it: events, recent changes, groups, and the past hour."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from queue import SimpleQueue

from ssmtui.diagnosis.events import (
    ConnectionRead,
    Event,
    FindingChanged,
    FindingGone,
    NodeGone,
    NodeListed,
    ProgressChanged,
    ScopeClosed,
    ScopeOpened,
    ScopeSettled,
    VerdictChanged,
)
from ssmtui.model.fact import Unreadable
from ssmtui.model.finding import Confidence, Link, Status, VerdictStatus
from ssmtui.model.node import ConnectionStatus, Node, PingStatus
from ssmtui.ui.state.fleet_view import MARK_DURATION, FleetView, GroupCounts, OverviewHistory, RecentChanges
from ssmtui.ui.text.overview import GROUPINGS, FleetSample
from ssmtui.ui.text.styled_text import CHECKING, PRESUMED, VERDICTS
from tests.ui.builders import (
    FRANKFURT,
    HEALTHY,
    NOON,
    PARIS,
    STOPPED,
    finding,
    found,
    log_group_unencrypted,
    node,
    told,
    verdict,
)
from tests.ui.demo_fleet import events, frankfurt_events, role


def queue(*events: Event) -> SimpleQueue[Event]:
    filled: SimpleQueue[Event] = SimpleQueue()
    for event in events:
        filled.put(event)
    return filled


def test_a_tick_takes_a_bounded_number_of_events_and_leaves_the_rest() -> None:
    fleet_view = FleetView()
    events = queue(*told(PARIS, [node(f"web-{number}", number) for number in range(1, 51)]))
    changes = fleet_view.drain(events, limit=20)
    assert len(changes.nodes) == 10  # each node comes with its connection
    assert events.qsize() == 80


def test_only_what_changed_is_marked() -> None:
    fleet_view = FleetView()
    web, api = node("web", 1), node("api", 2)
    fleet_view.drain(queue(ScopeOpened(PARIS), *told(PARIS, [web, api], verdicts=HEALTHY)))
    held = log_group_unencrypted([api])
    changes = fleet_view.drain(queue(*found(held, [api])))
    assert list(changes.nodes) == [api.key]
    assert list(changes.findings) == [held.id]
    assert not changes.other
    assert fleet_view.verdict(api.key).status is VerdictStatus.FAIL
    assert not fleet_view.drain(queue())


def test_what_is_gone_is_marked_too() -> None:
    fleet_view = FleetView()
    web = node("web", 1)
    held = log_group_unencrypted([web])
    fleet_view.drain(queue(*told(PARIS, [web]), *found(held, [web])))
    changes = fleet_view.drain(queue(NodeGone(web.key), FindingGone(held.id)))
    assert list(changes.nodes) == [web.key]
    assert list(changes.findings) == [held.id]
    assert fleet_view.node(web.key) is None


def test_a_scope_that_is_checked_again_is_pending_until_it_says_so() -> None:
    fleet_view = FleetView()
    fleet_view.drain(queue(ScopeOpened(PARIS), ScopeSettled(PARIS.name)))
    assert not fleet_view.pending
    fleet_view.refresh_nodes(PARIS.name)
    assert fleet_view.pending
    assert fleet_view.drain(queue(ProgressChanged(PARIS.name, 0, 0, False, (), False), ScopeSettled(PARIS.name))).other
    assert not fleet_view.pending


def test_the_tally_follows_every_verdict() -> None:
    fleet_view = FleetView()
    web, api = node("web", 1), node("api", 2)
    fleet_view.drain(queue(*told(PARIS, [web]), *told(PARIS, [api], verdicts=HEALTHY)))
    assert (fleet_view.sign_counts[CHECKING], fleet_view.sign_counts[VERDICTS[VerdictStatus.OK]]) == (1, 1)
    fleet_view.drain(queue(*found(log_group_unencrypted([web, api]), [web, api])))
    assert +fleet_view.sign_counts == {VERDICTS[VerdictStatus.FAIL]: 2}
    fleet_view.drain(queue(NodeGone(web.key)))
    assert +fleet_view.sign_counts == {VERDICTS[VerdictStatus.FAIL]: 1}


def test_the_findings_of_a_node_come_in_the_order_of_the_path_and_the_worst_of_a_link_first() -> None:
    fleet_view = FleetView()
    web = node("web", 1)
    warned = finding("a-warning", Link.PREFERENCES, role("web"), [web], status=Status.WARN)
    failed = finding("z-failure", Link.PREFERENCES, role("web"), [web])
    late = finding("a-failure", Link.SYSTEM, role("web"), [web])
    fleet_view.drain(queue(*told(PARIS, [web]), *map(FindingChanged, (late, warned, failed))))
    fleet_view.drain(queue(VerdictChanged(web.key, verdict(VerdictStatus.FAIL, late, warned, failed))))
    assert [each.finding.cause for each in fleet_view.findings_of(web.key)] == ["z-failure", "a-warning", "a-failure"]


def test_the_nodes_of_a_scope_go_and_come_with_it_as_they_were() -> None:
    fleet_view = FleetView()
    web = node("web-1", 1)
    fleet_view.drain(queue(ScopeOpened(PARIS), *told(PARIS, [web]), VerdictChanged(web.key, verdict(VerdictStatus.OK))))
    gone = fleet_view.drain(queue(ScopeClosed(PARIS.name)))
    assert (tuple(gone.nodes), gone.other, fleet_view.state.nodes, +fleet_view.sign_counts) == (
        (web.key,),
        True,
        {},
        {},
    )
    back = fleet_view.drain(queue(ScopeOpened(PARIS)))
    assert (tuple(back.nodes), fleet_view.state.verdict(web.key).status) == ((web.key,), VerdictStatus.OK)
    assert +fleet_view.sign_counts == {VERDICTS[VerdictStatus.OK]: 1}


def settled(*nodes: Node) -> FleetView:
    """A board that has been told all of Paris once."""
    fleet_view = FleetView()
    fleet_view.look(NOON)
    fleet_view.drain(queue(ScopeOpened(PARIS), *told(PARIS, nodes, verdicts=HEALTHY), ScopeSettled(PARIS.name)))
    return fleet_view


def test_what_is_told_for_the_first_time_is_no_change() -> None:
    assert len(settled(node("web", 1)).recent) == 0


def test_what_is_told_otherwise_is_marked_by_its_columns_for_a_while() -> None:
    web = node("web", 1)
    fleet_view = settled(web)
    lost = node("web", 1, ping=PingStatus.CONNECTION_LOST)
    bad = verdict(VerdictStatus.FAIL)
    connection = ConnectionRead(web.key, ConnectionStatus.NOT_CONNECTED)
    fleet_view.drain(queue(NodeListed(PARIS, lost), connection, VerdictChanged(web.key, bad)))
    assert fleet_view.recent.columns_of(web.key) == {"ping", "channel", "why"}
    fleet_view.look(NOON + MARK_DURATION)
    assert list(fleet_view.drain(queue()).nodes) == [web.key]
    assert len(fleet_view.recent) == 0


def test_what_is_told_again_as_it_was_is_no_change() -> None:
    web = node("web", 1)
    fleet_view = settled(web)
    asked_again = replace(HEALTHY, settled=False)
    fleet_view.drain(queue(*(VerdictChanged(web.key, each) for each in (asked_again, HEALTHY)), NodeListed(PARIS, web)))
    assert len(fleet_view.recent) == 0


def test_that_a_node_is_ok_as_it_was_presumed_to_be_is_no_change() -> None:
    web = node("web", 1)
    presumed = replace(HEALTHY, confidence=Confidence.POSSIBLE)
    fleet_view = settled(web)
    fleet_view.drain(queue(VerdictChanged(web.key, presumed)))
    assert +fleet_view.sign_counts == {PRESUMED: 1}
    fleet_view.drain(queue(VerdictChanged(web.key, HEALTHY)))
    assert +fleet_view.sign_counts == {VERDICTS[VerdictStatus.OK]: 1}
    assert len(fleet_view.recent) == 0


def test_a_node_that_comes_later_is_marked_as_new() -> None:
    fleet_view, late = settled(node("web", 1)), node("late", 2)
    fleet_view.drain(queue(NodeListed(PARIS, late)))
    assert fleet_view.recent.columns_of(late.key) == {"name", "id"}
    fleet_view.drain(queue(NodeGone(late.key)))
    assert len(fleet_view.recent) == 0


def test_a_cause_that_holds_other_nodes_than_before_is_marked() -> None:
    web, api = node("web", 1), node("api", 2)
    fleet_view = settled(web, api)
    held = log_group_unencrypted([web])
    fleet_view.drain(queue(FindingChanged(held)))
    assert fleet_view.recent_causes.columns_of(held.id) == {"nodes", "cause"}
    fleet_view.look(NOON + MARK_DURATION)
    fleet_view.drain(queue(FindingChanged(log_group_unencrypted([web, api]))))
    assert fleet_view.recent_causes.columns_of(held.id) == {"nodes"}


def test_the_calls_of_all_scopes_are_counted() -> None:
    fleet_view = FleetView()
    for calls, name in ((3, PARIS.name), (4, FRANKFURT.name), (5, PARIS.name)):
        fleet_view.apply(
            ProgressChanged(name, 0, 0, False, (("ec2:DescribeInstances", calls), ("ssm:GetDocument", 1)), False)
        )
    assert fleet_view.calls == 5 + 1 + 4 + 1


def test_a_connection_that_is_asked_for_again_is_a_change_only_where_its_answer_is_another() -> None:
    web = node("web", 1)
    fleet_view = settled(web)
    fleet_view.drain(queue(ConnectionRead(web.key, None), ConnectionRead(web.key, ConnectionStatus.CONNECTED)))
    assert len(fleet_view.recent) == 0
    fleet_view.drain(queue(ConnectionRead(web.key, None), ConnectionRead(web.key, ConnectionStatus.NOT_CONNECTED)))
    assert fleet_view.recent.columns_of(web.key) == {"channel"}


SECOND = timedelta(seconds=1)


def test_a_change_is_marked_for_a_while_and_then_no_more() -> None:
    recent: RecentChanges[str] = RecentChanges()
    recent.look(NOON)
    recent.note("web", "ping")
    assert recent.look(NOON + MARK_DURATION - SECOND) == ()
    assert recent.columns_of("web") == {"ping"}
    assert recent.look(NOON + MARK_DURATION) == ("web",)
    assert recent.columns_of("web") == frozenset()
    assert len(recent) == 0


def test_what_changes_again_is_marked_anew_with_what_changed_before() -> None:
    recent: RecentChanges[str] = RecentChanges()
    recent.look(NOON)
    recent.note("web", "ping")
    recent.note("api", "state")
    recent.look(NOON + MARK_DURATION - SECOND)
    recent.note("web", "channel")
    assert recent.look(NOON + MARK_DURATION) == ("api",)
    assert recent.columns_of("web") == {"ping", "channel"}


def test_looking_costs_nothing_for_rows_whose_time_has_not_come() -> None:
    recent: RecentChanges[int] = RecentChanges()
    recent.look(NOON)
    for row in range(1_000):
        recent.note(row, "ping")
    recent.forget(7)
    assert recent.look(NOON + SECOND) == ()
    assert len(recent) == 999


WEB = [node(f"web-{number}", number) for number in range(4)]
CONNECTED, NOT_CONNECTED = ConnectionStatus.CONNECTED, ConnectionStatus.NOT_CONNECTED


class Clockwork:
    """A history that is told at seconds after noon."""

    def __init__(self, most: int = 512) -> None:
        self._board = FleetView()
        self.history = OverviewHistory(most)

    def at(self, seconds: float, *events: Event) -> None:
        for event in events:
            self._board.apply(event)
        changes, self._board.changes = self._board.changes, type(self._board.changes)()
        self.history.take(self._board, changes.nodes, NOON + timedelta(seconds=seconds))

    @property
    def told(self) -> Sequence[tuple[float, int, int, int, int]]:
        return [_row(each) for each in self.history.samples]


def _row(each: FleetSample) -> tuple[float, int, int, int, int]:
    return ((each.at - NOON).total_seconds(), each.nodes, each.online, each.connected, each.failing)


def test_what_changes_is_a_moment_and_what_does_not_takes_no_room() -> None:
    clock = Clockwork()
    clock.at(0)
    assert clock.told == []
    clock.at(1, *told(PARIS, WEB, verdicts=HEALTHY))
    clock.at(2)
    clock.at(5, VerdictChanged(WEB[0].key, HEALTHY))
    clock.at(60, NodeListed(PARIS, node("web-1", 1, ping=PingStatus.CONNECTION_LOST)))
    clock.at(70, ConnectionRead(WEB[1].key, NOT_CONNECTED), VerdictChanged(WEB[1].key, verdict(VerdictStatus.FAIL)))
    clock.at(90, NodeGone(WEB[1].key))
    assert clock.told == [(1, 4, 4, 4, 0), (60, 4, 3, 4, 0), (70, 4, 3, 3, 1), (90, 3, 3, 3, 0)]


def test_what_is_asked_or_judged_again_has_not_changed_meanwhile() -> None:
    clock = Clockwork()
    clock.at(0, *told(PARIS, WEB, verdicts=HEALTHY), VerdictChanged(WEB[0].key, verdict(VerdictStatus.FAIL)))
    clock.at(10, *(ConnectionRead(each.key, None) for each in WEB))
    clock.at(20, VerdictChanged(WEB[0].key, verdict(VerdictStatus.UNKNOWN, settled=False)))
    clock.at(30, *(ConnectionRead(each.key, CONNECTED) for each in WEB))
    assert clock.told == [(0, 4, 4, 4, 1)]
    clock.at(40, VerdictChanged(WEB[0].key, HEALTHY))
    refused = Unreadable("ssm:GetConnectionStatus", "denied")
    clock.at(50, ConnectionRead(WEB[1].key, refused))
    assert clock.told[1:] == [(40, 4, 4, 4, 0), (50, 4, 4, 3, 0)]


def test_a_burst_is_one_moment() -> None:
    clock = Clockwork()
    for place, each in enumerate(WEB):
        clock.at(place / 20, *told(PARIS, [each]))
    assert clock.told == [(0, 4, 4, 4, 0)]


def test_it_stays_as_small_as_it_may_be_and_reaches_back_to_the_start() -> None:
    clock = Clockwork(most=8)
    clock.at(0, *told(PARIS, WEB))
    states = (CONNECTED, NOT_CONNECTED)
    for second in range(1, 400):
        clock.at(second, ConnectionRead(WEB[0].key, states[second % 2]))
        assert len(clock.told) <= 8
    first, *_, last = clock.told
    assert first == (0, 4, 4, 4, 0)
    assert last[1:] == (4, 4, 3, 0)
    assert last[0] > 300


REGIONS = next(each for each in GROUPINGS if each.key == "regions")


def counted(group_counts: GroupCounts) -> dict[str, list[tuple[object, object]]]:
    return {
        each.key: [(group, group_counts.counts(each, group)) for group in group_counts.groups(each)]
        for each in GROUPINGS
    }


def test_taken_in_as_it_is_told_it_is_what_counting_anew_gives() -> None:
    chance = random.Random(7)  # noqa: S311 - a test's chance
    fleet_view, group_counts = FleetView(), GroupCounts(FleetView(), GROUPINGS)
    group_counts = GroupCounts(fleet_view, GROUPINGS)
    stream: list[Event] = [*events(), *frankfurt_events(broken=False)]
    keys = [event.key for event in stream if isinstance(event, VerdictChanged)]
    stream += [NodeGone(chance.choice(keys)) for _ in range(9)]
    stream += [VerdictChanged(chance.choice(keys), chance.choice((HEALTHY, STOPPED))) for _ in range(9)]
    stream += [ScopeClosed(FRANKFURT.name), ScopeOpened(FRANKFURT)]
    while stream:
        for event in stream[:5]:
            fleet_view.apply(event)
        del stream[:5]
        changes, fleet_view.changes = fleet_view.changes, type(fleet_view.changes)()
        group_counts.take(changes.nodes)
        anew = GroupCounts(fleet_view, GROUPINGS)
        anew.take(fleet_view.state.nodes)
        assert counted(group_counts) == counted(anew)


def test_it_says_whether_anything_is_counted_otherwise() -> None:
    fleet_view = FleetView()
    group_counts = GroupCounts(fleet_view, GROUPINGS)
    nodes = [node("web-1", 1), node("web-2", 2)]
    for event in told(PARIS, nodes):
        fleet_view.apply(event)
    keys = [each.key for each in nodes]
    assert group_counts.take(keys)
    assert not group_counts.take(keys)
    assert group_counts.counts(REGIONS, (PARIS.account, PARIS.region)) == {CHECKING: 2}
    fleet_view.apply(VerdictChanged(keys[0], HEALTHY))
    assert group_counts.take(keys)
    ok = VERDICTS[HEALTHY.status]
    assert group_counts.counts(REGIONS, (PARIS.account, PARIS.region)) == {CHECKING: 1, ok: 1}
    assert (group_counts.most(REGIONS), group_counts.total(REGIONS)) == (2, {CHECKING: 1, ok: 1})
    for key in keys:
        fleet_view.apply(NodeGone(key))
    assert group_counts.take(keys)
    assert (group_counts.groups(REGIONS), group_counts.most(REGIONS)) == ([], 0)
