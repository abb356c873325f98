"""Port sessions: what listens on simulated ports, and what does not."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ssmtui.simulator.gateway.channel import PayloadType
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.worlds.building_blocks import ADMINISTRATOR, node, small_world
from tests.simulator.gateway.client import DataChannel, Visitor

LOCAL, REMOTE = "AWS-StartPortForwardingSession", "AWS-StartPortForwardingSessionToRemoteHost"
SSH = "AWS-StartSSHSession"


@pytest.fixture
def visitor(aws: SimulatedAws) -> Visitor:
    # With a key in its preferences, which no port session asks for.
    aws.load(small_world((node("web-1"),), caller=ADMINISTRATOR))
    return Visitor(aws)


@contextmanager
def forwarded(visitor: Visitor, document: str, **parameters: str) -> Iterator[DataChannel]:
    given = {name: [value] for name, value in parameters.items()}
    with visitor.session("web-1", DocumentName=document, Parameters=given) as channel:
        request = channel.agree()
        # From 3.1 on, clients multiplex.
        assert request["AgentVersion"] == "3.3.5828.0"
        action = request["RequestedClientActions"][0]["ActionParameters"]
        assert action["SessionType"] == "Port"
        assert set(action["Properties"]) >= {"portNumber"}
        yield channel


def flag(number: int) -> bytes:
    return struct.pack(">I", number)


class Connections:
    """The client's end of smux, version 1."""

    OPEN, CLOSE, DATA = 0, 1, 2

    def __init__(self, channel: DataChannel) -> None:
        self._channel = channel
        self._unread = b""

    def say(self, command: int, number: int, data: bytes = b"") -> None:
        self._channel.say(PayloadType.OUTPUT, struct.pack("<BBHI", 1, command, len(data), number) + data)

    def heard(self) -> tuple[int, int, bytes]:
        """The next frame: its command, the number of its connection, and its data."""
        while len(self._unread) < 8 or len(self._unread) < 8 + struct.unpack_from("<H", self._unread, 2)[0]:
            self._unread += self._channel.next().payload
        version, command, length, number = struct.unpack_from("<BBHI", self._unread)
        assert version == 1
        data, self._unread = self._unread[8 : 8 + length], self._unread[8 + length :]
        return command, number, data


def test_a_port_answers_http_on_several_connections_at_a_time(visitor: Visitor) -> None:
    with forwarded(visitor, LOCAL, portNumber="8080") as channel:
        connections = Connections(channel)
        for number in (3, 5):
            connections.say(Connections.OPEN, number)
            connections.say(Connections.DATA, number, b"GET / HTTP/1.1\r\nHost: local")
        for number in (5, 3):
            connections.say(Connections.DATA, number, b"host\r\n\r\n")
            command, answered, page = connections.heard()
            assert (command, answered) == (Connections.DATA, number)
            assert page.startswith(b"HTTP/1.1 200 OK\r\n")
            assert b"<h1>simulated web-1:8080</h1>" in page
            connections.say(Connections.CLOSE, number)
            assert connections.heard() == (Connections.CLOSE, number, b"")
        channel.say(PayloadType.FLAG, flag(2))
        assert channel.ending() == ""
    assert visitor.aws.active_sessions == ()


def test_a_host_behind_the_node_says_by_way_of_whom(visitor: Visitor) -> None:
    with forwarded(visitor, REMOTE, host="db.internal", portNumber="5432") as channel:
        connections = Connections(channel)
        connections.say(Connections.OPEN, 3)
        connections.say(Connections.DATA, 3, b"\x00\x00\x00\x08")
        said = b"simulated db.internal:5432, by way of web-1: only HTTP is spoken here\r\n"
        assert connections.heard() == (Connections.DATA, 3, said)


def test_a_port_that_refuses_a_connection_says_so_and_the_session_goes_on(visitor: Visitor) -> None:
    with forwarded(visitor, LOCAL, portNumber="9") as channel:
        connections = Connections(channel)
        connections.say(Connections.OPEN, 3)
        refused = channel.next()
        assert (refused.payload_type, refused.payload) == (PayloadType.FLAG, flag(3))
        assert connections.heard() == (Connections.CLOSE, 3, b"")
        channel.say(PayloadType.FLAG, flag(2))
        assert channel.ending() == ""


def test_the_port_of_ssh_greets_and_takes_leave(visitor: Visitor) -> None:
    with forwarded(visitor, SSH) as channel:
        assert channel.next().payload == b"SSH-2.0-ssmtui_simulated\r\n"
        channel.type("SSH-2.0-OpenSSH_9.9\r\n")
        packet = channel.next().payload
        length, padding, kind = struct.unpack_from(">IBB", packet)
        assert (length + 4, kind) == (len(packet), 1)
        assert len(packet) % 8 == 0
        assert padding >= 4


@pytest.mark.parametrize(
    ("document", "parameters", "text"),
    [
        (REMOTE, {"host": "169.254.169.254"}, "Forwarding to IP address 169.254.169.254 is forbidden."),
        (LOCAL, {"portNumber": " "}, "Port number is empty in session properties."),
        (
            SSH,
            {"portNumber": "9"},
            "document process failed unexpectedly: ipc messaging received timeout signal , check [ssm-document-worker]",
        ),
    ],
)
def test_where_there_is_no_way_the_bare_text_says_so(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch, document: str, parameters: dict[str, str], text: str
) -> None:
    monkeypatch.setattr(visitor.aws.pace, "factor", 0.0)
    with forwarded(visitor, document, **parameters) as channel:
        assert str(channel.ending()).startswith(text)
