"""Leading connections through the door: what a program asks AWS over TLS goes to the simulated AWS. See `doorway`."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from ssmtui.simulator.doorway import Door

if TYPE_CHECKING:
    from ssmtui.simulator.gateway.certificates import Authority

_CONNECT: Final = re.compile(rb"CONNECT (?P<host>[a-z0-9.-]+\.amazonaws\.com(?:\.cn)?):443 HTTP/1\.[01]\r\n")
_ANSWER: Final = b"HTTP/1.1 200 Connection established\r\n\r\n"
_REFUSAL: Final = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
_CHUNK: Final = 65536


async def open_door(door: Door) -> asyncio.Server:
    """Lead connections from now on, on the running loop."""
    from ssmtui.simulator.gateway.certificates import Authority  # noqa: PLC0415 - slow to load, and rarely wanted

    authority = await asyncio.to_thread(Authority, door.folder)
    with door.bundle.open("ab") as bundle:
        bundle.write(authority.certificate)

    async def passed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            await _lead(reader, writer, authority, door)
        writer.close()

    return await asyncio.start_server(passed, sock=door.listening)


async def _lead(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, authority: Authority, door: Door) -> None:
    asked = _CONNECT.match(await reader.readuntil(b"\r\n\r\n"))
    if asked is None:
        writer.write(_REFUSAL)
        await writer.drain()
        return
    writer.write(_ANSWER)
    await writer.start_tls(authority.context_for(asked["host"].decode()))
    inner_reader, inner_writer = await asyncio.open_connection(*door.simulator)
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
