"""Configure the SDK's clients alike: endpoint, timeouts, user agent, and hooks that allow only listed operations."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import ssmtui
from ssmtui.aws.errors import refuse_strange_answer
from ssmtui.model.scope import Scope

USER_AGENT = f"ssmtui/{ssmtui.__version__}"
CONNECT_SECONDS = 5.0
RESEND_ATTEMPTS = 4
"""How often a request is sent that may be repeated."""

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
