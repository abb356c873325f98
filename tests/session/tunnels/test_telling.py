from __future__ import annotations

from dataclasses import replace

import pytest

from ssmtui.model.sessions import Tunnel, TunnelState
from ssmtui.session.tunnels.forward import destination, tunnel_message
from tests.session.tunnels.at_hand import NOON, REQUEST

OPENING = Tunnel(1, REQUEST, TunnelState.OPENING, 15432, NOON)
OPEN = replace(OPENING, state=TunnelState.OPEN)
LOST = replace(OPEN, state=TunnelState.REOPENING, why="the plugin ended")
AGAIN = replace(LOST, state=TunnelState.OPEN, reopened=1)


@pytest.mark.parametrize(
    ("before", "now", "sentence"),
    [
        (None, OPENING, ""),
        (OPENING, OPEN, "localhost:15432 forwards to db-1:5432"),
        (OPEN, replace(OPEN, sent=1), ""),
        (OPEN, LOST, "localhost:15432 is reconnecting: the plugin ended"),
        (
            OPEN,
            replace(OPEN, state=TunnelState.IDLE, why="20 minutes"),
            "localhost:15432 is idle and reopens on the next connection: 20 minutes",
        ),
        (LOST, LOST, ""),
        (LOST, AGAIN, "localhost:15432 forwards to db-1:5432 again"),
        (OPEN, AGAIN, "localhost:15432 forwards to db-1:5432 again"),
        (OPEN, replace(OPEN, why="nobody answers"), "localhost:15432: nobody answers"),
        (replace(OPEN, why="connection lost"), OPEN, "localhost:15432 forwards to db-1:5432 again"),
        (LOST, replace(LOST, state=TunnelState.FAILED, why="no"), "the tunnel to db-1:5432 failed: no"),
        (OPEN, replace(OPEN, state=TunnelState.CLOSED), "the tunnel to db-1:5432 is closed"),
    ],
)
def test_what_has_happened_is_said_once(before: Tunnel | None, now: Tunnel, sentence: str) -> None:
    assert tunnel_message(before, now, "db-1") == sentence


def test_a_host_behind_a_node_is_named_with_it_and_nothing_moves_a_cursor() -> None:
    assert destination(replace(REQUEST, host="fd00::7"), "db\x1b[1") == "[fd00::7]:5432 behind db\\x1b[1"
    assert destination(REQUEST, "") == "i-0123456789abcdef0:5432"
