"""The counts of the pulse: node by node, and never otherwise than counted anew."""

from __future__ import annotations

import random

from ssmtui.diagnosis.events import Event, NodeGone, ScopeGone, ScopeOpened, VerdictChanged
from ssmtui.ui.state.board import Board
from ssmtui.ui.state.pulse_tallies import Tallies
from ssmtui.ui.words.pulse_groups import GROUPINGS
from ssmtui.ui.words.signs import CHECKING, VERDICTS
from tests.ui.builders import FRANKFURT, HEALTHY, PARIS, STOPPED, node, told
from tests.ui.demo_fleet import events, frankfurt_events

REGIONS = next(each for each in GROUPINGS if each.key == "regions")


def counted(tallies: Tallies) -> dict[str, list[tuple[object, object]]]:
    return {each.key: [(group, tallies.counts(each, group)) for group in tallies.groups(each)] for each in GROUPINGS}


def test_taken_in_as_it_is_told_it_is_what_counting_anew_gives() -> None:
    chance = random.Random(7)  # noqa: S311 - a test's chance
    board, tallies = Board(), Tallies(Board(), GROUPINGS)
    tallies = Tallies(board, GROUPINGS)
    stream: list[Event] = [*events(), *frankfurt_events(broken=False)]
    keys = [event.key for event in stream if isinstance(event, VerdictChanged)]
    stream += [NodeGone(chance.choice(keys)) for _ in range(9)]
    stream += [VerdictChanged(chance.choice(keys), chance.choice((HEALTHY, STOPPED))) for _ in range(9)]
    stream += [ScopeGone(FRANKFURT.name), ScopeOpened(FRANKFURT)]
    while stream:
        for event in stream[:5]:
            board.apply(event)
        del stream[:5]
        changes, board.changes = board.changes, type(board.changes)()
        tallies.take(changes.nodes)
        anew = Tallies(board, GROUPINGS)
        anew.take(board.state.nodes)
        assert counted(tallies) == counted(anew)


def test_it_says_whether_anything_is_counted_otherwise() -> None:
    board = Board()
    tallies = Tallies(board, GROUPINGS)
    nodes = [node("web-1", 1), node("web-2", 2)]
    for event in told(PARIS, nodes):
        board.apply(event)
    keys = [each.key for each in nodes]
    assert tallies.take(keys)
    assert not tallies.take(keys)
    assert tallies.counts(REGIONS, (PARIS.account, PARIS.region)) == {CHECKING: 2}
    board.apply(VerdictChanged(keys[0], HEALTHY))
    assert tallies.take(keys)
    ok = VERDICTS[HEALTHY.status]
    assert tallies.counts(REGIONS, (PARIS.account, PARIS.region)) == {CHECKING: 1, ok: 1}
    assert (tallies.most(REGIONS), tallies.total(REGIONS)) == (2, {CHECKING: 1, ok: 1})
    for key in keys:
        board.apply(NodeGone(key))
    assert tallies.take(keys)
    assert (tallies.groups(REGIONS), tallies.most(REGIONS)) == ([], 0)
