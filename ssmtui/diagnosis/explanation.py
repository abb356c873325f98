"""Which causes of an error text are true of a node, and which names fill their placeholders."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from ssmtui.causes.placeholders import NO_NAMES, Names, names_of_findings, names_of_nodes
from ssmtui.checks.registry import all_checks
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.model.finding import Link, LinkState, Status
from ssmtui.model.node import NodeKey
from ssmtui.model.workstation import AskedElsewhere

_ONLY_AGAINST = frozenset({AskedElsewhere})
"""Facts that are there only where they speak against a session: that one is not there tells nothing."""


def confirm_causes(
    state: FleetState, causes: Iterable[str], nodes: Collection[NodeKey] | None = None
) -> Mapping[str, bool | None]:
    """Whether each cause holds for one of these nodes (of all, where none are named); None where that cannot be told.

    A cause that no check can name is never told, and one that is looked for only where something was asked for
    elsewhere is never false. One that was not found is false only where its whole link was judged and found in order,
    on every node: beside another fault, or a refused read, its check may not have had its say.
    """
    keys = state.nodes.keys() if nodes is None else frozenset(nodes)
    return {cause: _true_of(state, keys, cause) for cause in causes}


def _true_of(state: FleetState, keys: Collection[NodeKey], cause: str) -> bool | None:
    if any(
        held.finding.cause == cause and held.finding.status is not Status.UNKNOWN and not held.nodes.isdisjoint(keys)
        for held in state.findings.values()
    ):
        return True
    checks = [check for check in all_checks() if cause in check.causes]
    links = {check.link for check in checks}
    told = bool(keys) and bool(links) and _ONLY_AGAINST.isdisjoint(need.kind for each in checks for need in each.needs)
    return False if told and all(_in_order(state, key, link) for key in keys for link in links) else None


def _in_order(state: FleetState, key: NodeKey, link: Link) -> bool:
    verdict = state.verdict(key)
    return verdict.settled and verdict.link(link) is LinkState.OK


def names_for_nodes(state: FleetState, cause: str, nodes: Collection[NodeKey]) -> Names:
    """The names for somebody who looks at these nodes: what is the same wherever the cause was found among them.

    Where it was not found, those of the node, if it is one alone: a text may name what no check can find.
    """
    found = [each for each in state.findings.values() if each.finding.cause == cause]
    found = [each for each in found if not each.nodes.isdisjoint(nodes)]
    if found:
        return names_of_findings(found, nodes)
    scope = state.scope_of.get(next(iter(nodes))) if len(nodes) == 1 else None
    return names_of_nodes(scope, nodes) if scope is not None else NO_NAMES
