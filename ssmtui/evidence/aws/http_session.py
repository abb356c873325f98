"""HTTP for the SDK: no redirects, limited answers, only reads, and one TLS context."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from ssl import SSLContext
from threading import Lock
from typing import Any, Final
from urllib.parse import SplitResult, parse_qsl, unquote_plus, urlsplit

from ssmtui.evidence.aws.allowed_reads import (
    CREDENTIAL_OPERATIONS,
    DECLARED_READS,
    DRY_RUNS,
    NotAReadOperation,
    is_dry_run,
)
from ssmtui.language import say
from ssmtui.text.printable import printable

GET_SESSION_ATTRIBUTE = "_get_session"
"""The method of aiobotocore's sender that returns the HTTP session for a proxy."""


Request = Callable[..., Awaitable[Any]]
"""Sends one request of an HTTP session: its method, then keywords."""


class _Session:
    """The part of an HTTP session that the sender uses."""

    __slots__ = ("request",)

    def __init__(self, request: Request) -> None:
        self.request = request


def _wrap_requests(sender: Any, wrap: Callable[[Request], Request]) -> Any:
    """Wrap the requests of a sender (`AIOHTTPSession`), and return the sender."""
    session_for: Callable[[str | None], Awaitable[Any]] = getattr(sender, GET_SESSION_ATTRIBUTE)

    async def wrapped_session_for(proxy_url: str | None) -> _Session:
        return _Session(wrap((await session_for(proxy_url)).request))

    setattr(sender, GET_SESSION_ATTRIBUTE, wrapped_session_for)
    return sender


def disable_redirects(sender: Any) -> Any:
    """Make a sender return redirects as answers."""

    def stay(request: Request) -> Request:
        return lambda method, **how: request(method, **{**how, "allow_redirects": False})

    return _wrap_requests(sender, stay)


MAX_ANSWER_BYTES: Final = 40 * 2**20
"""Bytes. A page of a thousand instances with the maximum number of tags has about twenty million."""


class AnswerTooLarge(Exception):
    """An answer that is larger than any of AWS's answers, and was not read."""


class UnreadContent(bytes):
    """Replaces the content of an answer that is too large: the SDK would repeat a request whose read fails."""


_UNREAD = UnreadContent(b"too big")
_PIECE = 2**20


def bound_answers(sender: Any) -> Any:
    """Make a sender read no answer larger than `MAX_ANSWER_BYTES`."""

    def bound(request: Request) -> Request:
        async def bounded(method: str, **how: Any) -> Any:
            return _BoundedResponse(await request(method, **how))

        return bounded

    return _wrap_requests(sender, bound)


class _BoundedResponse:
    """The part of a response that the sender and the SDK use."""

    __slots__ = ("_content", "_response")

    def __init__(self, response: Any) -> None:
        self._response = response
        self._content: bytes | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._response, name)

    async def read(self) -> bytes:
        if self._content is None:
            self._content = await self._read()
        return self._content

    async def _read(self) -> bytes:
        length: int | None = self._response.content_length
        if length is not None and length <= MAX_ANSWER_BYTES:
            content: bytes = await self._response.read()
            return content
        pieces: list[bytes] = []
        left = -1 if length is not None else MAX_ANSWER_BYTES
        while left >= 0:
            piece: bytes = await self._response.content.read(_PIECE)
            if not piece:
                return b"".join(pieces)
            pieces.append(piece)
            left -= len(piece)
        self._response.close()
        return _UNREAD


_NAMES = ("Action", "X-Amz-Target")
"""The names of the operation in a request: in a form, in the URL, and the second in a header."""

_FETCHES = frozenset({"GET", "HEAD"})
_FETCHED = frozenset(
    {"abac", "account_id", "bucket-region", "continuation-token", "encryption", "location", "max-buckets"}
    | {"nextToken", "policy", "prefix", "role_name", "tagging"}
)
"""The query parameters of reads whose URLs name no operation."""
_DEEP = ("/authorization-details/", "/federation/credentials")
"""The only such reads with a longer path than a bucket: other paths in S3 are data objects."""
_TOKEN_PATHS = frozenset({"/token", "/v1/token"})
"""The paths of unsigned requests for a login token (sso-oidc:CreateToken, signin:CreateOAuth2Token)."""

_FORM = "application/x-www-form-urlencoded"


_DRY = frozenset(operation for _, operation in DRY_RUNS)


