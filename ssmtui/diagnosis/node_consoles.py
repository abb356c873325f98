"""Decide which consoles of nodes that are away are read, and when."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ssmtui.diagnosis.connections import EvidenceSource
from ssmtui.diagnosis.node_classes import NodeClass
from ssmtui.evidence.facts.fact_resolver import ResolvedFact
from ssmtui.language import say
from ssmtui.model.choice import ConnectionOption
from ssmtui.model.fact import NotApplicable
from ssmtui.model.node import NodeKey
from ssmtui.model.node_facts import ConsoleOutput, ConsoleOutputQuery

MAX_CONCURRENT_CONSOLES = 50
"""Number of consoles that are read before the results of their nodes, so that few results change later."""


_NOTHING: Mapping[type, ResolvedFact] = MappingProxyType({})


class NodeConsoles:
    """The console output of nodes of one scope that are away. Runs on the event loop of the evidence thread."""

    def __init__(self, option: ConnectionOption, evidence_source: EvidenceSource) -> None:
        self._option = option
        self._evidence_source = evidence_source
        self._remaining = 0
        self._chosen: set[NodeKey] = set()
        self._classes: set[int] = set()
        self._queue: dict[NodeKey, None] = {}

    def begin(self) -> None:
        """Start a new pass over the nodes."""
        self._remaining = MAX_CONCURRENT_CONSOLES if self._option is ConnectionOption.ALL else 0

    def marker(self, key: NodeKey, node_class: NodeClass) -> Mapping[type, ResolvedFact]:
        """Return the marker for a node of a class whose console is not read now. Queue the node for a later read."""
        if not node_class.is_per_node(ConsoleOutput) or self._is_read_now(key, node_class):
            return _NOTHING
        if self._option is ConnectionOption.ALL and self._evidence_source.has is None:
            self._queue[key] = None
        return {
            ConsoleOutputQuery: ResolvedFact(
                NotApplicable(say("the console of a similar node was read")), "of a node like it"
            )
        }

    def next(self) -> NodeKey | None:
        """Return the next node whose console must be read, or None."""
        if not self._queue:
            return None
        key = next(iter(self._queue))
        del self._queue[key]
        self._chosen.add(key)
        return key

    def forget(self) -> None:
        """Forget the classes: nodes are classified again."""
        self._classes.clear()

    def give_up(self) -> None:
        """Stop reading consoles."""
        self._queue.clear()

    def drop(self, key: NodeKey) -> None:
        """Forget a node."""
        self._chosen.discard(key)
        self._queue.pop(key, None)

    def _is_read_now(self, key: NodeKey, node_class: NodeClass) -> bool:
        if self._evidence_source.has is not None:
            return self._evidence_source.has((ConsoleOutput, key.id))
        is_first = id(node_class) not in self._classes
        if key not in self._chosen and not is_first:
            if self._remaining <= 0:
                return False
            self._remaining -= 1
        self._classes.add(id(node_class))
        self._chosen.add(key)
        return True
