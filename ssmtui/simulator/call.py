"""Read API calls, identify their callers, register the handlers, and write responses in AWS's protocols."""

from __future__ import annotations

import base64
import binascii
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, TypeVar
from urllib.parse import parse_qs
from uuid import uuid4
from xml.sax.saxutils import escape

from botocore.exceptions import UnknownServiceError
from moto.core.model import OperationModel, ServiceModel, Shape, StructureShape
from moto.core.parse import PROTOCOL_PARSERS, RequestParserError
from moto.core.request import Request
from moto.core.routing import get_service_router
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model
from moto.iam.models import iam_backends
from moto.sts.models import sts_backends
from werkzeug.exceptions import NotFound

from ssmtui.simulator import state
from ssmtui.simulator.authorisation.permission import Call
from ssmtui.simulator.request_control import FaultKind


class AwsError(Exception):
    """An error response. If the service's model has a status for the code, that status replaces `status`."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


UNKNOWN_KEY: Final = "unknown-key"
"""The error kind for credentials that a service does not know."""

_SERVICE_ERRORS: Final[Mapping[str, Mapping[str, tuple[str, str, int]]]] = {
    FaultKind.THROTTLING: {
        "ec2": ("RequestLimitExceeded", "Request limit exceeded.", 503),
        "iam sts": ("Throttling", "Rate exceeded", 400),
        "s3": ("SlowDown", "Please reduce your request rate.", 503),
        "": ("ThrottlingException", "Rate exceeded", 400),
    },
    FaultKind.INTERNAL: {
        "ec2 s3": ("InternalError", "An internal error has occurred", 500),
        "": ("InternalFailure", "The request processing has failed because of an unknown error.", 500),
    },
    FaultKind.UNAVAILABLE: {
        "ec2": ("Unavailable", "Try again later.", 503),
        "logs": ("ServiceUnavailableException", "Try again later.", 503),
        "": ("ServiceUnavailable", "The request has failed due to a temporary failure of the server.", 503),
    },
    FaultKind.EXPIRED: {
        "ec2": ("RequestExpired", "Request has expired.", 400),
        "s3": ("ExpiredToken", "The provided token has expired.", 400),
        "iam sts": ("ExpiredToken", "The security token included in the request is expired", 403),
        "": ("ExpiredTokenException", "The security token included in the request is expired", 400),
    },
    UNKNOWN_KEY: {
        "ec2": ("AuthFailure", "AWS was not able to validate the provided access credentials", 401),
        "s3": ("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", 403),
        "iam sts": ("InvalidClientTokenId", "The security token included in the request is invalid.", 403),
        "": ("UnrecognizedClientException", "The security token included in the request is invalid.", 400),
    },
}
"""The errors of a kind, by service; the last one is for all other services."""


def service_error(kind: str, service: str) -> AwsError:
    """Return a service's error of a kind."""
    by_service = _SERVICE_ERRORS[kind]
    return AwsError(*next((error for names, error in by_service.items() if service in names.split()), by_service[""]))


_JSON: Final = "application/x-amz-json-1.1"
_XML: Final = "text/xml"


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    length: int | None = None
    """The wrong length that it declares, if any."""
    seconds_a_byte: float = 0.0
    """The seconds that each byte takes."""

    @property
    def status_line(self) -> str:
        """The status in WSGI's format."""
        try:
            return f"{self.status} {HTTPStatus(self.status).phrase}"
        except ValueError:
            return f"{self.status} Unknown"


def result_answer(operation: OperationModel, result: Mapping[str, Any]) -> Response:
    """Return the response with a result; members that the model does not know are dropped."""
    service = operation.service_model
    serializer = get_serializer_class(str(service.service_name), str(service.protocol))(operation_model=operation)
    written = serializer.serialize(result)
    body = written["body"]
    request_id = str(uuid4())
    content = (body.encode() if isinstance(body, str) else body).replace(b">request-id<", f">{request_id}<".encode())
    headers = {"Content-Type": _content_type(str(service.protocol))} | dict(written["headers"])
    return Response(written["status_code"], headers | {"x-amzn-RequestId": request_id}, content)


def error_answer(service_name: str, error: AwsError, *, has_body: bool = True) -> Response:
    """Return the response with an error. `has_body` is False for HEAD requests, which have only the status."""
    service = _known_model(service_name)
    protocol = "json" if service is None else str(service.protocol)
    status = error.status if service is None else _modelled_status(service, error)
    request_id = str(uuid4())
    text = _ERROR_BODIES.get(protocol, _json_error)(error, request_id)
    headers = {"Content-Type": _content_type(protocol), "x-amzn-RequestId": request_id}
    if protocol in {"json", "rest-json"}:
        headers["x-amzn-ErrorType"] = error.code
    return Response(status, headers, text.encode() if has_body else b"")


