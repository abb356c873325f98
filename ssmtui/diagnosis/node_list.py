"""List the nodes of one scope, and follow the changes of the list."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from ssmtui.diagnosis.connections import ListNodes
from ssmtui.diagnosis.events import (
    Event,
    NodeGone,
    NodeListed,
    NodesNotFound,
    ScopeFailed,
)
from ssmtui.diagnosis.finding_publisher import FindingPublisher
from ssmtui.diagnosis.node_diagnosis import NodeDiagnosis
from ssmtui.diagnosis.probes import ProbeResults, has_changed
from ssmtui.diagnosis.scheduling import CooperativeYield
from ssmtui.evidence.facts.fact_store import FactStore
from ssmtui.model.node import Node, NodeKey
from ssmtui.model.node_facts import RequestedIds
from ssmtui.model.scope import ScopeError


class NodeList:
    """Lists the nodes of one scope into `nodes`; if IDs or names are requested, only those nodes.

    While it is `under_way`, there can be more nodes; `errors` say why not all could be listed.
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
        self.under_way = False
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

    @property
    def _requested(self) -> tuple[str, ...]:
        return self._store.requested.words

    def begin(self) -> None:
        """Start a listing."""
        self.under_way = True
        self._node_diagnosis.waiting.open()

    async def take_in_all(self) -> None:
        """List the nodes, page by page."""
        seen: set[NodeKey] = set()
        others: set[str] = set()
        errors: list[ScopeError] = []
        breathing = CooperativeYield()
        try:
            async for found in self._listing(self._store.resolver(None)):
                if isinstance(found, ScopeError):
                    errors.append(found)
                    self._emit(ScopeFailed(found))
                    continue
                for start in range(0, len(found), _AT_ONCE):
                    self._take_in(found[start : start + _AT_ONCE], seen, others)
                    await breathing.breathe()
            if errors:
                # Nodes that could not be listed again are still checked again, with their known data.
                self._node_diagnosis.waiting.add(self._nodes.keys() - seen)
        finally:
            self.under_way = False
            self._node_diagnosis.waiting.close()
        self.errors = tuple(errors)
        if not errors:
            for gone in self._nodes.keys() - seen:
                self._drop(gone)
            await self._tell_missing(others)

    def _take_in(self, found: Sequence[Node], seen: set[NodeKey], others: set[str]) -> None:
        nodes = [node for node in found if node.is_called(self._requested)] if self._requested else found
        if self._requested:
            seen_now = {node.key for node in nodes}
            others.update(name for node in found if node.key not in seen_now for name in (node.id, node.name))
        seen.update(node.key for node in nodes)
        befores = {node.key: self._nodes.get(node.key) for node in nodes}
        self._store.kept.forget_nodes({node.id for node in nodes if has_changed(befores[node.key], node)})
        for node in nodes:
            before = befores[node.key]
            self._probes.compare(before, node)
            self._nodes[node.key] = node
            if self._requested:
                self._store.individual_nodes.point_at(node.key)
            if node != before:
                self._emit(NodeListed(self._store.scope, node))
        self._node_diagnosis.add(nodes)

    async def _tell_missing(self, others: Collection[str]) -> None:
        if self._requested:
            found = (await self._store.resolver(None).fact(RequestedIds)).value
            requested = found if isinstance(found, RequestedIds) else RequestedIds()
            missing = [
                word for word in self._requested if not any(each.is_called((word,)) for each in self._nodes.values())
            ]
            known = tuple(sorted({*others, *requested.similar}))
            listed_all = requested.ids is None
            self._emit(NodesNotFound(self._store.scope.name, tuple(missing), known, listed_all=listed_all))

    def _drop(self, key: NodeKey) -> None:
        self._node_diagnosis.drop(key)
        del self._nodes[key]
        self._probes.forget([key])
        self._publisher.drop(key)
        self._emit(NodeGone(key))


_AT_ONCE = 200
"""Number of nodes to add before other tasks of the event loop can run."""
