"""A live session: its agent, its channel, and the sockets that carry it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Final

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from ssmtui.simulator import state
from ssmtui.simulator.gateway.channel import Channel
from ssmtui.simulator.gateway.frame import Frame, channel_closed, packed
from ssmtui.simulator.gateway.handshake import Handshake, stop_reason
from ssmtui.simulator.gateway.opening import Opening
from ssmtui.simulator.gateway.port_session import serve_port
from ssmtui.simulator.gateway.session_overrides import (
    HANDSHAKE_STEPS,
    IDLE,
    TOO_LONG,
    InjectedEnding,
    MessageFaults,
    NetworkFault,
    NetworkFaultKind,
    SessionEnd,
    SessionStep,
    SessionStoppedError,
    demands,
    faults,
    pace,
)
from ssmtui.simulator.gateway.shell import serve_command, serve_shell

_BEFORE_OUTPUT: Final = 1.0
_BEFORE_FAILURE: Final = 2.0
_SERVING: Final = {"Standard_Stream": serve_shell, "Port": serve_port}
_ALWAYS_SHAKES_HANDS: Final = frozenset({"Port", "NonInteractiveCommands"})


class Agent:
    """Opens a session, serves it, and tells how it ended."""

    def __init__(self, opening: Opening, channel: Channel) -> None:
        self._opening = opening
        self._channel = channel
        self._demand: InjectedEnding | None = demands.on(opening.node_id)

    async def run(self) -> SessionEnd:
        """Serve the session to its end."""
        try:
            await self._stop_where_demanded(SessionStep.DATA_CHANNEL)
            await self._stop_where_judged("agent", "data_channel", "document")
            if self._shakes_hands:
                await Handshake(self._opening, self._channel, self._stop_where_demanded).run()
            await self._stop_where_demanded(SessionStep.CHECKS)
            if self._opening.kind != "Port":
                await self._stop_where_judged("log_group", "bucket")
            return await self._serve()
        except SessionStoppedError as stopped:
            return SessionEnd(stopped.text, "Failed")

    @property
    def _shakes_hands(self) -> bool:
        encrypted = bool(self._opening.settings.key_id) and self._opening.kind != "Port"
        demanded = self._demand is not None and self._demand.step in HANDSHAKE_STEPS
        return encrypted or demanded or self._opening.kind in _ALWAYS_SHAKES_HANDS

    async def _serve(self) -> SessionEnd:
        is_port = self._opening.kind == "Port"
        await self._stop_where_demanded(SessionStep.PORT if is_port else SessionStep.SHELL)
        await self._stop_where_judged(*(("disk",) if is_port else ("run_as", "shell")))
        await asyncio.sleep(_BEFORE_OUTPUT * pace.factor)
        serve = _SERVING.get(self._opening.kind, serve_command)
        serving = asyncio.create_task(serve(self._opening, self._channel))
        try:
            await self._stop_where_demanded(SessionStep.OUTPUT)
            return await serving
        finally:
            serving.cancel()

    async def _stop_where_demanded(self, step: SessionStep) -> None:
        if self._demand is not None and self._demand.step is step:
            await self._stop(self._demand.words(self._opening.session_id))

    async def _stop_where_judged(self, *steps: str) -> None:
        text = await asyncio.to_thread(stop_reason, self._opening, *steps)
        if text is not None:
            await self._stop(text)

    async def _stop(self, text: str) -> None:
        if not text:
            await asyncio.Event().wait()
        await asyncio.sleep(_BEFORE_FAILURE * pace.factor)
        raise SessionStoppedError(text)


_MESSAGES = (NetworkFaultKind.DELAY, NetworkFaultKind.DUPLICATE, NetworkFaultKind.REORDER, NetworkFaultKind.DROP)
_SOCKETS = (NetworkFaultKind.CLOSE, NetworkFaultKind.RESET)


class SocketLink:
    """Carries messages, late, twice, out of order or not at all where a fault says so."""

    def __init__(self, socket: ServerConnection, node_id: str) -> None:
        self._socket = socket
        on_messages = faults.struck(node_id, *_MESSAGES)
        self._out, self._in = MessageFaults(on_messages, "out"), MessageFaults(on_messages, "in")
        self._pause = faults.struck(node_id, NetworkFaultKind.PAUSE)
        self._short_lived = faults.struck(node_id, *_SOCKETS)
        self._queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    def write(self, message: bytes) -> None:
        """Send a message, as well as the network lets it."""
        for each in self._out.through(message):
            self._enqueue(each)

    def write_surely(self, message: bytes) -> None:
        """Send a message that no fault drops."""
        self._enqueue(message)

    def arrived(self, message: bytes) -> Iterator[bytes]:
        """What arrives of a message from the client."""
        yield from self._in.through(message)

    async def run(self) -> None:
        """Send what is written, until the socket is closed or a fault closes it."""
        with suppress(ConnectionClosed):
            if self._pause is not None:
                await self._socket.send(packed(Frame("pause_publication", b"")))
                await asyncio.sleep(self._pause.milliseconds / 1000)
                await self._socket.send(packed(Frame("start_publication", b"")))
            fault = self._short_lived
            if fault is None or fault.after:
                await self._send(fault)
            else:
                with suppress(TimeoutError):
                    async with asyncio.timeout(fault.milliseconds / 1000):
                        await self._send(None)
            if fault is not None:
                await self._break(fault)

    async def close(self) -> None:
        """Hang up."""
        await self._socket.close()

    def abort(self) -> None:
        """Be gone without a word."""
        self._socket.transport.abort()

    async def _send(self, fault: NetworkFault | None) -> None:
        """Send for ever, or until a fault's messages have been sent."""
        loop, sent = asyncio.get_running_loop(), 0
        while fault is None or sent < fault.after:
            due, message = await self._queue.get()
            await asyncio.sleep(max(0.0, due - loop.time()))
            await self._socket.send(message)
            sent += 1

    async def _break(self, fault: NetworkFault) -> None:
        if fault.kind is NetworkFaultKind.RESET:
            self._socket.transport.abort()
        else:
            await self._socket.close(1000, "Bye")

    def _enqueue(self, message: bytes) -> None:
        self._queue.put_nowait((asyncio.get_running_loop().time() + self._out.seconds_late, message))


