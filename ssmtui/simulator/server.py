"""Serve the simulated AWS as a WSGI application on a loopback port: authorize a call and answer it."""

from __future__ import annotations

import json
import os
import socket
import struct
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import partial
from hmac import compare_digest
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import make_server

from ssmtui.simulator import authorisation, state
from ssmtui.simulator.authorisation.stored_policies import find_role
from ssmtui.simulator.call import (
    SERVICES,
    UNKNOWN_KEY,
    ApiCall,
    AwsError,
    Caller,
    Response,
    Signature,
    caller_of,
    error_answer,
    named_operation,
    read_parameters,
    result_answer,
    service_error,
    signature_of,
    unknown_operation,
    validate,
)
from ssmtui.simulator.control import PREFIX, Control
from ssmtui.simulator.fault_answers import ALTERING, AlteredAnswers, garbage_answer, web_page
from ssmtui.simulator.gateway.agent_service import requests
from ssmtui.simulator.moto_aws import Moto, MotoLacksOperationError, moto_lock, read_answer
from ssmtui.simulator.operations import handlers
from ssmtui.simulator.request_control import Fault, FaultKind, JournalEntry, is_write, shown

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


_PATHS: Final = ("/aws-service-role/", "/aws-reserved/")
_WRITES: Final = frozenset(
    {
        "AttachRolePolicy",
        "DeleteRole",
        "DeleteRolePermissionsBoundary",
        "DeleteRolePolicy",
        "DetachRolePolicy",
        "PutRolePermissionsBoundary",
        "PutRolePolicy",
        "UpdateAssumeRolePolicy",
        "UpdateRole",
    }
)


def refuse_change_of_reserved_role(call: ApiCall) -> None:
    """Raise AwsError for a change of a role that only AWS changes: a service-linked role, or one in the reserved path.

    Texts: https://repost.aws/knowledge-center/identity-center-aws-reserved-sso
    """
    if call.service != "iam" or call.operation not in _WRITES:
        return
    role = find_role(call.account, call.region, str(call.parameters.get("RoleName", "")))
    if role is not None and str(role.path).startswith(_PATHS):
        raise AwsError(
            "UnmodifiableEntity",
            f"Cannot perform the operation on the protected role '{role.name}' - this role is only modifiable by AWS",
        )


Environ = dict[str, Any]

# The server writes these itself.
_OUR_HEADERS: Final = frozenset({"content-length", "connection", "date", "server", "transfer-encoding"})


