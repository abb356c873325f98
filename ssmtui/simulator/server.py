"""Serve the simulated AWS on a loopback port, to requests that show a token of this simulator."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from hmac import compare_digest
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import make_server

from ssmtui.simulator import issued_access
from ssmtui.simulator.application import Application
from ssmtui.simulator.call import signature_of
from ssmtui.simulator.callers import unknown_key
from ssmtui.simulator.control import PREFIX
from ssmtui.simulator.responses import Response, error_answer

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


TOKEN_HEADER: Final = "X-Simulator-Token"  # noqa: S105 - its name
"""The header of control requests."""

_CONTROL: Final = "HTTP_" + TOKEN_HEADER.upper().replace("-", "_")
_READ_OF_STRANGERS: Final = 65536
_AWS: Final = "X-Amz-Security-Token"


class TokenGuard:
    """The simulated AWS as it is served: what shows no token does not get in."""

    def __init__(self, application: WSGIApplication, token: str) -> None:
        self._application = application
        self._token = token

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        refusal = self._refusal(environ)
        if refusal is None:
            return self._application(environ, start_response)
        # Closed on what was sent and not read, the connection would take the answer with it.
        environ["wsgi.input"].read(min(int(environ.get("CONTENT_LENGTH") or 0), _READ_OF_STRANGERS))
        headers = {**refusal.headers, "Content-Length": str(len(refusal.body))}
        start_response(refusal.status_line, [*headers.items()])
        return [refusal.body]

    def _refusal(self, environ: Mapping[str, Any]) -> Response | None:
        if str(environ.get("PATH_INFO", "")).startswith(PREFIX):
            return None if self._is_ours(environ.get(_CONTROL, "")) else _refused_control()
        shown = _shown(environ)
        if self._is_ours(shown) or issued_access.is_issued_token(shown):
            return None
        signature = signature_of(environ)
        service = signature.service if signature else ""
        return error_answer(service, unknown_key(service), has_body=environ["REQUEST_METHOD"] != "HEAD")

    def _is_ours(self, shown: object) -> bool:
        return isinstance(shown, str) and compare_digest(shown.encode(), self._token.encode())


def _shown(environ: Mapping[str, Any]) -> str:
    """The token of a request, from its header or, where it was presigned, from its address."""
    header = environ.get("HTTP_" + _AWS.upper().replace("-", "_"))
    return str(header or parse_qs(str(environ.get("QUERY_STRING", ""))).get(_AWS, [""])[0])


def _refused_control() -> Response:
    said = f"The header {TOKEN_HEADER} does not name the token of this run (AWS_SESSION_TOKEN)."
    return Response(403, {"Content-Type": "application/json"}, json.dumps({"error": said}).encode())


class _QuietHandler(MotoRequestHandler):
    """Serves a request without a word on standard error."""

    def handle(self) -> None:
        """Serve a connection until it ends: a fault may have reset it."""
        with suppress(OSError):
            super().handle()

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        """Say nothing: the journal has what was asked, and the answer what went wrong."""


class Server:
    """Serves what comes in on a listening socket, in threads of its own from `start` on."""

    def __init__(self, listening: socket.socket, load: Callable[[str], None], token: str | None = None) -> None:
        """`load` puts another scenario in place, by name (for the control endpoint).

        Whoever does not show the `token` gets no answer; without one, everybody gets one.
        """
        self._listening = listening
        host, port = listening.getsockname()[:2]
        self.endpoint_url = f"http://{host}:{port}"
        self.application = Application(load)
        served = self.application if token is None else TokenGuard(self.application, token)
        self._server = make_server(
            host, port, served, threaded=True, request_handler=_QuietHandler, fd=listening.fileno()
        )
        self._thread = threading.Thread(target=self._serve, name="simulated-aws", daemon=True)

    def start(self) -> None:
        """Serve."""
        self._thread.start()

    def _serve(self) -> None:
        # How long a stop may take.
        self._server.serve_forever(poll_interval=0.05)

    def stop(self) -> None:
        """Serve no longer, and give the port back."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._listening.close()