_LOOKS_AT_CLOCK_EVERY: Final = 0.1
_UNTIL_ALL_IS_READ: Final = 1.0
_AFTER_THE_END: Final = 0.3
_IDLE_MINUTES: Final = 20


class LiveSession:
    """One session, from StartSession on. All of it happens on the gateway's loop."""

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self._channel = Channel()
        self._link: SocketLink | None = None
        self._ending: asyncio.Future[SessionEnd] = asyncio.get_running_loop().create_future()
        self._told: SessionEnd | None = None
        self._tasks = [asyncio.create_task(self._live())]
        self._agent: asyncio.Task[None] | None = None

    def end(self, ending: SessionEnd) -> None:
        """Let the session be over; the first ending counts."""
        if not self._ending.done():
            self._ending.set_result(ending)

    async def carried_by(self, socket: ServerConnection) -> None:
        """Go on over a socket until that is closed."""
        link = self._link = SocketLink(socket, self._opening.node_id)
        writing = asyncio.create_task(link.run())
        try:
            self._opening.note("Connected")
            self._channel.attach(link)
            if self._told is not None:
                self._tell_end(link, self._told)
            elif self._agent is None:
                self._agent = asyncio.create_task(self._run_agent())
            with suppress(ConnectionClosed):
                async for message in socket:
                    for each in link.arrived(message if isinstance(message, bytes) else message.encode()):
                        self._channel.receive(each)
        finally:
            writing.cancel()
            if self._link is link:
                self._link = None
                self._channel.attach(None)
                self._opening.note("Disconnected")

    def drop(self) -> None:
        """Forget the session: its world is gone."""
        if self._link is not None:
            self._link.abort()
        for task in (*self._tasks, *((self._agent,) if self._agent is not None else ())):
            task.cancel()

    async def _run_agent(self) -> None:
        try:
            ending = await Agent(self._opening, self._channel).run()
        except Exception as error:
            # A defect of the simulator must not look like a node that says nothing.
            self.end(SessionEnd(f"The simulated agent broke down: {type(error).__name__}: {error}", "Failed"))
            raise
        self.end(ending)

    async def _live(self) -> None:
        sending, watching = asyncio.create_task(self._channel.keep_sending()), asyncio.create_task(self._watch())
        try:
            ending = await self._ending
            if self._agent is not None:
                self._agent.cancel()
            self._opening.note_end(ending.status, ending.text)
            await self._channel.acknowledged(_UNTIL_ALL_IS_READ)
            self._told = ending
            if self._link is not None:
                self._tell_end(self._link, ending)
        finally:
            sending.cancel()
            watching.cancel()

    def _tell_end(self, link: SocketLink, ending: SessionEnd) -> None:
        closed = channel_closed(self._opening.session_id, self._opening.node_id, ending.text)
        link.write_surely(packed(closed))
        self._tasks.append(asyncio.create_task(self._hang_up(link)))

    async def _hang_up(self, link: SocketLink) -> None:
        await asyncio.sleep(_AFTER_THE_END * max(pace.factor, 0.1))
        await link.close()

    async def _watch(self) -> None:
        """End the session where nothing was typed for too long, where it lasts too long, or where an API call did."""
        started, active, received = state.now(), state.now(), 0
        idle, longest = _minutes(self._opening.settings.idle_timeout), _minutes(self._opening.settings.longest)
        while True:
            await asyncio.sleep(_LOOKS_AT_CLOCK_EVERY)
            now = state.now()
            if self._channel.received != received:
                active, received = now, self._channel.received
            if now - active >= (idle or timedelta(minutes=_IDLE_MINUTES)):
                self.end(SessionEnd(IDLE))
            elif longest is not None and now - started >= longest:
                self.end(SessionEnd(TOO_LONG))


def _minutes(told: str) -> timedelta | None:
    return timedelta(minutes=int(told)) if told.isdigit() and int(told) else None
