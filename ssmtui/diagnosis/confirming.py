"""Which of the causes that a text names are true of a node, as far as a diagnosis of it can tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ssmtui.checks.check import all_checks
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.model.finding import Status
from ssmtui.model.node import NodeKey
from ssmtui.model.path import Link, LinkState


def true_here(state: FleetState, causes: Iterable[str]) -> Mapping[str, bool | None]:
    """Whether each cause holds for one of the nodes of a settled diagnosis; None where that cannot be told.

    A cause that no check can name is never told. One that was not found is false only where its whole link was judged
    and found in order: beside another fault, or a refused read, its check may not have had its say.
    """
    return {cause: _of_any(_true_of(state, key, cause) for key in state.nodes) for cause in causes}


def _of_any(answers: Iterable[bool | None]) -> bool | None:
    told = set(answers)
    if True in told:
        return True
    return False if told == {False} else None


def _true_of(state: FleetState, key: NodeKey, cause: str) -> bool | None:
    links = {check.link for check in all_checks() if cause in check.causes}
    if any(_found(state, key, cause)):
        return True
    return False if links and all(_in_order(state, key, link) for link in links) else None


def _found(state: FleetState, key: NodeKey, cause: str) -> Iterable[bool]:
    return (
        key in held.nodes
        for held in state.findings.values()
        if held.finding.cause == cause and held.finding.status is not Status.UNKNOWN
    )


def _in_order(state: FleetState, key: NodeKey, link: Link) -> bool:
    verdict = state.verdict(key)
    return verdict.settled and verdict.link(link) is LinkState.OK
