"""Tunnels by the built-in client, through the simulated AWS to the ports of a simulated agent."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ssmtui.aws.client_config import ClientAccess
from ssmtui.model.scope import SharedCredentials
from ssmtui.model.sessions import Tunnel, TunnelRequest, TunnelState
from ssmtui.session.client import SessionClient
from ssmtui.session.opener import Opener
from ssmtui.session.session_registry import SessionRegistry
from ssmtui.session.tunnels.manager import TunnelManager, tunnels
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.scenario import Agent
from ssmtui.simulator.worlds.building_blocks import ADMINISTRATOR, node, small_world
from tests.builders.fleet import a_scope
from tests.session.tunnels.at_hand import until
from tests.simulated_aws import aws as simulated
from tests.simulated_aws import simulated_aws
from tests.simulator.clients import administrator

__all__ = ["simulated", "simulated_aws"]

ECHO, HTTP, CLOSED = 7, 80, 9


@dataclass
class Client:
    """The tunnels of a process, to the nodes of the simulated AWS."""

    aws: SimulatedAws
    manager: TunnelManager

    def open(self, port: int = ECHO, name: str = "web-1") -> Tunnel:
        request = TunnelRequest(a_scope(), self.node(name), port)
        return self.when(TunnelState.OPEN, self.manager.open(request).number)

    def node(self, name: str) -> str:
        named = [{"Name": "tag:Name", "Values": [name]}]
        found = administrator(self.aws, "ec2").describe_instances(Filters=named)["Reservations"]
        return str(found[0]["Instances"][0]["InstanceId"])

    def when(self, state: TunnelState, number: int = 1, reopened: int = 0) -> Tunnel:
        def there() -> bool:
            tunnel = self.manager.all()[number - 1]
            assert tunnel.state in {state, TunnelState.OPENING, TunnelState.REOPENING, TunnelState.OPEN}, tunnel.why
            return tunnel.state is state and tunnel.reopened >= reopened

        until(there)
        return self.manager.all()[number - 1]


@pytest.fixture
def client(simulated: SimulatedAws, tmp_path: Path) -> Iterator[Client]:
    # Agents of every kind: one that multiplexes, and one from before.
    old = replace(node("old-1"), agent=Agent(version="3.0.196.0"))
    simulated.load(small_world((node("web-1"), old), caller=ADMINISTRATOR))
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    lent = SharedCredentials(*(simulated.environment.get(name, "") for name in names))
    calls = SessionClient(ClientAccess(None, "eu-west-3", simulated.endpoint_url), lambda: lent)
    opener = Opener(SessionRegistry(tmp_path), lambda _: calls, simulated.endpoint_url)
    manager = tunnels(opener, None)
    try:
        yield Client(simulated, manager)
    finally:
        manager.end()
        opener.close()


def said_back(port: int, data: bytes, sizes: tuple[int, ...] = (65536,)) -> bytes:
    """What comes back of data that is written in pieces of these sizes; both directions at a time."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:

        def write() -> None:
            start, turn = 0, 0
            while start < len(data):
                size = sizes[turn % len(sizes)]
                connection.sendall(data[start : start + size])
                start, turn = start + size, turn + 1

        writing = threading.Thread(target=write)
        writing.start()
        answer = bytearray()
        while len(answer) < len(data) and (read := connection.recv(65536)):
            answer += read
        writing.join()
    return bytes(answer)


def test_what_goes_in_comes_back_counted_and_no_session_is_left(client: Client) -> None:
    tunnel = client.open()
    data = os.urandom(300_000)
    assert said_back(tunnel.local_port, data) == data
    until(lambda: (client.manager.all()[0].sent, client.manager.all()[0].received) == (300_000, 300_000))
    assert len(client.aws.active_sessions) == 1
    client.manager.close(1)
    client.when(TunnelState.CLOSED)
    until(lambda: client.aws.active_sessions == ())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(min_size=1, max_size=80_000), st.lists(st.integers(1, 40_000), min_size=1, max_size=5))
def test_it_comes_back_as_it_went_in_wherever_it_is_cut(client: Client, data: bytes, sizes: list[int]) -> None:
    opened = client.manager.all()
    tunnel = opened[0] if opened else client.open()
    assert said_back(tunnel.local_port, data, tuple(sizes)) == data


def test_twenty_connections_at_a_time(client: Client) -> None:
    tunnel = client.open()
    each = [os.urandom(50_000) for _ in range(20)]
    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(lambda data: said_back(tunnel.local_port, data, (7_000,)), each)) == each


@pytest.mark.long
def test_twenty_megabytes_in_both_directions(client: Client) -> None:
    data = os.urandom(20_000_000)
    assert said_back(client.open().local_port, data) == data


@pytest.mark.parametrize("kind", ["delay", "duplicate", "reorder", "drop"])
def test_nothing_is_lost_whatever_happens_to_messages(client: Client, kind: str) -> None:
    client.aws.network_fault(kind, rate=0.1, seed=5, milliseconds=20)
    data = os.urandom(60_000)
    assert said_back(client.open().local_port, data) == data


@pytest.mark.parametrize("kind", ["close", "reset"])
def test_connections_outlive_sockets_that_are_cut(client: Client, kind: str) -> None:
    client.aws.network_fault(kind, after=20, times=2)
    data = os.urandom(40_000)
    assert said_back(client.open().local_port, data) == data
    assert client.manager.all()[0].reopened == 0


def test_a_page_is_read_to_its_end(client: Client) -> None:
    tunnel = client.open(HTTP)
    with closing(HTTPConnection("127.0.0.1", tunnel.local_port, timeout=30)) as connection:
        connection.request("GET", "/")
        assert "simulated web-1:80" in connection.getresponse().read().decode()


def test_a_port_that_the_node_cannot_reach_is_said_as_with_the_plugin(client: Client) -> None:
    tunnel = client.open(CLOSED)
    assert said_back(tunnel.local_port, b"hello") == b""
    until(lambda: client.manager.all()[0].why != "")
    assert client.manager.all()[0].why == (
        "Destination port does not answer: Connection to destination port failed, check SSM Agent logs."
    )


def test_a_session_that_somebody_else_ended_is_not_opened_anew(client: Client) -> None:
    client.open()
    [session] = client.aws.active_sessions
    administrator(client.aws, "ssm").terminate_session(SessionId=session.session_id)
    assert client.when(TunnelState.FAILED).why == "the session was ended outside ssmtui"


def test_a_session_that_is_refused_says_who_refuses_it(client: Client) -> None:
    client.aws.demand(client.node("web-1"), "port", "Forwarding to IP address 169.254.169.254 is forbidden.")
    client.manager.open(TunnelRequest(a_scope(), client.node("web-1"), 80))
    assert client.when(TunnelState.FAILED).why.endswith("Forwarding to IP address 169.254.169.254 is forbidden.")


def test_an_older_agent_has_one_connection_after_the_other(client: Client) -> None:
    tunnel = client.open(name="old-1")
    each = [os.urandom(20_000) for _ in range(5)]
    with ThreadPoolExecutor(5) as pool:
        assert list(pool.map(lambda data: said_back(tunnel.local_port, data), each)) == each
