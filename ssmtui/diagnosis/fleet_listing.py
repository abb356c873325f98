"""List the nodes of all scopes of a run without diagnosing them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future

from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.events import Event, NodeListed, NodesNotFound, ScopeFailed, ScopeOpened
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.evidence.aws.clients import Clients
from ssmtui.evidence.aws.limits import Deadline
from ssmtui.evidence.aws.scopes import MAX_CONCURRENT_ACCOUNTS, OpenScope, identify_scope, list_scope_names
from ssmtui.evidence.facts.event_loop import EvidenceThread
from ssmtui.evidence.readers.node_listing import list_nodes
from ssmtui.evidence.readers.requested_nodes import find_requested
from ssmtui.model.node import Node
from ssmtui.model.scope import ScopeError, ScopeName, SharedCredentials

_LOOK_UP = 0.2
"""Maximum wait in seconds, so that Ctrl-C works on every platform."""


class FleetListing:
    """A running listing of nodes. Its methods can be called from any thread."""

    def __init__(self, request: DiagnosisRequest, thread: EvidenceThread | None = None) -> None:
        self._request = request
        self._thread = thread or EvidenceThread()
        self._clients: Clients | None = None
        self._thread.start()
        self._listed = self._thread.submit(self._list())

    def state(self) -> FleetState:
        """Wait for the listing, and return the requested nodes (by default, all) and the scopes in error."""
        while True:
            try:
                return self._listed.result(timeout=_LOOK_UP)
            except TimeoutError:
                if self._listed.done():
                    raise

    def credentials(self, scope: ScopeName) -> Future[SharedCredentials]:
        """Return the current credentials of a listed scope.

        The future raises CredentialsUnavailable if there are none.
        """
        return self._thread.submit(self._lend(scope))

    def close(self) -> None:
        """Stop the listing, and close all connections."""
        self._thread.stop()

    async def _list(self) -> FleetState:
        request = self._request
        clients = Clients(request.clients, clock=asyncio.get_running_loop().time)
        self._thread.at_stop(clients.close)
        self._clients = clients
        at_once = asyncio.Semaphore(MAX_CONCURRENT_ACCOUNTS)
        names = await list_scope_names(clients, request.scopes)
        told = await asyncio.gather(*(self._in_time(clients, name, at_once) for name in names))
        state = FleetState()
        for events in told:
            for event in events:
                state.apply(event)
        return state

    async def _in_time(
        self, clients: Clients, name: ScopeName | ScopeError, at_once: asyncio.Semaphore
    ) -> Sequence[Event]:
        async with at_once:
            with Deadline(self._request.timeout).in_force():
                return await self._scope(clients, name)

    async def _scope(self, clients: Clients, name: ScopeName | ScopeError) -> Sequence[Event]:
        opened = name if isinstance(name, ScopeError) else await identify_scope(clients, name)
        if isinstance(opened, ScopeError):
            return (ScopeFailed(opened),)
        return [ScopeOpened(opened.scope), *await list_requested(opened, self._request.nodes)]

    async def _lend(self, scope: ScopeName) -> SharedCredentials:
        if self._clients is None:
            raise LookupError(f"the scope {scope} is not open")
        return await self._clients.lend(scope)


async def list_requested(opened: OpenScope, words: Sequence[str]) -> Sequence[Event]:
    """Return the nodes that the words name (no words: all nodes), then the words that name none or errors."""
    errors: list[Event] = []
    nodes: list[Node] = []
    requested = await find_requested(opened.aws, words)
    async for found in list_nodes(opened.aws, opened.scope, requested):
        if isinstance(found, ScopeError):
            errors.append(ScopeFailed(found))
        else:
            nodes += found
    named = [node for node in nodes if not words or node.is_called(words)]
    events: list[Event] = [*(NodeListed(opened.scope, node) for node in named), *errors]
    if words and not errors:
        missing = tuple(word for word in words if not any(node.is_called((word,)) for node in named))
        others = {name for node in nodes if not node.is_called(words) for name in (node.id, node.name)}
        similar = tuple(sorted({*others, *requested.similar}))
        events.append(NodesNotFound(opened.scope.name, missing, similar, listed_all=requested.ids is None))
    return events
