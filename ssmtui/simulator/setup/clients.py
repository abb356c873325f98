"""Provide the API clients that build a scenario, and references to names that AWS assigns."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, unquote, urlencode
from uuid import uuid4

from botocore import xform_name
from botocore.serialize import create_serializer
from moto.core.model import OperationModel
from moto.core.utils import get_service_model
from moto.utilities.utils import get_partition

from ssmtui.simulator.call import Response
from ssmtui.simulator.moto_aws import read_answer
from ssmtui.simulator.scenario import StatementJSON
from ssmtui.simulator.state import SETUP_ACCESS_KEY

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


_WRITTEN: Final = "arn:aws:"
_REFERENCE: Final = re.compile(r"<(key|key-id|id):([^>]*)>")


class References:
    """The ARNs of keys and the ids of networks and nodes created so far, by name, and the home Region's partition."""

    def __init__(self, home: str) -> None:
        self.home = home
        self._arns: dict[str, str] = {}
        self._prefix = f"arn:{get_partition(home)}:"

    def add(self, key_name: str, arn: str) -> None:
        """Add the ARN of a key."""
        self._arns[key_name] = arn

    def arn(self, key_name: str) -> str:
        """Return the ARN of a key; raise KeyError if the scenario has no key of that name."""
        return self._arns[key_name]

    def resolved(self, text: str) -> str:
        """Return the text with every reference replaced, in ARNs of the partition."""
        return _REFERENCE.sub(self._meant, text.replace(_WRITTEN, self._prefix))

    def _meant(self, found: re.Match[str]) -> str:
        arn = self._arns[found.group(2)]
        return arn.rpartition("/")[2] if found.group(1) == "key-id" else arn

    def document(self, statements: Sequence[StatementJSON | Mapping[str, object]]) -> str:
        """Return a policy document of these statements."""
        return self.resolved(json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))


# With an IP address, S3 and moto find the bucket in the path.
_NOWHERE: Final = "127.0.0.1"


class Client:
    """The operations of a service in a Region, by the method names of the SDK."""

    def __init__(self, application: WSGIApplication, service: str, region: str) -> None:
        self._application: Callable[..., Iterable[bytes]] = application
        self._model = get_service_model(service)
        self._serializer = create_serializer(str(self._model.protocol), include_validation=False)
        self._operations = {xform_name(name): name for name in self._model.operation_names}
        # Nothing verifies the signature.
        scope = f"{SETUP_ACCESS_KEY}/20260101/{region}/{service}/aws4_request"
        self._signature = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"

    def __getattr__(self, method: str) -> Callable[..., dict[str, Any]]:
        """Return the method of an operation."""
        if method not in self._operations:
            raise AttributeError(method)
        return partial(self._call, self._model.operation_model(self._operations[method]))

    def _call(self, operation: OperationModel, **parameters: object) -> dict[str, Any]:
        """Return the response to a call. Raises AwsError if it is refused."""
        tokens = {name: str(uuid4()) for name in operation.idempotent_members}
        request = self._serializer.serialize_to_request({**tokens, **parameters}, operation)
        return read_answer(operation, self._answer(request))

    def _answer(self, request: Mapping[str, Any]) -> Response:
        started: dict[str, Any] = {}

        def start_response(status: str, headers: list[tuple[str, str]], _error: object = None) -> None:
            started.update(status=int(status.partition(" ")[0]), headers=dict(headers))

        body = b"".join(self._application(self._environ(request), start_response))
        return Response(started["status"], started["headers"], body)

    def _environ(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return a request in WSGI's format."""
        content = request["body"]
        if isinstance(content, Mapping):
            content = urlencode(content, safe="-._~")
        body = content if isinstance(content, bytes) else content.encode()
        query = request["query_string"]
        query = query if isinstance(query, str) else urlencode(query, quote_via=quote)
        path, _, in_path = str(request["url_path"]).partition("?")
        headers = {"HTTP_" + name.upper().replace("-", "_"): str(value) for name, value in request["headers"].items()}
        return headers | {
            "REQUEST_METHOD": request["method"],
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(path),
            "RAW_URI": path,
            "QUERY_STRING": "&".join(filter(None, (in_path, query))),
            "CONTENT_TYPE": headers.pop("HTTP_CONTENT_TYPE", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_AUTHORIZATION": self._signature,
            "HTTP_HOST": _NOWHERE,
            "SERVER_NAME": _NOWHERE,
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": _NOWHERE,
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
        }


class Clients:
    """One client per service and Region, with the access key that passes the gate."""

    def __init__(self, application: WSGIApplication) -> None:
        self._application = application
        self._clients: dict[tuple[str, str], Client] = {}

    def of(self, service: str, region: str) -> Any:  # noqa: ANN401 - its methods are those of the SDK's client
        """Return the client of a service in a Region."""
        if (service, region) not in self._clients:
            self._clients[service, region] = Client(self._application, service, region)
        return self._clients[service, region]


@lru_cache(maxsize=1)
def clients_of(application: WSGIApplication) -> Clients:
    """Return the cached clients of an application: creating them takes longer than building a small world."""
    return Clients(application)
