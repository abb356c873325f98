"""Forward a port over the data channel without the plugin: many connections at a time, or one (older agents).

    session = PortSession(channel, callbacks)
    ended = await session.run()            # follows the session to its end; `callbacks.opened` gets `session`
    connection = await session.connect()   # as often as wanted, while the session is open

What is sent and not acknowledged is limited by the channel; what is received and not read, by `MOST_UNREAD`. If a
program reads nothing, the other connections of its session wait, too: the protocol has no limit for one connection
(docs/facts/data-channel.md §9). A session belongs to one event loop.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

from ssmtui.language import say
from ssmtui.model.sessions import OpenedSession, SessionEnding, SessionRequest
from ssmtui.model.ssm_agent import is_older_version
from ssmtui.session.calls import SessionProblem
from ssmtui.session.data_channel.connection import DataChannel
from ssmtui.session.data_channel.events import (
    ChannelClosed,
    ChannelEvent,
    FlagReceived,
    HandshakeCompleted,
    HandshakeRequested,
    Output,
)
from ssmtui.session.data_channel.following import PAUSES, ClientSessionEnd, follow
from ssmtui.session.data_channel.payloads import LOCAL_PORT, PORT, Flag, PayloadType
from ssmtui.session.opener import OpenSession
from ssmtui.session.tunnels.far_connection import FarConnection, SessionCallbacks, TunnelClient
from ssmtui.session.tunnels.multiplexing import (
    LONGEST_DATA,
    Command,
    MalformedMuxFrame,
    MuxFrame,
    MuxReader,
    encode,
)

PORT_REFUSED = "Connection to destination port failed, check SSM Agent logs."
"""The plugin's text (PLUGIN:portsession/muxportforwarding.go)."""
MOST_UNREAD = 4 * 2**20
"""Bytes that were received and not read, of all connections; as in smux."""

# PLUGIN:src/config/config.go. The plugin compares with the last version that does not multiplex.
_MULTIPLEXES_SINCE = "3.0.197.0"
_NO_KEEP_ALIVE_SINCE = "3.1.1512.0"
_KEEP_ALIVE = 10.0
"""Seconds between two signs of life: an older agent ends the session after 30 seconds without data."""
_SAYING_GOODBYE = 0.5
_FIRST_CONNECTION = 3


def builtin_client(find: Callable[[str], OpenSession | None]) -> TunnelClient:
    """Return the built-in client. `find` returns an open session by its ID."""

    async def run(request: SessionRequest, opened: OpenedSession, callbacks: SessionCallbacks) -> SessionEnding:
        session = find(opened.id)
        if session is None:
            raise SessionProblem(say("the session {id} is no longer open", id=opened.id), is_own=True)
        ended = await PortSession(DataChannel(request, opened, session.calls), callbacks).run()
        return SessionEnding(opened.id, ended.text, ended.exit_code, ended.over, ended.is_own)

    return run


class _Connections(Protocol):
    """The connections of a session."""

    async def connect(self) -> FarConnection: ...

    async def received(self, data: bytes) -> None:
        """Take data of the node. Raises MalformedMuxFrame."""

    def lost(self) -> None:
        """Break every connection: the session is over."""


