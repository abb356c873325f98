"""A simulated world whose answers are remembered: it is asked once, and diagnosed again and again without a request."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from unittest.mock import patch

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from ssmtui.checks.registry import all_checks
from ssmtui.diagnosis import scope_diagnosis
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.diagnosis.scope_diagnosis import ScopeDiagnosis
from ssmtui.evidence.aws import sdk
from ssmtui.evidence.aws.clients import Clients
from ssmtui.evidence.aws.scopes import OpenScope, open_scope
from ssmtui.model.scope import ScopeName
from ssmtui.simulator import state
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.worlds import world
from tests.answered_in_process import answered
from tests.simulated_diagnosis.virtual_time import VirtualLoop

Operation = tuple[str, str]
Fault = Callable[[str, str], Coroutine[Any, Any, Any]]
"""What becomes of a call of a service's operation."""
_SELDOM = patch.object(scope_diagnosis, "PROGRESS_EVENT_PAUSE", 10.0)
"""Progress in time that takes no time: two minutes of waiting would be told twenty times a second."""

Strike = Callable[[Operation, Mapping[str, Any]], Mapping[str, Any]]
"""What becomes of an answer on its way."""


async def hanging(service: str, operation: str) -> Any:
    await asyncio.Event().wait()


async def throttled(service: str, operation: str) -> Any:
    raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "Rate exceeded"}}, operation)


async def refused(service: str, operation: str) -> Any:
    message = "User: arn:aws:iam::123456789012:user/alex is not authorized to perform this"
    raise ClientError({"Error": {"Code": "AccessDenied", "Message": message}}, operation)


async def failing(service: str, operation: str) -> Any:
    answered = {"HTTPStatusCode": 503, "RequestId": "", "HostId": "", "HTTPHeaders": {}, "RetryAttempts": 0}
    raise ClientError(
        {"Error": {"Code": "ServiceUnavailable", "Message": "later"}, "ResponseMetadata": answered},
        operation,
    )


async def garbled(service: str, operation: str) -> Any:
    raise ResponseParserError("invalid XML received")


def _stands() -> None:
    """Whoever has it loaded sees to that."""


@dataclass(slots=True)
class RememberedAws:
    """One Region of a world. Whoever diagnoses it the first time asks the simulator, which `load` has show that world.

    What is invented is answered whatever is asked of the operation.
    """

    endpoint_url: str
    region: str
    load: Callable[[], None] = _stands
    answers: dict[str, Mapping[str, Any] | ClientError] = field(default_factory=dict)
    invented: Mapping[Operation, Mapping[str, Any]] = field(default_factory=dict)
    asked: set[Operation] = field(default_factory=set)

    def answer(self, service: str, operation: str, parameters: Mapping[str, object]) -> Mapping[str, Any]:
        """The world's answer."""
        self.asked.add((service, operation))
        if (service, operation) in self.invented:
            return self.invented[service, operation]
        # A look back begins so long before now: at another moment in each diagnosis.
        told = {name: value for name, value in parameters.items() if name != "StartTime"}
        key = json.dumps([service, operation, told], sort_keys=True, default=str)
        if key not in self.answers:
            try:
                self.answers[key] = self.new_answer(service, operation, parameters)
            except ClientError as error:
                self.answers[key] = error
        found = self.answers[key]
        if isinstance(found, ClientError):
            raise found
        return found

    def new_answer(self, service: str, operation: str, parameters: Mapping[str, object]) -> Mapping[str, Any]:
        """What the simulator answers now, which is not remembered."""
        self.load()
        client = _client(service, self.region, self.endpoint_url)
        answer: Mapping[str, Any] = client._make_api_call(operation, dict(parameters))
        return answer

    def diagnosed(
        self,
        *faults: tuple[Operation, Fault],
        nodes: Sequence[str] = (),
        seconds: float = 120.0,
        anew: Collection[Operation] = (),
        strike: Strike | None = None,
    ) -> Diagnosed:
        """The Region (or some nodes of it) diagnosed to the end, some operations having a fault.

        `anew` are asked of the simulator, that may have a fault in force for them, whatever is remembered.
        """
        loop = VirtualLoop()
        complaints: list[Mapping[str, Any]] = []
        loop.set_exception_handler(lambda _loop, context: complaints.append(context))
        with _SELDOM, asyncio.Runner(loop_factory=lambda: loop) as runner:
            begun = loop.now
            state = runner.run(_diagnose(self, dict(faults), nodes, seconds, anew, strike))
            took = loop.now - begun
            left = runner.run(_left())
        return Diagnosed(state, took, left, complaints)


