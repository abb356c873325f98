"""Write the answers of a service in its protocol: results and errors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from uuid import uuid4
from xml.sax.saxutils import escape

from moto.core.model import OperationModel, ServiceModel
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model


class AwsError(Exception):
    """An error answer. Where the service's model names the status of the code, that wins over `status`."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


_JSON: Final = "application/x-amz-json-1.1"
_XML: Final = "text/xml"


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    length: int | None = None
    """How long it says that it is, where that is not so."""
    seconds_a_byte: float = 0.0
    """How slowly it is sent."""

    @property
    def status_line(self) -> str:
        """The status as WSGI takes it."""
        try:
            return f"{self.status} {HTTPStatus(self.status).phrase}"
        except ValueError:
            return f"{self.status} Unknown"


def result_answer(operation: OperationModel, result: Mapping[str, Any]) -> Response:
    """The answer that carries a result; members that the model does not know are dropped."""
    service = operation.service_model
    serializer = get_serializer_class(str(service.service_name), str(service.protocol))(operation_model=operation)
    written = serializer.serialize(result)
    body = written["body"]
    request_id = str(uuid4())
    content = (body.encode() if isinstance(body, str) else body).replace(b">request-id<", f">{request_id}<".encode())
    headers = {"Content-Type": _content_type(str(service.protocol))} | dict(written["headers"])
    return Response(written["status_code"], headers | {"x-amzn-RequestId": request_id}, content)


def error_answer(service_name: str, error: AwsError, *, has_body: bool = True) -> Response:
    """The answer that carries an error. `has_body` is False for HEAD requests, that tell by the status alone."""
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
