"""The simulated AWS as a WSGI application: authorise a call and answer it."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import partial
from typing import Any, Final

from ssmtui.simulator import authorisation, state
from ssmtui.simulator.authorisation.stored_policies import find_role
from ssmtui.simulator.call import (
    SERVICES,
    ApiCall,
    Signature,
    named_operation,
    read_parameters,
    signature_of,
    unknown_operation,
    validate,
)
from ssmtui.simulator.callers import Caller, caller_of
from ssmtui.simulator.control import PREFIX, Control
from ssmtui.simulator.fault_answers import ALTERING, AlteredAnswers, fault_error, garbage_answer, web_page
from ssmtui.simulator.faults import Fault, FaultKind
from ssmtui.simulator.journal import JournalEntry, is_write, shown
from ssmtui.simulator.moto_aws import Moto, MotoLacksOperationError, moto_lock, read_answer
from ssmtui.simulator.operations import handler_of
from ssmtui.simulator.responses import AwsError, Response, error_answer, result_answer

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
    """Raise AwsError for a change of a service-linked role, or of one that IAM Identity Center made.

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
    """Identify, wait for the scenario, strike with faults, authorise, answer, write the journal."""

    def __init__(self, load: Callable[[str], None]) -> None:
        """`load` puts another scenario in place, by name."""
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
        # A HEAD answer tells the length of what a GET would send.
        told = _header(answer, "content-length") if environ["REQUEST_METHOD"] == "HEAD" else None
        length = len(answer.body) if answer.length is None else answer.length
        start_response(answer.status_line, [*headers.items(), ("Content-Length", told or str(length))])
        return [answer.body] if not answer.seconds_a_byte else _byte_by_byte(answer)

    def _aws(self, environ: Environ, body: bytes) -> Response:
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
            call = ApiCall(
                model,
                caller.account,
                region,
                caller.arn,
                parameters,
                partial(self._moto.answer, service, environ, body, caller.account),
            )
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
            refusal = authorisation.authorise(caller.arn, _asked(call))
        if refusal is not None:
            raise AwsError(refusal.code, refusal.message, refusal.status)
        validate(call.model, call.parameters)
        refuse_change_of_reserved_role(call)
        if is_write(call.operation):
            state.mark_changed()
        return self._carried_out(call)

    def _carried_out(self, call: ApiCall) -> Response:
        handler = handler_of(call.service, call.operation)
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
    # moto writes nulls and members of its own into JSON; what the model does not know is lost on the way through.
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
    """Past the gate, where somebody asks AWS for something who is not building the scenario."""
    if signature is None or signature.service not in SERVICES or signature.access_key == state.SETUP_ACCESS_KEY:
        return nullcontext()
    return state.gate.passing()


def _asked(call: ApiCall) -> authorisation.Call:
    return authorisation.Call(call.service, call.operation, call.parameters, call.account, call.region)


def _struck(fault: Fault, call: ApiCall, environ: Environ) -> Response | None:
    """What a fault makes of a call; None where the call goes on."""
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
        need = next(iter(authorisation.action_of(_asked(call))), authorisation.Need(f"{call.service}:{call.operation}"))
        denied = authorisation.Decision(authorisation.Outcome.IMPLICIT_DENY)
        refusal = authorisation.refusal(call.service, call.caller_arn, need, denied)
        raise AwsError(refusal.code, refusal.message, refusal.status)
    raise fault_error(fault.kind, call.service)


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
