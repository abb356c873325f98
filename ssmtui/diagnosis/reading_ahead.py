"""Read facts of a Region before its nodes and the caller's role are known."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING

from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.events import Event, InternalErrorMet
from ssmtui.evidence.aws.scopes import OpenScope
from ssmtui.evidence.facts.workstation_protocol import Workstation

if TYPE_CHECKING:
    from ssmtui.checks.registry import Check
    from ssmtui.diagnosis.connections import EvidenceSource
    from ssmtui.evidence.facts.fact_resolver import FactResolver


class ReadAhead:
    """The reads of a scope that start as soon as STS has returned the caller and the checks are imported.

    The diagnosis of the scope finds the results in `evidence_source`. Checks that need the node or the caller's role do
    not apply yet, so only facts are read that every node needs.
    """

    def __init__(
        self,
        request: DiagnosisRequest,
        workstation: Callable[[], Workstation | None],
        checks: Callable[[], Awaitable[Iterable[Check]]],
        emit: Callable[[Event], None],
    ) -> None:
        self.evidence_source: EvidenceSource | None = None
        self._request = request
        self._workstation = workstation
        self._checks = checks
        self._emit = emit
        self._reading: asyncio.Task[None] | None = None

    def begin(self, opened: OpenScope) -> None:
        """Start the reads, with the current deadline."""
        self._reading = asyncio.create_task(self._read(opened))
        self._reading.add_done_callback(_ignore_result)

    def end(self) -> None:
        """Start no further reads. Reads that are under way finish."""
        if self._reading is not None:
            self._reading.cancel()

    async def _read(self, opened: OpenScope) -> None:
        checks = await self._checks()
        from ssmtui.diagnosis.connections import EvidenceSource
        from ssmtui.evidence.facts.fact_store import FactStore
        from ssmtui.evidence.facts.read_cache import ReadCache
        from ssmtui.model.fact import Now
        from ssmtui.model.node_facts import RequestedNodes

        self.evidence_source = EvidenceSource(ReadCache())
        store = FactStore(
            opened.aws,
            opened.scope,
            Now(self._request.clock()),
            self._workstation(),
            lambda words: self._emit(InternalErrorMet(opened.scope.name, words)),
            self.evidence_source.kept,
            RequestedNodes(tuple(self._request.nodes)),
        )
        await read_region(store.concurrent_resolver(None), checks)


async def read_region(resolver: FactResolver, checks: Iterable[Check]) -> None:
    """Begin the listings of the nodes, and read at the same time what the checks of any node need of the Region."""
    from ssmtui.evidence.readers.node_listing import ListedInstances, ListedRegistrations

    async with asyncio.TaskGroup() as group:
        for kind in (ListedInstances, ListedRegistrations):
            group.create_task(resolver.fact(kind))
        for check in checks:
            group.create_task(resolver.answers(check.needs))


def _ignore_result(reading: asyncio.Task[None]) -> None:
    # The diagnosis meets the error of a bug again, and reports it.
    if not reading.cancelled():
        reading.exception()
