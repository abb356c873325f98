"""The data channel of a session: open it, read its events, write to it, and resume it after a lost connection.

    channel = DataChannel(request, opened, calls)      # the request and result of StartSession; the scope's calls
    try:
        await channel.open()                           # ForeignStreamUrlError, ConnectError
        async for event in channel.events():           # values of `events`; ends after one of `events.LAST`
            ...
    finally:
        await channel.close()                          # closes the socket; TerminateSession ends the session

The channel handles the handshake, the key, the encryption challenge, acknowledgements, retransmission and keep-alive.
It reports each step as an event, also the socket and the token (`SocketOpened`, `TokenSent`). After `ConnectionLost`,
`resume` may open the session again; then call `events` again. No event is lost or repeated. `send` sends keys and
`send_size` sends the window size; a probe uses neither. Only opening and keep-alive have deadlines; the caller limits
how long it waits for an event. A channel belongs to one event loop; `calls` run on their own threads.
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
    key_failure,
)
from ssmtui.session.data_channel.events import (
    LAST,
    ChannelEvent,
    ConnectionLost,
    DataKeyRequested,
    NeverAcknowledged,
    SocketOpened,
    TokenSent,
)
from ssmtui.session.data_channel.outgoing import RetransmissionTiming, UnacknowledgedError
from ssmtui.session.data_channel.payloads import PayloadType, Size, opening_message
from ssmtui.session.data_channel.stream_url import StreamUrl, is_overridden, signed_headers, stream_url

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

_UNTOLD = 1000
"""Events in the queue. If the queue is full, the socket is not read, and the other side waits."""
_NO_CODE = 1006
_T = TypeVar("_T")


class SessionOverError(Exception):
    """The session cannot be resumed: AWS gave no new token. `text` is the plugin's message for this."""

    def __init__(self, session_id: str) -> None:
        self.text = f"Session: {session_id} timed out."
        super().__init__(self.text)


@dataclass(frozen=True, slots=True)
class ChannelTiming:
    """Timeouts and the interval of the keep-alive pings, in seconds."""

    opening: float = 20.0
    closing: float = 2.0
    ping_every: float = 20.0
    pong_within: float = 20.0
    retransmission: RetransmissionTiming = field(default_factory=RetransmissionTiming)


