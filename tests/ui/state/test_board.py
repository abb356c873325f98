"""What the board makes of events."""

from __future__ import annotations

from dataclasses import replace
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
from ssmtui.model.finding import Confidence, Link, Status, VerdictStatus
from ssmtui.model.node import ConnectionStatus, Node, PingStatus
from ssmtui.ui.state.fleet_view import MARK_DURATION, FleetView
from ssmtui.ui.text.styled_text import CHECKING, PRESUMED, VERDICTS
from tests.ui.builders import (
    FRANKFURT,
    HEALTHY,
    NOON,
    PARIS,
    finding,
    found,
    log_group_unencrypted,
    node,
    told,
    verdict,
)
from tests.ui.demo_fleet import role


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