class Application:
    """Handle a request: identify, wait for the scenario, apply faults, authorize, answer, write the journal."""

    def __init__(self, load: Callable[[str], None]) -> None:
        """`load` loads another scenario, by name."""
        self._moto = Moto()
        self._control = Control(load)
        self._altered = AlteredAnswers()

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        body = _body(environ)
        if environ.get("PATH_INFO", "").startswith(PREFIX):
            answer = self._control.answer(environ, body)
        else:
            answer = self._aws(environ, body)
        headers = {name: value for name, value in answer.headers.items() if name.lower() not in _OUR_HEADERS}
        # The response to HEAD has the length of the response to GET.
        length_of_get = _header(answer, "content-length") if environ["REQUEST_METHOD"] == "HEAD" else None
        length = len(answer.body) if answer.length is None else answer.length
        start_response(answer.status_line, [*headers.items(), ("Content-Length", length_of_get or str(length))])
        return [answer.body] if not answer.seconds_a_byte else _byte_by_byte(answer)

    def _aws(self, environ: Environ, body: bytes) -> Response:
        of_agent = requests.answer(environ, body)
        if of_agent is not None:
            return of_agent
        signature = signature_of(environ)
        with _passing(signature) as failure:
            return self._past_the_gate(environ, body, signature, failure)

    def _past_the_gate(
        self, environ: Environ, body: bytes, signature: Signature | None, failure: str | None
    ) -> Response:
        service = signature.service if signature else ""
        operation = named_operation(environ, body)
        has_body = environ["REQUEST_METHOD"] != "HEAD"
        caller: Caller | None = None
        parameters: Mapping[str, Any] = {}
        region = signature.region if signature else ""
        try:
            if signature is None:
                raise AwsError("MissingAuthenticationToken", "Request is missing Authentication Token", 403)
            if service not in SERVICES:
                raise AwsError("UnknownOperationException", f"The simulated AWS has no service {service}.", 501)
            if failure is not None:
                raise AwsError("InternalFailure", f"The scenario could not be built: {failure}", 500)
            caller = caller_of(signature.access_key, service)
            model, parameters = read_parameters(service, environ, body)
            operation = str(model.name)
            moto = partial(self._moto.answer, service, environ, body, caller.account)
            call = ApiCall(service, operation, parameters, caller.account, region, caller.arn, model, moto)
            answer = self._answer(call, caller, environ, signature.access_key)
        except AwsError as error:
            answer = error_answer(service, error, has_body=has_body)
        if caller is not None and not caller.is_setup:
            state.journal.add(
                JournalEntry(
                    service=service,
                    operation=operation,
                    account=caller.account,
                    region=region,
                    caller=caller.arn,
                    write=is_write(operation),
                    status=answer.status,
                    parameters=shown(parameters),
                )
            )
        return answer

    def _answer(self, call: ApiCall, caller: Caller, environ: Environ, access_key: str) -> Response:
        if caller.is_setup:
            return self._carried_out(call)
        fault = state.faults.strike(call.service, call.operation, call.region, access_key)
        if fault is not None and fault.kind in ALTERING:
            return self._altered.answer(fault, call, lambda: self._authorised(call, caller))
        if fault is not None:
            struck = _struck(fault, call, environ)
            if struck is not None:
                return struck
        return self._authorised(call, caller)

    def _authorised(self, call: ApiCall, caller: Caller) -> Response:
        with moto_lock:
            refusal = authorisation.authorise(caller.arn, call)
        if refusal is not None:
            raise AwsError(refusal.code, refusal.message, refusal.status)
        validate(call.model, call.parameters)
        refuse_change_of_reserved_role(call)
        if is_write(call.operation):
            state.mark_changed()
        return self._carried_out(call)

    def _carried_out(self, call: ApiCall) -> Response:
        handler = handlers.get((call.service, call.operation))
        try:
            with moto_lock:
                return result_answer(call.model, handler(call)) if handler else _of_moto(call)
        except AwsError:
            raise
        except MotoLacksOperationError as error:
            raise unknown_operation(call.service, call.operation) from error
        except Exception as error:
            raise AwsError("InternalFailure", f"{type(error).__name__}: {error}", 500) from error


def _of_moto(call: ApiCall) -> Response:
    answer = call.moto()
    if str(call.model.service_model.protocol) != "json" or answer.status >= 300:
        return answer
    # moto writes nulls and extra members into JSON; members that the model does not know are dropped here.
    return result_answer(call.model, read_answer(call.model, answer))


def _body(environ: Environ) -> bytes:
    stream = environ["wsgi.input"]
    if environ.get("wsgi.input_terminated"):
        content: bytes = stream.read()
        return content
    return bytes(stream.read(int(environ.get("CONTENT_LENGTH") or 0)))


def _header(answer: Response, name: str) -> str | None:
    return next((value for key, value in answer.headers.items() if key.lower() == name), None)


def _passing(signature: Signature | None) -> AbstractContextManager[str | None]:
    """Pass the gate, unless the caller is the setup of the scenario."""
    if signature is None or signature.service not in SERVICES or signature.access_key == state.SETUP_ACCESS_KEY:
        return nullcontext()
    return state.gate.passing()


def _struck(fault: Fault, call: ApiCall, environ: Environ) -> Response | None:
    """Return the response of a fault; None if the call continues."""
    if fault.kind is FaultKind.LATENCY:
        state.faults.hold(fault.milliseconds / 1000)
        return None
    if fault.kind is FaultKind.TIMEOUT:
        state.faults.hold(fault.milliseconds / 1000 or None)
        _drop(environ)
    if fault.kind is FaultKind.RESET:
        _drop(environ, in_order=False)
    if fault.kind is FaultKind.GARBAGE:
        return garbage_answer(call.service)
    if fault.kind is FaultKind.WEB_PAGE:
        return web_page()
    if fault.kind is FaultKind.REFUSED:
        need = next(iter(authorisation.action_of(call)), authorisation.Need(f"{call.service}:{call.operation}"))
        denied = authorisation.Decision(authorisation.Outcome.IMPLICIT_DENY)
        refusal = authorisation.refusal(call.service, call.caller_arn, need, denied)
        raise AwsError(refusal.code, refusal.message, refusal.status)
    raise service_error(fault.kind, call.service)