def allow_reads_only(sender: Any) -> Any:
    """Make a sender send only reads."""
    send: Callable[[Any], Awaitable[Any]] = sender.send

    async def sent(request: Any) -> Any:
        refuse_unless_read(request.method, str(request.url), request.headers, request.body)
        return await send(request)

    def guard(request: Request) -> Request:
        async def guarded(method: str, **how: Any) -> Any:
            refuse_unless_read(method, str(how.get("url", "")), how.get("headers") or {}, how.get("data"))
            return await request(method, **how)

        return guarded

    sender.send = sent
    return _wrap_requests(sender, guard)


def refuse_unless_read(method: str, url: str, headers: Mapping[str, Any], body: object) -> None:
    """Refuse a request that is not a declared read, and not a request of the SDK for credentials.

    Raises:
        NotAReadOperation: the request is refused.

    """
    address = urlsplit(url)
    told = {name.lower(): _text(value) for name, value in headers.items()}
    named = tuple(_named(address.query, told, body))
    known = {operation for _, operation in (*DECLARED_READS, *CREDENTIAL_OPERATIONS)}
    unknown = next((each for each in named if each not in known or (each in _DRY and not is_dry_run(body))), None)
    if unknown is not None:
        raise NotAReadOperation(address.netloc, unknown)
    fetches = method.upper() in _FETCHES and not body and _is_fetched(address)
    takes_token = address.path in _TOKEN_PATHS and "authorization" not in told
    if not fetches and (method.upper() != "POST" or not (named or takes_token)):
        raise NotAReadOperation(address.netloc, f"{method} {address.path}")


def _is_fetched(address: SplitResult) -> bool:
    asked = {name for name, _ in parse_qsl(address.query, keep_blank_values=True)}
    in_host = ".s3." in address.netloc or ".s3-" in address.netloc
    deep = len(address.path.strip("/").split("/")) > 1 or (in_host and address.path.strip("/"))
    return asked <= _FETCHED and (not deep or address.path.startswith(_DEEP))


def _named(query: str, headers: Mapping[str, str], body: object) -> Iterator[str]:
    """Yield the operations that a request names, in any place."""
    yield from _named_in_form(query)
    if "x-amz-target" in headers:
        yield headers["x-amz-target"].rpartition(".")[2]
    if headers.get("content-type", "").startswith(_FORM):
        yield from _named_in_form(_text(body))


def _named_in_form(form: str) -> Iterator[str]:
    """Yield the operations. Other values are not decoded: a simulation has hundreds of them."""
    for pair in form.split("&"):
        name, _, value = pair.partition("=")
        if unquote_plus(name) in _NAMES:
            yield unquote_plus(value)


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes | bytearray) else str(value)


_CONTEXT = "_build_verify_context"
"""The SDK's method that makes the TLS context. If the SDK has no such method, each client has its own context."""

_OWN = ("client_cert", "proxies_config")
"""Options for which the SDK changes the context of one client."""


def http_session(**how: Any) -> Any:
    """Return the sender for the requests of a client, in place of the SDK's own class."""
    from aiobotocore.httpsession import AIOHTTPSession
    from botocore.httpsession import get_cert_path

    session = AIOHTTPSession(**how)
    certificates = get_cert_path(how.get("verify"))
    made = getattr(session, _CONTEXT, None)
    if made is not None and certificates and not any(how.get(each) for each in _OWN):
        setattr(session, _CONTEXT, partial(_CONTEXTS.of, Path(certificates), made))
    return allow_reads_only(bound_answers(disable_redirects(session)))


class UnusableCertificates(Exception):
    """A configured file of certificates cannot be used; the message is part of a sentence."""

    def __init__(self, file: Path, error: OSError) -> None:
        super().__init__(
            say(
                "the certificate file {file} (AWS_CA_BUNDLE, REQUESTS_CA_BUNDLE or ca_bundle) cannot be used: {error}",
                file=printable(str(file)),
                error=printable(str(error)),
            )
        )


class Contexts:
    """TLS contexts by their certificate files. Threads call this."""

    def __init__(self) -> None:
        self._turn = Lock()
        self._made: dict[Path, tuple[int, SSLContext]] = {}

    def of(self, certificates: Path, make: Callable[[], SSLContext]) -> SSLContext:
        """Return the context that trusts the current content of the file.

        Raises:
            UnusableCertificates: the file cannot be read, or has no certificates.

        """
        try:
            with self._turn:
                changed = certificates.stat().st_mtime_ns
                if certificates not in self._made or self._made[certificates][0] != changed:
                    self._made[certificates] = changed, make()
                return self._made[certificates][1]
        except OSError as error:  # includes SSLError
            raise UnusableCertificates(certificates, error) from error


_CONTEXTS = Contexts()
