from __future__ import annotations

from dataclasses import replace

import pytest

from ssmtui.model.sessions import Tunnel, TunnelState
from ssmtui.session.tunnels.forward import destination, transfer_message, tunnel_message
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


WHY = " SSM Agent sends less than 1 MB/s: ssmtui causes slow-tunnel"


@pytest.mark.parametrize(
    ("carried", "sentence"),
    [
        (OPEN, ""),
        (replace(OPEN, sent=9_000, received=3_000_000), ""),
        (
            replace(OPEN, sent=9_000_000, received=1_200, peak_sent=6_380_000.0),
            "localhost:15432: 9.0 MB sent, 1.2 kB received. Peak rate: 6.4 MB/s sent.",
        ),
        (
            replace(OPEN, sent=9_000, received=3_000_000, peak_sent=240.0, peak_received=742_000.4),
            f"localhost:15432: 9.0 kB sent, 3.0 MB received. Peak rate: 240 B/s sent, 742 kB/s received.{WHY}",
        ),
        (
            replace(OPEN, received=30_000_000, peak_received=200_000.0),
            "localhost:15432: 0 B sent, 30 MB received. Peak rate: 200 kB/s received.",
        ),
        (
            replace(OPEN, received=30_000_000, peak_received=2_000_000.0),
            "localhost:15432: 0 B sent, 30 MB received. Peak rate: 2.0 MB/s received.",
        ),
    ],
    ids=["nothing", "too short", "uploads", "downloads", "no rate that the agent limits", "another agent"],
)
def test_what_was_carried_is_said_with_its_rate_and_why_it_is_low(carried: Tunnel, sentence: str) -> None:
    assert transfer_message(carried) == sentence
