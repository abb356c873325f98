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
    Progressed,
    ScopeGone,
    ScopeOpened,
    ScopeSettled,
    VerdictChanged,
)
from ssmtui.model.finding import Confidence, Status
from ssmtui.model.fleet import VerdictStatus
from ssmtui.model.node import ConnectionStatus, Node, PingStatus
from ssmtui.model.path import Link
from ssmtui.ui.state.board import Board
from ssmtui.ui.state.recent_changes import LASTS
from ssmtui.ui.words.signs import CHECKING, PRESUMED, VERDICTS
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
    board = Board()
    events = queue(*told(PARIS, [node(f"web-{number}", number) for number in range(1, 51)]))
    changes = board.drain(events, limit=20)
    assert len(changes.nodes) == 10  # each node comes with its connection
    assert events.qsize() == 80


def test_only_what_changed_is_marked() -> None:
    board = Board()
    web, api = node("web", 1), node("api", 2)
    board.drain(queue(ScopeOpened(PARIS), *told(PARIS, [web, api], verdicts=HEALTHY)))
    held = log_group_unencrypted([api])
    changes = board.drain(queue(*found(held, [api])))
    assert list(changes.nodes) == [api.key]
    assert list(changes.findings) == [held.id]
    assert not changes.other
    assert board.verdict(api.key).status is VerdictStatus.FAIL
    assert not board.drain(queue())


def test_what_is_gone_is_marked_too() -> None:
    board = Board()
    web = node("web", 1)
    held = log_group_unencrypted([web])
    board.drain(queue(*told(PARIS, [web]), *found(held, [web])))
    changes = board.drain(queue(NodeGone(web.key), FindingGone(held.id)))
    assert list(changes.nodes) == [web.key]
    assert list(changes.findings) == [held.id]
    assert board.node(web.key) is None


def test_a_scope_that_is_checked_again_is_pending_until_it_says_so() -> None:
    board = Board()
    board.drain(queue(ScopeOpened(PARIS), ScopeSettled(PARIS.name)))
    assert not board.pending
    board.look_again(PARIS.name)
    assert board.pending
    assert board.drain(queue(Progressed(PARIS.name, 0, 0, False, (), False), ScopeSettled(PARIS.name))).other
    assert not board.pending


def test_the_tally_follows_every_verdict() -> None:
    board = Board()
    web, api = node("web", 1), node("api", 2)
    board.drain(queue(*told(PARIS, [web]), *told(PARIS, [api], verdicts=HEALTHY)))
    assert (board.tally[CHECKING], board.tally[VERDICTS[VerdictStatus.OK]]) == (1, 1)
    board.drain(queue(*found(log_group_unencrypted([web, api]), [web, api])))
    assert +board.tally == {VERDICTS[VerdictStatus.FAIL]: 2}
    board.drain(queue(NodeGone(web.key)))
    assert +board.tally == {VERDICTS[VerdictStatus.FAIL]: 1}


def test_the_findings_of_a_node_come_in_the_order_of_the_path_and_the_worst_of_a_link_first() -> None:
    board = Board()
    web = node("web", 1)
    warned = finding("a-warning", Link.PREFERENCES, role("web"), [web], status=Status.WARN)
    failed = finding("z-failure", Link.PREFERENCES, role("web"), [web])
    late = finding("a-failure", Link.SYSTEM, role("web"), [web])
    board.drain(queue(*told(PARIS, [web]), *map(FindingChanged, (late, warned, failed))))
    board.drain(queue(VerdictChanged(web.key, verdict(VerdictStatus.FAIL, late, warned, failed))))
    assert [each.finding.cause for each in board.findings_of(web.key)] == ["z-failure", "a-warning", "a-failure"]


def test_the_nodes_of_a_scope_go_and_come_with_it_as_they_were() -> None:
    board = Board()
    web = node("web-1", 1)
    board.drain(queue(ScopeOpened(PARIS), *told(PARIS, [web]), VerdictChanged(web.key, verdict(VerdictStatus.OK))))
    gone = board.drain(queue(ScopeGone(PARIS.name)))
    assert (tuple(gone.nodes), gone.other, board.state.nodes, +board.tally) == ((web.key,), True, {}, {})
    back = board.drain(queue(ScopeOpened(PARIS)))
    assert (tuple(back.nodes), board.state.verdict(web.key).status) == ((web.key,), VerdictStatus.OK)
    assert +board.tally == {VERDICTS[VerdictStatus.OK]: 1}


