"""Compare listed nodes with the requested IDs and names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ssmtui.diagnosis.events import NodesNotFound
from ssmtui.model.node import Node
from ssmtui.model.scope import ScopeName


class RequestedNames:
    """The requested IDs and exact Name tags of nodes of one scope; without any, all nodes are requested."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words
        self._missing = list(words)
        self._other_names: set[str] = set()

    def choose(self, nodes: Sequence[Node]) -> Sequence[Node]:
        """Return the requested ones of these nodes, and remember which names were found."""
        if not self._words:
            return nodes
        chosen = [node for node in nodes if node.is_called(self._words)]
        keys = {node.key for node in chosen}
        self._other_names.update(name for node in nodes if node.key not in keys for name in (node.id, node.name))
        self._missing = [word for word in self._missing if not any(node.is_called((word,)) for node in chosen)]
        return chosen

    def not_found(self, scope: ScopeName, similar: Iterable[str] = (), *, listed_all: bool = True) -> NodesNotFound:
        """Return the names that no chosen node has. `similar` are more names that are suggested instead of them."""
        suggested = tuple(sorted({*self._other_names, *similar}))
        return NodesNotFound(scope, tuple(self._missing), suggested, listed_all=listed_all)
