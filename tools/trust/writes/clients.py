"""Test the clients that read and write with every operation and every way to send something."""

from __future__ import annotations

import asyncio
import re
import socketserver
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any
from xml.etree.ElementTree import ParseError

from botocore import xform_name
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest, prepare_request_dict
from botocore.credentials import Credentials
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from botocore.session import Session

from ssmtui.aws.client_config import ClientAccess
from ssmtui.evidence.aws import sdk
from ssmtui.evidence.aws.allowed_reads import CREDENTIAL_OPERATIONS, DRY_RUNS, NotAReadOperation
from ssmtui.evidence.aws.clients import Clients, ClientSettings, ScopeClient
from ssmtui.evidence.facts.sources import all_reads
from ssmtui.model.plan import Call
from ssmtui.model.scope import ScopeName, SharedCredentials
from ssmtui.remediation.apply.apply_plan import SingleCallWriter
from ssmtui.remediation.apply.writer import Writer
from ssmtui.remediation.operations.catalog import READS, WRITES
from ssmtui.remediation.operations.write_operation import CallNotInPlan, OperationNotAllowed
from ssmtui.session.client import OPERATIONS, NotASessionOperation, SessionClient
from ssmtui.session.client import READS as SESSION_READS
from tests.simulated_aws import one_sdk_for_all_sessions

_READING = re.compile(r"(BatchGet|Decode|Describe|Get|Head|List|Lookup|Search|Select|Simulate|Test|Validate)[A-Z]")
_DEEPEST = 8


def services() -> tuple[str, ...]:
    """Return the services that the reader calls, including those of the SDK's credentials."""
    return tuple(sorted({service for service, _ in (*all_reads(), *CREDENTIAL_OPERATIONS)}))


@cache
def model_of(service: str) -> Any:
    """Return botocore's complete model of a service."""
    return Session().get_service_model(service)


def unlisted(service: str) -> Iterator[str]:
    """Yield the operations of a service that no reader declares."""
    listed = {*all_reads(), *CREDENTIAL_OPERATIONS}
    return (each for each in model_of(service).operation_names if (service, each) not in listed)


def is_write(operation: str) -> bool:
    """Return whether an operation is not a read by its name; an unclear name counts as a write."""
    return _READING.match(operation) is None


def least(service: str, operation: str) -> dict[str, Any]:
    """Return the minimal parameters that the SDK accepts for an operation."""
    shape = model_of(service).operation_model(operation).input_shape
    return _value(shape, 0) if shape is not None else {}


def _value(shape: Any, depth: int) -> Any:
    match shape.type_name:
        case "structure":
            if getattr(shape, "is_document_type", False) or depth > _DEEPEST:
                return {}
            needed = {name: _value(shape.members[name], depth + 1) for name in shape.required_members}
            if getattr(shape, "is_tagged_union", False) and not needed and shape.members:
                name, member = next(iter(shape.members.items()))
                return {name: _value(member, depth + 1)}
            return needed
        case "list":
            return [_value(shape.member, depth + 1)] * max(int(shape.metadata.get("min", 1)), 1)
        case "map":
            return {}
        case "blob":
            return b"x"
        case "timestamp":
            return datetime(2026, 1, 1, tzinfo=UTC)
        case "boolean":
            return False
        case "integer" | "long":
            return int(shape.metadata.get("min", 1))
        case "float" | "double":
            return float(shape.metadata.get("min", 1))
    text = shape.enum[0] if shape.enum else "x"
    return str(text).ljust(int(shape.metadata.get("min", 1)), "x")


_ANSWER = b"HTTP/1.1 400 X\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"


@dataclass(slots=True)
class Ear:
    """The data that arrived at an address: the first bytes of each connection."""

    endpoint_url: str
    heard: list[bytes] = field(default_factory=list)


@contextmanager
def an_ear() -> Iterator[Ear]:
    """Yield a listener while the context lasts."""

    class Hearing(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            ear.heard.append(self.request.recv(65536))
            self.request.sendall(_ANSWER)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), Hearing) as server:
        ear = Ear(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.05), daemon=True)
        thread.start()
        try:
            yield ear
        finally:
            server.shutdown()
            thread.join()


