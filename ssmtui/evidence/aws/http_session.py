"""HTTP for the SDK: no redirects, bounded answers, requests refused unless they read, and one TLS context."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from ssl import SSLContext
from threading import Lock
from typing import Any, Final
from urllib.parse import SplitResult, parse_qsl, urlsplit

from ssmtui.evidence.aws.allowed_reads import CREDENTIAL_OPERATIONS, DECLARED_READS, NotAReadOperation
from ssmtui.language import say
from ssmtui.text.printable import printable

GET_SESSION_ATTRIBUTE = "_get_session"
"""The step of aiobotocore's sender that gives what sends a request, by the proxy that it goes through."""


Request = Callable[..., Awaitable[Any]]
"""Sends one request of an HTTP session: its method, then keywords."""


class _Session:
    """An HTTP session as far as the sender uses it."""

    __slots__ = ("request",)

    def __init__(self, request: Request) -> None:
        self.request = request


def _wrap_requests(sender: Any, wrap: Callable[[Request], Request]) -> Any:
    """Change what a sender of requests (`AIOHTTPSession`) sends by, and return the sender."""
    session_for: Callable[[str | None], Awaitable[Any]] = getattr(sender, GET_SESSION_ATTRIBUTE)

    async def wrapped_session_for(proxy_url: str | None) -> _Session:
        return _Session(wrap((await session_for(proxy_url)).request))

    setattr(sender, GET_SESSION_ATTRIBUTE, wrapped_session_for)
    return sender


def disable_redirects(sender: Any) -> Any:
    """Let a sender return every answer as it came."""

    def stay(request: Request) -> Request:
        return lambda method, **how: request(method, **{**how, "allow_redirects": False})

    return _wrap_requests(sender, stay)


MAX_ANSWER_BYTES: Final = 40 * 2**20
"""Bytes. A page of a thousand instances with all the tags that there may be has some twenty million."""


class AnswerTooLarge(Exception):
    """An answer that is larger than any that AWS gives, and so was left unread."""


class UnreadContent(bytes):
    """What stands for the content of an answer that is too big: the SDK asks again whatever fails while it reads."""


_UNREAD = UnreadContent(b"too big")
_PIECE = 2**20


def bound_answers(sender: Any) -> Any:
    """Let a sender read no answer larger than `MAX_ANSWER_BYTES`."""

    def bound(request: Request) -> Request:
        async def bounded(method: str, **how: Any) -> Any:
            return _BoundedResponse(await request(method, **how))

        return bounded

    return _wrap_requests(sender, bound)


class _BoundedResponse:
    """A response as far as the sender and the SDK use it."""

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
"""Where a request may name its operation: in a form, in the address, and the latter in a header."""

_FETCHES = frozenset({"GET", "HEAD"})
_FETCHED = frozenset(
    {"account_id", "bucket-region", "continuation-token", "encryption", "location", "max-buckets"}
    | {"nextToken", "policy", "prefix", "role_name"}
)
"""What the addresses of the reads say besides their path, which name no operation."""
_DEEP = ("/authorization-details/", "/federation/credentials")
"""The only such reads of more than a bucket: what lies deeper in S3 is somebody's data."""
_TOKEN_PATHS = frozenset({"/token", "/v1/token"})
"""Where the SDK asks for the token of a login (sso-oidc:CreateToken, signin:CreateOAuth2Token), unsigned."""

_FORM = "application/x-www-form-urlencoded"


def allow_reads_only(sender: Any) -> Any:
    """Let a sender send only reads."""
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
    """Refuse a request that AWS would not read as one of the declared reads, or as the SDK's way to credentials.

    Raises:
        NotAReadOperation: it is none.

    """
    address = urlsplit(url)
    told = {name.lower(): _text(value) for name, value in headers.items()}
    named = tuple(_named(address.query, told, body))
    known = {operation for _, operation in (*DECLARED_READS, *CREDENTIAL_OPERATIONS)}
    unknown = next((each for each in named if each not in known), None)
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
    """The operations that a request names, wherever it does."""
    yield from (value for name, value in parse_qsl(query, keep_blank_values=True) if name in _NAMES)
    if "x-amz-target" in headers:
        yield headers["x-amz-target"].rpartition(".")[2]
    if headers.get("content-type", "").startswith(_FORM):
        form = parse_qsl(_text(body), keep_blank_values=True)
        yield from (value for name, value in form if name in _NAMES)


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes | bytearray) else str(value)


_CONTEXT = "_build_verify_context"
"""The SDK's step that makes it. Where there is none of that name, each client has a context of its own."""

_OWN = ("client_cert", "proxies_config")
"""What the SDK would add to a context for one client alone."""


def http_session(**how: Any) -> Any:
    """What sends one client's requests, in the place of the SDK's own class."""
    from aiobotocore.httpsession import AIOHTTPSession
    from botocore.httpsession import get_cert_path

    session = AIOHTTPSession(**how)
    certificates = get_cert_path(how.get("verify"))
    made = getattr(session, _CONTEXT, None)
    if made is not None and certificates and not any(how.get(each) for each in _OWN):
        setattr(session, _CONTEXT, partial(_CONTEXTS.of, Path(certificates), made))
    return allow_reads_only(bound_answers(disable_redirects(session)))


class UnusableCertificates(Exception):
    """A file of certificates that this computer is told to trust cannot be used; the message is a sentence's words."""

    def __init__(self, file: Path, error: OSError) -> None:
        super().__init__(
            say(
                "the certificate file {file} (AWS_CA_BUNDLE, REQUESTS_CA_BUNDLE or ca_bundle) cannot be used: {error}",
                file=printable(str(file)),
                error=printable(str(error)),
            )
        )


class Contexts:
    """Contexts by the files of certificates that they trust. They are asked for in threads."""

    def __init__(self) -> None:
        self._turn = Lock()
        self._made: dict[Path, tuple[int, SSLContext]] = {}

    def of(self, certificates: Path, make: Callable[[], SSLContext]) -> SSLContext:
        """The one that trusts what is in the file now.

        Raises:
            UnusableCertificates: the file cannot be read, or holds no certificates.

        """
        try:
            with self._turn:
                changed = certificates.stat().st_mtime_ns
                if certificates not in self._made or self._made[certificates][0] != changed:
                    self._made[certificates] = changed, make()
                return self._made[certificates][1]
        except OSError as error:  # an SSLError is one
            raise UnusableCertificates(certificates, error) from error


_CONTEXTS = Contexts()
