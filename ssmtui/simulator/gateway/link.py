"""One socket of a session, with the network that it goes through."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from ssmtui.simulator.gateway.frame import Frame, packed
from ssmtui.simulator.gateway.network import NetworkFault, NetworkFaultKind, Weather, faults

_MESSAGES = (NetworkFaultKind.DELAY, NetworkFaultKind.DUPLICATE, NetworkFaultKind.REORDER, NetworkFaultKind.DROP)
_SOCKETS = (NetworkFaultKind.CLOSE, NetworkFaultKind.RESET)


class Link:
    """Carries messages, late, twice, out of order or not at all where a fault says so."""

    def __init__(self, socket: ServerConnection, node_id: str) -> None:
        self._socket = socket
        on_messages = faults.struck(node_id, *_MESSAGES)
        self._out, self._in = Weather(on_messages, "out"), Weather(on_messages, "in")
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
