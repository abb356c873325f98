"""Test a TCP and TLS connection from the workstation, through a proxy if one is set."""

from __future__ import annotations

import asyncio
import base64
import ipaddress
import os
import socket
import ssl
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from ssmtui.model.workstation import MessagesConnection, Obstruction

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy. `authorization` is the user information in its URL; it is never shown."""

    scheme: str
    host: str
    port: int
    authorization: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        """Return host and port."""
        return f"{self.host}:{self.port}"


def proxy_for(scheme: str, host: str, environment: Mapping[str, str]) -> Proxy | None:
    """Return the proxy for a host; None if there is none, or if NO_PROXY contains the host.

    Loopback addresses never use a proxy, as in Go's `http.ProxyFromEnvironment`, which the plugin uses.
    """
    variable = f"{scheme}_proxy"
    url = environment.get(variable.upper()) or environment.get(variable)
    if not url or _is_loopback(host):
        return None
    exceptions = environment.get("NO_PROXY") or environment.get("no_proxy") or ""
    if urllib.request.proxy_bypass_environment(host, {"no": exceptions}):  # type: ignore[attr-defined]
        return None
    parts = urlsplit(url if "://" in url else f"http://{url}")
    try:
        port = parts.port or _PORTS.get(parts.scheme, 1080)
    except ValueError:
        return None
    if not parts.hostname:
        return None
    return Proxy(parts.scheme, parts.hostname, port, _authorization(parts.username, parts.password))


def _authorization(user: str | None, password: str | None) -> str:
    if user is None:
        return ""
    return "Basic " + base64.b64encode(f"{unquote(user)}:{unquote(password or '')}".encode()).decode()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


CONNECT_TIMEOUT = 5.0
"""Time limit in seconds for the whole connection."""

_TUNNELLED = frozenset({"http", "https"})
_REFUSALS = frozenset({403, 407})


@dataclass(frozen=True, slots=True)
class Target:
    """Host and port of a URL, and whether the connection is encrypted."""

    host: str
    port: int
    encrypted: bool

    @property
    def name(self) -> str:
        """Return host and port, as findings show them."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class _ProxyError(Exception):
    """The proxy ended the connection."""

    def __init__(self, obstruction: Obstruction, told: str) -> None:
        super().__init__(told)
        self.obstruction = obstruction
        self.told = told


def parse_target(url: str) -> Target | None:
    """Return the target of an http or https URL, or None."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _TUNNELLED or not parts.hostname:
        return None
    return Target(parts.hostname, port or (443 if parts.scheme == "https" else 80), parts.scheme == "https")


def make_ssl_context(certificates: Sequence[str]) -> ssl.SSLContext:
    """Return a TLS context that trusts the system's certificates and the certificates in these files. Raises OSError.

    All files are combined: a certificate that only one program here trusts cannot be reported as an obstruction.
    """
    context = ssl.create_default_context()
    for file in certificates:
        context.load_verify_locations(cafile=file)
    return context


async def try_connection(
    target: Target, proxy: Proxy | None, context: ssl.SSLContext, patience: float = CONNECT_TIMEOUT
) -> MessagesConnection:
    """Connect, negotiate TLS, and close the connection."""
    obstruction, told = await _obstruction(target, proxy, context, patience)
    return MessagesConnection(target.name, proxy.name if proxy else "", obstruction, told)


async def _obstruction(
    target: Target, proxy: Proxy | None, context: ssl.SSLContext, patience: float
) -> tuple[Obstruction | None, str]:
    if proxy is not None and proxy.scheme not in _TUNNELLED:
        return Obstruction.PROXY_UNTRIED, proxy.scheme
    try:
        async with asyncio.timeout(patience):
            await (_through(proxy, target, context) if proxy else _straight(target, context))
    except _ProxyError as ended:
        return ended.obstruction, ended.told
    except TimeoutError:
        return Obstruction.TIMEOUT, ""
    except ssl.SSLCertVerificationError as error:
        return Obstruction.CERTIFICATE, error.verify_message
    except ssl.SSLError as error:
        return Obstruction.ENCRYPTION, error.reason or ""
    except socket.gaierror as error:
        return Obstruction.NAME, error.strerror or ""
    except (OSError, asyncio.IncompleteReadError) as error:
        return Obstruction.CONNECTION, _words(error)
    return None, ""


async def _straight(target: Target, context: ssl.SSLContext) -> None:
    _, writer = await asyncio.open_connection(target.host, target.port, ssl=context if target.encrypted else None)
    await _hang_up(writer)


async def _through(proxy: Proxy, target: Target, context: ssl.SSLContext) -> None:
    try:
        reader, writer = await asyncio.open_connection(
            proxy.host, proxy.port, ssl=context if proxy.scheme == "https" else None
        )
    except OSError as error:
        raise _ProxyError(Obstruction.PROXY_AWAY, _words(error)) from error
    try:
        await _ask_for_tunnel(proxy, target, reader, writer)
        if target.encrypted:
            await writer.start_tls(context, server_hostname=target.host)
    finally:
        await _hang_up(writer)


async def _ask_for_tunnel(
    proxy: Proxy, target: Target, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    credentials = f"Proxy-Authorization: {proxy.authorization}\r\n" if proxy.authorization else ""
    writer.write(f"CONNECT {target.name} HTTP/1.1\r\nHost: {target.name}\r\n{credentials}\r\n".encode("latin-1"))
    await writer.drain()
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError) as error:
        raise _ProxyError(Obstruction.PROXY_FAILS, "") from error
    words = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
    status = int(words[1]) if len(words) > 1 and words[1].isdecimal() else 0
    if not 200 <= status < 300:
        refused = status in _REFUSALS
        raise _ProxyError(Obstruction.PROXY_REFUSES if refused else Obstruction.PROXY_FAILS, str(status or ""))


async def _hang_up(writer: asyncio.StreamWriter) -> None:
    # Without TLS's closing handshake, whose answer may never come.
    writer.transport.abort()
    await asyncio.sleep(0)


def _words(error: BaseException) -> str:
    match error:
        case ssl.SSLError():
            return error.reason or type(error).__name__
        case socket.gaierror():
            return error.strerror or type(error).__name__
        case OSError(errno=int(number)):
            return os.strerror(number)
        case _:
            return type(error).__name__
