"""The nodes of a run's scopes, listed and not judged: for whoever only wants to know a node by its name."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future

from ssmtui.diagnosis.asked import Asked
from ssmtui.diagnosis.events import Event, NodeListed, NodesSought, ScopeFailed, ScopeOpened
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.evidence.gathering.thread import EvidenceThread
from ssmtui.evidence.readers.nodes.listing import list_nodes
from ssmtui.evidence.wire.asked_scopes import AT_ONCE, scope_names
from ssmtui.evidence.wire.clients import Clients
from ssmtui.evidence.wire.deadline import Deadline
from ssmtui.evidence.wire.scopes import OpenScope, open_scope
from ssmtui.model.lending import LentCredentials
from ssmtui.model.node import Node
from ssmtui.model.scope import ScopeError, ScopeName

_LOOK_UP = 0.2
"""Seconds after which who waits looks up, so that Ctrl-C is heard on every platform."""


class Listing:
    """A listing under way. Its methods may be called from any thread."""

    def __init__(self, asked: Asked, thread: EvidenceThread | None = None) -> None:
        self._asked = asked
        self._thread = thread or EvidenceThread()
        self._clients: Clients | None = None
        self._thread.start()
        self._listed = self._thread.submit(self._list())

    def state(self) -> FleetState:
        """Every node that was asked for (all, where none was), and the scopes in error. Waits until they are listed."""
        while True:
            try:
                return self._listed.result(timeout=_LOOK_UP)
            except TimeoutError:
                if self._listed.done():
                    raise

    def credentials(self, scope: ScopeName) -> Future[LentCredentials]:
        """The credentials by which a scope was listed, as they are now. `CannotLend` where there are none."""
        return self._thread.submit(self._lend(scope))

    def close(self) -> None:
        """End it, and close every connection."""
        self._thread.stop()

    async def _list(self) -> FleetState:
        asked = self._asked
        clients = Clients(asked.clients, clock=asyncio.get_running_loop().time)
        self._thread.at_stop(clients.close)
        self._clients = clients
        at_once = asyncio.Semaphore(AT_ONCE)
        names = await scope_names(clients, asked.scopes)
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
            with Deadline(self._asked.timeout).in_force():
                return await self._scope(clients, name)

    async def _scope(self, clients: Clients, name: ScopeName | ScopeError) -> Sequence[Event]:
        opened = name if isinstance(name, ScopeError) else await open_scope(clients, name)
        if isinstance(opened, ScopeError):
            return (ScopeFailed(opened),)
        return await self._nodes(opened)

    async def _nodes(self, opened: OpenScope) -> Sequence[Event]:
        events: list[Event] = [ScopeOpened(opened.scope)]
        nodes: list[Node] = []
        async for found in list_nodes(opened.aws, opened.scope):
            if isinstance(found, ScopeError):
                events.append(ScopeFailed(found))
            else:
                nodes += found
        sought = self._asked.nodes
        events += [NodeListed(opened.scope, node) for node in nodes if not sought or node.is_called(sought)]
        if sought and not any(isinstance(event, ScopeFailed) for event in events):
            missing = tuple(word for word in sought if not any(node.is_called((word,)) for node in nodes))
            others = {name for node in nodes if not node.is_called(sought) for name in (node.id, node.name)}
            events.append(NodesSought(opened.scope.name, missing, tuple(sorted(others))))
        return events

    async def _lend(self, scope: ScopeName) -> LentCredentials:
        if self._clients is None:
            raise LookupError(f"the scope {scope} is not open")
        return await self._clients.lend(scope)
