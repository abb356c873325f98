"""Whether a connection can be made, straight and through a proxy: servers on the loopback, nothing beyond it."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ssmtui.evidence.workstation.connection import Proxy, Target, make_ssl_context, parse_target, try_connection
from ssmtui.model.workstation import MessagesConnection, Obstruction
from tests.evidence.workstation.certificates import server_context, write_certificate

HERE = "127.0.0.1"
Files = tuple[Path, Path]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return write_certificate(tmp_path_factory.mktemp("tls"))


@asynccontextmanager
async def a_server(context: ssl.SSLContext | None = None, answer: bytes | None = None) -> AsyncIterator[int]:
    """A port on which connections are taken, told something after the first bytes, and held until they end."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if answer is not None:
                await reader.readuntil(b"\r\n\r\n")
                writer.write(answer)
            await reader.read()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, HERE, 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


@asynccontextmanager
async def a_tunnel(to: int) -> AsyncIterator[int]:
    """A proxy that connects whoever asks to one port."""
    pumping: set[asyncio.Task[None]] = set()

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(4096):
                writer.write(data)
        except OSError:
            pass
        finally:
            writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(f"CONNECT {HERE}:{to} HTTP/1.1\r\n".encode())
        assert b"Proxy-Authorization: Basic YWxleDp4\r\n" in head
        there, back = await asyncio.open_connection(HERE, to)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        pumping.update((asyncio.ensure_future(pump(reader, back)), asyncio.ensure_future(pump(there, writer))))

    server = await asyncio.start_server(serve, HERE, 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.gather(*pumping)
        await server.wait_closed()


def closed_port() -> int:
    with socket.socket() as free:
        free.bind((HERE, 0))
        port: int = free.getsockname()[1]
        return port


def proxy(port: int, scheme: str = "http", authorization: str = "") -> Proxy:
    return Proxy(scheme, HERE, port, authorization)


TRUSTING_NOBODY_ELSE = ssl.create_default_context()


async def way(
    port: int, *, encrypted: bool = True, through: Proxy | None = None, files: Files | None = None
) -> MessagesConnection:
    context = make_ssl_context([str(files[0])]) if files else TRUSTING_NOBODY_ELSE
    return await try_connection(Target(HERE, port, encrypted), through, context, patience=5)


async def test_a_connection_and_tls_are_all_that_is_tried(files: Files) -> None:
    async with a_server(server_context(*files)) as port:
        assert await way(port, files=files) == MessagesConnection(f"{HERE}:{port}", "", None)


async def test_an_endpoint_of_ones_own_without_tls() -> None:
    async with a_server() as port:
        assert await way(port, encrypted=False) == MessagesConnection(f"{HERE}:{port}", "", None)


async def test_a_certificate_that_nobody_here_trusts_is_tls_inspection(files: Files) -> None:
    async with a_server(server_context(*files)) as port:
        told = await way(port)
    assert (told.obstruction, bool(told.told)) == (Obstruction.CERTIFICATE, True)


async def test_nobody_listens() -> None:
    found = await way(closed_port())
    assert (found.obstruction, found.told) == (Obstruction.CONNECTION, "Connection refused")


async def test_something_else_answers_than_tls() -> None:
    async with a_server(answer=b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        async with a_server() as silent:
            told = await try_connection(Target(HERE, silent, True), None, TRUSTING_NOBODY_ELSE, patience=0.05)
        assert told.obstruction is Obstruction.TIMEOUT
        refused = await try_connection(Target(HERE, port, True), proxy(port), TRUSTING_NOBODY_ELSE)
        assert (refused.obstruction, refused.told) == (Obstruction.PROXY_FAILS, "400")


async def test_a_name_that_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    told = await try_connection(Target("ssmmessages.example", 443, True), None, TRUSTING_NOBODY_ELSE)
    assert told == MessagesConnection("ssmmessages.example:443", "", Obstruction.NAME, "Name or service not known")


async def test_a_proxy_that_lets_through(files: Files) -> None:
    async with a_server(server_context(*files)) as port, a_tunnel(port) as tunnel:
        told = await way(port, through=proxy(tunnel, authorization="Basic YWxleDp4"), files=files)
    assert told == MessagesConnection(f"{HERE}:{port}", f"{HERE}:{tunnel}", None)


@pytest.mark.parametrize(
    ("answer", "obstruction", "told"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", Obstruction.PROXY_REFUSES, "407"),
        (b"HTTP/1.1 403 Forbidden\r\nServer: x\r\n\r\n", Obstruction.PROXY_REFUSES, "403"),
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", Obstruction.PROXY_FAILS, "502"),
        (b"nonsense\r\n\r\n", Obstruction.PROXY_FAILS, ""),
        (b"HTTP/1.1 " + b"2" * 70_000, Obstruction.PROXY_FAILS, ""),
    ],
)
async def test_what_a_proxy_answers(answer: bytes, obstruction: Obstruction, told: str) -> None:
    async with a_server(answer=answer) as port:
        found = await way(443, through=proxy(port))
    assert found == MessagesConnection(f"{HERE}:443", f"{HERE}:{port}", obstruction, told)


async def test_a_proxy_that_is_not_there() -> None:
    found = await way(443, through=proxy(closed_port()))
    assert (found.obstruction, found.told) == (Obstruction.PROXY_AWAY, "Connection refused")


async def test_a_proxy_whose_own_certificate_is_not_trusted(files: Files) -> None:
    async with a_server(server_context(*files)) as port:
        found = await way(443, through=proxy(port, "https"))
    assert (found.obstruction, found.told) == (Obstruction.PROXY_AWAY, "CERTIFICATE_VERIFY_FAILED")


async def test_a_proxy_of_another_kind_is_not_tried() -> None:
    found = await way(443, through=proxy(closed_port(), "socks5"))
    assert (found.obstruction, found.told) == (Obstruction.PROXY_UNTRIED, "socks5")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://ssmmessages.eu-west-3.amazonaws.com", Target("ssmmessages.eu-west-3.amazonaws.com", 443, True)),
        ("https://vpce-1.example:8443/path", Target("vpce-1.example", 8443, True)),
        ("http://127.0.0.1:5000", Target("127.0.0.1", 5000, False)),
        ("ftp://example.org", None),
        ("https://example.org:99999", None),
        ("nonsense", None),
    ],
)
def test_the_target_of_a_url(url: str, expected: Target | None) -> None:
    assert parse_target(url) == expected
