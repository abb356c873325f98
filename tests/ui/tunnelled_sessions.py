"""A session desk whose tunnels are what a test says: nothing is opened, and what is asked of it is remembered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from ssmtui.model.node import Node
from ssmtui.model.sessions import Tunnel, TunnelRequest, TunnelState
from tests.ui.builders import NOON, PARIS
from tests.ui.demo_fleet import paris
from tests.ui.fake_sessions import FakeSessions


class TunnelledSessions(FakeSessions):
    """Opens what it is asked for at a port of its own, and says how it goes on when it is told to."""

    def __init__(self, *tunnels: Tunnel) -> None:
        super().__init__()
        self.present = {each.number: each for each in tunnels}
        self.reopened: list[int] = []
        self.tunnels_closed: list[int] = []

    def open_tunnel(self, request: TunnelRequest) -> Tunnel:
        number = len(self.present) + 1
        here = request.local_port or 40000 + number
        self.present[number] = Tunnel(number, request, TunnelState.OPENING, here, NOON)
        return self.present[number]

    def reopen_tunnel(self, number: int) -> None:
        self.reopened.append(number)
        self.now_is(number, TunnelState.REOPENING, why="requested")

    def close_tunnel(self, number: int) -> None:
        self.tunnels_closed.append(number)
        self.now_is(number, TunnelState.CLOSED)

    def tunnels(self) -> Sequence[Tunnel]:
        return tuple(self.present.values())

    def now_is(self, number: int, state: TunnelState, *, why: str = "", reopened: int = 0) -> None:
        """What has become of a tunnel."""
        self.present[number] = replace(self.present[number], state=state, why=why, reopened=reopened)


def through(name: str) -> Node:
    """A node of the scripted fleet."""
    return next(each for each in paris() if each.name == name)


def some_tunnels() -> TunnelledSessions:
    """One of each kind: open, opened anew, being opened anew, failed, closed."""
    web = TunnelRequest(PARIS, through("web-2").id, 8080)
    api = TunnelRequest(PARIS, through("api-1").id, 5432, "orders.cluster-c1.eu-west-3.rds.amazonaws.com", 15432)
    closed = replace(web, remote_port=9090)

    return TunnelledSessions(
        Tunnel(1, closed, TunnelState.CLOSED, 40127, NOON - timedelta(hours=5)),
        Tunnel(2, web, TunnelState.OPEN, 40128, NOON - timedelta(minutes=12), sent=18_200, received=2_410_000),
        Tunnel(
            3,
            api,
            TunnelState.OPEN,
            15432,
            NOON - timedelta(minutes=4),
            reopened=3,
            sent=912_000_000,
            received=1_204_000,
            why="this computer was asleep for 1 h 12 min",
        ),
        Tunnel(4, replace(api, target=through("api-2").id), TunnelState.REOPENING, 15433, NOON, why="no answer came"),
        Tunnel(
            5,
            replace(web, target=through("batch-1").id),
            TunnelState.FAILED,
            40131,
            NOON,
            why="port 8080 is not for everyone",
        ),
    )