class PortSession:
    """A port session, over any number of lost connections to the service (see the module)."""

    def __init__(
        self,
        channel: DataChannel,
        callbacks: SessionCallbacks,
        *,
        one_connection: bool = False,
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        """`one_connection`: the session must be a stream of bytes, as for ssh."""
        self._channel = channel
        self._callbacks = callbacks
        self._one_connection = one_connection
        self._pauses = pauses
        self._connections: _Connections | None = None
        self._keep_alive: asyncio.Task[None] | None = None
        self._is_over = False
        self._is_interrupted = False

    async def run(self) -> ClientSessionEnd:
        """Follow the session and return how it ended. If cancelled, tell the node that the session is over."""
        try:
            return await follow(self._channel, self._happened, lost=self._lost, pauses=self._pauses)
        except asyncio.CancelledError:
            with suppress(TimeoutError):
                async with asyncio.timeout(_SAYING_GOODBYE):
                    await self._channel.send(Flag.TERMINATE_SESSION.payload(), PayloadType.FLAG)
            raise
        finally:
            self._is_over = True
            if self._keep_alive is not None:
                self._keep_alive.cancel()
            if self._connections is not None:
                self._connections.lost()
            await self._channel.close()

    async def connect(self) -> FarConnection:
        """Open a connection. Raises ConnectionError if the session is over."""
        if self._is_over or self._connections is None:
            raise ConnectionError
        return await self._connections.connect()

    async def _happened(self, event: ChannelEvent) -> ClientSessionEnd | None:
        if self._is_interrupted:
            self._is_interrupted = False
            self._callbacks.trouble("")
        match event:
            case ChannelClosed(text):
                return ClientSessionEnd(text.strip(), over=True)
            case HandshakeRequested():
                return self._agreed(event)
            case HandshakeCompleted() if self._connections is not None:
                self._callbacks.opened(self)
            case Output(data) if self._connections is not None:
                try:
                    await self._connections.received(data)
                except MalformedMuxFrame:
                    return ClientSessionEnd(say("The node sent data that ssmtui cannot read."), is_own=True)
            case FlagReceived(Flag.CONNECT_TO_PORT_ERROR):
                self._callbacks.trouble(PORT_REFUSED)
            case _:
                pass
        return None

    def _agreed(self, request: HandshakeRequested) -> ClientSessionEnd | None:
        if request.session_type != PORT:
            return ClientSessionEnd(say("The document does not forward a port."), is_own=True)
        if self._one_connection and request.port_type == LOCAL_PORT:
            return ClientSessionEnd(
                say("The document forwards a port of this computer: use ssmtui tunnel."), is_own=True
            )
        if request.port_type != LOCAL_PORT or is_older_version(request.agent_version, _MULTIPLEXES_SINCE):
            self._connections = _OneByOne(self._channel)
            return None
        self._connections = _Multiplexed(self._channel)
        if is_older_version(request.agent_version, _NO_KEEP_ALIVE_SINCE):
            self._keep_alive = asyncio.create_task(self._send_signs_of_life())
        return None

    async def _send_signs_of_life(self) -> None:
        while True:
            await asyncio.sleep(_KEEP_ALIVE)
            await self._channel.send(encode(MuxFrame(Command.NOTHING, 0)))

    async def _lost(self, attempt: int) -> None:
        if attempt == 1:
            self._is_interrupted = True
            self._callbacks.trouble(say("connection lost, reconnecting"))


class _Incoming:
    """Data of one connection that was received and not read yet."""

    def __init__(self, unread: _Unread) -> None:
        self._unread = unread
        self._pieces: deque[bytes] = deque()
        self._changed = asyncio.Event()
        self._ended = False
        self._broken = False

    def add(self, data: bytes) -> None:
        """Add data."""
        self._pieces.append(data)
        self._unread.changed(len(data))
        self._changed.set()

    def end(self, *, broken: bool = False) -> None:
        """Mark the end of the data. `broken`: after the received data, reading raises ConnectionResetError."""
        self._ended, self._broken = True, broken
        self._changed.set()

    async def read(self) -> bytes:
        """Return everything that was received; empty bytes at the end. Raises ConnectionResetError."""
        while not self._pieces and not self._ended:
            self._changed.clear()
            await self._changed.wait()
        if not self._pieces and self._broken:
            raise ConnectionResetError
        data = b"".join(self._pieces)
        self.drop()
        return data

    def drop(self) -> None:
        """Forget what was not read."""
        self._unread.changed(-sum(map(len, self._pieces)))
        self._pieces.clear()


class _Unread:
    """Counts the bytes that all connections of a session have not read."""

    def __init__(self) -> None:
        self._count = 0
        self._has_room = asyncio.Event()
        self._has_room.set()

    def changed(self, by: int) -> None:
        self._count += by
        if self._count < MOST_UNREAD:
            self._has_room.set()
        else:
            self._has_room.clear()

    async def has_room(self) -> None:
        """Wait until more can be received."""
        await self._has_room.wait()


class _Multiplexed:
    """Many connections at a time."""

    def __init__(self, channel: DataChannel) -> None:
        self._channel = channel
        self.unread = _Unread()
        self._reader = MuxReader()
        self._next = _FIRST_CONNECTION
        self._open: dict[int, _MuxConnection] = {}
        self._closing: set[asyncio.Task[None]] = set()

    async def connect(self) -> FarConnection:
        number, self._next = self._next, self._next + 2
        connection = self._open[number] = _MuxConnection(self, number)
        await self.send(Command.OPEN, number)
        return connection

    async def received(self, data: bytes) -> None:
        for frame in self._reader.read(data):
            connection = self._open.get(frame.connection)
            if connection is None:
                continue  # ssmtui closed this connection, and the node does not know that yet
            if frame.command is Command.DATA:
                connection.incoming.add(frame.data)
            elif frame.command is Command.CLOSE:
                connection.is_closed = True
                connection.incoming.end()
        await self.unread.has_room()

    def lost(self) -> None:
        for each in tuple(self._open.values()):
            each.is_broken = True
            each.incoming.end(broken=True)

    def forget(self, number: int) -> None:
        """Drop what comes for a connection."""
        self._open.pop(number, None)

    async def send(self, command: Command, number: int, data: bytes = b"") -> None:
        """Send a frame. Raises ConnectionError if the session is over."""
        await self._channel.send(encode(MuxFrame(command, number, data)))

    def close(self, number: int) -> None:
        """Close a connection, without waiting until the frame is sent."""

        async def closed() -> None:
            with suppress(ConnectionError):
                await self.send(Command.CLOSE, number)

        task = asyncio.create_task(closed())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


class _MuxConnection:
    """A connection among others."""

    def __init__(self, connections: _Multiplexed, number: int) -> None:
        self.incoming = _Incoming(connections.unread)
        self.is_closed = False
        self.is_broken = False
        self._connections = connections
        self._number = number
        self._has_ended = False

    async def read(self) -> bytes:
        return await self.incoming.read()

    async def write(self, data: bytes) -> None:
        for start in range(0, len(data), LONGEST_DATA):
            if self.is_broken:
                raise ConnectionResetError
            if self.is_closed:
                return  # the node drops data for a connection that it has closed
            piece = data[start : start + LONGEST_DATA]
            await self._connections.send(Command.DATA, self._number, piece)

    async def end(self) -> None:
        if not self._has_ended and not self.is_broken:
            self._has_ended = True
            await self._connections.send(Command.CLOSE, self._number)

    def close(self) -> None:
        if not self._has_ended and not self.is_broken and not self.is_closed:
            self._connections.close(self._number)
        self.is_broken = True
        self._connections.forget(self._number)
        self.incoming.drop()
        self.incoming.end(broken=True)


class _OneByOne:
    """One connection at a time: the agent is older, or the document's port is not a local one.

    The agent connects to the port when the session starts, and again with the first data after the end of a
    connection. So the first connection gets what the port has sent before.
    """

    def __init__(self, channel: DataChannel) -> None:
        self.channel = channel
        self._unread = _Unread()
        self._turn = asyncio.Lock()
        self._incoming = _Incoming(self._unread)
        self._ending: asyncio.Task[None] | None = None
        self._is_lost = False

    async def connect(self) -> FarConnection:
        await self._turn.acquire()
        if self._is_lost:
            self._turn.release()
            raise ConnectionError
        return _OnlyConnection(self, self._incoming)

    async def received(self, data: bytes) -> None:
        self._incoming.add(data)
        await self._unread.has_room()

    def lost(self) -> None:
        self._is_lost = True
        self._incoming.end(broken=True)
        if self._ending is not None:
            self._ending.cancel()

    def close(self) -> None:
        """End the connection, and then let the next one take its turn."""
        self._ending = asyncio.create_task(self._end())

    async def _end(self) -> None:
        try:
            await self.channel.send(Flag.DISCONNECT_TO_PORT.payload(), PayloadType.FLAG)
            # What the port has sent until then is no data of the next connection.
            await self.channel.delivered()
            await self.channel.handled()
        finally:
            self._incoming.drop()
            self._incoming.end()
            self._incoming = _Incoming(self._unread)
            self._turn.release()


class _OnlyConnection:
    """The one connection."""

    def __init__(self, connections: _OneByOne, incoming: _Incoming) -> None:
        self._connections = connections
        self._incoming = incoming
        self._is_closed = False

    async def read(self) -> bytes:
        return await self._incoming.read()

    async def write(self, data: bytes) -> None:
        if self._is_closed:
            raise ConnectionResetError
        await self._connections.channel.send(data)

    async def end(self) -> None:
        """End the connection: the agent knows no end of one direction only."""
        self.close()

    def close(self) -> None:
        if not self._is_closed:
            self._is_closed = True
            self._connections.close()
