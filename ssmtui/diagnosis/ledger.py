"""Which findings hold in a scope, and which nodes each holds down."""

from __future__ import annotations

from collections.abc import Iterable

from ssmtui.model.finding import Finding
from ssmtui.model.fleet import FleetFinding
from ssmtui.model.node import NodeKey
from ssmtui.model.path import Link
from ssmtui.model.scope import Scope


class Ledger:
    """The findings of a scope by id, kept as nodes are judged and judged again."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._findings: dict[str, tuple[Link, Finding]] = {}
        self._nodes: dict[str, set[NodeKey]] = {}
        self._of_node: dict[NodeKey, frozenset[str]] = {}
        self._changed: set[str] = set()

    def record(self, key: NodeKey, found: Iterable[tuple[Link, Finding]]) -> None:
        """Replace what is held of one node."""
        now: dict[str, tuple[Link, Finding]] = {}
        for link, finding in found:
            now.setdefault(finding.id_in(self._scope.region), (link, finding))
        for gone in self._of_node.get(key, frozenset()) - now.keys():
            self._nodes[gone].discard(key)
            self._changed.add(gone)
        for id_, held in now.items():
            nodes = self._nodes.setdefault(id_, set())
            if key not in nodes or self._findings.get(id_) != held:
                nodes.add(key)
                self._findings[id_] = held
                self._changed.add(id_)
        self._of_node[key] = frozenset(now)

    def drop(self, key: NodeKey) -> None:
        """Forget a node."""
        self.record(key, ())
        del self._of_node[key]

    def finding(self, id_: str) -> FleetFinding | None:
        """One finding with its nodes, None where it does not hold."""
        nodes = self._nodes.get(id_)
        if not nodes:
            return None
        link, finding = self._findings[id_]
        return FleetFinding(id_, self._scope, link, finding, frozenset(nodes))

    def changes(self) -> tuple[tuple[str, FleetFinding | None], ...]:
        """What changed since the last call: ids with their finding, None where it no longer holds."""
        changed = tuple((id_, self.finding(id_)) for id_ in sorted(self._changed))
        self._changed.clear()
        return changed
