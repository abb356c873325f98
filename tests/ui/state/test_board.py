"""What the board makes of events."""

from __future__ import annotations

from queue import SimpleQueue

from ssmtui.diagnosis.events import (
    Event,
    FindingChanged,
    FindingGone,
    NodeGone,
    Progressed,
    ScopeGone,
    ScopeOpened,
    ScopeSettled,
    VerdictChanged,
)
from ssmtui.model.finding import Status
from ssmtui.model.fleet import VerdictStatus
from ssmtui.model.path import Link
from ssmtui.ui.state.board import Board
from ssmtui.ui.words.signs import CHECKING, VERDICTS
from tests.ui.builders import HEALTHY, PARIS, finding, found, log_group_unencrypted, node, told, verdict
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
