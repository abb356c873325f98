"""Bad networks: what a session survives, and how it looks where it does not."""

from __future__ import annotations

import json

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from ssmtui.simulator.gateway.channel import PayloadType
from ssmtui.simulator.gateway.session_overrides import (
    MessageFaults,
    NetworkFault,
    NetworkFaultKind,
    NetworkFaults,
)
from ssmtui.simulator.in_thread import SimulatedAws
from tests.simulator.clients import control
from tests.simulator.gateway.client import DataChannel, Visitor

PROMPT = "sh-5.2$ "


@pytest.fixture
def visitor(aws: SimulatedAws) -> Visitor:
    aws.load("preferences-absent")
    return Visitor(aws)


def answered(channel: DataChannel) -> int:
    """Have three answers, typing each line again until it is acknowledged; gives how many lines it took."""
    channel.shown_until(PROMPT)
    took = 0
    for number in range(3):
        line = f"echo {number}\r".encode()
        channel.say(PayloadType.OUTPUT, line, number=number)
        took += 1
        channel.socket.ping()
        shown = ""
        while not shown.endswith(f"\r\n{number}\r\n{PROMPT}"):
            try:
                shown += channel.next(timeout=0.3).payload.decode()
            except TimeoutError:
                channel.say(PayloadType.OUTPUT, line, number=number)
                took += 1
    return took


@pytest.mark.parametrize("kind", ["delay", "duplicate", "reorder", "drop"])
def test_a_session_survives_what_happens_to_messages(visitor: Visitor, kind: str) -> None:
    visitor.aws.network_fault(kind, rate=0.25, seed=7, milliseconds=20)
    with visitor.session("web-1") as channel:
        assert answered(channel) >= 3
        visitor.ssm.terminate_session(SessionId=channel.session_id)
        assert channel.ending() == ""


def test_a_pause_is_told_before_and_after(visitor: Visitor) -> None:
    visitor.aws.network_fault("pause")
    with visitor.session("web-1") as channel:
        assert channel.shown_until(PROMPT)
        assert channel.publications == ["pause_publication", "start_publication"]


def test_what_is_not_acknowledged_is_sent_again(visitor: Visitor) -> None:
    with visitor.session("web-1") as channel:
        channel.acknowledges = False
        assert channel.next().payload == channel.raw_next().payload


def test_a_message_that_came_before_is_acknowledged_and_not_typed_twice(visitor: Visitor) -> None:
    with visitor.session("web-1") as channel:
        channel.shown_until(PROMPT)
        channel.say(PayloadType.OUTPUT, b"o", number=1)
        for _ in range(2):
            channel.say(PayloadType.OUTPUT, b"ech", number=0)
        channel.say(PayloadType.OUTPUT, b" once\r", number=2)
        assert channel.shown_until(PROMPT) == f"echo once\r\nonce\r\n{PROMPT}"
        assert sorted(channel.acknowledged) == [0, 0, 1, 2]


@pytest.mark.parametrize("after", [0, 1])
def test_a_socket_that_is_closed_after_a_while_is_taken_up_again(visitor: Visitor, after: int) -> None:
    visitor.aws.network_fault("close", after=after, milliseconds=200, times=1)
    with visitor.session("web-1") as channel:
        assert channel.ending() is None
        assert (channel.socket.close_code, channel.socket.close_reason) == (1000, "Bye")
    resumed = visitor.ssm.resume_session(SessionId=channel.session_id)
    with visitor.joined(resumed) as again:
        again.expect(1)
        again.type("hostname\r")
        assert "web-1" in again.shown_until(PROMPT)


def test_a_reset_in_the_middle_of_the_handshake_is_no_end_of_the_session(visitor: Visitor) -> None:
    visitor.aws.load("healthy-small")
    visitor.aws.network_fault("reset", after=1)
    with visitor.session("web-1") as channel:
        assert channel.ending() is None
        assert [each.payload_type for each in channel.seen] == [PayloadType.HANDSHAKE_REQUEST]
    assert len(visitor.aws.active_sessions) == 1


def test_an_upgrade_is_refused(visitor: Visitor) -> None:
    visitor.aws.network_fault("refuse", status=502)
    with pytest.raises(InvalidStatus) as raised, visitor.session("web-1"):
        pass
    assert raised.value.response.status_code == 502


def test_an_upgrade_hangs(visitor: Visitor) -> None:
    control(visitor.aws, "POST", "network", {"kind": "hang"})
    session = visitor.start("web-1")
    with pytest.raises(TimeoutError), connect(session["StreamUrl"], proxy=None, open_timeout=0.2):
        pass


def test_a_socket_is_open_on_our_side_only(visitor: Visitor) -> None:
    visitor.aws.network_fault("half-open")
    with visitor.session("web-1") as channel:
        pong = channel.socket.ping()
        with pytest.raises(TimeoutError):
            channel.next(timeout=0.3)
        assert not pong.is_set()
        # Only then does the closing not wait for an answer.
        visitor.ssm.terminate_session(SessionId=channel.session_id)
        with pytest.raises(ConnectionClosed):
            channel.socket.recv(timeout=5)


def test_a_fault_hits_only_the_node_and_only_so_often() -> None:
    faults = NetworkFaults()
    fault = NetworkFault(NetworkFaultKind.CLOSE, node="i-1", times=2)
    faults.add(fault)
    kinds = (NetworkFaultKind.CLOSE, NetworkFaultKind.RESET)
    assert faults.struck("i-2", *kinds) is None
    assert faults.struck("i-1", NetworkFaultKind.DROP) is None
    assert [faults.struck("i-1", *kinds) is not None for _ in range(3)] == [True, True, False]


def test_chance_is_the_same_by_the_same_seed() -> None:
    def fallen(seed: int) -> list[int]:
        weather = MessageFaults(NetworkFault(NetworkFaultKind.DROP, rate=0.5, seed=seed))
        return [number for number in range(30) if not weather.through(b"")]

    assert fallen(3) == fallen(3) != fallen(4)


def test_a_fault_that_makes_no_sense_is_refused(visitor: Visitor) -> None:
    assert control(visitor.aws, "POST", "network", {"kind": "earthquake"})[0] == 400
    status, _ = control(visitor.aws, "POST", "network", json.loads('{"kind": "drop"}'))
    assert (status, control(visitor.aws, "DELETE", "network")[0]) == (200, 200)
