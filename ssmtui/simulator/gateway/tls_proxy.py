"""Lead TLS connections for AWS hosts to the simulated AWS."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from ssmtui.simulator.plugin_proxy import ProxySocket

if TYPE_CHECKING:
    from ssmtui.simulator.gateway.certificates import Authority


_CONNECT: Final = re.compile(rb"CONNECT (?P<host>[a-z0-9.-]+\.amazonaws\.com(?:\.cn)?):443 HTTP/1\.[01]\r\n")
_ANSWER: Final = b"HTTP/1.1 200 Connection established\r\n\r\n"
_REFUSAL: Final = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
_CHUNK: Final = 65536


async def open_proxy(proxy_socket: ProxySocket) -> asyncio.Server:
    """Lead connections from now on, on the running loop."""
    from ssmtui.simulator.gateway.certificates import Authority  # noqa: PLC0415 - slow to load, and rarely wanted

    authority = await asyncio.to_thread(Authority, proxy_socket.folder)
    with proxy_socket.bundle.open("ab") as bundle:
        bundle.write(authority.certificate)

    async def passed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            await _tunnel_connection(reader, writer, authority, proxy_socket)
        writer.close()

    return await asyncio.start_server(passed, sock=proxy_socket.listening)


async def _tunnel_connection(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, authority: Authority, proxy_socket: ProxySocket
) -> None:
    asked = _CONNECT.match(await reader.readuntil(b"\r\n\r\n"))
    if asked is None:
        writer.write(_REFUSAL)
        await writer.drain()
        return
    writer.write(_ANSWER)
    await writer.start_tls(authority.context_for(asked["host"].decode()))
    inner_reader, inner_writer = await asyncio.open_connection(*proxy_socket.simulator)
    try:
        asking = asyncio.create_task(_pipe(reader, inner_writer))
        await _pipe(inner_reader, writer)
        asking.cancel()
    finally:
        inner_writer.close()


async def _pipe(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await source.read(_CHUNK):
            sink.write(data)
            await sink.drain()
        if sink.can_write_eof():
            sink.write_eof()
