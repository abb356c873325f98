"""Decide which reads of a scope are repeated by a refresh."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from ssmtui.checks.registry import Check
from ssmtui.diagnosis.connections import NodeConnections
from ssmtui.evidence.facts.fact_store import FactStore
from ssmtui.evidence.facts.read_cache import CompletedRead, ReadKey, read_keys_of
from ssmtui.evidence.facts.sources import reads_of_all_nodes
from ssmtui.model.finding import Finding
from ssmtui.model.node import ConnectionStatus, Node, NodeKey
from ssmtui.model.node_facts import Observation

MAX_AGE = timedelta(minutes=10)
"""Maximum age of a fact that is behind no finding."""


MAX_CONNECTION_AGE = timedelta(minutes=30)
"""Maximum age of an open connection while the node's row in the listing stays the same.

AWS answers for 50 nodes a second, and a node that loses its control channel is usually visible by its ping first.
"""


MAX_READS_PER_REFRESH = 500
"""Maximum number of repeated reads per refresh, without closed connections; the oldest come first."""


_FINDINGS_PER_STEP = 20


class RefreshSchedule:
    """Decides which reads of a scope are due. `nodes` belong to the node list, which updates them."""

    def __init__(
        self, store: FactStore, checks: Sequence[Check], nodes: Mapping[NodeKey, Node], connections: NodeConnections
    ) -> None:
        self._store = store
        self._nodes = nodes
        self._connections = connections
        self._checks_of: defaultdict[str, list[Check]] = defaultdict(list)
        for check in checks:
            for cause in check.causes:
                self._checks_of[cause].append(check)

    async def due(self, problems: Iterable[tuple[Finding, NodeKey]], now: datetime) -> frozenset[ReadKey]:
        """Return the reads to repeat, with these findings, each with one of its nodes."""
        behind = await self._reads_behind(problems)
        always: list[ReadKey] = []
        urgent: list[CompletedRead] = []
        old: list[CompletedRead] = []
        for each in self._store.kept.known():
            if each.kind in reads_of_all_nodes() or _is_down(each):
                always.append(each.entry)
            elif each.kind is not Observation and each.entry in behind:
                urgent.append(each)
            elif each.age(now) >= _max_age(each):
                old.append(each)
        repeated = [*sorted(urgent, key=_read_time), *sorted(old, key=_read_time)][:MAX_READS_PER_REFRESH]
        return frozenset((*always, *(each.entry for each in repeated)))

    async def _reads_behind(self, problems: Iterable[tuple[Finding, NodeKey]]) -> Collection[ReadKey]:
        entries: set[ReadKey] = set()
        for number, (finding, key) in enumerate(problems):
            for check in self._checks_of[finding.cause]:
                node = self._nodes[key]
                resolver = self._store.resolver(node, self._connections.known(node))
                await resolver.answers(check.needs)
                entries.update(read_keys_of(resolver))
            if number % _FINDINGS_PER_STEP == 0:
                await asyncio.sleep(0)
        return entries


def _is_down(read: CompletedRead) -> bool:
    """Return whether a node is not known to be connected, so that its connection can come back."""
    if read.kind is not Observation:
        return False
    return not isinstance(read.value, Observation) or read.value.connection is not ConnectionStatus.CONNECTED


def _max_age(read: CompletedRead) -> timedelta:
    """Return the maximum age of a read: between half and all of the limit, always the same for one read."""
    most = MAX_CONNECTION_AGE if read.kind is Observation else MAX_AGE
    return most * (0.5 + hash((read.kind.__name__, read.own)) % 1000 / 2000)


def _read_time(read: CompletedRead) -> datetime:
    return read.made
