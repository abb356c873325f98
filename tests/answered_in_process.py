"""The simulated AWS answers in the process that asks, without a connection: what is asked and answered is the same.

For tests that ask world after world; what becomes of requests on the wire is tried where it is the matter.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from email.utils import formatdate
from functools import cache
from typing import Any
from unittest.mock import patch
from urllib.parse import unquote, urlsplit

from aiobotocore.httpsession import AIOHTTPSession
from botocore.awsrequest import AWSResponse
from botocore.httpsession import URLLib3Session

from ssmtui.simulator import state
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.server import Application


@contextmanager
def answering_here(aws: SimulatedAws) -> Iterator[None]:
    """What the SDKs of this process ask of a simulated AWS is answered without a connection.

    Not while a fault is in force: faults are of connections, and of how long one waits.
    """
    get_session, send = AIOHTTPSession._get_session, URLLib3Session.send

    def is_answered_here(url: str) -> bool:
        return url.startswith(aws.endpoint_url) and not state.faults.any_in_force

    async def session_for(sender: Any, proxy_url: str | None) -> Any:
        return _Here(lambda: get_session(sender, proxy_url), is_answered_here)

    def sent(sender: Any, request: Any) -> Any:
        return answered(request) if is_answered_here(request.url) else send(sender, request)

    with patch.object(AIOHTTPSession, "_get_session", session_for), patch.object(URLLib3Session, "send", sent):
        yield


def answered(request: Any, **_event: object) -> AWSResponse:
    """What the simulated AWS of this process answers to a request of botocore's; a handler of its `before-send`."""
    status, headers, body = _answer(request.method, request.url, request.headers, request.body)
    return AWSResponse(request.url, status, headers, _Body(body))


class _Here:
    """An HTTP session as far as the sender of requests uses it; what is not answered here goes to another."""

    def __init__(self, other: Callable[[], Awaitable[Any]], is_answered_here: Callable[[str], bool]) -> None:
        self._other = other
        self._is_answered_here = is_answered_here

    async def request(self, method: str, **how: Any) -> Any:
        url = str(how["url"])
        if not self._is_answered_here(url):
            return await (await self._other()).request(method, **how)
        await asyncio.sleep(0)
        return _Response(url, *_answer(method, url, how["headers"], how["data"]))


class _Response:
    """What aiohttp makes of an answer, as far as it is used."""

    def __init__(self, url: str, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.url = url
        self.status = status
        self.raw_headers = [(name.encode(), value.encode()) for name, value in headers.items()]
        self.content_length = len(body)
        self._body = body

    async def read(self) -> bytes:
        return self._body


class _Body(io.BytesIO):
    def stream(self, **_how: object) -> Iterator[bytes]:
        """As urllib3 reads."""
        yield self.read()


def _answer(method: str, url: str, headers: Mapping[str, Any], body: Any) -> tuple[int, dict[str, str], bytes]:
    told: dict[str, Any] = {}

    def start_response(status: str, headers: list[tuple[str, str]], _error: object = None) -> None:
        told.update(status=int(status.partition(" ")[0]), headers={name.lower(): value for name, value in headers})

    answer = b"".join(_application()(_environ(method, url, headers, body or b""), start_response))
    told["headers"]["date"] = formatdate(usegmt=True)  # as the server writes it
    return told["status"], told["headers"], answer if method != "HEAD" else b""


def _environ(method: str, url: str, headers: Mapping[str, Any], body: Any) -> dict[str, Any]:
    """A request as WSGI has it."""
    address = urlsplit(url)
    body = body.read() if hasattr(body, "read") else body.encode() if isinstance(body, str) else bytes(body)
    told = {
        "HTTP_" + name.upper().replace("-", "_"): value.decode() if isinstance(value, bytes) else str(value)
        for name, value in headers.items()
    }
    return {
        **told,
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(address.path, "latin-1"),
        "RAW_URI": f"{address.path}?{address.query}" if address.query else address.path,
        "QUERY_STRING": address.query,
        "CONTENT_TYPE": told.get("HTTP_CONTENT_TYPE", ""),
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_HOST": told.get("HTTP_HOST", address.netloc),
        "SERVER_NAME": address.hostname or "",
        "SERVER_PORT": str(address.port or 80),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
    }


@cache
def _application() -> Application:
    def no_load(name: str) -> None:
        raise AssertionError(f"{name} is loaded by who asks for answers")

    return Application(no_load)
