"""Describe HTTP messages: a parsed request, a response, and an error in the format of its protocol."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

_JSON_TYPE: Final = "application/x-amz-json-1.1"
_XML_TYPE: Final = "text/xml;charset=UTF-8"


@dataclass(frozen=True, slots=True)
class Request:
    """An operation of a service with its parameters: text for query protocols, a document for JSON."""

    service: str
    operation: str
    asked: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The name under which it is counted."""
        return f"{self.service}:{self.operation}"

    def listed(self, name: str) -> list[str]:
        """Return the values of a list: `name.member.1`, `name.1`, or a list of the document."""
        if isinstance(within := self.asked.get(name), list):
            return [str(each) for each in within]
        found: list[str] = []
        for prefix in (f"{name}.member.", f"{name}."):
            while (value := self.asked.get(f"{prefix}{len(found) + 1}")) is not None:
                found.append(str(value))
            if found:
                break
        return found


@dataclass(frozen=True, slots=True)
class Failure:
    """An error of AWS."""

    code: str
    message: str
    status: int = 400


@dataclass(frozen=True, slots=True)
class Response:
    """A status and a body, with its type; `headers` are additional."""

    status: int
    body: bytes
    type: str
    headers: Mapping[str, str]


def response(request: Request, answer: bytes | Failure, headers: Mapping[str, str]) -> Response:
    """Return the response in the format of the service's protocol."""
    kind = _type_of(request.service)
    if isinstance(answer, bytes):
        return Response(200, answer, kind, headers)
    if kind == _JSON_TYPE:
        body = json.dumps({"__type": answer.code, "message": answer.message}).encode()
        return Response(answer.status, body, kind, {"x-amzn-ErrorType": answer.code})
    return Response(answer.status, _xml_failure(request.service, answer), kind, {})


def _xml_failure(service: str, failure: Failure) -> bytes:
    told = f"<Code>{failure.code}</Code><Message>{failure.message}</Message>"
    request = "7a62c49f-347e-4fc4-9331-6e8e00000000"
    if service == "ec2":
        within = f"<Errors><Error>{told}</Error></Errors><RequestID>{request}</RequestID>"
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<Response>{within}</Response>'.encode()
    if service == "s3":
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{told}<RequestId>{request}</RequestId></Error>'.encode()
    error = f"<Error><Type>Sender</Type>{told}</Error><RequestId>{request}</RequestId>"
    return f"<ErrorResponse>{error}</ErrorResponse>".encode()


def _type_of(service: str) -> str:
    return _XML_TYPE if service in {"ec2", "iam", "sts", "s3"} else _JSON_TYPE
