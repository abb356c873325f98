"""Recorded evidence in place of reads: facts that are not in the snapshot are unknown."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Mapping, Sequence
from datetime import datetime

from ssmtui.evidence.aws.reader_api import Answer, ReadFailed
from ssmtui.evidence.facts.fact_resolver import FactResolver
from ssmtui.evidence.facts.read_cache import CachedRead, ReadCache, ReadKey
from ssmtui.evidence.facts.sources import WorkstationRead, sources
from ssmtui.evidence.snapshots.record import ScopeRecord, not_recorded
from ssmtui.model.finding import WORKSTATION
from ssmtui.model.node import Node
from ssmtui.model.scope import ScopeError


class RecordedReads(ReadCache):
    """The reads of a snapshot, all finished. None is forgotten, because it could not be repeated."""

    def __init__(self, record: ScopeRecord) -> None:
        super().__init__()
        self._recorded: set[ReadKey] = set()
        for fact in record.facts:
            entry = (fact.kind, fact.own)
            self._recorded.add(entry)
            ended = asyncio.get_running_loop().create_future()
            ended.set_result(fact.value)
            self._entries[entry] = CachedRead(ended, self.next_serial(), None, record.head.at, 0)

    def has(self, entry: ReadKey) -> bool:
        """Return whether the snapshot has this read."""
        return entry in self._recorded

    def begun(self, entry: ReadKey, now: datetime, work: Callable[[], Coroutine[None, None, object]]) -> CachedRead:
        """Return the recorded read. For other reads, the reader runs and gets no answer from AWS."""
        unseen = entry not in self._recorded and isinstance(sources().get(entry[0]), WorkstationRead)
        return super().begun(entry, now, _given(not_recorded(WORKSTATION)) if unseen else work)

    def forget(self, kinds: Collection[type]) -> None:
        """Do nothing: nothing can be read again."""

    def forget_entries(self, entries: Collection[ReadKey]) -> None:
        """Do nothing: nothing can be read again."""

    def forget_nodes(self, ids: Collection[str]) -> None:
        """Do nothing: nothing can be read again."""

    def renew(self, entries: Collection[ReadKey]) -> None:
        """Do nothing: nothing can be read again."""


class RecordedAws:
    """Replaces AWS: every call fails because its answer is not in the snapshot (implements `ScopeAws`)."""

    def __init__(self, record: ScopeRecord) -> None:
        self._calls = dict(record.head.calls)

    @property
    def calls(self) -> Mapping[str, int]:
        """Return the number of calls at the time of the recording."""
        return self._calls

    @property
    def throttled(self) -> bool:
        """Return False: AWS is not asked."""
        return False

    @property
    def waiting_for(self) -> tuple[str, ...]:
        """Return no calls: AWS is not asked."""
        return ()

    async def call(self, service: str, operation: str, **parameters: object) -> Answer:  # noqa: ARG002
        """Raise an error: there is no answer.

        Raises:
            ReadFailed: always.

        """
        raise ReadFailed(not_recorded(f"{service}:{operation}"))

    async def pages(self, service: str, operation: str, **parameters: object) -> AsyncIterator[Answer]:
        """Raise an error: there is no answer.

        Raises:
            ReadFailed: always.

        """
        yield await self.call(service, operation, **parameters)

    async def let_go(self) -> None:
        """Do nothing: there are no connections."""


def recorded_nodes(
    nodes: Sequence[Node], errors: Sequence[ScopeError]
) -> Callable[[FactResolver], AsyncIterator[Sequence[Node] | ScopeError]]:
    """Return a listing of the recorded nodes."""

    async def listed(_region: FactResolver) -> AsyncIterator[Sequence[Node] | ScopeError]:
        yield nodes
        for error in errors:
            yield error

    return listed


def _given(value: object) -> Callable[[], Coroutine[None, None, object]]:
    async def work() -> object:
        return value

    return work