class DataChannel:
    """The data channel of one session (see the module). `clock` is any monotonic clock, in seconds."""

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
        self._is_closed = False

    async def open(self) -> None:
        """Connect and send the token.

        Raises:
            ForeignStreamUrlError: the stream URL is not an AWS URL of this session; nothing was sent.
            ConnectError: the websocket does not open.

        """
        await self._connect(self._opened.stream_url, self._opened.token)

    async def resume(self) -> None:
        """Request a new token from AWS and connect again, after `ConnectionLost`.

        Raises:
            SessionOverError: AWS gave no token.
            SessionProblem: AWS refuses, or does not answer.
            ForeignStreamUrlError, ConnectError: as in `open`.

        """
        await self._disconnect()
        resumed = await _off_the_loop(lambda: self._calls.resume(self._opened.id))
        if not resumed.token:
            raise SessionOverError(self._opened.id)
        await self._connect(resumed.stream_url or self._opened.stream_url, resumed.token)

    async def events(self) -> AsyncIterator[ChannelEvent]:
        """Yield the events of this connection, up to its last one."""
        while True:
            event = await self._events.get()
            if self._events.qsize() < _UNTOLD:
                self._has_room.set()
            if isinstance(event, BaseException):
                raise event
            try:
                yield event
            finally:
                self._events.task_done()
            if isinstance(event, LAST):
                return

    async def send(self, data: bytes, payload_type: PayloadType = PayloadType.OUTPUT) -> None:
        """Send stream data when the other side has room for it. The data arrives once and in order.

        While the connection is lost, the data is kept for the next connection.

        Raises:
            ConnectionResetError: the channel was closed.

        """
        async with self._moved:
            await self._moved.wait_for(lambda: self._is_closed or not self._conversation.full)
            self._check_open()
            await self._carry_out(self._conversation.send(payload_type, data, self._clock()))
            self._moved.notify_all()

    async def send_size(self, size: Size) -> None:
        """Send the size of the window."""
        await self.send(size.payload(), PayloadType.SIZE)

    def untaken_for(self) -> float:
        """Return the seconds since the last acknowledgement; 0 if everything is acknowledged."""
        return self._conversation.untaken_for(self._clock())

    async def delivered(self) -> None:
        """Wait until everything that was sent is acknowledged. Raises ConnectionResetError, as `send`."""
        async with self._moved:
            await self._moved.wait_for(lambda: self._is_closed or not self._conversation.unsent)
            self._check_open()

    async def handled(self) -> None:
        """Wait until all events that have come were handled."""
        await self._events.join()

    async def close(self) -> None:
        """Close the socket. The session stays open."""
        self._is_closed = True
        await _cancelled(self._keys)
        await self._disconnect()
        async with self._moved:
            self._moved.notify_all()

    def _check_open(self) -> None:
        if self._is_closed:
            raise ConnectionResetError

    async def _connect(self, given: str, token: str) -> None:
        overridden = is_overridden(self._opened.endpoint, self._request.scope)
        url = stream_url(given, self._request.scope, self._opened.id, endpoint_overridden=overridden)
        # Imported with the first channel, so that the start does not wait for it.
        from ssmtui.session.data_channel.websocket import keep_alive, open_socket  # noqa: PLC0415

        headers = await _off_the_loop(lambda: self._signature(url))
        socket = await open_socket(url, headers, within=self._timing.opening, closing_within=self._timing.closing)
        self._socket = socket
        self._events.put_nowait(SocketOpened())
        # If the socket is closed by now, the reading task reports it.
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
        # The library's timeout begins when its last frame is written. That never happens if the peer reads nothing.
        try:
            async with asyncio.timeout(self._timing.closing):
                await socket.close()
        except TimeoutError:
            socket.transport.abort()

    def _signature(self, url: StreamUrl) -> dict[str, str]:
        """Return the signed headers; without credentials none, and AWS answers with its error, as with the plugin."""
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
            if isinstance(each, DataKeyRequested):
                self._start(self._make_key(each), self._keys)

    async def _make_key(self, wanted: DataKeyRequested) -> None:
        context = {"aws:ssm:SessionId": self._opened.id, "aws:ssm:TargetId": self._request.target}
        if wanted.challenge:
            context["aws:ssm:RandomChallenge"] = wanted.challenge
        try:
            key = await _off_the_loop(lambda: self._calls.data_key(wanted.key_id, context))
        except SessionProblem as problem:
            turn = self._conversation.key_failed(key_failure(problem), self._clock())
        else:
            turn = self._conversation.key_made(key.ciphertext, key.plaintext, self._clock())
        async with self._moved:
            await self._carry_out(turn)
            self._moved.notify_all()
        await self._tell(turn)

    async def _send_again(self) -> None:
        """Send frames again that are not acknowledged in time."""
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
        """Send the frames. If the socket is gone, they wait for the next one, and the reading task reports the loss."""
        socket = self._socket
        if socket is None:
            return
        with suppress(OSError, _closed()):
            for each in turn.sends:
                await socket.send(each)

    def _sign_of_life(self) -> int | None:
        """Return the number of received frames; None while nothing is read because the event queue is full."""
        return self._heard if self._has_room.is_set() else None

    def _start(self, work: Coroutine[object, object, None], among: set[asyncio.Task[None]] | None = None) -> None:
        """Start a task that ends with this connection, or with the tasks in `among`, which outlast the connection."""
        kept = self._tasks if among is None else among
        task = asyncio.create_task(work)
        kept.add(task)
        task.add_done_callback(kept.discard)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        """Put the exception of a task into the event queue, so that the reader of the events raises it."""
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
