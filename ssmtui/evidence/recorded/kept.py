"""Recorded evidence in the place of reads: what was read then is what is read now; all else is not in the snapshot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Mapping, Sequence
from datetime import datetime

from ssmtui.evidence.gathering.journey import Journey
from ssmtui.evidence.gathering.kept_reads import Entry, KeptReads, Reading
from ssmtui.evidence.gathering.reading import Seen, sources
from ssmtui.evidence.recorded.scope_record import ScopeRecord, not_recorded
from ssmtui.evidence.wire.answer import Answer
from ssmtui.evidence.wire.aws import ReadFailed
from ssmtui.model.finding import WORKSTATION
from ssmtui.model.node import Node
from ssmtui.model.scope import ScopeError


class RecordedReads(KeptReads):
    """The reads of a snapshot, all of which have ended. None is forgotten: it could not be made again."""

    def __init__(self, record: ScopeRecord) -> None:
        super().__init__()
        self._recorded: set[Entry] = set()
        for fact in record.facts:
            entry = (fact.kind, fact.own)
            self._recorded.add(entry)
            ended = asyncio.get_running_loop().create_future()
            ended.set_result(fact.value)
            self._entries[entry] = Reading(ended, self.next_serial(), None, record.head.at, 0)

    def has(self, entry: Entry) -> bool:
        """Whether it was read when the snapshot was recorded."""
        return entry in self._recorded

    def begun(self, entry: Entry, now: datetime, work: Callable[[], Coroutine[None, None, object]]) -> Reading:
        """The read as it was recorded. Of another a reader says what it says where AWS does not answer."""
        unseen = entry not in self._recorded and isinstance(sources().get(entry[0]), Seen)
        return super().begun(entry, now, _given(not_recorded(WORKSTATION)) if unseen else work)

    def forget(self, kinds: Collection[type]) -> None:
        """Nothing can be read anew."""

    def forget_entries(self, entries: Collection[Entry]) -> None:
        """Nothing can be read anew."""

    def forget_nodes(self, ids: Collection[str]) -> None:
        """Nothing can be read anew."""

    def renew(self, entries: Collection[Entry]) -> None:
        """Nothing can be read anew."""


class NoAws:
    """Where there is no AWS: every call says that its answer is not in the snapshot (implements `ScopeWay`)."""

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
) -> Callable[[Journey], AsyncIterator[Sequence[Node] | ScopeError]]:
    """Nodes as they were listed, in the place of a listing."""

    async def listed(_region: Journey) -> AsyncIterator[Sequence[Node] | ScopeError]:
        yield nodes
        for error in errors:
            yield error

    return listed


def _given(value: object) -> Callable[[], Coroutine[None, None, object]]:
    async def work() -> object:
        return value

    return work
