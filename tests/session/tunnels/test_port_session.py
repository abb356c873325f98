"""Ports that are forwarded without the plugin, before an agent that does what a test tells it."""

from __future__ import annotations

import asyncio
import logging
import struct

import pytest

from ssmtui.model.sessions import OpenedSession
from ssmtui.session.data_channel import frames
from ssmtui.session.data_channel.connection import ChannelTiming
from ssmtui.session.data_channel.following import ClientSessionEnd
from ssmtui.session.data_channel.outgoing import RetransmissionTiming
from ssmtui.session.data_channel.payloads import PayloadType
from ssmtui.session.tunnels import port_session as module
from ssmtui.session.tunnels.far_connection import FarConnection
from ssmtui.session.tunnels.port_session import MOST_UNREAD, PORT_REFUSED
from tests.session.data_channel.far_side import SESSION, FakeCalls, FarSide, bytes_of
from tests.session.tunnels.port_agent import CLOSE, DATA, NOTHING, OPEN, Agent, agent, port_session

OLD = "3.0.196.0"


async def said(connection: FarConnection, size: int) -> bytes:
    """So many bytes from the connection."""
    data = b""
    while len(data) < size:
        read = await connection.read()
        assert read, data
        data += read
    return data


async def test_connections_are_told_apart_in_both_directions() -> None:
    async def part(agent: Agent) -> None:
        assert [await agent.heard() for _ in range(4)] == [
            (OPEN, 3, b""),
            (OPEN, 5, b""),
            (DATA, 5, b"five"),
            (DATA, 3, b"three"),
        ]
        await agent.say(DATA, 3, b"THREE")
        await agent.say(DATA, 5, b"FIVE")
        await agent.say(CLOSE, 5)
        assert await agent.heard() == (CLOSE, 3, b"")
        await agent.say(CLOSE, 3)

    async with port_session(agent(part)) as running:
        destination = await running.destination()
        first, second = await destination.connect(), await destination.connect()
        await second.write(b"five")
        await first.write(b"three")
        assert await said(first, 5) == b"THREE"
        assert await said(second, 4) == b"FIVE"
        assert await second.read() == b""
        await second.write(b"this goes nowhere")
        await first.end()
        assert await first.read() == b""
        assert running.troubles == []


async def test_a_long_write_is_cut_into_frames_that_fill_whole_messages() -> None:
    much = bytes(range(256)) * 400

    async def part(agent: Agent) -> None:
        assert await agent.heard() == (OPEN, 3, b"")
        data, sizes = b"", []
        while len(data) < len(much):
            _, _, piece = await agent.heard()
            sizes.append(len(piece) + 8)
            data += piece
        assert sizes == [32768, 32768, 32768, len(much) - 3 * 32760 + 8]
        assert data == much
        await agent.say(DATA, 3, b"ok")

    async with port_session(agent(part)) as running:
        connection = await (await running.destination()).connect()
        await connection.write(much)
        assert await said(connection, 2) == b"ok"


async def test_a_refused_connection_is_said_in_the_plugin_s_words_and_the_session_goes_on() -> None:
    async def part(agent: Agent) -> None:
        assert await agent.heard() == (OPEN, 3, b"")
        await agent.flag(3)
        await agent.say(CLOSE, 3)
        assert await agent.heard() == (OPEN, 5, b"")
        await agent.say(DATA, 5, b"hello")

    async with port_session(agent(part)) as running:
        destination = await running.destination()
        assert await (await destination.connect()).read() == b""
        assert running.troubles == [PORT_REFUSED]
        assert await said(await destination.connect(), 5) == b"hello"


async def test_the_end_of_the_session_breaks_its_connections_and_says_why() -> None:
    async def part(agent: Agent) -> None:
        assert await agent.heard() == (OPEN, 3, b"")
        await agent.far.end("Your session timed out due to inactivity")

    async with port_session(agent(part)) as running:
        destination = await running.destination()
        connection = await destination.connect()
        with pytest.raises(ConnectionResetError):
            await connection.read()
        assert await running.end() == ClientSessionEnd("Your session timed out due to inactivity", over=True)
        with pytest.raises(ConnectionResetError):
            await connection.write(b"x")
        with pytest.raises(ConnectionError):
            await destination.connect()


