"""The ways by which a reader could be made to send something, from its front door to its very sockets."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from botocore import xform_name
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest, prepare_request_dict
from botocore.credentials import Credentials

from ssmtui.evidence.aws import sdk
from ssmtui.evidence.aws.clients import ScopeClient
from ssmtui.evidence.facts.sources import all_reads
from tools.trust.writes.operations import least, model_of

REGION = "eu-west-3"
_UNNEEDED = sdk.Timeouts(connect=1, read=2, attempts=1)
_HANDLERS = (
    ("before-call", sdk.READS_ONLY.refuse_call),
    ("before-call", sdk.refuse_secrets),
    ("before-sign", sdk.READS_ONLY.refuse_signing),
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """An operation, and what somebody who tries to send it has at hand: a client that is whole, and one subverted."""

    service: str
    operation: str
    scope: ScopeClient
    session: sdk.Session
    client: Any
    subverted: Any
    endpoint_url: str

    @property
    def parameters(self) -> dict[str, Any]:
        """What the operation needs."""
        return least(self.service, self.operation)

    def request(self) -> dict[str, Any]:
        """The request as the SDK would write it, made without it being asked."""
        model = model_of(self.service).operation_model(self.operation)
        made: dict[str, Any] = self.client._serializer.serialize_to_request(self.parameters, model)
        prepare_request_dict(made, self.endpoint_url, context={"client_region": REGION, "client_config": None})
        return made


Way = Callable[[Attempt], Awaitable[object]]


async def front_door(at: Attempt) -> object:
    """The reader is asked, as readers do."""
    return await at.scope.call(at.service, at.operation, **at.parameters)


async def step_below(at: Attempt) -> object:
    """The step below it is, with a client that knows every operation."""
    return await sdk.invoke(at.client, at.operation, at.parameters)


async def method(at: Attempt) -> object:
    """The client's own method."""
    return await getattr(at.client, xform_name(at.operation))(**at.parameters)


async def api_call(at: Attempt) -> object:
    """What all methods of the client lead to."""
    return await at.client._make_api_call(at.operation, at.parameters)


async def rebound(at: Attempt) -> object:
    """A declared read whose method on the client is another's by now."""
    return await _rebound(at, at.client)


async def rebound_without_handlers(at: Attempt) -> object:
    """The same, where whatever refuses by name was taken away as well."""
    return await _rebound(at, at.subverted)


async def _rebound(at: Attempt, client: Any) -> object:
    declared = next(operation for service, operation in all_reads() if service == at.service)
    name = xform_name(declared)
    setattr(client, name, getattr(client, xform_name(at.operation)))
    try:
        return await sdk.invoke(client, declared, at.parameters)
    finally:
        delattr(client, name)


async def another_client(at: Attempt) -> object:
    """A client that nobody here has made, of the session that has the credentials."""
    made = at.session.raw.create_client(at.service, region_name=REGION, endpoint_url=at.endpoint_url)
    async with made as client:
        return await getattr(client, xform_name(at.operation))(**at.parameters)


async def presigned(at: Attempt) -> object:
    """An address, signed for whoever has it."""
    return await at.client.generate_presigned_url(xform_name(at.operation), Params=at.parameters)


async def signed_by_its_signer(at: Attempt) -> object:
    """The same of the signer itself."""
    return await at.client._request_signer.generate_presigned_url(at.request(), at.operation)


async def request_of_its_own(at: Attempt) -> object:
    """The request is made elsewhere, and the client asked to send it."""
    model = model_of(at.service).operation_model(at.operation)
    return await at.subverted._make_request(model, at.request(), {})


async def at_the_endpoint(at: Attempt) -> object:
    """The same, one step lower, where nothing is signed by itself any more."""
    return await at.subverted._endpoint.make_request(model_of(at.service).operation_model(at.operation), at.request())


async def without_handlers(at: Attempt) -> object:
    """Whatever refuses by name was taken away from the client."""
    return await getattr(at.subverted, xform_name(at.operation))(**at.parameters)


async def by_its_sender(at: Attempt) -> object:
    """A request that is signed by hand, given to what sends the client's."""
    return await at.subverted._endpoint.http_session.send(_signed(at).prepare())


async def by_the_session_of_its_sender(at: Attempt) -> object:
    """The same, by the connections that the sender keeps."""
    prepared = _signed(at).prepare()
    session = await at.subverted._endpoint.http_session._get_session(None)
    headers = {name: str(value) for name, value in prepared.headers.items()}
    return await session.request(prepared.method, url=prepared.url, headers=headers, data=prepared.body)


def _signed(at: Attempt) -> AWSRequest:
    made = at.request()
    body = made["body"]
    request = AWSRequest(made["method"], made["url"], made["headers"], body if body else b"")
    with suppress(TypeError, AttributeError):
        SigV4Auth(Credentials("AKIA", "secret"), at.service, REGION).add_auth(request)
    return request


BY_NAME: Mapping[str, Way] = {
    each.__name__: each
    for each in (front_door, step_below, method, api_call, rebound, another_client, presigned, signed_by_its_signer)
}
"""Refused by the name of the operation: whatever no reader declares, reads included."""

BY_BYTES: Mapping[str, Way] = {
    each.__name__: each
    for each in (
        rebound_without_handlers,
        request_of_its_own,
        at_the_endpoint,
        without_handlers,
        by_its_sender,
        by_the_session_of_its_sender,
    )
}
"""Refused by what would be sent, or at the earliest where it is signed: whatever changes something."""


def subvert(client: Any) -> None:
    """Take away from a client what refuses by name."""
    for event, handler in _HANDLERS:
        client.meta.events.unregister(event, handler)


def open_client(session: sdk.Session, service: str, endpoint_url: str) -> Any:
    """A client that knows every operation of a service."""
    return session.client(service, REGION, endpoint_url, _UNNEEDED)