_known: dict[tuple[str, str], RememberedAws] = {}


def known_world(aws: SimulatedAws, name: str) -> RememberedAws:
    """The home Region of a world, as whoever asked for it before in this process has learnt it already."""
    if (aws.endpoint_url, name) not in _known:
        aws.load(name)
        _known[aws.endpoint_url, name] = RememberedAws(aws.endpoint_url, aws.regions[0], lambda: _have_stand(aws, name))
    return _known[aws.endpoint_url, name]


def _have_stand(aws: SimulatedAws, name: str) -> None:
    if not state.is_built(world(name)):
        aws.load(name)


@dataclass(frozen=True, slots=True)
class Diagnosed:
    """What was told, in how many seconds; what still ran a moment later, and what asyncio complained of."""

    state: FleetState
    seconds: float
    left: list[str]
    complaints: list[Mapping[str, Any]]


async def _diagnose(
    aws: RememberedAws,
    faults: Mapping[Operation, Fault],
    nodes: Sequence[str],
    seconds: float,
    anew: Collection[Operation],
    strike: Strike | None,
) -> FleetState:
    clients = RememberedClients(aws, clock=asyncio.get_running_loop().time)
    state = FleetState()
    opened = await open_scope(clients, ScopeName(None, aws.region))
    assert isinstance(opened, OpenScope), opened
    aws.asked.clear()
    clients.faults = faults
    clients.anew = anew
    clients.strike = strike
    diagnosis = ScopeDiagnosis(opened.scope, opened.aws, state.apply, all_checks(), requested=nodes, seconds=seconds)
    await diagnosis.run()
    return state


async def _left() -> list[str]:
    await asyncio.sleep(0.1)
    return [repr(task.get_coro()) for task in asyncio.all_tasks() if task is not asyncio.current_task()]


class RememberedClients(Clients):
    """Clients without a connection. No fault strikes while the scope is opened."""

    def __init__(self, aws: RememberedAws, *, clock: Callable[[], float]) -> None:
        super().__init__(clock=clock)
        self.faults: Mapping[Operation, Fault] = {}
        self.anew: Collection[Operation] = ()
        self.strike: Strike | None = None
        self._aws = aws

    async def _session(self, name: ScopeName) -> sdk.Session:
        return await _session(name.region)

    async def open_client(self, name: ScopeName, service: str) -> Any:
        return _RememberedClient(service, self._aws, self)


class _RememberedClient:
    def __init__(self, service: str, aws: RememberedAws, clients: RememberedClients) -> None:
        self._service = service
        self._aws = aws
        self._clients = clients
        self.meta = self
        self.events = self

    @property
    def _loader(self) -> Any:
        """Whom the SDK asks how an operation is paged."""
        return _client(self._service, self._aws.region, self._aws.endpoint_url)._loader

    def register(self, event: str, handler: object) -> None:
        """Nobody listens."""

    async def invoke(self, operation: str, parameters: Mapping[str, object]) -> Mapping[str, Any]:
        fault = self._clients.faults.get((self._service, operation))
        if fault is not None:
            answer: Mapping[str, Any] = await fault(self._service, operation)
            return answer
        await asyncio.sleep(0)
        if (self._service, operation) in self._clients.anew:
            return self._aws.new_answer(self._service, operation, parameters)
        answer = self._aws.answer(self._service, operation, parameters)
        strike = self._clients.strike
        return answer if strike is None else strike((self._service, operation), answer)


async def invoke(client: _RememberedClient, operation: str, parameters: Mapping[str, object]) -> Mapping[str, Any]:
    """In the place of `sdk.invoke`."""
    return await client.invoke(operation, parameters)


@cache
def _client(service: str, region: str, endpoint_url: str) -> Any:
    config = Config(retries={"total_max_attempts": 1}, parameter_validation=False)
    client = botocore.session.get_session().create_client(
        service, region_name=region, endpoint_url=endpoint_url, config=config
    )
    client.meta.events.register("before-send", answered)
    return client


_sessions: dict[str, sdk.Session] = {}


async def _session(region: str) -> sdk.Session:
    if region not in _sessions:
        session = sdk.Session(None, region, sdk.Terminal())
        await session.take_credentials()
        _sessions[region] = session
    return _sessions[region]
