"""The nodes of a scope as they are listed: who is new or has changed is told and looked at, who is gone forgotten."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from ssmtui.diagnosis.events import Event, NodeGone, NodeListed, NodesSought, ScopeFailed
from ssmtui.diagnosis.known_probes import KnownProbes, has_changed
from ssmtui.diagnosis.looking import Looking
from ssmtui.diagnosis.origin import Listing
from ssmtui.diagnosis.taking_turns import Breathing
from ssmtui.diagnosis.telling import Telling
from ssmtui.evidence.gathering.on_demand import Gathering
from ssmtui.model.node import Node, NodeKey
from ssmtui.model.scope import ScopeError


class NodeList:
    """Lists one scope's nodes into `nodes`; of nodes that are sought by id or name, no others.

    While it is `under_way` there may be more; `errors` say why not all could be listed.
    """

    def __init__(
        self,
        nodes: dict[NodeKey, Node],
        sought: Sequence[str],
        gathering: Gathering,
        probes: KnownProbes,
        looking: Looking,
        telling: Telling,
        emit: Callable[[Event], None],
        listing: Listing,
    ) -> None:
        self.under_way = False
        self.errors: tuple[ScopeError, ...] = ()
        self._nodes = nodes
        self._sought = tuple(sought)
        self._gathering = gathering
        self._probes = probes
        self._looking = looking
        self._telling = telling
        self._emit = emit
        self._listing = listing

    @property
    def complete(self) -> bool:
        """Whether all could be listed."""
        return not self.errors

    def begin(self) -> None:
        """Nodes are about to be listed."""
        self.under_way = True
        self._looking.waiting.open()

    async def take_in_all(self) -> None:
        """List the nodes, page by page."""
        seen: set[NodeKey] = set()
        others: set[str] = set()
        errors: list[ScopeError] = []
        breathing = Breathing()
        try:
            async for found in self._listing(self._gathering.journey(None)):
                if isinstance(found, ScopeError):
                    errors.append(found)
                    self._emit(ScopeFailed(found))
                    continue
                for start in range(0, len(found), _AT_ONCE):
                    self._take_in(found[start : start + _AT_ONCE], seen, others)
                    await breathing.breathe()
            if errors:
                # What could not be listed again is judged again all the same, by what was known of it.
                self._looking.waiting.add(self._nodes.keys() - seen)
        finally:
            self.under_way = False
            self._looking.waiting.close()
        self.errors = tuple(errors)
        if not errors:
            for gone in self._nodes.keys() - seen:
                self._drop(gone)
            self._tell_missing(others)

    def _take_in(self, found: Sequence[Node], seen: set[NodeKey], others: set[str]) -> None:
        nodes = [node for node in found if node.is_called(self._sought)] if self._sought else found
        if self._sought:
            seen_now = {node.key for node in nodes}
            others.update(name for node in found if node.key not in seen_now for name in (node.id, node.name))
        seen.update(node.key for node in nodes)
        befores = {node.key: self._nodes.get(node.key) for node in nodes}
        self._gathering.kept.forget_nodes({node.id for node in nodes if has_changed(befores[node.key], node)})
        for node in nodes:
            before = befores[node.key]
            self._probes.compare(before, node)
            self._nodes[node.key] = node
            if self._sought:
                self._gathering.singled_out.point_at(node.key)
            if node != before:
                self._emit(NodeListed(self._gathering.scope, node))
        self._looking.add(nodes)

    def _tell_missing(self, others: Collection[str]) -> None:
        if self._sought:
            missing = [
                word for word in self._sought if not any(each.is_called((word,)) for each in self._nodes.values())
            ]
            self._emit(NodesSought(self._gathering.scope.name, tuple(missing), tuple(sorted(others))))

    def _drop(self, key: NodeKey) -> None:
        self._looking.drop(key)
        del self._nodes[key]
        self._probes.forget([key])
        self._telling.drop(key)
        self._emit(NodeGone(key))


_AT_ONCE = 200
"""Nodes that are taken in before the loop may have its turn."""
