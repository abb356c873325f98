"""Serve a port session: many connections at a time (smux), or one at a time. Nothing outside is ever reached."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable
from enum import IntEnum
from typing import Final, Protocol

from ssmtui.simulator.gateway.channel import Channel, PayloadType
from ssmtui.simulator.gateway.opening import Opening
from ssmtui.simulator.gateway.session_overrides import SessionEnd, SessionStoppedError, WorkerDiedError
from ssmtui.simulator.node_state.session_attempt import version_numbers

# [AGENT:agent/appconfig/constants.go]
_FORBIDDEN: Final = frozenset(
    {
        *(f"169.254.169.{last}" for last in (254, 253, 123, 250, 251)),
        *(f"fd00:ec2::{last}" for last in (254, 253, 123, 240)),
    }
)


class _Port(IntEnum):
    """Ports with a server of their own."""

    ECHO = 7
    SSH = 22


_NOBODY_LISTENS: Final = frozenset(range(1, 10)) - {_Port.ECHO}
"""Ports that refuse connections everywhere; all other ports accept them."""

_MULTIPLEXED_SINCE: Final = (1, 1, 70)
"""The client version from which on the agent serves many connections. [AGENT:agent/session/plugins/port/port.go]."""
_LAST_WITHOUT_MULTIPLEXING: Final = (3, 0, 196, 0)
"""The last agent version with one connection. [PLUGIN:src/config/config.go]."""

_DISCONNECT, _TERMINATE, _CONNECT_ERROR = 1, 2, 3
_LONGEST_REQUEST: Final = 65536
_METHODS: Final = (b"GET ", b"HEAD ", b"POST ", b"PUT ", b"DELETE ", b"OPTIONS ", b"PATCH ")


class Listener(Protocol):
    """A server on a port, for one connection."""

    def greeting(self) -> bytes:
        """Return what the server sends first."""

    def answer(self, data: bytes) -> bytes:
        """Return the answer to data of the client."""


async def serve_port(opening: Opening, channel: Channel, client_version: str) -> SessionEnd:
    """Serve a port until the client closes it; raise SessionStoppedError if it cannot be reached."""
    port, host = str(opening.properties.get("portNumber") or ""), str(opening.properties.get("host") or "")
    if not port.isdigit():
        raise SessionStoppedError(f"Port number is empty in session properties. {dict(opening.properties)}")
    if host in _FORBIDDEN:
        raise SessionStoppedError(f"Forwarding to IP address {host} is forbidden.")

    def connect() -> Listener | None:
        if int(port) in _NOBODY_LISTENS:
            return None
        match int(port):
            case _Port.ECHO:
                return _EchoPort()
            case _Port.SSH:
                return _SshPort()
            case _:
                return _HttpPort(_title(opening.node_name, host, port))

    is_local = opening.properties.get("type") == "LocalPortForwarding"
    agent = version_numbers(opening.agent_version) or _MULTIPLEXED_SINCE
    if is_local and agent > _LAST_WITHOUT_MULTIPLEXING and version_numbers(client_version) >= _MULTIPLEXED_SINCE:
        return await _serve_many(channel, connect)
    return await _serve_one(channel, connect)


async def _serve_many(channel: Channel, connect: Callable[[], Listener | None]) -> SessionEnd:
    """Serve the connections of a client that multiplexes. [AGENT:agent/session/plugins/port/port_mux.go]."""
    connections = Multiplexer(channel, connect)
    while True:
        frame = await channel.input()
        if frame.payload_type == PayloadType.OUTPUT:
            connections.take(frame.payload)
        elif frame.payload_type == PayloadType.FLAG and _flag(frame.payload) == _TERMINATE:
            return SessionEnd()
        await asyncio.sleep(0)


async def _serve_one(channel: Channel, connect: Callable[[], Listener | None]) -> SessionEnd:
    """Serve one connection after the other. [AGENT:agent/session/plugins/port/port_basic.go]."""
    listener = connect()
    if listener is None:
        # The agent closes a connection that does not exist, which ends its worker.
        raise WorkerDiedError
    _send(channel, listener.greeting())
    while True:
        frame = await channel.input()
        if frame.payload_type == PayloadType.OUTPUT:
            if listener is None:
                # The agent connects again with the next data of the client; if it cannot, the session ends.
                listener = connect()
                if listener is None:
                    return SessionEnd("", "Failed")
                _send(channel, listener.greeting())
            _send(channel, listener.answer(frame.payload))
        elif frame.payload_type == PayloadType.FLAG:
            flag = _flag(frame.payload)
            if flag == _TERMINATE:
                return SessionEnd()
            if flag == _DISCONNECT:
                listener = None
        await asyncio.sleep(0)


class Multiplexer:
    """The node's end of smux, version 1 (github.com/xtaci/smux): frames of many connections in one stream."""

    _HEADER: Final = struct.Struct("<BBHI")
    _VERSION: Final = 1
    _OPEN, _CLOSE, _DATA, _NOTHING = 0, 1, 2, 3
    _LONGEST: Final = 32768

    def __init__(self, channel: Channel, connect: Callable[[], Listener | None]) -> None:
        """`connect` returns a new connection to the port; None if it is refused."""
        self._channel = channel
        self._connect = connect
        self._unread = b""
        self._is_broken = False
        self._connections: dict[int, Listener] = {}

    def take(self, data: bytes) -> None:
        """Process bytes of the client. After bytes that are not smux, the agent reads nothing more, in silence."""
        if self._is_broken:
            return
        self._unread += data
        while len(self._unread) >= self._HEADER.size:
            version, command, length, number = self._HEADER.unpack_from(self._unread)
            if version != self._VERSION or command > self._NOTHING:
                self._is_broken = True
                return
            length = length if command == self._DATA else 0
            if len(self._unread) < self._HEADER.size + length:
                return
            payload = self._unread[self._HEADER.size : self._HEADER.size + length]
            self._unread = self._unread[self._HEADER.size + length :]
            self._done(command, number, payload)

    def _done(self, command: int, number: int, payload: bytes) -> None:
        if command == self._OPEN:
            self._opened(number)
        elif command == self._DATA and number in self._connections:
            self._write(number, self._connections[number].answer(payload))
        elif command == self._CLOSE and self._connections.pop(number, None) is not None:
            self._frame(self._CLOSE, number)

    def _opened(self, number: int) -> None:
        listener = self._connect()
        if listener is None:
            self._channel.send(PayloadType.FLAG, struct.pack(">I", _CONNECT_ERROR))
            self._frame(self._CLOSE, number)
            return
        self._connections[number] = listener
        self._write(number, listener.greeting())

    def _write(self, number: int, data: bytes) -> None:
        for start in range(0, len(data), self._LONGEST):
            self._frame(self._DATA, number, data[start : start + self._LONGEST])

    def _frame(self, command: int, number: int, data: bytes = b"") -> None:
        header = self._HEADER.pack(self._VERSION, command, len(data), number)
        self._channel.send(PayloadType.OUTPUT, header + data)


