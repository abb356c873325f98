"""Listen on the local port of a tunnel, and relay its connections to the session."""

from __future__ import annotations

import asyncio
import errno
import socket
import sys
from contextlib import suppress

from ssmtui.language import say
from ssmtui.session.tunnels.far_connection import LOOPBACK, Destination, FarConnection
from ssmtui.session.tunnels.transfer_meter import TransferMeter


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
    # Only users of this computer can connect: a tunnel has no password.
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
_BETWEEN_TRIES = 0.1


class TunnelRelay:
    """The relay of one tunnel, on an event loop. A connection without a session waits for the next session.

    `wanted` is set while a connection waits. The meters count the bytes of both directions.
    """

    def __init__(self, listening: socket.socket, sent: TransferMeter, received: TransferMeter) -> None:
        self.port = port_of(listening)
        self._sent = sent
        self._received = received
        self._listening = listening
        self._server: asyncio.Server | None = None
        self._destination: Destination | None = None
        self._opened = asyncio.Event()
        self.wanted = asyncio.Event()
        self._waiting = 0
        self._carried: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Accept connections."""
        if self._server is None:
            self._server = await asyncio.start_server(self._take, sock=self._listening)

    def goes_to(self, destination: Destination | None) -> None:
        """Set where new connections lead; None: they wait."""
        self._destination = destination
        if destination is None:
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
            far = await self._connected()
            try:
                async with asyncio.TaskGroup() as both:
                    both.create_task(self._send(reader, far))
                    both.create_task(self._receive(far, writer))
            finally:
                far.close()
        except asyncio.CancelledError:
            # `close` would first send the buffered data: that waits forever if the other end does not read.
            writer.transport.abort()
            raise
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _connected(self) -> FarConnection:
        """Connect to the node. If the session is lost just then, try again: nothing was sent yet."""
        while True:
            await self._waited()
            if self._destination is not None:
                with suppress(OSError):
                    return await self._destination.connect()
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

    async def _send(self, reader: asyncio.StreamReader, far: FarConnection) -> None:
        """Copy to the node up to the end of the data, and end only this direction: the other one may continue."""
        with suppress(OSError):
            while data := await reader.read(_CHUNK):
                await far.write(data)
                self._sent.add(len(data))
        with suppress(OSError):
            await far.end()

    async def _receive(self, far: FarConnection, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await far.read():
                writer.write(data)
                await writer.drain()
                self._received.add(len(data))
            if writer.can_write_eof():
                writer.write_eof()
            return
        # The program has closed its end, or the session is lost. Nobody reads what else comes.
        far.close()
        writer.transport.abort()
