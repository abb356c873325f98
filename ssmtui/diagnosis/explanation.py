"""Find which causes of an error text are true for a node, and the names for their placeholders."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ssmtui.causes.catalogue import catalogue
from ssmtui.causes.matching import Match
from ssmtui.causes.placeholders import NO_NAMES, Names, names_of_findings, names_of_nodes, names_of_text
from ssmtui.language import say, translatable
from ssmtui.model.finding import NOT_CONNECTED, Link, LinkState, Status

if TYPE_CHECKING:
    from ssmtui.diagnosis.fleet_state import FleetState
    from ssmtui.model.node import NodeKey


_BEHIND_NOT_CONNECTED = frozenset({Link.INSTANCE, Link.IDENTITY, Link.NETWORK, Link.AGENT})
"""The links whose faults make AWS answer that a node is not connected."""
_MIN_LIKELIHOOD = 0.3
"""The least likelihood of a node that is not connected from which on a text is taken to say so."""


@dataclass(frozen=True, slots=True)
class PossibleCause:
    """A cause of a text. `here` says whether it is true of the checked nodes; None while that is not known.

    The likelihood of `match` is 0 if the text does not name the cause, but the checks found it.
    """

    match: Match
    here: bool | None


ENDED_NORMALLY = translatable("This text says that a session ended normally. It is not an error.")


def opening_sentence(possible: Mapping[str, PossibleCause], *, is_fleet: bool = False) -> str:
    """Return what a text means that fits several causes; empty if its first cause is likely, or true of its node.

    `is_fleet`: the causes were checked on all nodes, so a true cause need not be that of the text.
    """
    first = next(iter(possible.values()), None)
    if first is None or len(possible) == 1 or first.match.is_likely or (first.here and not is_fleet):
        return ""
    if not _says_not_connected(each.match for each in possible.values()):
        return say("This text can have several causes; check, in this order:")
    return say("This means that the node is not connected to Session Manager; check, in this order:")


def possible_causes(
    state: FleetState, matches: Sequence[Match], nodes: Collection[NodeKey] | None = None
) -> Mapping[str, PossibleCause]:
    """Return the causes of a text by slug, in the order of `rank_causes`."""
    by_slug = {match.cause: match for match in matches}
    fields = matches[0].fields if matches else {}
    return {
        slug: PossibleCause(by_slug.get(slug) or Match(slug, 0.0, fields), here)
        for slug, here in _ranked(state, tuple(by_slug), nodes, is_not_connected=_says_not_connected(matches)).items()
    }


def _says_not_connected(matches: Iterable[Match]) -> bool:
    return any(match.cause in NOT_CONNECTED and match.likelihood >= _MIN_LIKELIHOOD for match in matches)


def rank_causes(
    state: FleetState, causes: Sequence[str], nodes: Collection[NodeKey] | None = None
) -> Mapping[str, bool | None]:
    """Return what `confirm_causes` says of these causes: first the true ones, then the unknown ones, then the others.

    Among the true causes, a root cause of the nodes is first; otherwise the given order stays. If the text says that a
    node is not connected, the failing findings that explain it are added: the text names only the usual ones.
    """
    return _ranked(state, causes, nodes, is_not_connected=not NOT_CONNECTED.isdisjoint(causes))


def _ranked(
    state: FleetState, causes: Sequence[str], nodes: Collection[NodeKey] | None, *, is_not_connected: bool
) -> Mapping[str, bool | None]:
    named = () if nodes is None else nodes
    unnamed = _unnamed_causes(state, named) if is_not_connected else ()
    answers = confirm_causes(state, dict.fromkeys((*causes, *unnamed)), nodes)
    roots = {state.verdict(key).root_cause for key in named}
    return dict(sorted(answers.items(), key=lambda item: (_ORDER[item[1]], item[0] not in roots)))


_ORDER: Mapping[bool | None, int] = {True: 0, None: 1, False: 2}


def _unnamed_causes(state: FleetState, nodes: Iterable[NodeKey]) -> Iterator[str]:
    known = catalogue()
    for id_ in (id_ for key in nodes for id_ in state.verdict(key).finding_ids if id_ in state.findings):
        finding = state.findings[id_].finding
        cause = known.get(finding.cause)
        if finding.status is Status.FAIL and cause is not None and cause.link in _BEHIND_NOT_CONNECTED:
            yield finding.cause


def have_checks(causes: Collection[str]) -> bool:
    """Return whether a check can find any of these causes. `confirm_causes` returns None for the others."""
    from ssmtui.checks.registry import all_checks  # noqa: PLC0415 - as in `_true_of`

    return any(cause in check.causes for check in all_checks() for cause in causes)


def confirm_causes(
    state: FleetState, causes: Iterable[str], nodes: Collection[NodeKey] | None = None
) -> Mapping[str, bool | None]:
    """Return whether each cause is true for one of these nodes (None: all nodes); None if unknown.

    A cause without a check is always unknown. Never false are a cause that is checked only for requests to other
    scopes, and, if only requested nodes are listed, a cause that compares a node with all others. A cause that was not
    found is false only if its whole link was checked and is in order on every node: another failure or a refused read
    could have hidden it.
    """
    keys = state.nodes.keys() if nodes is None else frozenset(nodes)
    return {cause: _true_of(state, keys, cause) for cause in causes}


def _true_of(state: FleetState, keys: Collection[NodeKey], cause: str) -> bool | None:
    if any(
        each.finding.cause == cause and each.finding.status is not Status.UNKNOWN and not each.nodes.isdisjoint(keys)
        for each in state.findings.values()
    ):
        return True
    # Imported here: a text alone is explained without the checks.
    from ssmtui.checks.registry import all_checks  # noqa: PLC0415
    from ssmtui.model.node_facts import WholeFleet  # noqa: PLC0415
    from ssmtui.model.workstation import NodeElsewhere  # noqa: PLC0415

    checks = [check for check in all_checks() if cause in check.causes]
    links = {check.link for check in checks}
    # The first fact exists only if it prevents a session, the second only if all nodes are listed.
    lists_all = all(each.listed_all for each in state.sought.values())
    silent = {NodeElsewhere} if lists_all else {NodeElsewhere, WholeFleet}
    is_shown = all(need.kind not in silent for each in checks for need in each.needs)
    can_be_false = bool(keys) and bool(links) and is_shown
    return False if can_be_false and all(_in_order(state, key, link) for key in keys for link in links) else None


def _in_order(state: FleetState, key: NodeKey, link: Link) -> bool:
    verdict = state.verdict(key)
    return verdict.settled and verdict.link(link) is LinkState.OK


def names_for_match(state: FleetState, match: Match, nodes: Collection[NodeKey]) -> Names:
    """Return the names of a cause of a text: those of the checked nodes, and else the values in the text."""
    return {**names_of_text(match.fields), **names_for_nodes(state, match.cause, nodes)}


def names_for_nodes(state: FleetState, cause: str, nodes: Collection[NodeKey]) -> Names:
    """Return the names of a cause for these nodes: the values that are the same for all its findings.

    If the cause was not found, the names of the node, if there is only one: a text can name a cause that no check
    finds.
    """
    findings = [each for each in state.findings.values() if each.finding.cause == cause]
    findings = [each for each in findings if not each.nodes.isdisjoint(nodes)]
    if findings:
        return names_of_findings(findings, nodes)
    scope = state.scope_of.get(next(iter(nodes))) if len(nodes) == 1 else None
    return names_of_nodes(scope, nodes) if scope is not None else NO_NAMES
