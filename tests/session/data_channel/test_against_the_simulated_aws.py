"""A channel to the simulated agents, keys by the simulated KMS, over the simulated AWS's bad networks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from ssmtui.aws.client_config import ClientAccess
from ssmtui.model.scope import SharedCredentials
from ssmtui.model.sessions import SessionRequest
from ssmtui.session.client import SessionClient
from ssmtui.session.data_channel.connection import ChannelTiming, DataChannel
from ssmtui.session.data_channel.events import (
    ChannelClosed,
    ChannelEvent,
    ConnectionLost,
    HandshakeCompleted,
    KeyFailed,
    KeyMade,
    Output,
)
from ssmtui.session.data_channel.outgoing import RetransmissionTiming
from ssmtui.session.data_channel.websocket import ConnectError
from ssmtui.simulator.in_thread import SimulatedAws
from tests.builders.fleet import a_scope
from tests.simulated_aws import aws as simulated
from tests.simulated_aws import simulated_aws
from tests.simulator.clients import administrator

__all__ = ["simulated", "simulated_aws"]

SWIFT = ChannelTiming(
    opening=0.5, closing=0.1, ping_every=0.05, pong_within=0.5, retransmission=RetransmissionTiming(first=0.05)
)


class Visit:
    """A channel to a node, whose connection is brought back where it is lost."""

    def __init__(self, channel: DataChannel) -> None:
        self.channel = channel
        self.events: list[ChannelEvent] = []
        self.losses = 0

    async def until(self, done: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not done():
                async for event in self.channel.events():
                    self.events.append(event)
                    if done():
                        return
                assert isinstance(self.events[-1], ConnectionLost), self.events[-1]
                self.losses += 1
                await self.channel.resume()

    @property
    def shown(self) -> str:
        return b"".join(each.data for each in self.events if isinstance(each, Output)).decode()


@pytest.fixture
def calls(simulated: SimulatedAws) -> SessionClient:
    simulated.load("preferences-absent")
    return calls_to(simulated)


def calls_to(aws: SimulatedAws) -> SessionClient:
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    lent = SharedCredentials(*(aws.environment.get(name, "") for name in names))
    return SessionClient(ClientAccess(None, "eu-west-3", aws.endpoint_url), lambda: lent)


def node_called(aws: SimulatedAws, name: str) -> str:
    named = [{"Name": "tag:Name", "Values": [name]}]
    found = administrator(aws, "ec2").describe_instances(Filters=named)["Reservations"]
    return str(found[0]["Instances"][0]["InstanceId"])


@asynccontextmanager
async def visiting(aws: SimulatedAws, calls: SessionClient, name: str = "web-1") -> AsyncIterator[Visit]:
    request = SessionRequest(a_scope(), node_called(aws, name))
    opened = calls.start(request)
    channel = DataChannel(request, opened, calls, timing=SWIFT)
    try:
        await channel.open()
        yield Visit(channel)
    finally:
        await channel.close()
        calls.terminate(opened.id)


async def talk(visit: Visit) -> None:
    """Have a few answers, each once."""
    await visit.until(lambda: visit.shown.endswith("$ "))
    for number in range(5):
        await visit.channel.send(f"echo marker {number}\r".encode())
        await visit.until(lambda wanted=f"\r\nmarker {number}\r\n": wanted in visit.shown)  # type: ignore[misc]
    assert [visit.shown.count(f"\r\nmarker {number}\r\n") for number in range(5)] == [1] * 5


@pytest.mark.parametrize("kind", ["delay", "duplicate", "reorder", "drop"])
async def test_a_session_survives_what_happens_to_messages(
    simulated: SimulatedAws, calls: SessionClient, kind: str
) -> None:
    simulated.network_fault(kind, rate=0.3, seed=5, milliseconds=20)
    async with visiting(simulated, calls) as visit:
        await talk(visit)
    assert simulated.active_sessions == ()


async def test_a_session_goes_on_where_sockets_are_closed_after_a_while(
    simulated: SimulatedAws, calls: SessionClient
) -> None:
    simulated.network_fault("close", after=6, times=1)
    async with visiting(simulated, calls) as visit:
        await talk(visit)
        assert visit.losses == 1


async def test_a_session_goes_on_where_connections_are_reset(simulated: SimulatedAws, calls: SessionClient) -> None:
    simulated.network_fault("reset", after=6, times=1)
    async with visiting(simulated, calls) as visit:
        await talk(visit)
        assert visit.losses == 1


async def test_a_half_open_socket_is_left_for_another(simulated: SimulatedAws, calls: SessionClient) -> None:
    simulated.network_fault("half-open", times=1)
    async with visiting(simulated, calls) as visit:
        await talk(visit)
        assert visit.losses == 1


@pytest.mark.parametrize(
    ("fault", "said"),
    [({"kind": "refuse", "status": 503}, "status: 503"), ({"kind": "hang"}, "no answer within 0.5 s")],
)
async def test_a_socket_that_does_not_open_says_why(
    simulated: SimulatedAws, calls: SessionClient, fault: dict[str, object], said: str
) -> None:
    simulated.network_fault(**fault)  # type: ignore[arg-type]
    with pytest.raises(ConnectError, match=said):
        async with visiting(simulated, calls):
            pass
    assert simulated.active_sessions == ()


async def test_the_upgrade_is_signed_well_enough_for_who_demands_it(
    simulated: SimulatedAws, calls: SessionClient
) -> None:
    simulated.pace.demands_signature = True
    async with visiting(simulated, calls) as visit:
        await talk(visit)


async def test_an_encrypted_session_over_a_network_that_drops(simulated: SimulatedAws) -> None:
    simulated.load("healthy-small")
    simulated.network_fault("drop", rate=0.3, seed=5)
    async with visiting(simulated, calls_to(simulated)) as visit:
        await talk(visit)
    kinds = [type(each) for each in visit.events]
    assert KeyMade in kinds
    assert HandshakeCompleted in kinds


async def test_an_agent_that_demands_the_challenge_in_the_key_gets_it(simulated: SimulatedAws) -> None:
    simulated.load("healthy-small")
    simulated.pace.demands_challenge = True
    async with visiting(simulated, calls_to(simulated)) as visit:
        await talk(visit)


async def test_a_key_that_the_node_may_not_use_ends_the_session_in_the_agents_words(simulated: SimulatedAws) -> None:
    simulated.load("key-policy-denies")
    async with visiting(simulated, calls_to(simulated), "ingest-1") as visit:
        await visit.until(lambda: any(isinstance(each, ChannelClosed) for each in visit.events))
    assert KeyMade in [type(each) for each in visit.events]
    closed = visit.events[-1]
    assert isinstance(closed, ChannelClosed)
    assert "Fetching data key failed: Unable to retrieve data key" in closed.text


async def test_a_key_that_the_caller_may_not_use_is_quoted_by_the_agent(simulated: SimulatedAws) -> None:
    simulated.load("key-policy-denies-caller")
    async with visiting(simulated, calls_to(simulated)) as visit:
        await visit.until(lambda: any(isinstance(each, ChannelClosed) for each in visit.events))
    (failed,) = (each for each in visit.events if isinstance(each, KeyFailed))
    closed = visit.events[-1]
    assert isinstance(closed, ChannelClosed)
    assert f"KMSEncryption failed on client with status 2 error: {failed.text}" in closed.text
    assert "Error calling KMS GenerateDataKey API: AccessDeniedException: User: " in failed.text
