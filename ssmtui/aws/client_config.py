"""Configure all SDK clients: endpoints, timeouts, user agent, and hooks that allow only listed operations.

A session here is botocore's or aiobotocore's.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

import ssmtui
from ssmtui.aws.errors import refuse_strange_answer
from ssmtui.model.scope import Scope

USER_AGENT = f"ssmtui/{ssmtui.__version__}"
CONNECT_SECONDS = 5.0
RESEND_ATTEMPTS = 4
"""How often a repeatable request of the writer and of sessions is sent.

Reads have limits of their own: `Timeouts.attempts` (evidence/aws/sdk.py) of the SDK, `RetryPolicy`
(evidence/aws/clients.py) of throttled reads, and `RetryBudget.failures` (evidence/aws/limits.py) of server errors
while AWS throttles.
"""

_FOR_OTHERS = ("-query", "-presign-post")
"""Endings of botocore's signature versions for a URL or a form: anybody who has it could send the request."""

Operation = tuple[str, str]
"""botocore's names of a service and of an operation."""


@dataclass(frozen=True, slots=True)
class ClientAccess:
    """Where a client sends its requests. The profile's AWS files can name endpoints."""

    profile: str | None
    region: str
    endpoint_url: str | None = None

    @classmethod
    def to(cls, scope: Scope, endpoint_url: str | None) -> ClientAccess:
        """Return the access with which a scope was opened."""
        return cls(scope.name.profile, scope.region, endpoint_url)


@dataclass(frozen=True, slots=True)
class OperationGuard:
    """Hooks of the SDK that refuse, below every call site, what is not on a list of operations."""

    allowed: Callable[[], Collection[Operation]]
    error: Callable[[str, str], Exception]

    def register(self, events: Any) -> None:
        """Guard all requests of a client, or of the clients that a session makes from now on."""
        events.register_first("before-call", self.refuse_call)
        events.register_first("before-sign", self.refuse_signing)
        events.register_first("before-parse", refuse_strange_answer)

    def refuse_call(self, model: Any, **_: object) -> None:
        """Refuse to send an operation that is not listed."""
        operation = (model.service_model.service_name, model.name)
        if operation not in self.allowed():
            raise self.error(*operation)

    def refuse_signing(self, operation_name: str, signature_version: object, request_signer: Any, **_: object) -> None:
        """Refuse to sign an operation that is not listed, and a URL or form for others."""
        listed = {operation for _, operation in self.allowed()}
        if operation_name not in listed or str(signature_version).endswith(_FOR_OTHERS):
            raise self.error(str(request_signer._service_id), operation_name)


def config_options(connect: float, read: float, attempts: int) -> dict[str, Any]:
    """Return the options of the SDK's `Config` that all clients set alike: timeouts and retries."""
    retries = {"mode": "standard", "total_max_attempts": attempts}
    return {"connect_timeout": connect, "read_timeout": read, "retries": retries}


def make_client(
    create: Callable[..., Any],
    service: str,
    access: ClientAccess,
    guard: OperationGuard,
    *,
    once: bool,
    answer_seconds: float,
) -> Any:
    """Return a guarded client of botocore or boto3. `create` is the session's method; `once` sends nothing again."""
    from botocore.config import Config

    options = config_options(CONNECT_SECONDS, answer_seconds, 1 if once else RESEND_ATTEMPTS)
    config = Config(**options, user_agent_extra=USER_AGENT)
    client = create(service, region_name=access.region, endpoint_url=access.endpoint_url, config=config)
    guard.register(client.meta.events)
    return client


def partition_and_suffix(session: Any, region: str) -> tuple[str, str]:
    """Return the partition that a Region is in, and the DNS suffix of its endpoints."""
    from botocore.exceptions import UnknownRegionError

    resolver = session._get_internal_component("endpoint_resolver")
    try:
        partition = str(resolver.get_partition_for_region(region))
    except UnknownRegionError:
        partition = "aws"
    return partition, str(resolver.get_partition_dns_suffix(partition))


def partition_of(region: str) -> str:
    """Return the partition that a Region is in, without a session."""
    from botocore.exceptions import UnknownRegionError
    from botocore.session import Session as PlainSession

    try:
        return str(PlainSession().get_partition_for_region(region))
    except UnknownRegionError:
        return "aws"


def default_region(named: Sequence[str]) -> str:
    """Return the default Region of a partition: the Region of its global services.

    `named` are ARNs, Regions and patterns of Regions; the first that identifies a partition counts. The default is the
    first partition.
    """
    from botocore.loaders import create_loader

    partitions = create_loader().load_data("partitions")["partitions"]
    of_arn = {str(each["id"]): each for each in partitions}
    for word in named:
        parts = word.split(":")
        for each in [of_arn[parts[1]]] if len(parts) > 1 and parts[1] in of_arn else partitions:
            if len(parts) > 1 or any(fnmatchcase(region, word) for region in each["regions"]):
                return str(each["outputs"]["implicitGlobalRegion"])
    return str(partitions[0]["outputs"]["implicitGlobalRegion"])


@cache
def partition_regions(region: str) -> tuple[str, ...]:
    """Return the Regions of the partition that a Region is in; of the first partition if the Region is empty."""
    from botocore.session import Session as PlainSession

    return tuple(sorted(PlainSession().get_available_regions("ec2", partition_of(region) if region else "aws")))


@cache
def all_regions() -> frozenset[str]:
    """Return the Regions of all partitions that the SDK knows."""
    from botocore.session import Session as PlainSession

    session = PlainSession()
    partitions = session.get_available_partitions()
    return frozenset(each for name in partitions for each in session.get_available_regions("ec2", name))


def endpoint_region(session: Any, service: str, region: str) -> str:
    """Return the Region for which requests to a service are signed: another one if the service has one endpoint."""
    resolver = session._get_internal_component("endpoint_resolver")
    endpoint = resolver.construct_endpoint(service, region) or {}
    return str(endpoint.get("credentialScope", {}).get("region") or region)


def service_url(session: Any, service: str, region: str, endpoint_url: str | None) -> str | None:
    """Return the URL of a service in a Region: the given or configured one, else its partition's; None if none.

    The SDK may have no model of the service.
    """
    from botocore.configprovider import ConfiguredEndpointProvider

    if endpoint_url is not None:
        return endpoint_url
    if not session.get_config_variable("ignore_configured_endpoint_urls"):
        configured = ConfiguredEndpointProvider(session.full_config, session.get_scoped_config(), service).provide()
        if configured:
            return str(configured)
    endpoint = session._get_internal_component("endpoint_resolver").construct_endpoint(service, region)
    return f"https://{endpoint['hostname']}" if endpoint else None


def trusted_certificates(session: Any) -> tuple[str, ...]:
    """Return the certificate files that the SDK trusts: its own, and the configured file (AWS_CA_BUNDLE), if any."""
    from botocore.httpsession import get_cert_path

    own = session.get_config_variable("ca_bundle") or os.environ.get("REQUESTS_CA_BUNDLE")
    sdks = get_cert_path(verify=True)
    return tuple(str(each) for each in (sdks, own) if each)
