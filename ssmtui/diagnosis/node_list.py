"""List the nodes of one scope, and follow the changes of the list."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ssmtui.diagnosis.connections import ListNodes
from ssmtui.diagnosis.events import (
    Event,
    NodeGone,
    NodeListed,
    ScopeFailed,
)
from ssmtui.diagnosis.finding_publisher import FindingPublisher
from ssmtui.diagnosis.node_diagnosis import NodeDiagnosis
from ssmtui.diagnosis.probes import ProbeResults, has_changed
from ssmtui.diagnosis.requested_names import RequestedNames
from ssmtui.diagnosis.scheduling import CooperativeYield
from ssmtui.evidence.facts.fact_store import FactStore
from ssmtui.model.node import Node, NodeKey
from ssmtui.model.node_facts import RequestedIds
from ssmtui.model.scope import ScopeError


class NodeList:
    """Lists the nodes of one scope into `nodes`; if IDs or names are requested, only those nodes.

    While it is `is_listing`, there can be more nodes; `errors` say why not all could be listed.
    """

    def __init__(
        self,
        nodes: dict[NodeKey, Node],
        store: FactStore,
        probes: ProbeResults,
        node_diagnosis: NodeDiagnosis,
        publisher: FindingPublisher,
        emit: Callable[[Event], None],
        listing: ListNodes,
    ) -> None:
        self.is_listing = False
        self.errors: tuple[ScopeError, ...] = ()
        self._nodes = nodes
        self._store = store
        self._probes = probes
        self._node_diagnosis = node_diagnosis
        self._publisher = publisher
        self._emit = emit
        self._listing = listing

    @property
    def complete(self) -> bool:
        """Return whether all nodes could be listed."""
        return not self.errors

    def begin(self) -> None:
        """Start a listing."""
        self.is_listing = True
        self._node_diagnosis.queue.open()

    async def list_all(self) -> None:
        """List the nodes, page by page."""
        listed: set[NodeKey] = set()
        requested = RequestedNames(self._store.requested.words)
        errors: list[ScopeError] = []
        breathing = CooperativeYield()
        try:
            async for page in self._listing(self._store.resolver(None)):
                if isinstance(page, ScopeError):
                    errors.append(page)
                    self._emit(ScopeFailed(page))
                    continue
                for start in range(0, len(page), _NODES_PER_STEP):
                    nodes = requested.choose(page[start : start + _NODES_PER_STEP])
                    listed.update(node.key for node in nodes)
                    self._add(nodes)
                    await breathing.breathe()
            if errors:
                # Nodes that could not be listed again are still checked again, with their known data.
                self._node_diagnosis.queue.add(self._nodes.keys() - listed)
        finally:
            self.is_listing = False
            self._node_diagnosis.queue.close()
        self.errors = tuple(errors)
        if not errors:
            for gone in self._nodes.keys() - listed:
                self._drop(gone)
            await self._publish_missing(requested)

    def _add(self, nodes: Sequence[Node]) -> None:
        """Add listed nodes or their changes, and queue the nodes for their checks."""
        befores = {node.key: self._nodes.get(node.key) for node in nodes}
        self._store.kept.forget_nodes({node.id for node in nodes if has_changed(befores[node.key], node)})
        for node in nodes:
            before = befores[node.key]
            self._probes.compare(before, node)
            self._nodes[node.key] = node
            if self._store.requested.words:
                self._store.individual_nodes.point_at(node.key)
            if node != before:
                self._emit(NodeListed(self._store.scope, node))
        self._node_diagnosis.queue_nodes(nodes)

    async def _publish_missing(self, requested: RequestedNames) -> None:
        if self._store.requested.words:
            ids = (await self._store.resolver(None).fact(RequestedIds)).value
            ids = ids if isinstance(ids, RequestedIds) else RequestedIds()
            self._emit(requested.not_found(self._store.scope.name, ids.similar, listed_all=ids.ids is None))

    def _drop(self, key: NodeKey) -> None:
        self._node_diagnosis.drop(key)
        del self._nodes[key]
        self._probes.forget([key])
        self._publisher.drop(key)
        self._emit(NodeGone(key))


_NODES_PER_STEP = 200
"""Number of nodes to add before other tasks of the event loop can run."""