async def test_who_closes_the_tunnel_tells_the_node() -> None:
    flags: list[bytes] = []

    async def part(agent: Agent) -> None:
        kind, payload = await agent.far.heard()
        assert kind is PayloadType.FLAG
        flags.append(payload)

    async with port_session(agent(part)) as running:
        await running.destination()
        running.ended.cancel()
        await asyncio.wait({running.ended})
        assert running.ended.cancelled()
    assert flags == [struct.pack(">I", 2)]


async def test_a_connection_outlives_a_socket_that_is_cut() -> None:
    async def before(far: FarSide) -> None:
        each = Agent(far)
        await each.agree()
        assert await each.heard() == (OPEN, 3, b"")
        await each.say(DATA, 3, b"before")
        while (await far.acknowledgement()) < 2:
            pass
        far.socket.transport.abort()

    async def after(far: FarSide) -> None:
        far.sequence = 3
        each = Agent(far)
        assert await each.heard() == (DATA, 3, b"meanwhile")
        await each.say(DATA, 3, b"after")
        await far.socket.wait_closed()

    again = OpenedSession(SESSION, "", "the second token")
    async with port_session(before, after, calls=FakeCalls(resumed=[again])) as running:
        connection = await (await running.destination()).connect()
        assert await said(connection, 6) == b"before"
        await connection.write(b"meanwhile")
        assert await said(connection, 5) == b"after"


async def test_a_lost_connection_is_said_until_it_is_back() -> None:
    class SlowlyResumed(FakeCalls):
        attempts = 0

        def resume(self, session_id: str) -> OpenedSession:
            self.attempts += 1
            # The first token leads nowhere: nobody listens on that port.
            url = "" if self.attempts > 1 else f"ws://127.0.0.1:1/v1/data-channel/{SESSION}"
            return OpenedSession(SESSION, url, "token")

    async def before(far: FarSide) -> None:
        await Agent(far).agree()
        while (await far.acknowledgement()) < 1:
            pass
        far.socket.transport.abort()

    async def after(far: FarSide) -> None:
        far.sequence = 2
        await far.say(PayloadType.FLAG, struct.pack(">I", 3))
        await far.socket.wait_closed()

    async with port_session(before, after, calls=SlowlyResumed()) as running:
        await running.destination()
        await running.said(PORT_REFUSED)
        assert running.troubles == ["connection lost, reconnecting", "", PORT_REFUSED]


async def test_what_is_not_acknowledged_is_limited() -> None:
    stopped = asyncio.Event()

    async def part(agent: Agent) -> None:
        for _ in range(65):  # one message for the connection, and two writes of 32
            await agent.far.hear()
        await agent.say(DATA, 3, b"!")
        following = frames.decode(bytes_of(await agent.far.socket.recv()))
        assert following.message_type == frames.ACKNOWLEDGE
        stopped.set()

    timing = ChannelTiming(closing=0.1, retransmission=RetransmissionTiming(first=60))
    async with port_session(agent(part), timing=timing) as running:
        connection = await (await running.destination()).connect()
        flooding = asyncio.create_task(connection.write(bytes(10_000_000)))
        await stopped.wait()
        assert not flooding.done()
        running.ended.cancel()
        with pytest.raises(ConnectionResetError):
            await flooding


