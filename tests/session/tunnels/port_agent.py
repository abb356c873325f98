"""A port session without the plugin, and the agent at its other end, frame by frame."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from ssmtui.session.data_channel.connection import ChannelTiming, DataChannel
from ssmtui.session.data_channel.following import ClientSessionEnd
from ssmtui.session.data_channel.payloads import PayloadType
from ssmtui.session.tunnels.far_connection import Destination, SessionCallbacks
from ssmtui.session.tunnels.port_session import PortSession
from tests.session.data_channel.far_side import REQUEST, SWIFT, FakeCalls, FarSide, Part, served

OPEN, CLOSE, DATA, NOTHING = 0, 1, 2, 3
MuxFrame = tuple[int, int, bytes]


class Agent:
    """The agent's end of a connection to the service."""

    def __init__(self, far: FarSide) -> None:
        self.far = far
        self._unread = b""

    async def agree(
        self, version: str = "3.3.0.0", type_: str = "LocalPortForwarding", session_type: str = "Port"
    ) -> None:
        """Shake hands."""
        session = {"SessionType": session_type, "Properties": {"portNumber": "5432", "type": type_}}
        action = {"ActionType": "SessionType", "ActionParameters": session}
        await self.far.say(PayloadType.HANDSHAKE_REQUEST, {"AgentVersion": version, "RequestedClientActions": [action]})
        kind, _ = await self.far.heard()
        assert kind is PayloadType.HANDSHAKE_RESPONSE
        await self.far.say(PayloadType.HANDSHAKE_COMPLETE, {"HandshakeTimeToComplete": 1, "CustomerMessage": ""})

    async def heard(self) -> MuxFrame:
        """The next frame of the client: its command, the number of its connection, and its data."""
        while len(self._unread) < 8 or len(self._unread) < 8 + struct.unpack_from("<H", self._unread, 2)[0]:
            kind, payload = await self.far.heard()
            assert kind is PayloadType.OUTPUT
            assert len(payload) <= 1024
            self._unread += payload
        version, command, length, number = struct.unpack_from("<BBHI", self._unread)
        assert version == 1
        data, self._unread = self._unread[8 : 8 + length], self._unread[8 + length :]
        return command, number, data

    async def say(self, command: int, number: int, data: bytes = b"") -> None:
        """Send a frame, in pieces as the agent does."""
        await self.say_raw(struct.pack("<BBHI", 1, command, len(data), number) + data)

    async def say_raw(self, data: bytes, size: int = 1024) -> None:
        for start in range(0, len(data), size):
            await self.far.say(PayloadType.OUTPUT, data[start : start + size])

    async def flag(self, number: int) -> None:
        await self.far.say(PayloadType.FLAG, struct.pack(">I", number))


AgentPart = Callable[[Agent], Awaitable[None]]


def agent(part: AgentPart, *, version: str = "3.3.0.0", type_: str = "LocalPortForwarding") -> Part:
    """Shake hands, play the part, and stay until the client has gone."""

    async def played(far: FarSide) -> None:
        each = Agent(far)
        await each.agree(version, type_)
        await part(each)
        await far.socket.wait_closed()

    return played


class Running:
    """A session that runs; `troubles` is what was said to be wrong."""

    def __init__(self) -> None:
        self.troubles: list[str] = []
        self._changed = asyncio.Event()
        self.opened: asyncio.Future[Destination] = asyncio.get_running_loop().create_future()
        self.ended: asyncio.Task[ClientSessionEnd]

    async def destination(self) -> Destination:
        async with asyncio.timeout(10):
            return await self.opened

    def trouble(self, words: str) -> None:
        self.troubles.append(words)
        self._changed.set()

    async def said(self, words: str) -> None:
        """Wait until that is said to be wrong."""
        while words not in self.troubles:
            self._changed.clear()
            await self._changed.wait()

    async def end(self) -> ClientSessionEnd:
        async with asyncio.timeout(10):
            return await self.ended


@asynccontextmanager
async def port_session(
    *parts: Part, calls: FakeCalls | None = None, timing: ChannelTiming = SWIFT
) -> AsyncIterator[Running]:
    """Run a session before these parts of the other side, one a connection to the service."""
    async with served(*parts) as server:
        running = Running()
        channel = DataChannel(REQUEST, server.opened(), calls or FakeCalls(), timing=timing)
        session = PortSession(channel, SessionCallbacks(running.opened.set_result, running.trouble), pauses=(0, 0, 0))
        running.ended = asyncio.create_task(session.run())
        try:
            async with asyncio.timeout(30):
                yield running
        finally:
            running.ended.cancel()
            await asyncio.wait({running.ended})
