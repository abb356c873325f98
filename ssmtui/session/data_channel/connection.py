"""A session's data channel, live: opened, read as events, written to, brought back when the connection is lost.

    channel = DataChannel(request, opened, calls)      # what StartSession was asked for and gave; the scope's calls
    try:
        await channel.open()                           # ForeignStreamUrl, CannotConnect
        async for event in channel.events():           # values of `events`; ends after one of `events.LAST`
            ...
    finally:
        await channel.close()                          # closes the socket; to end the session is TerminateSession's

The handshake, the key, the encryption challenge, acknowledgements, retransmission and keep-alive go on by themselves;
each step is told as an event, the socket and the token included (`SocketOpened`, `TokenSent`). After `ConnectionLost`,
`resume` may open the session again, and `events` is asked once more: nothing is lost or told twice. `send` sends what
is typed, `send_size` the window; a probe calls neither. There are no deadlines but those of opening and keep-alive:
whoever waits for an event says how long. All of it belongs to one event loop; `calls` are made on threads of their own.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from ssmtui.model.sessions import OpenedSession, SessionRequest
from ssmtui.session.background import in_background
from ssmtui.session.calls import SessionCalls, SessionProblem
from ssmtui.session.data_channel.conversation import (
    CLIENT_VERSION,
    Conversation,
    ConversationOutput,
    PayloadReader,
    RetransmissionTiming,
    UnacknowledgedError,
    key_failure,
)
from ssmtui.session.data_channel.events import (
    LAST,
    ChannelEvent,
    ConnectionLost,
    KeyWanted,
    NeverAcknowledged,
    SocketOpened,
    TokenSent,
)
from ssmtui.session.data_channel.payloads import PayloadType, Size, opening_message
from ssmtui.session.data_channel.stream_url import StreamUrl, is_overridden, signed_headers, stream_url

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

_UNTOLD = 1000
"""Events that may wait to be taken. Beyond, the socket is read no further, and the other side waits as well."""
_NO_CODE = 1006
_T = TypeVar("_T")


class SessionOverError(Exception):
    """The session cannot be brought back: AWS gave no new token. `text` says so as the plugin would."""

    def __init__(self, session_id: str) -> None:
        self.text = f"Session: {session_id} timed out."
        super().__init__(self.text)


@dataclass(frozen=True, slots=True)
class ChannelTiming:
    """Seconds: how long things may take, and how often the other side is asked whether it is there."""

    opening: float = 20.0
    closing: float = 2.0
    ping_every: float = 20.0
    pong_within: float = 20.0
    retransmission: RetransmissionTiming = field(default_factory=RetransmissionTiming)


class DataChannel:
    """One session's data channel (see the module). `clock` is any steady clock, in seconds."""

    def __init__(
        self,
        request: SessionRequest,
        opened: OpenedSession,
        calls: SessionCalls,
        *,
        timing: ChannelTiming | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._request = request
        self._opened = opened
        self._calls = calls
        self._timing = timing or ChannelTiming()
        self._clock = clock
        self._client_id = uuid.uuid4()
        self._conversation = Conversation(PayloadReader(), lambda: int(time.time() * 1000), self._timing.retransmission)
        self._socket: ClientConnection | None = None
        self._events: asyncio.Queue[ChannelEvent | BaseException] = asyncio.Queue()
        self._has_room = asyncio.Event()
        self._heard = 0
        self._moved = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()
        self._keys: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Connect, and present the token.

        Raises:
            ForeignStreamUrl: the stream URL is not AWS's own; nothing was sent.
            CannotConnect: the websocket does not open.

        """
        await self._connect(self._opened.stream_url, self._opened.token)

    async def resume(self) -> None:
        """After `ConnectionLost`: ask AWS for a new token, and connect again.

        Raises:
            SessionOver: there is none.
            SessionProblem: AWS refuses, or does not answer.
            ForeignStreamUrl, CannotConnect: as `open`.

        """
        await self._disconnect()
        resumed = await _off_the_loop(lambda: self._calls.resume(self._opened.id))
        if not resumed.token:
            raise SessionOverError(self._opened.id)
        await self._connect(resumed.stream_url or self._opened.stream_url, resumed.token)

    async def events(self) -> AsyncIterator[ChannelEvent]:
        """What happens, until this connection's last event."""
        while True:
            event = await self._events.get()
            if self._events.qsize() < _UNTOLD:
                self._has_room.set()
            if isinstance(event, BaseException):
                raise event
            yield event
            if isinstance(event, LAST):
                return

    async def send(self, data: bytes, payload_type: PayloadType = PayloadType.OUTPUT) -> None:
        """Send stream data, as soon as the other side has taken what was sent before; it arrives once and in order.

        While the connection is lost it is kept until the next one.
        """
        async with self._moved:
            await self._moved.wait_for(lambda: not self._conversation.full)
            await self._carry_out(self._conversation.send(payload_type, data, self._clock()))
            self._moved.notify_all()

    async def send_size(self, size: Size) -> None:
        """Tell the other side the size of the window."""
        await self.send(size.payload(), PayloadType.SIZE)

    def untaken_for(self) -> float:
        """Return the seconds since the other side last acknowledged something; 0 if nothing is to be acknowledged."""
        return self._conversation.untaken_for(self._clock())

    async def delivered(self) -> None:
        """Wait until all that was sent is acknowledged."""
        async with self._moved:
            await self._moved.wait_for(lambda: not self._conversation.unsent)

    async def close(self) -> None:
        """Close the socket, and leave the session as it is."""
        await _cancelled(self._keys)
        await self._disconnect()

    async def _connect(self, given: str, token: str) -> None:
        overridden = is_overridden(self._opened.endpoint, self._request.scope)
        url = stream_url(given, self._request.scope, self._opened.id, endpoint_overridden=overridden)
        # Imported with the first channel: nobody waits for it at the start.
        from ssmtui.session.data_channel.websocket import keep_alive, open_socket  # noqa: PLC0415

        headers = await _off_the_loop(lambda: self._signature(url))
        socket = await open_socket(url, headers, within=self._timing.opening, closing_within=self._timing.closing)
        self._socket = socket
        self._events.put_nowait(SocketOpened())
        # A socket that is closed by now is told of by whoever reads it.
        with suppress(OSError, _closed()):
            await socket.send(opening_message(token, self._client_id, uuid.uuid4(), CLIENT_VERSION))
            self._events.put_nowait(TokenSent())
        async with self._moved:
            await self._carry_out(self._conversation.reconnected(self._clock()))
        self._start(self._read(socket))
        self._start(self._send_again())
        self._has_room.set()
        timing = self._timing
        self._start(keep_alive(socket, timing.ping_every, timing.pong_within, self._sign_of_life))

    async def _disconnect(self) -> None:
        await _cancelled(self._tasks)
        socket, self._socket = self._socket, None
        if socket is None:
            return
        # The library's own limit begins when its last frame is written, which never happens if the peer reads nothing.
        try:
            async with asyncio.timeout(self._timing.closing):
                await socket.close()
        except TimeoutError:
            socket.transport.abort()

    def _signature(self, url: StreamUrl) -> dict[str, str]:
        """Without credentials the upgrade is not signed, and AWS says what it thinks of that; so does the plugin."""
        try:
            credentials = self._calls.credentials()
        except SessionProblem:
            return {}
        return signed_headers(url.text, self._request.scope.region, credentials)

    async def _read(self, socket: ClientConnection) -> None:
        try:
            while True:
                data = await socket.recv()
                self._heard += 1
                async with self._moved:
                    turn = self._conversation.received(data, self._clock())
                    await self._carry_out(turn)
                    self._moved.notify_all()
                await self._tell(turn)
                if any(isinstance(each, LAST) for each in turn.events):
                    return
        except (OSError, _closed()):
            code, reason = socket.close_code, socket.close_reason
            await self._tell(ConversationOutput(events=[ConnectionLost(code or _NO_CODE, reason or "")]))

    async def _tell(self, turn: ConversationOutput) -> None:
        for each in turn.events:
            if self._events.qsize() >= _UNTOLD:
                self._has_room.clear()
                await self._has_room.wait()
            self._events.put_nowait(each)
            if isinstance(each, KeyWanted):
                self._start(self._make_key(each.key_id), self._keys)

    async def _make_key(self, key_id: str) -> None:
        context = {"aws:ssm:SessionId": self._opened.id, "aws:ssm:TargetId": self._request.target}
        try:
            key = await _off_the_loop(lambda: self._calls.data_key(key_id, context))
        except SessionProblem as problem:
            turn = self._conversation.key_failed(key_failure(problem), self._clock())
        else:
            turn = self._conversation.key_made(key.ciphertext, key.plaintext, self._clock())
        async with self._moved:
            await self._carry_out(turn)
            self._moved.notify_all()
        await self._tell(turn)

    async def _send_again(self) -> None:
        """Send again what is not acknowledged in time."""
        while True:
            async with self._moved:
                due_at = self._conversation.due_at()
                if due_at is None:
                    await self._moved.wait()
                    continue
            await asyncio.sleep(max(due_at - self._clock(), 0))
            try:
                again = self._conversation.due(self._clock())
            except UnacknowledgedError:
                self._events.put_nowait(NeverAcknowledged())
                return
            if again is not None:
                await self._carry_out(ConversationOutput(sends=[again]))

    async def _carry_out(self, turn: ConversationOutput) -> None:
        """Send what is to be sent. Where the socket is gone it is kept for the next one, and told of by the reader."""
        socket = self._socket
        if socket is None:
            return
        with suppress(OSError, _closed()):
            for each in turn.sends:
                await socket.send(each)

    def _sign_of_life(self) -> int | None:
        """A number that changes with whatever is heard; None while nothing is read, for want of room."""
        return self._heard if self._has_room.is_set() else None

    def _start(self, work: Coroutine[object, object, None], among: set[asyncio.Task[None]] | None = None) -> None:
        """Do something beside, as long as this connection lasts; `among` others that outlast it, where given."""
        kept = self._tasks if among is None else among
        task = asyncio.create_task(work)
        kept.add(task)
        task.add_done_callback(kept.discard)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        """A defect is told to whoever waits for what happens."""
        if not task.cancelled() and (defect := task.exception()) is not None:
            self._events.put_nowait(defect)


async def _cancelled(tasks: set[asyncio.Task[None]]) -> None:
    under_way = tuple(tasks)
    for each in under_way:
        each.cancel()
    await asyncio.gather(*under_way, return_exceptions=True)


def _closed() -> type[Exception]:
    from websockets.exceptions import ConnectionClosed  # noqa: PLC0415

    return ConnectionClosed


async def _off_the_loop(call: Callable[[], _T]) -> _T:
    return await asyncio.wrap_future(in_background(lambda _: call()))
