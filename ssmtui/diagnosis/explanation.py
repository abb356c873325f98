"""Find which causes of an error text are true for a node, and the names for their placeholders."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from ssmtui.causes.placeholders import NO_NAMES, Names, names_of_findings, names_of_nodes
from ssmtui.checks.registry import all_checks
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.model.finding import Link, LinkState, Status
from ssmtui.model.node import NodeKey
from ssmtui.model.workstation import AskedElsewhere

_ONLY_AGAINST = frozenset({AskedElsewhere})
"""Facts that exist only if they prevent a session: their absence shows nothing."""


def confirm_causes(
    state: FleetState, causes: Iterable[str], nodes: Collection[NodeKey] | None = None
) -> Mapping[str, bool | None]:
    """Return whether each cause is true for one of these nodes (None: all nodes); None if unknown.

    A cause without a check is always unknown, and a cause that is checked only for requests to other scopes is never
    false. A cause that was not found is false only if its whole link was checked and is in order on every node: another
    failure or a refused read could have hidden it.
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
    """Return the names of a cause for these nodes: the values that are the same for all its findings.

    If the cause was not found, the names of the node, if there is only one: a text can name a cause that no check
    finds.
    """
    found = [each for each in state.findings.values() if each.finding.cause == cause]
    found = [each for each in found if not each.nodes.isdisjoint(nodes)]
    if found:
        return names_of_findings(found, nodes)
    scope = state.scope_of.get(next(iter(nodes))) if len(nodes) == 1 else None
    return names_of_nodes(scope, nodes) if scope is not None else NO_NAMES