def _flag(payload: bytes) -> int:
    return int.from_bytes(payload) if len(payload) == 4 else 0


def _send(channel: Channel, data: bytes) -> None:
    if data:
        channel.send(PayloadType.OUTPUT, data)


def _title(node_name: str, host: str, port: str) -> str:
    return f"simulated {host}:{port}, by way of {node_name}" if host else f"simulated {node_name}:{port}"


class _EchoPort:
    """A server that sends back what it gets (RFC 862)."""

    def greeting(self) -> bytes:
        """Return nothing: the client speaks first."""
        return b""

    def answer(self, data: bytes) -> bytes:
        """Return the data."""
        return data


class _HttpPort:
    """A server that answers every HTTP request with one small page, and any other data with one line."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._request = b""

    def greeting(self) -> bytes:
        """Return nothing: the client speaks first."""
        return b""

    def answer(self, data: bytes) -> bytes:
        """Return the answer."""
        self._request = (self._request + data)[-_LONGEST_REQUEST:]
        if not any(each.startswith(self._request[: len(each)]) for each in _METHODS):
            self._request = b""
            return f"{self._title}: only HTTP is spoken here\r\n".encode()
        *heads, self._request = self._request.split(b"\r\n\r\n")
        return b"".join(self._page(is_head=head.startswith(b"HEAD ")) for head in heads)

    def _page(self, *, is_head: bool) -> bytes:
        page = f"<!doctype html><title>{self._title}</title><h1>{self._title}</h1>\n".encode()
        lines = ("HTTP/1.1 200 OK", "Content-Type: text/html; charset=utf-8", f"Content-Length: {len(page)}")
        return "\r\n".join((*lines, "", "")).encode() + (b"" if is_head else page)


class _SshPort:
    """A server that greets and disconnects a client, in the messages of SSH (RFC 4253)."""

    _BY_APPLICATION: Final = 11
    _SAID: Final = b"simulated: nothing here runs on a computer"

    def __init__(self) -> None:
        self._left = False

    def greeting(self) -> bytes:
        """Return the server's greeting: the server speaks first."""
        return b"SSH-2.0-ssmtui_simulated\r\n"

    def answer(self, _data: bytes) -> bytes:
        """Return a disconnect, once."""
        if self._left:
            return b""
        self._left = True
        said = struct.pack(f">BII{len(self._SAID)}sI", 1, self._BY_APPLICATION, len(self._SAID), self._SAID, 0)
        padding = 8 - (len(said) + 5) % 8
        padding += 8 if padding < 4 else 0
        return struct.pack(">IB", len(said) + padding + 1, padding) + said + bytes(padding)
