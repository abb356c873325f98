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

    def __init__(self, whom: ConnectionOption, evidence_source: EvidenceSource) -> None:
        self._whom = whom
        self._evidence_source = evidence_source
        self._left = 0
        self._asked: set[NodeKey] = set()
        self._classes: set[int] = set()
        self._later: dict[NodeKey, None] = {}

    def begin(self) -> None:
        """Start a new pass over the nodes."""
        self._left = MAX_CONCURRENT_CONSOLES if self._whom is ConnectionOption.ALL else 0

    def known(self, key: NodeKey, of: NodeClass) -> Mapping[type, ResolvedFact]:
        """Return the marker for a node of a class whose console is not read now."""
        if not of.is_per_node(ConsoleOutput) or self._is_asked_for(key, of):
            return _NOTHING
        if self._whom is ConnectionOption.ALL and self._evidence_source.has is None:
            self._later[key] = None
        return {
            ConsoleOutputQuery: ResolvedFact(
                NotApplicable(say("the console of a similar node was read")), "of a node like it"
            )
        }

    def next(self) -> NodeKey | None:
        """Return the next node whose console must be read, or None."""
        if not self._later:
            return None
        key = next(iter(self._later))
        del self._later[key]
        self._asked.add(key)
        return key

    def forget(self) -> None:
        """Forget the classes: nodes are classified again."""
        self._classes.clear()

    def give_up(self) -> None:
        """Stop reading consoles."""
        self._later.clear()

    def drop(self, key: NodeKey) -> None:
        """Forget a node."""
        self._asked.discard(key)
        self._later.pop(key, None)

    def _is_asked_for(self, key: NodeKey, of: NodeClass) -> bool:
        if self._evidence_source.has is not None:
            return self._evidence_source.has((ConsoleOutput, key.id))
        is_first = id(of) not in self._classes
        if key not in self._asked and not is_first:
            if self._left <= 0:
                return False
            self._left -= 1
        self._classes.add(id(of))
        self._asked.add(key)
        return True