def _drop(environ: Environ, *, in_order: bool = True) -> None:
    connection = environ["werkzeug.socket"]
    with suppress(OSError):
        if in_order:
            connection.shutdown(socket.SHUT_RDWR)
        else:
            # Closed without lingering, a connection is reset. The handler's files would keep it open.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            os.close(connection.detach())
    raise ConnectionAbortedError


def _byte_by_byte(answer: Response) -> Iterator[bytes]:
    for each in answer.body:
        state.faults.hold(answer.seconds_a_byte)
        yield bytes((each,))


TOKEN_HEADER: Final = "X-Simulator-Token"  # noqa: S105 - its name
"""The header of control requests."""

_CONTROL: Final = "HTTP_" + TOKEN_HEADER.upper().replace("-", "_")
_READ_OF_STRANGERS: Final = 65536
_AWS: Final = "X-Amz-Security-Token"


class TokenGuard:
    """The simulated AWS behind a token: requests without the token are refused."""

    def __init__(self, application: WSGIApplication, token: str) -> None:
        self._application = application
        self._token = token

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        refusal = self._refusal(environ)
        if refusal is None:
            return self._application(environ, start_response)
        # If the connection were closed with unread data, the response would be lost.
        environ["wsgi.input"].read(min(int(environ.get("CONTENT_LENGTH") or 0), _READ_OF_STRANGERS))
        headers = {**refusal.headers, "Content-Length": str(len(refusal.body))}
        start_response(refusal.status_line, [*headers.items()])
        return [refusal.body]

    def _refusal(self, environ: Mapping[str, Any]) -> Response | None:
        if str(environ.get("PATH_INFO", "")).startswith(PREFIX):
            return None if self._is_ours(environ.get(_CONTROL, "")) else _refused_control()
        shown = _shown(environ)
        if requests.proves_itself(environ):
            return None
        if self._is_ours(shown) or shown in state.shared.issued_tokens:
            return None
        signature = signature_of(environ)
        service = signature.service if signature else ""
        return error_answer(service, service_error(UNKNOWN_KEY, service), has_body=environ["REQUEST_METHOD"] != "HEAD")

    def _is_ours(self, shown: object) -> bool:
        return isinstance(shown, str) and compare_digest(shown.encode(), self._token.encode())


def _shown(environ: Mapping[str, Any]) -> str:
    """Return the token of a request, from its header or its presigned address."""
    header = environ.get("HTTP_" + _AWS.upper().replace("-", "_"))
    return str(header or parse_qs(str(environ.get("QUERY_STRING", ""))).get(_AWS, [""])[0])


def _refused_control() -> Response:
    said = f"The header {TOKEN_HEADER} does not name the token of this run (AWS_SESSION_TOKEN)."
    return Response(403, {"Content-Type": "application/json"}, json.dumps({"error": said}).encode())


class _QuietHandler(MotoRequestHandler):
    """Serves a request without output on standard error."""

    def handle(self) -> None:
        """Serve a connection until it ends: a fault may have reset it."""
        with suppress(OSError):
            super().handle()

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        """Log nothing: the journal has the request, and the response has the error."""


class Server:
    """A server on a listening socket; it serves in its own threads after `start`."""

    def __init__(self, listening: socket.socket, load: Callable[[str], None], token: str | None = None) -> None:
        """`load` loads another scenario, by name (for the control endpoint).

        Requests without the `token` are refused; without a `token`, no request is.
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
        """Start serving."""
        self._thread.start()

    def _serve(self) -> None:
        # The longest time of a stop.
        self._server.serve_forever(poll_interval=0.05)

    def stop(self) -> None:
        """Stop serving, and release the port."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._listening.close()
