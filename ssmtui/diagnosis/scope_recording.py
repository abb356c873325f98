"""Record the evidence of one scope, and restore the facts about single nodes from a record."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace

from ssmtui.analysis.console_log import relevant_lines
from ssmtui.diagnosis.probes import ProbeResults
from ssmtui.evidence.facts.fact_store import FactStore
from ssmtui.evidence.readers.node_listing import SharedListing
from ssmtui.evidence.snapshots.record import ListingReference, RecordedFact, ScopeHead, ScopeRecord
from ssmtui.model.choice import ConnectionOption
from ssmtui.model.node import Node, NodeKey
from ssmtui.model.node_facts import ConsoleOutput
from ssmtui.model.plan import SupposedAnswers, Supposition
from ssmtui.model.scope import ScopeError


def record_scope(
    store: FactStore,
    nodes: Mapping[NodeKey, Node],
    unlisted: Sequence[ScopeError],
    connections: ConnectionOption,
    calls: Mapping[str, int],
    iam_answers: Mapping[Supposition, SupposedAnswers],
) -> ScopeRecord:
    """Return a scope's nodes and facts as a record; `unlisted` says why not all nodes could be listed."""
    individual = store.individual_nodes
    head = ScopeHead(
        store.scope,
        store.now.at,
        connections,
        tuple(sorted(calls.items())),
        tuple(unlisted),
        tuple(sorted(individual.pointed, key=lambda key: key.id)),
        individual.expected,
        tuple((key, individual.probes_of(key)) for key in sorted(individual.probed, key=lambda key: key.id)),
    )
    facts = [RecordedFact(each.kind, _plain(each.own), _plain(each.value)) for each in store.kept.known()]
    facts += [RecordedFact(SupposedAnswers, supposed, answers) for supposed, answers in iam_answers.items()]
    return ScopeRecord(head, tuple(sorted(nodes.values(), key=lambda node: node.id)), tuple(facts))


def restore_individual_facts(head: ScopeHead, store: FactStore, probes: ProbeResults) -> None:
    """Restore the facts about single nodes."""
    for key in head.pointed:
        store.individual_nodes.point_at(key)
    for expected in head.expected:
        store.individual_nodes.expect(expected.nodes, expected.delay)
    for _, probes_of_node in head.probed:
        for outcome in probes_of_node.in_order:
            probes.know(outcome)


def _plain(value: object) -> Hashable:
    """Return a value to record: a running listing becomes a reference; console output keeps its relevant lines."""
    if isinstance(value, SharedListing):
        return ListingReference(type(value).__name__)
    if isinstance(value, ConsoleOutput):
        return replace(value, text="\n".join(relevant_lines(value.text)))
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    return value