def _known_model(service_name: str) -> ServiceModel | None:
    from botocore.exceptions import UnknownServiceError  # noqa: PLC0415 - the only name needed, on a rare path

    try:
        return get_service_model(service_name)
    except UnknownServiceError:
        return None


def _modelled_status(service: ServiceModel, error: AwsError) -> int:
    for shape in service.error_shapes:
        if error.code in {shape.name, shape.error_code}:
            status = shape.metadata.get("error", {}).get("httpStatusCode")
            return int(status) if status else error.status
    return error.status


def _content_type(protocol: str) -> str:
    return _JSON if protocol in {"json", "rest-json"} else _XML


def _json_error(error: AwsError, _request_id: str) -> str:
    return json.dumps({"__type": error.code, "message": error.message})


def _fault(error: AwsError) -> str:
    return "Receiver" if error.status >= 500 else "Sender"


def _query_error(error: AwsError, request_id: str) -> str:
    return (
        f"<ErrorResponse><Error><Type>{_fault(error)}</Type><Code>{escape(error.code)}</Code>"
        f"<Message>{escape(error.message)}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    )


def _ec2_error(error: AwsError, request_id: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Response><Errors><Error><Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
        f"</Error></Errors><RequestID>{request_id}</RequestID></Response>"
    )


def _rest_xml_error(error: AwsError, request_id: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
        f"<RequestId>{request_id}</RequestId><HostId>simulated</HostId></Error>"
    )


_ERROR_BODIES: Final = {"query": _query_error, "ec2": _ec2_error, "rest-xml": _rest_xml_error}


# For these, the services have error texts of their own, and the models have no bounds.
_UNCHECKED: Final = frozenset({"ec2", "s3"})


def validate(model: OperationModel, parameters: Mapping[str, Any]) -> None:
    """Raise AwsError for values that are missing, too small, too big, or not in their enumeration."""
    shape = model.input_shape
    if not isinstance(shape, StructureShape) or str(model.service_model.service_name) in _UNCHECKED:
        return
    found = [
        f"Value null at '{_spelled(name)}' failed to satisfy constraint: Member must not be null"
        for name in shape.required_members
        if name not in parameters
    ]
    for name, value in parameters.items():
        member = shape.members.get(name)
        if member is not None:
            found += _violations(_spelled(name), value, member)
    if found:
        problems = "1 validation error" if len(found) == 1 else f"{len(found)} validation errors"
        raise AwsError("ValidationException", f"{problems} detected: {'; '.join(found)}")


def _violations(name: str, value: object, shape: Shape) -> list[str]:
    smallest, biggest, allowed = (shape.metadata.get(key) for key in ("min", "max", "enum"))
    failed = f"Value '{value}' at '{name}' failed to satisfy constraint: Member must"
    if isinstance(value, int) and shape.type_name in {"integer", "long"}:
        measure, words = value, "have value"
    elif isinstance(value, (str, list)) and shape.type_name in {"list", "string"}:
        measure, words = len(value), "have length"
    else:
        return []
    if allowed and value not in allowed:
        return [f"{failed} satisfy enum value set: [{', '.join(allowed)}]"]
    if smallest is not None and measure < smallest:
        return [f"{failed} {words} greater than or equal to {smallest}"]
    if biggest is not None and measure > biggest:
        return [f"{failed} {words} less than or equal to {biggest}"]
    return []


def _spelled(name: str) -> str:
    return name[:1].lower() + name[1:]


SERVICES: Final = frozenset(
    {"cloudtrail", "ec2", "iam", "iam-toolbox", "kms", "logs", "organizations", "s3", "ssm", "sts"}
)
"""The services of the simulated AWS, by the names of botocore's models."""

_SCOPE: Final = re.compile(
    r"Credential=(?P<key>[^/\s,]+)/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Signature:
    """The signature of a request: its access key, and SigV4's credential scope."""

    access_key: str
    region: str
    service: str


@dataclass(frozen=True, slots=True)
class ApiCall(Call):
    """A call that the simulated AWS supports. `moto` makes the same call to moto and returns the response."""

    caller_arn: str
    model: OperationModel
    moto: Callable[[], Response] = field(repr=False)

    @property
    def hidden(self) -> state.HiddenState:
        """The hidden state of the call's account and Region."""
        return state.hidden(self.account, self.region)


def signature_of(environ: Mapping[str, Any]) -> Signature | None:
    """Return the signature of a request, from its header or its presigned address."""
    scope = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    if scope is None:
        presigned = parse_qs(environ.get("QUERY_STRING", "")).get("X-Amz-Credential", [""])[0]
        scope = _SCOPE.search(f"Credential={presigned}")
    if scope is None:
        return None
    # IAM Toolbox is a separate API whose requests are signed for IAM.
    is_toolbox = scope["service"] == "iam" and str(environ.get("PATH_INFO", "")).startswith("/authorization-details/")
    return Signature(scope["key"], scope["region"], "iam-toolbox" if is_toolbox else scope["service"])


def named_operation(environ: Mapping[str, Any], body: bytes) -> str:
    """Return the operation that a request names, known or not; empty for REST protocols, which name none."""
    target = str(environ.get("HTTP_X_AMZ_TARGET", ""))
    if target:
        return target.rpartition(".")[2]
    if str(environ.get("CONTENT_TYPE", "")).startswith("application/x-www-form-urlencoded"):
        return parse_qs(body.decode("utf-8", "replace")).get("Action", [""])[0]
    return parse_qs(str(environ.get("QUERY_STRING", ""))).get("Action", [""])[0]


def read_parameters(service: str, environ: Mapping[str, Any], body: bytes) -> tuple[OperationModel, dict[str, Any]]:
    """Return the operation and its parameters, by the names of botocore's model.

    Raises AwsError if the service has no such operation or the request cannot be read.
    """
    request = Request({**environ, "wsgi.input": io.BytesIO(body)})
    try:
        model, in_path = get_service_router(service).match(request)
    except (NotFound, NotImplementedError, UnknownServiceError) as error:
        raise unknown_operation(service, named_operation(environ, body)) from error
    parser = PROTOCOL_PARSERS[str(get_service_model(service).protocol)](model)
    try:
        parsed = parser.parse(
            {
                "method": request.method,
                "values": request.values,
                "headers": request.headers,
                "body": body,
                "url_path": request.path,
                "url_params": in_path,
            }
        )
    except (RequestParserError, ValueError, TypeError, AttributeError) as error:
        raise AwsError("SerializationException", "The request could not be read.") from error
    return model, {name: value for name, value in parsed.items() if value is not None}


def unknown_operation(service: str, operation: str) -> AwsError:
    """Return the error for an operation that AWS or this simulation does not have."""
    said = f"The simulated AWS has no operation {service}:{operation or '(unnamed)'}."
    if service in {"ec2", "iam", "sts"}:
        return AwsError("InvalidAction", said)
    if service == "s3":
        return AwsError("NotImplemented", said, 501)
    return AwsError("UnknownOperationException", said)


@dataclass(frozen=True, slots=True)
class Caller:
    """A principal, by the ARN that sts:GetCallerIdentity shows. The setup of a scenario is not authorized."""

    arn: str
    is_setup: bool = False

    @property
    def account(self) -> str:
        """The account of the principal."""
        return self.arn.split(":")[4]


def caller_of(access_key: str, service: str) -> Caller:
    """Return the principal of an access key; raise AwsError if the key is unknown."""
    if access_key == state.SETUP_ACCESS_KEY:
        return Caller(f"arn:aws:iam::{state.account_in_setup()}:root", is_setup=True)
    end = state.shared.role_session_ends.get(access_key)
    if end is not None and end <= state.now():
        raise service_error(FaultKind.EXPIRED, service)
    arn = state.caller_arn_of(access_key) or _known_to_moto(access_key)
    if arn is None:
        raise service_error(UNKNOWN_KEY, service)
    return Caller(arn)


def _known_to_moto(access_key: str) -> str | None:
    for account, partition, _ in list(iam_backends.iter_backends()):
        assumed = sts_backends[account][partition].get_assumed_role_from_access_key(access_key)
        if assumed is not None:
            return str(assumed.arn)
        user = iam_backends[account][partition].get_user_from_access_key_id(access_key)
        if user is not None:
            return str(user.arn)
    return None


Result = Mapping[str, Any]
Handler = Callable[[ApiCall], Result]

handlers: Final[dict[tuple[str, str], Handler]] = {}


def operation(service: str, *names: str) -> Callable[[Handler], Handler]:
    """Register a function as the handler of operations of a service.

    The function takes the call and returns the result by the names of botocore's model, or raises AwsError.
    """

    def register(handler: Handler) -> Handler:
        for name in names:
            handlers[service, name] = handler
        return handler

    return register


Item = TypeVar("Item")


def page(
    call: ApiCall, member: str, items: Sequence[Item], size: int, show: Callable[[Item], object] | None = None
) -> dict[str, Any]:
    """Return one page as a result, by the call's MaxResults and NextToken; `member` holds the items."""
    start = _position(call.parameters.get("NextToken"))
    end = start + int(call.parameters.get("MaxResults", size))
    token = base64.urlsafe_b64encode(f"from {end}".encode()).decode() if end < len(items) else None
    return {member: [show(item) if show else item for item in items[start:end]], "NextToken": token}


def _position(token: str | None) -> int:
    if not token:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token).decode().removeprefix("from "))
    except (binascii.Error, ValueError) as error:
        raise AwsError("InvalidNextToken", "The specified token isn't valid.") from error
