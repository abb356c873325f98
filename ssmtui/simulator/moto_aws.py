"""Call moto as a WSGI application in this process, with the managed policies that scenarios use."""

from __future__ import annotations

import io
import json
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, Final

from botocore.parsers import create_parser
from moto.core import responses as moto_responses
from moto.core.base_backend import BackendDict
from moto.core.model import OperationModel
from moto.core.model_instances import reset_model_data
from moto.core.utils import get_service_model, method_names_from_class
from moto.ec2 import utils as ec2_utils
from moto.ec2.models import ec2_backends
from moto.iam import models as iam_models
from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import iam_backends
from moto.kms import models as kms_models
from moto.kms.utils import AbstractPrivateKey, generate_private_key
from moto.moto_api._internal import mock_random
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from ssmtui.simulator.call import AwsError, Response

_KEPT: Final = (
    "AWSKeyManagementServicePowerUser",
    "AdministratorAccess",
    "AmazonEC2",
    "AmazonS3",
    "AmazonSSM",
    "CloudWatch",
    "IAMFullAccess",
    "IAMReadOnlyAccess",
    "PowerUserAccess",
    "ReadOnlyAccess",
    "SecurityAudit",
    "ViewOnlyAccess",
)


def keep_useful_policies() -> None:
    """Drop the other policies: moto reads all 1,582 at every reset, which takes as long as building a small world."""
    documents = json.loads(aws_managed_policies_data)
    useful = {name: document for name, document in documents.items() if name.startswith(_KEPT)}
    setattr(iam_models, "aws_managed_policies_data", json.dumps(useful))  # noqa: B010 - moto does not export the name


keep_useful_policies()
# moto searches a service's class for its operations at every request.
setattr(moto_responses, "method_names_from_class", cache(method_names_from_class))  # noqa: B010 - not exported


@cache
def _key_pair(spec: str) -> AbstractPrivateKey | None:
    """Return the key pair of a kind of key.

    moto creates a pair for every key, also for keys that never sign: that is the slowest part of a small world.
    """
    return None if spec == "SYMMETRIC_DEFAULT" else generate_private_key(spec)


FIREWALL_MEMBER: Final = "NetworkFirewallConnectivityType"
"""A member of subnets in botocore 1.44.8, which the model of moto's botocore does not have."""


def _add_later_members() -> None:
    # botocore does not export the description of a service. What moto writes is read from it.
    shapes = vars(get_service_model("ec2"))["_service_description"]["shapes"]
    member = {"shape": "String", "locationName": "networkFirewallConnectivityType"}
    shapes["Subnet"]["members"].setdefault(FIREWALL_MEMBER, member)


_add_later_members()
setattr(kms_models, "generate_private_key", _key_pair)  # noqa: B010 - not exported


def filter_expression(value: str) -> str:
    """Return a filter value of EC2 as a regular expression: `*` and `?` are wildcards, a backslash escapes them."""
    parts = re.finditer(r"\\(?P<escaped>.)|(?P<plain>.)", value, re.DOTALL)
    return "".join(map(_expression, parts)) + r"\Z"


def _expression(found: re.Match[str]) -> str:
    if found["escaped"] is not None:
        return re.escape(found["escaped"])
    return {"*": "(?s:.*)", "?": "(?s:.)"}.get(found["plain"], re.escape(found["plain"]))


# moto reads brackets as patterns, and knows no escaped backslash.
setattr(ec2_utils, "simple_aws_filter_to_re", filter_expression)  # noqa: B010 - not exported

moto_lock: Final = threading.RLock()
"""Held during calls of moto's backends, which are not thread-safe; with one interpreter lock, this costs nothing."""

_SEED: Final = 20261124
_SERVICES: Final = ("ec2", "iam", "kms", "logs", "s3", "ssm", "sts")


class MotoLacksOperationError(Exception):
    """Moto has no such operation."""


class Moto:
    """moto's server application, without a server."""

    def __init__(self) -> None:
        self._application = DomainDispatcherApplication(create_backend_app)
        # Created at the first request for a service, each would use some of the ids of the seed, so that the first
        # scenario of a process would get other ids than the next.
        for service in _SERVICES:
            self._application.app_instances[service] = create_backend_app(service)

    def answer(self, service: str, environ: Mapping[str, Any], body: bytes, account: str) -> Response:
        """Return moto's response to a request to a service for an account.

        Raises MotoLacksOperationError, and AwsError (InternalFailure) if moto itself fails.
        """
        started: dict[str, Any] = {}

        def start_response(status: str, headers: list[tuple[str, str]], _exc_info: object = None) -> None:
            started.update(status=int(status.partition(" ")[0]), headers=dict(headers))

        request = {
            **environ,
            "wsgi.input": io.BytesIO(body),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_X_MOTO_ACCOUNT_ID": account,
        }
        request.pop("HTTP_TRANSFER_ENCODING", None)
        # The dispatcher searches moto's folders at each request for the service.
        application: Callable[..., Iterable[bytes]] = self._application.app_instances.get(service, self._application)
        try:
            chunks: Iterable[bytes] = application(request, start_response)
            content = b"".join(chunks)
        except NotImplementedError as error:
            raise MotoLacksOperationError(str(error)) from error
        except Exception as error:
            # moto's errors are of every type, and a client must only see responses of AWS.
            raise AwsError("InternalFailure", f"{type(error).__name__}: {error}", 500) from error
        answer = Response(started["status"], started["headers"], content)
        if answer.status >= 400 and b"<!doctype html" in content[:100].lower():
            raise MotoLacksOperationError(f"HTTP {answer.status}")
        return answer


def read_answer(model: OperationModel, answer: Response) -> dict[str, Any]:
    """Return the values in a response of moto; raise AwsError if it is an error."""
    parser = create_parser(str(model.service_model.protocol))
    headers = {name.lower(): value for name, value in answer.headers.items()}
    response = {"status_code": answer.status, "headers": headers, "body": answer.body}
    parsed: dict[str, Any] = parser.parse(response, model.output_shape)
    if answer.status >= 300:
        error = parsed.get("Error", {})
        raise AwsError(error.get("Code", "InternalFailure"), error.get("Message", ""), answer.status)
    parsed.pop("ResponseMetadata", None)
    return parsed


def reset_moto() -> None:
    """Forget everything, and make the next ids the same as in every other run."""
    for backends in (ec2_backends, iam_backends):
        # A reset would fill each with AWS's own resources, only to drop them.
        backends.clear()
    BackendDict.reset()
    reset_model_data()
    mock_random.seed(_SEED)
