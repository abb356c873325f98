"""Read an API call from a request: service, operation, parameters, and the checks that AWS makes on them first."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs

from botocore.exceptions import UnknownServiceError
from moto.core.model import OperationModel, Shape, StructureShape
from moto.core.parse import PROTOCOL_PARSERS, RequestParserError
from moto.core.request import Request
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model
from moto.utilities.utils import get_partition
from werkzeug.exceptions import NotFound

from ssmtui.simulator.responses import AwsError, Response

# Of these the services themselves word the refusal, and the models say nothing of the bounds.
_UNCHECKED: Final = frozenset({"ec2", "s3"})


def validate(model: OperationModel, parameters: Mapping[str, Any]) -> None:
    """Raise AwsError for what is missing, too small, too big, or no value of its enumeration."""
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
"""The services that exist in the simulated AWS, by the names of botocore's models."""

_SCOPE: Final = re.compile(
    r"Credential=(?P<key>[^/\s,]+)/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Signature:
    """Whom and what a request is signed for (SigV4's credential scope)."""

    access_key: str
    region: str
    service: str


@dataclass(frozen=True, slots=True)
class ApiCall:
    """A call that the simulated AWS understands. `moto` asks moto the same and gives back its answer."""

    model: OperationModel
    account: str
    region: str
    caller_arn: str
    parameters: Mapping[str, Any]
    moto: Callable[[], Response] = field(repr=False)

    @property
    def service(self) -> str:
        """The service's name."""
        return str(self.model.service_model.service_name)

    @property
    def operation(self) -> str:
        """The operation's name."""
        return str(self.model.name)

    @property
    def partition(self) -> str:
        """The partition of the Region."""
        return str(get_partition(self.region))

    def arn(self, service: str, resource: str) -> str:
        """An ARN of this account and Region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"


def signature_of(environ: Mapping[str, Any]) -> Signature | None:
    """The signature of a request, from its header or, where it was presigned, from its address."""
    scope = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    if scope is None:
        presigned = parse_qs(environ.get("QUERY_STRING", "")).get("X-Amz-Credential", [""])[0]
        scope = _SCOPE.search(f"Credential={presigned}")
    if scope is None:
        return None
    # IAM Toolbox is an API of its own whose requests are signed for IAM.
    is_toolbox = scope["service"] == "iam" and str(environ.get("PATH_INFO", "")).startswith("/authorization-details/")
    return Signature(scope["key"], scope["region"], "iam-toolbox" if is_toolbox else scope["service"])


def named_operation(environ: Mapping[str, Any], body: bytes) -> str:
    """The operation that a request names, known or not; empty for REST protocols, that name none."""
    target = str(environ.get("HTTP_X_AMZ_TARGET", ""))
    if target:
        return target.rpartition(".")[2]
    if str(environ.get("CONTENT_TYPE", "")).startswith("application/x-www-form-urlencoded"):
        return parse_qs(body.decode("utf-8", "replace")).get("Action", [""])[0]
    return parse_qs(str(environ.get("QUERY_STRING", ""))).get("Action", [""])[0]


def read_parameters(service: str, environ: Mapping[str, Any], body: bytes) -> tuple[OperationModel, dict[str, Any]]:
    """The operation and its parameters, by the names of botocore's model.

    Raises AwsError where the service has no such operation or the request cannot be read.
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
    """What AWS answers to an operation that it does not have, or that this simulation does not."""
    said = f"The simulated AWS has no operation {service}:{operation or '(unnamed)'}."
    if service in {"ec2", "iam", "sts"}:
        return AwsError("InvalidAction", said)
    if service == "s3":
        return AwsError("NotImplemented", said, 501)
    return AwsError("UnknownOperationException", said)
