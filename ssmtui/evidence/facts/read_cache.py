"""Cache the reads of one scope until they are invalidated, renewed or no longer used."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Collection, Coroutine, Hashable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from ssmtui.evidence.aws.limits import Deadline, current_deadline, within_deadline
from ssmtui.evidence.facts.fact_resolver import FactResolver, ResolvedFact
from ssmtui.model.fact import ReadFailure, Unreadable

ReadKey = tuple[type, Hashable]
"""The key of a read: the kind of fact, and the thing among facts of its kind."""


@dataclass(frozen=True, slots=True)
class CompletedRead:
    """A finished read: its key, its time, and its result."""

    kind: type
    own: Hashable
    made: datetime
    value: object

    @property
    def entry(self) -> ReadKey:
        """Return the key of the read."""
        return self.kind, self.own

    def age(self, now: datetime) -> timedelta:
        """Return the age of the read."""
        return now - self.made


@dataclass(slots=True)
class CachedRead:
    """A running or finished read, its start time, and the deadline of its first caller.

    `turn` is the last generation in which it was used. `before` is the result of the read that it renews.
    """

    future: asyncio.Future[object]
    serial: int
    deadline: Deadline | None
    made: datetime
    turn: int
    before: tuple[object, int] | None = None

    async def value(self) -> object:
        """Return the result. Raises DeadlinePassed if the deadline of the current caller passes first."""
        if self.future.done():
            return self.future.result()
        if self.deadline is current_deadline():
            return await asyncio.shield(self.future)
        return await within_deadline(asyncio.shield(self.future))

    @property
    def has_ended(self) -> bool:
        """Return whether the read has a result."""
        return self.future.done() and not self.future.cancelled() and self.future.exception() is None

    @property
    def has_failed(self) -> bool:
        """Return whether the read failed for another reason than a refusal."""
        if not self.has_ended:
            return False
        value = self.future.result()
        return isinstance(value, Unreadable) and value.obstacle is not ReadFailure.REFUSED

    def was_late_for_another(self) -> bool:
        """Return whether the read has missed a deadline of another caller."""
        if self.deadline is None or not self.deadline.passed or self.deadline is current_deadline():
            return False
        if not self.has_ended:
            return False
        missed = self.future.result()
        return isinstance(missed, Unreadable) and missed.obstacle in {ReadFailure.TIMED_OUT, ReadFailure.THROTTLED}


class ReadCache:
    """The reads of one scope, by key. Runs only on the event loop of the evidence thread.

    `otherwise` are the kinds for which AWS's answer has changed since the last renewal.
    """

    def __init__(self) -> None:
        self.otherwise: set[type] = set()
        self._entries: dict[ReadKey, CachedRead] = {}
        # The loop holds only weak references to its tasks: a read must finish even if it is forgotten or all callers
        # are cancelled.
        self._under_way: set[asyncio.Future[object]] = set()
        self._serial = itertools.count()
        self._turn = 0
        self._renewed: dict[ReadKey, tuple[object, int]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def next_serial(self) -> int:
        """Return a new unique number."""
        return next(self._serial)

    def begun(self, entry: ReadKey, now: datetime, work: Callable[[], Coroutine[None, None, object]]) -> CachedRead:
        """Return the read of a key: an existing one, or a new one that runs `work`."""
        reading = self._entries.get(entry)
        if reading is None or reading.was_late_for_another():
            future: asyncio.Future[object] = asyncio.ensure_future(work())
            self._under_way.add(future)
            future.add_done_callback(self._under_way.discard)
            before = self._renewed.pop(entry, None)
            reading = CachedRead(future, self.next_serial(), current_deadline(), now, self._turn, before)
            self._entries[entry] = reading
        reading.turn = self._turn
        return reading

    def cached_read(self, entry: ReadKey) -> ResolvedFact | None:
        """Return the result of a finished read, or None."""
        reading = self._entries.get(entry)
        if reading is None or not reading.has_ended:
            return None
        reading.turn = self._turn
        return self.resolved(entry, reading, reading.future.result())

    def resolved(self, entry: ReadKey, reading: CachedRead, value: object) -> ResolvedFact:
        """Return the result of a read as a fact; an unchanged result is the same fact as before."""
        before, reading.before = reading.before, None
        if before is not None and before[0] == value:
            reading.serial = before[1]
        elif before is not None:
            self.otherwise.add(entry[0])
        return ResolvedFact(value, (*entry, reading.serial))

    def known(self) -> Iterator[CompletedRead]:
        """Yield all finished reads."""
        for (kind, own), reading in self._entries.items():
            if reading.has_ended:
                yield CompletedRead(kind, own, reading.made, reading.future.result())

    def forget(self, kinds: Collection[type]) -> None:
        """Forget reads of these kinds, and failed reads; all reads if no kinds are given."""
        for entry, reading in tuple(self._entries.items()):
            if not kinds or entry[0] in kinds or reading.has_failed:
                del self._entries[entry]

    def forget_entries(self, entries: Collection[ReadKey]) -> None:
        """Forget these reads."""
        for entry in entries:
            self._entries.pop(entry, None)

    def forget_nodes(self, ids: Collection[str]) -> None:
        """Forget all reads about these single nodes."""
        self.forget_entries([entry for entry in self._entries if _is_of_a_node(entry[1], ids)])

    def renew(self, entries: Collection[ReadKey]) -> None:
        """Forget these reads, but keep their results: if AWS's answer is unchanged, no dependent work is repeated.

        Reads that were not used since the last renewal are dropped: their node or subject no longer exists.
        """
        self.otherwise = set()
        self._renewed = {}
        for entry, reading in tuple(self._entries.items()):
            if entry in entries and reading.has_ended:
                value = reading.future.result()
                self.resolved(entry, reading, value)
                self._renewed[entry] = value, reading.serial
            if entry in entries or reading.turn < self._turn:
                del self._entries[entry]
        self._turn += 1


def read_keys_of(resolver: FactResolver) -> Iterator[ReadKey]:
    """Yield the keys of the reads on a path."""
    for resolved in resolver.known.values():
        match resolved.key:
            case (type() as kind, own, int()):
                yield kind, own


def _is_of_a_node(own: Hashable, ids: Collection[str]) -> bool:
    return own in ids or (isinstance(own, tuple) and bool(own) and own[0] in ids)