async def test_what_nobody_reads_holds_up_the_node() -> None:
    said_all = asyncio.Event()

    async def part(agent: Agent) -> None:
        assert await agent.heard() == (OPEN, 3, b"")
        for _ in range(3 * MOST_UNREAD // 65535):
            await agent.say(DATA, 3, bytes(65535))
        said_all.set()

    async with port_session(agent(part)) as running:
        connection = await (await running.destination()).connect()
        read = await said(connection, 1)
        await asyncio.sleep(0)
        total = len(read)
        while total < 3 * MOST_UNREAD // 65535 * 65535:
            data = await connection.read()
            assert len(data) <= MOST_UNREAD + 65535
            total += len(data)
        await said_all.wait()


async def test_what_comes_for_a_connection_that_was_closed_is_dropped() -> None:
    async def part(agent: Agent) -> None:
        assert await agent.heard() == (OPEN, 3, b"")
        assert {await agent.heard(), await agent.heard()} == {(CLOSE, 3, b""), (OPEN, 5, b"")}
        for _ in range(2 * MOST_UNREAD // 65535):
            await agent.say(DATA, 3, bytes(65535))
        await agent.say(DATA, 5, b"hello")

    async with port_session(agent(part)) as running:
        destination = await running.destination()
        (await destination.connect()).close()
        assert await said(await destination.connect(), 5) == b"hello"


@pytest.mark.parametrize(
    "hostile",
    [
        struct.pack("<BBHI", 1, DATA, 65535, 4711) + bytes(65535),  # a connection that nobody has opened
        struct.pack("<BBHI", 1, OPEN, 0, 2),  # the node opens none
        struct.pack("<BBHI", 1, CLOSE, 65535, 9) + struct.pack("<BBHI", 1, NOTHING, 65535, 0),
    ],
)
async def test_frames_that_no_agent_sends_disturb_nothing(hostile: bytes) -> None:
    async def part(agent: Agent) -> None:
        assert await agent.heard() == (OPEN, 3, b"")
        await agent.say_raw(hostile, size=1000)
        await agent.say(DATA, 3, b"hello")

    async with port_session(agent(part)) as running:
        assert await said(await (await running.destination()).connect(), 5) == b"hello"


async def test_bytes_that_are_no_frames_end_the_session() -> None:
    async def part(agent: Agent) -> None:
        assert await agent.heard() == (OPEN, 3, b"")
        await agent.say_raw(b"HTTP/1.1 200 OK\r\n\r\n")

    async with port_session(agent(part)) as running:
        await (await running.destination()).connect()
        assert await running.end() == ClientSessionEnd("The node sent data that ssmtui cannot read.", is_own=True)


async def test_a_document_that_forwards_no_port_is_said() -> None:
    async def part(far: FarSide) -> None:
        await Agent(far).agree(session_type="Standard_Stream")

    async with port_session(part) as running:
        assert await running.end() == ClientSessionEnd("The document does not forward a port.", is_own=True)


async def test_an_older_agent_gets_signs_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_KEEP_ALIVE", 0.01)
    heard = asyncio.Event()

    async def part(agent: Agent) -> None:
        assert [await agent.heard(), await agent.heard()] == [(NOTHING, 0, b"")] * 2
        heard.set()

    async with port_session(agent(part, version="3.1.1511.0")):
        await heard.wait()


async def test_an_agent_that_does_not_multiplex_has_one_connection_after_the_other() -> None:
    order: list[str] = []

    async def part(agent: Agent) -> None:
        far = agent.far
        await far.say(PayloadType.OUTPUT, b"greeting")  # the agent has connected before any program has
        assert await far.heard() == (PayloadType.OUTPUT, b"first")
        await far.say(PayloadType.OUTPUT, b"FIRST")
        frame = await far.hear()
        assert (frame.payload_type, frame.payload) == (PayloadType.FLAG, struct.pack(">I", 1))
        await far.say(PayloadType.OUTPUT, b"late")
        order.append("acknowledged")
        await far.acknowledge(frame)
        assert await far.heard() == (PayloadType.OUTPUT, b"second")
        await far.say(PayloadType.OUTPUT, b"SECOND")

    timing = ChannelTiming(closing=0.1, retransmission=RetransmissionTiming(first=60))
    async with port_session(agent(part, version=OLD), timing=timing) as running:
        destination = await running.destination()
        first = await destination.connect()
        assert await said(first, 8) == b"greeting"

        async def another() -> FarConnection:
            connection = await destination.connect()
            order.append("connected")
            return connection

        waiting = asyncio.create_task(another())
        await first.write(b"first")
        assert await said(first, 5) == b"FIRST"
        await first.end()
        second = await waiting
        assert order == ["acknowledged", "connected"]
        with pytest.raises(ConnectionResetError):
            await first.write(b"x")
        await second.write(b"second")
        assert await said(second, 6) == b"SECOND"


async def test_no_content_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def part(agent: Agent) -> None:
        await agent.heard()
        await agent.heard()
        await agent.say(DATA, 3, b"canary-from-the-node")

    async with port_session(agent(part)) as running:
        connection = await (await running.destination()).connect()
        await connection.write(b"canary-to-the-node")
        await said(connection, 20)
    logged = [each.getMessage() for each in caplog.records if not each.name.startswith("botocore")]
    assert [each for each in logged if "canary" in each] == []
