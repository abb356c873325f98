"""What a timed refresh reads again: what stands behind findings, and the rest in turn, before it is too old.

Anything can have changed in AWS, and nearly nothing has. What is broken may have been mended, so that is looked at each
time. What is well is looked at again within its age, each thing at a moment of its own, so that one refresh costs about
as much as the next. Nodes are no part of this: they are listed each time, and one whose row has changed is asked about
anew.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from ssmtui.checks.check import Check
from ssmtui.diagnosis.connections import Connections
from ssmtui.evidence.gathering.kept_reads import Entry, KnownRead, entries_along
from ssmtui.evidence.gathering.on_demand import Gathering
from ssmtui.evidence.gathering.reading import reads_of_all_nodes
from ssmtui.model.finding import Finding
from ssmtui.model.node import ConnectionStatus, Node, NodeKey
from ssmtui.model.standing import Observation

MOST_AGE = timedelta(minutes=10)
"""How old a fact becomes that stands behind no finding."""

MOST_AGE_OF_A_CONNECTION = timedelta(minutes=30)
"""How old it becomes that a node is connected whose row in the listing stays as it was: 50 nodes a second can be asked
about, and one that loses its control channel is mostly seen by its ping first."""

READS_A_TURN = 500
"""Reads that one refresh makes again at most, connections that are down apart; the oldest come first."""

_FINDINGS_A_BREATH = 20


class Freshness:
    """Which reads of a scope are due. `nodes` are the scope's, kept by who lists them."""

    def __init__(
        self, gathering: Gathering, checks: Sequence[Check], nodes: Mapping[NodeKey, Node], connections: Connections
    ) -> None:
        self._gathering = gathering
        self._nodes = nodes
        self._connections = connections
        self._checks_of: defaultdict[str, list[Check]] = defaultdict(list)
        for check in checks:
            for cause in check.causes:
                self._checks_of[cause].append(check)

    async def due(self, held: Iterable[tuple[Finding, NodeKey]], now: datetime) -> frozenset[Entry]:
        """What is to be read again, where these findings are held, each by one of its nodes."""
        behind = await self._behind(held)
        always: list[Entry] = []
        urgent: list[KnownRead] = []
        old: list[KnownRead] = []
        for each in self._gathering.kept.known():
            if each.kind in reads_of_all_nodes() or _is_down(each):
                always.append(each.entry)
            elif each.kind is not Observation and each.entry in behind:
                urgent.append(each)
            elif each.age(now) >= _most_age(each):
                old.append(each)
        in_turn = [*sorted(urgent, key=_made), *sorted(old, key=_made)][:READS_A_TURN]
        return frozenset((*always, *(each.entry for each in in_turn)))

    async def _behind(self, held: Iterable[tuple[Finding, NodeKey]]) -> Collection[Entry]:
        entries: set[Entry] = set()
        for number, (finding, key) in enumerate(held):
            for check in self._checks_of[finding.cause]:
                node = self._nodes[key]
                journey = self._gathering.journey(node, self._connections.known(node))
                await journey.answers(check.needs)
                entries.update(entries_along(journey))
            if number % _FINDINGS_A_BREATH == 0:
                await asyncio.sleep(0)
        return entries


def _is_down(read: KnownRead) -> bool:
    """Whether a node is not known to be connected: what is well may be lost, and what is lost may come back."""
    if read.kind is not Observation:
        return False
    return not isinstance(read.value, Observation) or read.value.connection is not ConnectionStatus.CONNECTED


def _most_age(read: KnownRead) -> timedelta:
    """How old a read becomes: between half of its most and all of it, always the same for one thing."""
    most = MOST_AGE_OF_A_CONNECTION if read.kind is Observation else MOST_AGE
    return most * (0.5 + hash((read.kind.__name__, read.own)) % 1000 / 2000)


def _made(read: KnownRead) -> datetime:
    return read.made