REGION = "eu-west-3"
_UNNEEDED = sdk.Timeouts(connect=1, read=2, attempts=1)
_HANDLERS = (
    ("before-call", sdk.READS_ONLY.refuse_call),
    ("before-call", sdk.refuse_secrets),
    ("before-sign", sdk.READS_ONLY.refuse_signing),
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """An operation, with the objects for an attempt to send it: an intact client, and a manipulated one."""

    service: str
    operation: str
    scope: ScopeClient
    session: sdk.Session
    client: Any
    subverted: Any
    endpoint_url: str

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters that the operation needs."""
        return least(self.service, self.operation)

    def request(self) -> dict[str, Any]:
        """Return the request as the SDK would write it, created without the client."""
        model = model_of(self.service).operation_model(self.operation)
        made: dict[str, Any] = self.client._serializer.serialize_to_request(self.parameters, model)
        prepare_request_dict(made, self.endpoint_url, context={"client_region": REGION, "client_config": None})
        return made


Way = Callable[[Attempt], Awaitable[object]]


async def front_door(at: Attempt) -> object:
    """Call the reader, as the readers do."""
    return await at.scope.call(at.service, at.operation, **at.parameters)


async def step_below(at: Attempt) -> object:
    """Call the layer below, with a client that has every operation."""
    return await sdk.invoke(at.client, at.operation, at.parameters)


async def method(at: Attempt) -> object:
    """Call the client's own method."""
    return await getattr(at.client, xform_name(at.operation))(**at.parameters)


async def api_call(at: Attempt) -> object:
    """Call the function behind all methods of the client."""
    return await at.client._make_api_call(at.operation, at.parameters)


async def rebound(at: Attempt) -> object:
    """Call a declared read whose method on the client was replaced."""
    return await _rebound(at, at.client)


async def rebound_without_handlers(at: Attempt) -> object:
    """Do the same, after removing the handlers that refuse by name."""
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
    """Call another client of the session with the credentials."""
    made = at.session.raw.create_client(at.service, region_name=REGION, endpoint_url=at.endpoint_url)
    async with made as client:
        return await getattr(client, xform_name(at.operation))(**at.parameters)


async def presigned(at: Attempt) -> object:
    """Create a presigned address."""
    return await at.client.generate_presigned_url(xform_name(at.operation), Params=at.parameters)


async def signed_by_its_signer(at: Attempt) -> object:
    """Create it with the signer itself."""
    return await at.client._request_signer.generate_presigned_url(at.request(), at.operation)


async def request_of_its_own(at: Attempt) -> object:
    """Create the request elsewhere, and send it with the client."""
    model = model_of(at.service).operation_model(at.operation)
    return await at.subverted._make_request(model, at.request(), {})


async def at_the_endpoint(at: Attempt) -> object:
    """Do the same, one layer below, where nothing is signed automatically."""
    return await at.subverted._endpoint.make_request(model_of(at.service).operation_model(at.operation), at.request())


async def without_handlers(at: Attempt) -> object:
    """Call the client without the handlers that refuse by name."""
    return await getattr(at.subverted, xform_name(at.operation))(**at.parameters)


async def by_its_sender(at: Attempt) -> object:
    """Sign a request by hand, and send it with the client's sender."""
    return await at.subverted._endpoint.http_session.send(_signed(at).prepare())


async def by_the_session_of_its_sender(at: Attempt) -> object:
    """Do the same with the sender's connections."""
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
"""Attempts refused by the operation's name: everything that no reader declares, including reads."""

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
"""Attempts refused by the request, at the latest when it is signed: everything that changes something."""


def subvert(client: Any) -> None:
    """Remove the handlers of a client that refuse by name."""
    for event, handler in _HANDLERS:
        client.meta.events.unregister(event, handler)


def open_client(session: sdk.Session, service: str, endpoint_url: str) -> Any:
    """Return a client with every operation of a service."""
    return session.client(service, REGION, endpoint_url, _UNNEEDED)


@dataclass(slots=True)
class Told:
    """The attempts, and the failures."""

    tried: Counter[str] = field(default_factory=Counter)
    operations: int = 0
    lost: list[str] = field(default_factory=list)


def try_reader(services: Iterable[str], every: int = 1) -> Told:
    """Try to send what no reader declares, every `every`-th operation of each service; then all that they declare."""
    with one_sdk_for_all_sessions():
        return asyncio.run(_try(services, every))


async def _try(services: Iterable[str], every: int) -> Told:
    told = Told()
    clients = Clients(ClientSettings())
    session = await clients.session(ScopeName(None, REGION))
    with an_ear() as ear:
        clients.settings = ClientSettings(endpoint_url=ear.endpoint_url)
        scope = clients.scope(ScopeName(None, REGION))
        for service in services:
            async with (
                open_client(session, service, ear.endpoint_url) as client,
                open_client(session, service, ear.endpoint_url) as subverted,
            ):
                subvert(subverted)
                # A dry run is declared, but these attempts do not say that they are one.
                dry = [operation for declared, operation in DRY_RUNS if declared == service]
                for operation in [*sorted(unlisted(service))[::every], *dry]:
                    told.operations += 1
                    at = Attempt(service, operation, scope, session, client, subverted, ear.endpoint_url)
                    await _try_all(at, ear, told)
                await _send_declared(service, client, ear, told)
    await clients.close()
    return told


async def _try_all(at: Attempt, ear: Ear, told: Told) -> None:
    ways = {**BY_NAME, **BY_BYTES} if is_write(at.operation) else BY_NAME
    for name, way in ways.items():
        if name.startswith("rebound") and not any(service == at.service for service, _ in all_reads()):
            continue
        told.tried[name] += 1
        named = f"{at.service}:{at.operation} by {name}"
        try:
            answer = await way(at)
        except NotAReadOperation:
            pass
        except Exception as error:  # noqa: BLE001 - told, and lost
            # Another error did not refuse it: the same attempt might succeed another day.
            told.lost.append(f"{named} ended by {type(error).__name__}: {str(error)[:200]}")
        else:
            told.lost.append(f"{named} gave {str(answer)[:80]}")
        if ear.heard:
            told.lost.append(f"{named} was sent: {ear.heard[0][:120]!r}")
            ear.heard.clear()


async def _send_declared(service: str, client: object, ear: Ear, told: Told) -> None:
    """Check that declared operations are sent: a guard that refuses everything would pass all tests above."""
    for declared, operation in all_reads():
        if declared != service:
            continue
        told.tried["declared"] += 1
        parameters = least(service, operation)
        if (service, operation) in DRY_RUNS:
            parameters = {**parameters, "DryRun": True}
        try:
            await sdk.invoke(client, operation, parameters)
        except (ClientError, BotoCoreError, ResponseParserError, ParseError):
            pass
        except NotAReadOperation as refused:
            told.lost.append(f"{service}:{operation} is declared, and was refused: {refused}")
            continue
        if not ear.heard:
            told.lost.append(f"{service}:{operation} is declared, and nothing was sent")
        ear.heard.clear()


_LENT = SharedCredentials("AKIA", "secret", "token")


def _lend(_refused: SharedCredentials | None = None) -> SharedCredentials:
    return _LENT


def try_writer(every: int = 1) -> Told:
    """Make the writer write and read operations that are not on its lists, with its methods and its clients."""
    told = Told()
    listed = WRITES | READS
    with an_ear() as ear:
        writer = Writer(ClientAccess(None, REGION, ear.endpoint_url), lend=_lend)
        for service in sorted({service for service, _ in listed}):
            client = writer._client(service, once=True)
            others = [each for each in model_of(service).operation_names if (service, each) not in listed]
            for operation in others[::every]:
                told.operations += 1
                asked = least(service, operation)
                ways: dict[str, Callable[[], object]] = {
                    "write": partial(writer.write, service, operation, asked),
                    "read": partial(writer.read, service, operation, asked),
                    **_of_client(client, operation, asked),
                }
                _try_writer(ways, OperationNotAllowed, f"{service}:{operation} by the writer's", ear, told)
            for declared, operation in sorted(listed):
                if declared == service:
                    presign = {"presigned address": _of_client(client, operation, least(service, operation))["address"]}
                    _try_writer(presign, OperationNotAllowed, f"{service}:{operation} by the writer's", ear, told)
    return told


def try_session_client(every: int = 1) -> Told:
    """Make the client of sessions send operations that sessions do not need."""
    told = Told()
    listed = OPERATIONS | SESSION_READS
    with an_ear() as ear:
        sessions = SessionClient(ClientAccess(None, REGION, ear.endpoint_url), _lend)
        for service in sorted({service for service, _ in listed}):
            client = sessions._client(service, once=True)
            others = [each for each in model_of(service).operation_names if (service, each) not in listed]
            for operation in others[::every]:
                told.operations += 1
                asked = least(service, operation)
                ways: dict[str, Callable[[], object]] = {
                    "sending": partial(sessions._send, service, operation, asked),
                    **_of_client(client, operation, asked),
                }
                _try_writer(ways, NotASessionOperation, f"{service}:{operation} by the session client's", ear, told)
    return told


def try_plans() -> Told:
    """For each listed write as a plan's only call, try every other write, and the call with a changed word."""
    told = Told()
    with an_ear() as ear:
        writer = Writer(ClientAccess(None, REGION, ear.endpoint_url), lend=_lend)
        for service, operation in sorted(WRITES):
            told.operations += 1
            asked = least(service, operation)
            one = SingleCallWriter(writer, Call(service, operation, asked, f"{service}:{operation}", "*"), asked)
            ways: dict[str, Callable[[], object]] = {
                f"{other}:{name}": partial(one.write, other, name, least(other, name))
                for other, name in sorted(WRITES - {(service, operation)})
            }
            ways["another word"] = partial(one.write, service, operation, {**asked, "Another": True})
            _try_writer(ways, CallNotInPlan, f"a plan of {service}:{operation}, and", ear, told)
    return told


def _of_client(client: Any, operation: str, asked: dict[str, Any]) -> dict[str, Callable[[], object]]:
    name = xform_name(operation)
    return {
        "method": lambda: getattr(client, name)(**asked),
        "api call": lambda: client._make_api_call(operation, asked),
        "address": lambda: client.generate_presigned_url(name, Params=asked),
    }


def _try_writer(
    ways: dict[str, Callable[[], object]], refusal: type[Exception], named: str, ear: Ear, told: Told
) -> None:
    for name, way in ways.items():
        told.tried[name if ":" not in name else "another write"] += 1
        try:
            answer = way()
        except refusal:
            pass
        except Exception as error:  # noqa: BLE001 - told, and lost
            told.lost.append(f"{named} {name} ended by {type(error).__name__}: {str(error)[:200]}")
        else:
            told.lost.append(f"{named} {name} gave {str(answer)[:80]}")
        if ear.heard:
            told.lost.append(f"{named} {name} was sent: {ear.heard[0][:120]!r}")
            ear.heard.clear()
