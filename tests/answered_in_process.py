"""The simulated AWS answers in the process that asks, without a connection: what is asked and answered is the same.

For tests that ask world after world; what becomes of requests on the wire is tried where it is the matter.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from email.utils import formatdate
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

from botocore.awsrequest import AWSResponse

from ssmtui.simulator.application import Application


def answered(request: Any, **_event: object) -> AWSResponse:
    """What the simulated AWS of this process answers to a request of botocore's; a handler of its `before-send`."""
    status, headers, body = _answer(request)
    return AWSResponse(request.url, status, headers, _Body(body))


class _Body(io.BytesIO):
    def stream(self, **_how: object) -> Iterator[bytes]:
        """As urllib3 reads."""
        yield self.read()


def _answer(request: Any) -> tuple[int, dict[str, str], bytes]:
    told: dict[str, Any] = {}

    def start_response(status: str, headers: list[tuple[str, str]], _error: object = None) -> None:
        told.update(status=int(status.partition(" ")[0]), headers={name.lower(): value for name, value in headers})

    body = b"".join(_application()(_environ(request), start_response))
    told["headers"]["date"] = formatdate(usegmt=True)  # as the server writes it
    return told["status"], told["headers"], body if request.method != "HEAD" else b""


def _environ(request: Any) -> dict[str, Any]:
    """A request as WSGI has it."""
    address = urlsplit(request.url)
    body = request.body or b""
    body = body.read() if hasattr(body, "read") else body.encode() if isinstance(body, str) else bytes(body)
    headers = {
        "HTTP_" + name.upper().replace("-", "_"): value.decode() if isinstance(value, bytes) else str(value)
        for name, value in request.headers.items()
    }
    return {
        **headers,
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(address.path, "latin-1"),
        "RAW_URI": f"{address.path}?{address.query}" if address.query else address.path,
        "QUERY_STRING": address.query,
        "CONTENT_TYPE": headers.get("HTTP_CONTENT_TYPE", ""),
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_HOST": headers.get("HTTP_HOST", address.netloc),
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
