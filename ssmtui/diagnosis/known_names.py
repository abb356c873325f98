"""What is known, in a diagnosis, of the names that a cause's resolution leaves open."""

from __future__ import annotations

from collections.abc import Collection

from ssmtui.causes.placeholders import NOTHING_KNOWN, Names, names_of_findings, names_of_nodes
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.model.node import NodeKey


def names_here(state: FleetState, cause: str, nodes: Collection[NodeKey]) -> Names:
    """The names for somebody who looks at these nodes: what is the same wherever the cause was found among them.

    Where it was not found, those of the node, if it is one alone: a text may name what no check can find.
    """
    found = [each for each in state.findings.values() if each.finding.cause == cause]
    found = [each for each in found if not each.nodes.isdisjoint(nodes)]
    if found:
        return names_of_findings(found, nodes)
    scope = state.scope_of.get(next(iter(nodes))) if len(nodes) == 1 else None
    return names_of_nodes(scope, nodes) if scope is not None else NOTHING_KNOWN
