"""How the fleet stood over time: each moment at which it stood otherwise, and no more of them than a plot can show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from ssmtui.diagnosis.events import ConnectionRead, Event, NodeGone, NodeListed, VerdictChanged
from ssmtui.model.fact import Unreadable
from ssmtui.model.finding import VerdictStatus
from ssmtui.model.node import ConnectionStatus, PingStatus
from ssmtui.ui.state.fleet_view import FleetView, OverviewHistory
from ssmtui.ui.text.overview import FleetSample
from tests.ui.builders import HEALTHY, NOON, PARIS, node, told, verdict

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
