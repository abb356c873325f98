"""A port session: answers of a simulated port."""

from __future__ import annotations

import asyncio
import struct
from typing import Final

from ssmtui.simulator.gateway.channel import Channel
from ssmtui.simulator.gateway.frame import PayloadType
from ssmtui.simulator.gateway.opening import Opening
from ssmtui.simulator.gateway.session_overrides import SessionEnd, SessionStoppedError

# [AGENT:agent/appconfig/constants.go]
_FORBIDDEN: Final = frozenset(
    {
        *(f"169.254.169.{last}" for last in (254, 253, 123, 250, 251)),
        *(f"fd00:ec2::{last}" for last in (254, 253, 123, 240)),
    }
)
_NOBODY_LISTENS: Final = range(1, 10)
"""Ports that are refused everywhere; on all others somebody listens."""

_DISCONNECT, _TERMINATE = 1, 2
_LONGEST_REQUEST: Final = 65536
_METHODS: Final = (b"GET ", b"HEAD ", b"POST ", b"PUT ", b"DELETE ", b"OPTIONS ", b"PATCH ")


async def serve_port(opening: Opening, channel: Channel) -> SessionEnd:
    """Be a port until the client is done with it; raises SessionStopped where there is no way to it."""
    port, host = str(opening.properties.get("portNumber") or ""), str(opening.properties.get("host") or "")
    if not port.isdigit():
        raise SessionStoppedError(f"Port number is empty in session properties. {dict(opening.properties)}")
    if host in _FORBIDDEN:
        raise SessionStoppedError(f"Forwarding to IP address {host} is forbidden.")
    if int(port) in _NOBODY_LISTENS:
        address = f"{host or '127.0.0.1'}:{port}"
        raise SessionStoppedError(
            f"Unable to connect to specified port: dial tcp {address}: connect: connection refused"
        )
    listener = _SshPort() if port == "22" else _HttpPort(_title(opening.node_name, host, port))
    _send(channel, listener.greeting())
    while True:
        frame = await channel.input()
        if frame.payload_type == PayloadType.OUTPUT:
            _send(channel, listener.answer(frame.payload))
        elif frame.payload_type == PayloadType.FLAG and len(frame.payload) == 4:
            (flag,) = struct.unpack(">I", frame.payload)
            if flag == _TERMINATE:
                return SessionEnd()
            if flag == _DISCONNECT:
                # The next connection of the client is a new one on the node too.
                listener.hang_up()
                _send(channel, listener.greeting())
        await asyncio.sleep(0)


def _title(node_name: str, host: str, port: str) -> str:
    return f"simulated {host}:{port}, by way of {node_name}" if host else f"simulated {node_name}:{port}"


def _send(channel: Channel, data: bytes) -> None:
    if data:
        channel.send(PayloadType.OUTPUT, data)


class _HttpPort:
    """Answers every HTTP request with one small page, and whatever else is said to it with one line."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._request = b""

    def greeting(self) -> bytes:
        """It waits to be asked."""
        return b""

    def hang_up(self) -> None:
        """Forget what was half said."""
        self._request = b""

    def answer(self, data: bytes) -> bytes:
        """What comes back."""
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
    """Says who it is, and takes leave of whoever answers, in the words of SSH (RFC 4253)."""

    _BY_APPLICATION: Final = 11
    _SAID: Final = b"simulated: nothing here runs on a computer"

    def __init__(self) -> None:
        self._left = False

    def greeting(self) -> bytes:
        """The server speaks first."""
        return b"SSH-2.0-ssmtui_simulated\r\n"

    def hang_up(self) -> None:
        """Be there for the next."""
        self._left = False

    def answer(self, _data: bytes) -> bytes:
        """A disconnect, once."""
        if self._left:
            return b""
        self._left = True
        said = struct.pack(f">BII{len(self._SAID)}sI", 1, self._BY_APPLICATION, len(self._SAID), self._SAID, 0)
        padding = 8 - (len(said) + 5) % 8
        padding += 8 if padding < 4 else 0
        return struct.pack(">IB", len(said) + padding + 1, padding) + said + bytes(padding)