def settled(*nodes: Node) -> Board:
    """A board that has been told all of Paris once."""
    board = Board()
    board.look(NOON)
    board.drain(queue(ScopeOpened(PARIS), *told(PARIS, nodes, verdicts=HEALTHY), ScopeSettled(PARIS.name)))
    return board


def test_what_is_told_for_the_first_time_is_no_change() -> None:
    assert len(settled(node("web", 1)).recent) == 0


def test_what_is_told_otherwise_is_marked_by_its_columns_for_a_while() -> None:
    web = node("web", 1)
    board = settled(web)
    lost = node("web", 1, ping=PingStatus.CONNECTION_LOST)
    bad = verdict(VerdictStatus.FAIL)
    connection = ConnectionRead(web.key, ConnectionStatus.NOT_CONNECTED)
    board.drain(queue(NodeListed(PARIS, lost), connection, VerdictChanged(web.key, bad)))
    assert board.recent.columns_of(web.key) == {"ping", "channel", "why"}
    board.look(NOON + LASTS)
    assert list(board.drain(queue()).nodes) == [web.key]
    assert len(board.recent) == 0


def test_what_is_told_again_as_it_was_is_no_change() -> None:
    web = node("web", 1)
    board = settled(web)
    asked_again = replace(HEALTHY, settled=False)
    board.drain(queue(*(VerdictChanged(web.key, each) for each in (asked_again, HEALTHY)), NodeListed(PARIS, web)))
    assert len(board.recent) == 0


def test_that_a_node_is_ok_as_it_was_presumed_to_be_is_no_change() -> None:
    web = node("web", 1)
    presumed = replace(HEALTHY, confidence=Confidence.POSSIBLE)
    board = settled(web)
    board.drain(queue(VerdictChanged(web.key, presumed)))
    assert +board.tally == {PRESUMED: 1}
    board.drain(queue(VerdictChanged(web.key, HEALTHY)))
    assert +board.tally == {VERDICTS[VerdictStatus.OK]: 1}
    assert len(board.recent) == 0


def test_a_node_that_comes_later_is_marked_as_new() -> None:
    board, late = settled(node("web", 1)), node("late", 2)
    board.drain(queue(NodeListed(PARIS, late)))
    assert board.recent.columns_of(late.key) == {"name", "id"}
    board.drain(queue(NodeGone(late.key)))
    assert len(board.recent) == 0


def test_a_cause_that_holds_other_nodes_than_before_is_marked() -> None:
    web, api = node("web", 1), node("api", 2)
    board = settled(web, api)
    held = log_group_unencrypted([web])
    board.drain(queue(FindingChanged(held)))
    assert board.recent_causes.columns_of(held.id) == {"nodes", "cause"}
    board.look(NOON + LASTS)
    board.drain(queue(FindingChanged(log_group_unencrypted([web, api]))))
    assert board.recent_causes.columns_of(held.id) == {"nodes"}


def test_the_calls_of_all_scopes_are_counted() -> None:
    board = Board()
    for calls, name in ((3, PARIS.name), (4, FRANKFURT.name), (5, PARIS.name)):
        board.apply(Progressed(name, 0, 0, False, (("ec2:DescribeInstances", calls), ("ssm:GetDocument", 1)), False))
    assert board.calls == 5 + 1 + 4 + 1


def test_a_connection_that_is_asked_for_again_is_a_change_only_where_its_answer_is_another() -> None:
    web = node("web", 1)
    board = settled(web)
    board.drain(queue(ConnectionRead(web.key, None), ConnectionRead(web.key, ConnectionStatus.CONNECTED)))
    assert len(board.recent) == 0
    board.drain(queue(ConnectionRead(web.key, None), ConnectionRead(web.key, ConnectionStatus.NOT_CONNECTED)))
    assert board.recent.columns_of(web.key) == {"channel"}
