"""Validate the stream URL of a session, and sign the request that opens it."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from functools import cache
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit, urlunsplit

from ssmtui.language import say
from ssmtui.model.scope import Scope, SharedCredentials
from ssmtui.text.printable import printable

_LONGEST = 8192
# RFC 3986 allows no other characters. Python and the websocket library must not read two different URLs in one text.
_URL = re.compile(r"[A-Za-z0-9\-._~:/?@!$&'()*+,;=%\[\]]+")
_SESSION_ID = re.compile(r"[A-Za-z0-9+=,.:@_-]+")
_REGION = re.compile(r"[a-z0-9-]+")


class ForeignStreamUrlError(Exception):
    """The stream URL is not an AWS URL of this session; the message is a sentence for the person."""


@dataclass(frozen=True, slots=True)
class StreamUrl:
    """A stream URL that ssmtui may connect to, exactly as AWS gave it.

    `loopback`: the URL leads to this computer, without a proxy. The URL may be presigned, so `repr` shows only the
    host.
    """

    text: str
    host: str
    loopback: bool

    def __repr__(self) -> str:
        return f"StreamUrl({self.host!r})"


def stream_url(given: str, scope: Scope, session_id: str, *, endpoint_overridden: bool) -> StreamUrl:
    """Return the URL of a session's data channel, after validation.

    `endpoint_overridden`: the person configured another endpoint of Systems Manager. Then this computer is accepted,
    too.

    Raises:
        ForeignStreamUrlError: the URL leads elsewhere.

    """
    url = _parts(given)
    place, _, last = url.path.rpartition("/")
    if place != "/v1/data-channel" or not _SESSION_ID.fullmatch(session_id) or unquote(last) != session_id:
        raise ForeignStreamUrlError(say("The stream URL does not belong to the data channel of this session."))
    host, port = _host(url), _port(url)
    if endpoint_overridden and _is_loopback(host):
        return StreamUrl(given, host, loopback=True)
    if url.scheme == "wss" and port in {None, 443} and host in _aws_hosts(scope, "ssmmessages"):
        return StreamUrl(given, host, loopback=False)
    raise ForeignStreamUrlError(
        say(
            "The stream URL of the session has the host {host}, which is not an AWS host in {region}.",
            host=printable(host),
            region=printable(scope.region),
        )
    )


def is_overridden(endpoint: str, scope: Scope) -> bool:
    """Return whether the endpoint of Systems Manager is not one of AWS's own; empty means AWS's own."""
    if not endpoint:
        return False
    try:
        host = urlsplit(endpoint).hostname or ""
    except ValueError:
        return True
    return host not in _aws_hosts(scope, "ssm")


def _parts(given: str) -> SplitResult:
    if len(given) > _LONGEST or not _URL.fullmatch(given):
        raise _unreadable()
    try:
        url = urlsplit(given)
    except ValueError:
        raise _unreadable() from None
    if url.scheme not in {"ws", "wss"} or not url.netloc or "@" in url.netloc or "%" in url.netloc:
        raise _unreadable()
    return url


def _host(url: SplitResult) -> str:
    """Return the host in lower case. Refuse a URL with parts that `urlsplit` would drop."""
    host = url.hostname or ""
    shown = f"[{host}]" if ":" in host else host
    port = _port(url)
    if url.netloc.lower() != (shown if port is None else f"{shown}:{port}"):
        raise _unreadable()
    return host


def _port(url: SplitResult) -> int | None:
    try:
        return url.port
    except ValueError:
        raise _unreadable() from None


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address == ipaddress.IPv6Address("::1") or (address.version == 4 and address.is_loopback)


def _aws_hosts(scope: Scope, service: str) -> frozenset[str]:
    """Return a service's hosts in the Region: plain, FIPS, dual-stack (AWS General Reference, Systems Manager)."""
    if not _REGION.fullmatch(scope.region) or not scope.dns_suffix:
        return frozenset()
    suffixes = {scope.dns_suffix, *_dual_stack_suffix(scope.partition)}
    names = (service, f"{service}-fips")
    return frozenset(f"{name}.{scope.region}.{suffix}" for name in names for suffix in suffixes)


@cache
def _dual_stack_suffix(partition: str) -> tuple[str, ...]:
    from botocore.loaders import create_loader  # noqa: PLC0415

    for each in create_loader().load_data("partitions")["partitions"]:
        if each["id"] == partition and each["outputs"]["supportsDualStack"]:
            return (each["outputs"]["dualStackDnsSuffix"],)
    return ()


def _unreadable() -> ForeignStreamUrlError:
    return ForeignStreamUrlError(say("The stream URL of the session is not a URL."))


SERVICE = "ssmmessages"


def signed_headers(url: str, region: str, credentials: SharedCredentials) -> dict[str, str]:
    """Return the headers that sign the upgrade of `url`; none if the URL is presigned."""
    from botocore.auth import SigV4Auth  # noqa: PLC0415
    from botocore.awsrequest import AWSRequest  # noqa: PLC0415
    from botocore.credentials import Credentials  # noqa: PLC0415

    parts = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    if any(name.lower().startswith("x-amz-") for name, _ in query):
        return {}
    # The signature is for HTTP. A query passed separately is signed in its canonical form, however it is written.
    plain = urlunsplit(("https" if parts.scheme == "wss" else "http", parts.netloc, parts.path, "", ""))
    request = AWSRequest(method="GET", url=plain, params=query)
    signer = SigV4Auth(Credentials(credentials.access_key, credentials.secret_key, credentials.token), SERVICE, region)
    signer.add_auth(request)
    return {name: str(value) for name, value in request.headers.items()}
