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
        # Beyond this version of the agent clients would multiplex.
        assert request["AgentVersion"] == "3.0.196.0"
        assert request["RequestedClientActions"][0]["ActionParameters"]["SessionType"] == "Port"
        yield channel


def flag(number: int) -> bytes:
    return struct.pack(">I", number)


def test_a_port_answers_http_one_connection_after_the_other(visitor: Visitor) -> None:
    with forwarded(visitor, LOCAL, portNumber="8080") as channel:
        for _ in range(2):
            channel.type("GET / HTTP/1.1\r\nHost: local")
            channel.type("host\r\n\r\n")
            page = channel.next().payload.decode()
            assert page.startswith("HTTP/1.1 200 OK\r\n")
            assert "<h1>simulated web-1:8080</h1>" in page
            channel.say(PayloadType.FLAG, flag(1))
        channel.say(PayloadType.FLAG, flag(2))
        assert channel.ending() == ""
    assert visitor.aws.active_sessions == ()


def test_a_host_behind_the_node_says_by_way_of_whom(visitor: Visitor) -> None:
    with forwarded(visitor, REMOTE, host="db.internal", portNumber="5432") as channel:
        channel.type("\x00\x00\x00\x08")
        assert channel.next().payload == b"simulated db.internal:5432, by way of web-1: only HTTP is spoken here\r\n"


def test_the_port_of_ssh_greets_and_takes_leave(visitor: Visitor) -> None:
    with forwarded(visitor, "AWS-StartSSHSession") as channel:
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
        (
            LOCAL,
            {"portNumber": "9"},
            "Unable to connect to specified port: dial tcp 127.0.0.1:9: connect: connection refused",
        ),
        (LOCAL, {"portNumber": " "}, "Port number is empty in session properties."),
    ],
)
def test_where_there_is_no_way_the_bare_text_says_so(
    visitor: Visitor, document: str, parameters: dict[str, str], text: str
) -> None:
    with forwarded(visitor, document, **parameters) as channel:
        assert str(channel.ending()).startswith(text)
