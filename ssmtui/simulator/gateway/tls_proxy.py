"""Redirect TLS connections for AWS hosts to the simulated AWS, with certificates of an authority of this process."""

from __future__ import annotations

import asyncio
import re
import ssl
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ssmtui.simulator.process import ProxySocket

_CONNECT: Final = re.compile(rb"CONNECT (?P<host>[a-z0-9.-]+\.amazonaws\.com(?:\.cn)?):443 HTTP/1\.[01]\r\n")
_ANSWER: Final = b"HTTP/1.1 200 Connection established\r\n\r\n"
_REFUSAL: Final = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
_CHUNK: Final = 65536
_UPGRADE: Final = b"GET "


async def open_proxy(proxy_socket: ProxySocket, gateway: tuple[str, int]) -> asyncio.Server:
    """Redirect connections from now on, on the running loop; websockets of agents go to the gateway's port."""
    authority = await asyncio.to_thread(Authority, proxy_socket.folder)
    with proxy_socket.bundle.open("ab") as bundle:
        bundle.write(authority.certificate)

    # After its client has left, nothing else refers to a connection that still waits for the simulated AWS.
    connections: set[asyncio.Task[None] | None] = set()

    async def passed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.current_task()
        connections.add(connection)
        try:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                await _tunnel_connection(reader, writer, authority, proxy_socket, gateway)
        finally:
            connections.discard(connection)
            writer.close()

    return await asyncio.start_server(passed, sock=proxy_socket.listening)


async def _tunnel_connection(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    authority: Authority,
    proxy_socket: ProxySocket,
    gateway: tuple[str, int],
) -> None:
    asked = _CONNECT.match(await reader.readuntil(b"\r\n\r\n"))
    if asked is None:
        writer.write(_REFUSAL)
        await writer.drain()
        return
    writer.write(_ANSWER)
    await writer.start_tls(authority.context_for(asked["host"].decode()))
    # An agent asks for a channel by POST, and opens its websocket by GET, each on a connection of its own.
    first = await reader.readexactly(len(_UPGRADE))
    is_websocket = asked["host"].startswith(b"ssmmessages.") and first == _UPGRADE
    inner_reader, inner_writer = await asyncio.open_connection(*(gateway if is_websocket else proxy_socket.simulator))
    inner_writer.write(first)
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


_DAY: Final = timedelta(days=1)
_LONGEST_COMMON_NAME: Final = 64
_SIGNS_CERTIFICATES: Final = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)


class Authority:
    """A certificate authority; its own certificate is in `certificate`, its key only in memory."""

    def __init__(self, folder: Path) -> None:
        """`folder` must be private: the servers' keys are in it while they are loaded."""
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named("ssmtui simulated AWS")
        basic = x509.BasicConstraints(ca=True, path_length=0)
        own = self._unsigned(self._name, self._key.public_key()).add_extension(basic, critical=True)
        own = own.add_extension(_SIGNS_CERTIFICATES, critical=True)
        self.certificate = _pem(own.sign(self._key, hashes.SHA256()))
        self._contexts: dict[str, ssl.SSLContext] = {}

    def context_for(self, host: str) -> ssl.SSLContext:
        """Return the TLS context of a server of that name."""
        if host not in self._contexts:
            self._contexts[host] = self._made(host)
        return self._contexts[host]

    def _made(self, host: str) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.DNSName(host)])
        unsigned = self._unsigned(_named(host[:_LONGEST_COMMON_NAME]), key.public_key())
        certificate = unsigned.add_extension(names, critical=False).sign(self._key, hashes.SHA256())
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file = self._folder / "server.pem"
        file.touch(mode=0o600)
        file.write_bytes(_pem(certificate) + secret)
        try:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(file)
        finally:
            file.unlink()
        return context

    def _unsigned(self, subject: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        # Python 3.13 enforces RFC 5280, section 4.2.1: certificates must have key identifiers.
        its_own = x509.SubjectKeyIdentifier.from_public_key(key)
        signers = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _DAY)
            .not_valid_after(now + _DAY * 30)
            .add_extension(its_own, critical=False)
            .add_extension(signers, critical=False)
        )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
