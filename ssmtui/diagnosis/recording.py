"""What is known of a scope as values, for a snapshot; and known again."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace

from ssmtui.checks.console import telling_lines
from ssmtui.diagnosis.known_probes import KnownProbes
from ssmtui.evidence.gathering.on_demand import Gathering
from ssmtui.evidence.readers.nodes.shared_listing import SharedListing
from ssmtui.evidence.recorded.scope_record import RecordedFact, ScopeHead, ScopeRecord, TheListing
from ssmtui.model.node import Node, NodeKey
from ssmtui.model.scope import ScopeError
from ssmtui.model.supposition import SupposedAnswers, Supposition
from ssmtui.model.system import ConsoleOutput
from ssmtui.model.whom_to_ask import WhomToAsk


def recorded(
    gathering: Gathering,
    nodes: Mapping[NodeKey, Node],
    unlisted: Sequence[ScopeError],
    whom: WhomToAsk,
    calls: Mapping[str, int],
    told_by_iam: Mapping[Supposition, SupposedAnswers],
) -> ScopeRecord:
    """A scope's nodes, and all that was read; `unlisted` says why not all nodes could be listed."""
    out = gathering.singled_out
    head = ScopeHead(
        gathering.scope,
        gathering.now.at,
        whom,
        tuple(sorted(calls.items())),
        tuple(unlisted),
        tuple(sorted(out.pointed, key=lambda key: key.id)),
        out.expected,
        tuple((key, out.probes_of(key)) for key in sorted(out.probed, key=lambda key: key.id)),
    )
    facts = [RecordedFact(each.kind, _plain(each.own), _plain(each.value)) for each in gathering.kept.known()]
    facts += [RecordedFact(SupposedAnswers, supposed, answers) for supposed, answers in told_by_iam.items()]
    return ScopeRecord(head, tuple(sorted(nodes.values(), key=lambda node: node.id)), tuple(facts))


def remember(head: ScopeHead, gathering: Gathering, probes: KnownProbes) -> None:
    """Know again what was known of single nodes."""
    for key in head.pointed:
        gathering.singled_out.point_at(key)
    for expected in head.expected:
        gathering.singled_out.expect(expected.nodes, expected.delay)
    for _, met in head.probed:
        for outcome in met.in_order:
            probes.know(outcome)


def _plain(value: object) -> Hashable:
    """A listing that is under way is no value; and of a console only those lines are kept that anything is told by."""
    if isinstance(value, SharedListing):
        return TheListing(type(value).__name__)
    if isinstance(value, ConsoleOutput):
        return replace(value, text="\n".join(telling_lines(value.text)))
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    return value
