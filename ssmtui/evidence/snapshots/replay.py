"""Recorded evidence in place of reads: what is not in the snapshot is unknown."""

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
    """The reads of a snapshot, all of which have ended. None is forgotten: it could not be made again."""

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
        """Whether it was read when the snapshot was recorded."""
        return entry in self._recorded

    def begun(self, entry: ReadKey, now: datetime, work: Callable[[], Coroutine[None, None, object]]) -> CachedRead:
        """The read as it was recorded. Of another a reader says what it says where AWS does not answer."""
        unseen = entry not in self._recorded and isinstance(sources().get(entry[0]), WorkstationRead)
        return super().begun(entry, now, _given(not_recorded(WORKSTATION)) if unseen else work)

    def forget(self, kinds: Collection[type]) -> None:
        """Nothing can be read anew."""

    def forget_entries(self, entries: Collection[ReadKey]) -> None:
        """Nothing can be read anew."""

    def forget_nodes(self, ids: Collection[str]) -> None:
        """Nothing can be read anew."""

    def renew(self, entries: Collection[ReadKey]) -> None:
        """Nothing can be read anew."""


class RecordedAws:
    """Where there is no AWS: every call says that its answer is not in the snapshot (implements `ScopeAws`)."""

    def __init__(self, record: ScopeRecord) -> None:
        self._calls = dict(record.head.calls)

    @property
    def calls(self) -> Mapping[str, int]:
        """What the evidence took when it was recorded."""
        return self._calls

    @property
    def throttled(self) -> bool:
        """Nobody is asked."""
        return False

    @property
    def waiting_for(self) -> tuple[str, ...]:
        """Nobody is waited for."""
        return ()

    async def call(self, service: str, operation: str, **parameters: object) -> Answer:  # noqa: ARG002
        """No answer.

        Raises:
            ReadFailed: always.

        """
        raise ReadFailed(not_recorded(f"{service}:{operation}"))

    async def pages(self, service: str, operation: str, **parameters: object) -> AsyncIterator[Answer]:
        """No answer.

        Raises:
            ReadFailed: always.

        """
        yield await self.call(service, operation, **parameters)

    async def let_go(self) -> None:
        """Nothing is held."""


def recorded_nodes(
    nodes: Sequence[Node], errors: Sequence[ScopeError]
) -> Callable[[FactResolver], AsyncIterator[Sequence[Node] | ScopeError]]:
    """Nodes as they were listed, in the place of a listing."""

    async def listed(_region: FactResolver) -> AsyncIterator[Sequence[Node] | ScopeError]:
        yield nodes
        for error in errors:
            yield error

    return listed


def _given(value: object) -> Callable[[], Coroutine[None, None, object]]:
    async def work() -> object:
        return value

    return work
