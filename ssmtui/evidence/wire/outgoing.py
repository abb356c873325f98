"""What leaves, judged by its bytes as AWS would read them, whoever made it: the last refusal of what is no read.

Above it stand others, by the name of the operation, before a request is made and before it is signed. Code that went
around these, by a handler taken away or a request of its own making, still sends by the client's sender, and ends here.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator, Mapping
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlsplit

from ssmtui.evidence.wire.operations import CREDENTIAL_OPERATIONS, DECLARED, NotARead
from ssmtui.evidence.wire.redirects import SESSION_FOR

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


def only_reads(sender: Any) -> Any:
    """A sender of requests (`AIOHTTPSession`) that sends reads alone; it is changed itself."""
    send: Callable[[Any], Coroutine[Any, Any, Any]] = sender.send
    session_for: Callable[[str | None], Coroutine[Any, Any, Any]] = getattr(sender, SESSION_FOR)

    async def sent(request: Any) -> Any:
        refuse_unless_read(request.method, str(request.url), request.headers, request.body)
        return await send(request)

    async def reading(proxy_url: str | None) -> _Reading:
        return _Reading(await session_for(proxy_url))

    sender.send = sent
    setattr(sender, SESSION_FOR, reading)
    return sender


def refuse_unless_read(method: str, url: str, headers: Mapping[str, Any], body: object) -> None:
    """Refuse a request that AWS would not read as one of the declared reads, or as the SDK's way to credentials.

    Raises:
        NotARead: it is none.

    """
    address = urlsplit(url)
    told = {name.lower(): _text(value) for name, value in headers.items()}
    named = tuple(_named(address.query, told, body))
    known = {operation for _, operation in (*DECLARED, *CREDENTIAL_OPERATIONS)}
    unknown = next((each for each in named if each not in known), None)
    if unknown is not None:
        raise NotARead(address.netloc, unknown)
    fetches = method.upper() in _FETCHES and not body and _is_fetched(address)
    takes_token = address.path in _TOKEN_PATHS and "authorization" not in told
    if not fetches and (method.upper() != "POST" or not (named or takes_token)):
        raise NotARead(address.netloc, f"{method} {address.path}")


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


class _Reading:
    """An HTTP session as far as the sender uses it."""

    __slots__ = ("_session",)

    def __init__(self, session: Any) -> None:
        self._session = session

    async def request(self, method: str, **how: Any) -> Any:
        refuse_unless_read(method, str(how.get("url", "")), how.get("headers") or {}, how.get("data"))
        return await self._session.request(method, **how)
