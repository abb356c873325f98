"""Who gets an answer by the socket: whoever shows a token that this simulator has given away.

Any program of any user of the computer reaches a port of loopback, and so does any page in a browser; what this knows
of access keys can be read in its source. So it has a token of its own for each run: an SDK sends it by itself, as
the token of the session that the credentials are of; control requests have it in a header, which no page can set.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from hmac import compare_digest
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs

from ssmtui.simulator import tokens
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


class Doorkeeper:
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
        if self._is_ours(shown) or tokens.is_given(shown):
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
