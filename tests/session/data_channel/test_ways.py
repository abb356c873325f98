"""The way to AWS's own host: through the person's proxy, by the person's certificates, and never unverified."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ssmtui.model.sessions import OpenedSession
from ssmtui.session.data_channel.connection import DataChannel
from ssmtui.session.data_channel.events import ChannelClosed, SocketOpened, TokenSent
from ssmtui.session.data_channel.websocket import ConnectError
from tests.session.data_channel.far_side import REQUEST, SESSION, SWIFT, FakeCalls, FarSide, Served, served, told_by

HOST = "ssmmessages.eu-west-3.amazonaws.com"
URL = f"wss://{HOST}/v1/data-channel/{SESSION}?role=publish_subscribe"
OPENED = OpenedSession(SESSION, URL, "canary-token", "https://ssm.eu-west-3.amazonaws.com")


async def ends(far: FarSide) -> None:
    await far.end()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of AWS's host that nobody has signed, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a test's own")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("certificate") / "host.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return file


@asynccontextmanager
async def proxied(monkeypatch: pytest.MonkeyPatch, certificate: Path) -> AsyncIterator[tuple[Served, list[bytes]]]:
    """AWS's host behind a proxy that the environment names; the requests that the proxy got."""
    asked: list[bytes] = []
    identity = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    identity.load_cert_chain(certificate)

    async with served(ends, tls=identity) as server:

        async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            asked.append((await reader.readuntil(b"\r\n\r\n")).partition(b"\r\n")[0])
            theirs, to_them = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            with suppress(OSError):
                await asyncio.gather(_pump(reader, to_them), _pump(theirs, writer))

        proxy = await asyncio.start_server(carry, "127.0.0.1", 0)
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.sockets[0].getsockname()[1]}")
        for name in ("https_proxy", "NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy", "AWS_CA_BUNDLE"):
            monkeypatch.delenv(name, raising=False)
        async with proxy:
            yield server, asked


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def test_awss_host_is_reached_by_the_proxy_and_the_certificates_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, certificate: Path
) -> None:
    async with proxied(monkeypatch, certificate) as (server, asked):
        monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
        channel = DataChannel(REQUEST, OPENED, FakeCalls(), timing=SWIFT)
        await channel.open()
        assert await told_by(channel) == [SocketOpened(), TokenSent(), ChannelClosed("")]
        await channel.close()
    assert asked == [f"CONNECT {HOST}:443 HTTP/1.1".encode()]
    assert server.requests[0].headers["Host"] == HOST
    assert server.requests[0].headers["Authorization"].startswith("AWS4-HMAC-SHA256 ")


async def test_a_certificate_that_nobody_vouches_for_is_refused_before_anything_is_sent(
    monkeypatch: pytest.MonkeyPatch, certificate: Path
) -> None:
    async with proxied(monkeypatch, certificate) as (server, _):
        channel = DataChannel(REQUEST, OPENED, FakeCalls(), timing=SWIFT)
        with pytest.raises(ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            await channel.open()
    assert server.requests == []


async def test_a_bundle_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / "none.pem"))
    channel = DataChannel(REQUEST, OPENED, FakeCalls(), timing=SWIFT)
    with pytest.raises(ConnectError, match="AWS_CA_BUNDLE"):
        await channel.open()


async def test_the_password_of_a_proxy_is_in_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "ftp://ann:canary-password@127.0.0.1:1")
    monkeypatch.delenv("https_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    channel = DataChannel(REQUEST, OPENED, FakeCalls(), timing=SWIFT)
    with pytest.raises(ConnectError) as refused:
        await channel.open()
    assert refused.value.text == "Failed to dial websocket: the environment names a proxy by no valid address"


async def test_a_proxy_that_wants_a_password_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://ann:canary@127.0.0.1:{proxy.sockets[0].getsockname()[1]}")
        for name in ("https_proxy", "NO_PROXY", "no_proxy", "AWS_CA_BUNDLE"):
            monkeypatch.delenv(name, raising=False)
        channel = DataChannel(REQUEST, OPENED, FakeCalls(), timing=SWIFT)
        with pytest.raises(ConnectError) as refused:
            await channel.open()
    assert refused.value.text == "Failed to dial websocket: proxy rejected connection: HTTP 407"


async def test_this_computer_is_reached_past_any_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "WS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with served(ends) as server:
        channel = DataChannel(REQUEST, server.opened(), FakeCalls(), timing=SWIFT)
        await channel.open()
        assert (await told_by(channel))[-1] == ChannelClosed("")
        await channel.close()
