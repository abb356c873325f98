"""List the nodes of all scopes of a run without diagnosing them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future

from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.events import Event, NodeListed, ScopeFailed, ScopeOpened
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.diagnosis.requested_names import RequestedNames
from ssmtui.evidence.aws.clients import Clients
from ssmtui.evidence.aws.limits import Deadline
from ssmtui.evidence.aws.scopes import MAX_CONCURRENT_ACCOUNTS, OpenScope, identify_scope, list_scope_names
from ssmtui.evidence.facts.event_loop import EvidenceThread
from ssmtui.evidence.readers.node_listing import list_nodes
from ssmtui.evidence.readers.requested_nodes import find_requested
from ssmtui.model.scope import ScopeError, ScopeName, SharedCredentials

_MAX_WAIT = 0.2
"""Maximum wait in seconds, so that Ctrl-C works on every platform."""


class FleetListing:
    """A running listing of nodes. Its methods can be called from any thread."""

    def __init__(self, request: DiagnosisRequest, thread: EvidenceThread | None = None) -> None:
        self._request = request
        self._thread = thread or EvidenceThread()
        self._clients: Clients | None = None
        self._thread.start()
        self._state = self._thread.submit(self._list())

    def state(self) -> FleetState:
        """Wait for the listing, and return the requested nodes (by default, all) and the scopes in error."""
        while True:
            try:
                return self._state.result(timeout=_MAX_WAIT)
            except TimeoutError:
                if self._state.done():
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
        slots = asyncio.Semaphore(MAX_CONCURRENT_ACCOUNTS)
        names = await list_scope_names(clients, request.scopes)
        events_by_scope = await asyncio.gather(*(self._list_in_time(clients, name, slots) for name in names))
        state = FleetState()
        for events in events_by_scope:
            for event in events:
                state.apply(event)
        return state

    async def _list_in_time(
        self, clients: Clients, name: ScopeName | ScopeError, slots: asyncio.Semaphore
    ) -> Sequence[Event]:
        async with slots:
            with Deadline(self._request.timeout).in_force():
                return await self._list_scope(clients, name)

    async def _list_scope(self, clients: Clients, name: ScopeName | ScopeError) -> Sequence[Event]:
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
    events: list[Event] = []
    names = RequestedNames(words)
    requested = await find_requested(opened.aws, words)
    async for page in list_nodes(opened.aws, opened.scope, requested):
        if isinstance(page, ScopeError):
            errors.append(ScopeFailed(page))
        else:
            events += [NodeListed(opened.scope, node) for node in names.choose(page)]
    events += errors
    if words and not errors:
        events.append(names.not_found(opened.scope.name, requested.similar, listed_all=requested.ids is None))
    return events
