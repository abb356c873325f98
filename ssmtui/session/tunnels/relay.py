"""Listen on the local port of a tunnel, and relay its connections to the plugin."""

from __future__ import annotations

import asyncio
import errno
import socket
import sys
from collections.abc import Callable
from contextlib import suppress

from ssmtui.language import say

LOOPBACK = "127.0.0.1"
"""Only users of this computer can connect: a tunnel has no password."""


class PortUnavailable(OSError):
    """A local port is not available; `words` say why, and what to do."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def listen(port: int) -> socket.socket:
    """Return a socket that listens on a port of the loopback interface; 0 means any free port.

    Raises:
        PortUnavailable: the port is taken, or this user is not allowed to use it.

    """
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            # A port with lingering old connections can be taken again; a port that another program listens on cannot.
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((LOOPBACK, port))
        listening.listen()
    except (OSError, OverflowError) as error:
        listening.close()
        raise PortUnavailable(_why(port, error)) from error
    return listening


def port_of(listening: socket.socket) -> int:
    """Return the port that a socket listens on."""
    port: int = listening.getsockname()[1]
    return port


def _why(port: int, error: Exception) -> str:
    number = getattr(error, "errno", None)
    if number == errno.EADDRINUSE or getattr(error, "winerror", None) == 10048:
        return say("port {port} of this computer is in use: choose another port, or 0 for any free port", port=port)
    if number in {errno.EACCES, errno.EPERM}:
        return say("port {port} of this computer is reserved for administrators: choose 1024 or higher", port=port)
    return say("cannot listen on port {port} of this computer: {error}", port=port, error=error)


_CHUNK = 64 * 1024
_PLUGIN_HOSTS = (LOOPBACK, "::1")
"""The addresses of the plugin's `localhost` (PLUGIN:portsession/muxportforwarding.go)."""
_BETWEEN_TRIES = 0.1


class TunnelRelay:
    """The relay of one tunnel, on an event loop. A connection without a session waits for the next session.

    `wanted` is set while a connection waits.
    """

    def __init__(self, listening: socket.socket) -> None:
        self.port = port_of(listening)
        self.sent = 0
        self.received = 0
        self._listening = listening
        self._server: asyncio.Server | None = None
        self._plugin_port: int | None = None
        self._opened = asyncio.Event()
        self.wanted = asyncio.Event()
        self._waiting = 0
        self._carried: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Accept connections."""
        if self._server is None:
            self._server = await asyncio.start_server(self._take, sock=self._listening)

    def goes_to(self, plugin_port: int | None) -> None:
        """Set the plugin's port for new connections; None: they wait."""
        self._plugin_port = plugin_port
        if plugin_port is None:
            self._opened.clear()
        else:
            self._opened.set()

    async def stop(self) -> None:
        """Accept no more connections, and end the open ones."""
        if self._server is not None:
            self._server.close()
        self._listening.close()
        for each in self._carried:
            each.cancel()
        if self._carried:
            await asyncio.wait(self._carried)

    def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        carrying = asyncio.get_running_loop().create_task(self._carry(reader, writer))
        self._carried.add(carrying)
        carrying.add_done_callback(self._carried.discard)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await self._connected()
            try:
                async with asyncio.TaskGroup() as both:
                    both.create_task(_pump(reader, far_writer, self._count_sent))
                    both.create_task(_pump(far_reader, writer, self._count_received))
            finally:
                far_writer.close()
        except asyncio.CancelledError:
            # `close` would first send the buffered data: that waits forever if the other end does not read.
            writer.transport.abort()
            raise
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect to the plugin. If its session is lost just then, try again: nothing was sent yet."""
        while True:
            await self._waited()
            for host in _PLUGIN_HOSTS:
                with suppress(OSError):
                    return await asyncio.open_connection(host, self._plugin_port)
            await asyncio.sleep(_BETWEEN_TRIES)

    async def _waited(self) -> None:
        self._waiting += 1
        self.wanted.set()
        try:
            await self._opened.wait()
        finally:
            self._waiting -= 1
            if not self._waiting:
                self.wanted.clear()

    def _count_sent(self, count: int) -> None:
        self.sent += count

    def _count_received(self, count: int) -> None:
        self.received += count


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, count: Callable[[int], None]) -> None:
    """Copy one direction to its end, and close only this direction: the other one may continue."""
    with suppress(OSError):
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
            count(len(data))
        if writer.can_write_eof():
            writer.write_eof()
