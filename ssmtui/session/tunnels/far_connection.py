"""The interface between the relay of a tunnel and the client that runs its session."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from ssmtui.model.sessions import OpenedSession, SessionEnding, SessionRequest

LOOPBACK = "127.0.0.1"
_PLUGIN_HOSTS = (LOOPBACK, "::1")
"""The addresses of the plugin's `localhost` (PLUGIN:portsession/muxportforwarding.go)."""
_CHUNK = 64 * 1024


class FarConnection(Protocol):
    """One connection to the port of the node."""

    async def read(self) -> bytes:
        """Return the next data; empty bytes at the end. Raises OSError if the connection is broken."""

    async def write(self, data: bytes) -> None:
        """Send data, when the other side has room for it. Raises OSError if the connection is broken."""

    async def end(self) -> None:
        """Send the end of the data."""

    def close(self) -> None:
        """Forget the connection. Data that was not read is dropped."""


class Destination(Protocol):
    """Where the connections of a tunnel lead while its session is open."""

    async def connect(self) -> FarConnection:
        """Open a connection. Raises OSError if there is no session any more: nothing was sent."""


@dataclass(frozen=True, slots=True)
class SessionCallbacks:
    """Callbacks of a client: where connections lead, and what is wrong at the moment (empty: nothing any more)."""

    opened: Callable[[Destination], None]
    trouble: Callable[[str], None]


class TunnelClient(Protocol):
    """Runs the session of a tunnel: the plugin, or the built-in client."""

    async def __call__(
        self, request: SessionRequest, opened: OpenedSession, callbacks: SessionCallbacks
    ) -> SessionEnding:
        """Run an open session until it ends. If cancelled, stop at once; the caller ends the session in AWS.

        Raises:
            SessionProblem, CredentialsUnavailable: the session cannot be run.
            OSError: the plugin cannot be started.

        """


class PluginPort:
    """The port on which the plugin listens."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def connect(self) -> FarConnection:
        """Connect to the plugin. Raises OSError."""
        with suppress(OSError):
            return _PluginConnection(*await asyncio.open_connection(_PLUGIN_HOSTS[0], self._port))
        return _PluginConnection(*await asyncio.open_connection(_PLUGIN_HOSTS[1], self._port))


class _PluginConnection:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def read(self) -> bytes:
        return await self._reader.read(_CHUNK)

    async def write(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def end(self) -> None:
        if self._writer.can_write_eof():
            self._writer.write_eof()

    def close(self) -> None:
        self._writer.close()
