"""An answer that is larger than any of AWS's is told in words, and not read: whoever answers cannot fill the memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from ssmtui.evidence.aws import http_session
from ssmtui.evidence.aws.clients import Clients, ClientSettings
from ssmtui.evidence.aws.reader_api import ReadFailed
from ssmtui.evidence.aws.sdk import Timeouts
from ssmtui.model.fact import ReadFailure, Unreadable
from ssmtui.model.scope import ScopeName

pytestmark = pytest.mark.usefixtures("keys")

ANSWER = b'{"Padding":"' + b"x" * 200_000 + b'","InstanceInformationList":[]}'


@asynccontextmanager
async def answering(*, chunked: bool, sent: list[int]) -> AsyncIterator[str]:
    """A server that gives that answer to everything, for as long as somebody takes it."""

    async def answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            length = b"Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(ANSWER)}".encode()
            writer.write(b"HTTP/1.1 200 X\r\nConnection: close\r\n" + length + b"\r\n\r\n")
            sent.append(0)
            for place in range(0, len(ANSWER), 1000):
                piece = ANSWER[place : place + 1000]
                writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" if chunked else piece)
                await writer.drain()
                sent[-1] += len(piece)
            writer.write(b"0\r\n\r\n" if chunked else b"")
        writer.close()

    server = await asyncio.start_server(answered, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def told(*, chunked: bool, sent: list[int]) -> object:
    async with answering(chunked=chunked, sent=sent) as endpoint:
        clients = Clients(ClientSettings(endpoint_url=endpoint, timeouts=Timeouts(attempts=3)))
        try:
            answer = await clients.scope(ScopeName(None, "eu-west-3")).call("ssm", "DescribeInstanceInformation")
            return answer.parts("InstanceInformationList")
        except ReadFailed as failed:
            return failed.unreadable
        finally:
            await clients.close()


@pytest.mark.parametrize("chunked", [True, False], ids=["of unknown length", "of known length"])
async def test_an_answer_that_is_too_big_is_left_unread_and_asked_for_once(
    *, chunked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []
    assert await told(chunked=chunked, sent=sent) == ()
    monkeypatch.setattr(http_session, "MAX_ANSWER_BYTES", 100_000)
    why = "the response to ssm:DescribeInstanceInformation is too large and was not read"
    source = "ssm:DescribeInstanceInformation"
    assert await told(chunked=chunked, sent=sent) == Unreadable("", why, ReadFailure.MALFORMED, source)
    assert len(sent) == 2
