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
"""What is read: the kind of fact, and what tells the thing from others of its kind."""


@dataclass(frozen=True, slots=True)
class CompletedRead:
    """A read that has ended: of what, when it was made, and what it gave."""

    kind: type
    own: Hashable
    made: datetime
    value: object

    @property
    def entry(self) -> ReadKey:
        """What was read."""
        return self.kind, self.own

    def age(self, now: datetime) -> timedelta:
        """How old it is."""
        return now - self.made


@dataclass(slots=True)
class CachedRead:
    """A read that is on its way or has ended, when it was begun, and the deadline of whoever asked first.

    `turn` is the last one in which it was asked for. `before` is what the read gave that this one renews.
    """

    future: asyncio.Future[object]
    serial: int
    deadline: Deadline | None
    made: datetime
    turn: int
    before: tuple[object, int] | None = None

    async def value(self) -> object:
        """What it gives. Raises DeadlinePassed where the deadline of who asks now passes before."""
        if self.future.done():
            return self.future.result()
        if self.deadline is current_deadline():
            return await asyncio.shield(self.future)
        return await within_deadline(asyncio.shield(self.future))

    @property
    def has_ended(self) -> bool:
        """Whether it gave anything."""
        return self.future.done() and not self.future.cancelled() and self.future.exception() is None

    @property
    def has_failed(self) -> bool:
        """Whether it told nothing, for another reason than that it was refused."""
        if not self.has_ended:
            return False
        value = self.future.result()
        return isinstance(value, Unreadable) and value.obstacle is not ReadFailure.REFUSED

    def was_late_for_another(self) -> bool:
        """Whether it has missed a deadline that is not the one of who asks now."""
        if self.deadline is None or not self.deadline.passed or self.deadline is current_deadline():
            return False
        if not self.has_ended:
            return False
        missed = self.future.result()
        return isinstance(missed, Unreadable) and missed.obstacle in {ReadFailure.TIMED_OUT, ReadFailure.THROTTLED}


class ReadCache:
    """The reads of one scope by what is read. Lives on the event loop of the evidence thread and on no other.

    `otherwise` are the kinds of which AWS has said another thing since the last renewal.
    """

    def __init__(self) -> None:
        self.otherwise: set[type] = set()
        self._entries: dict[ReadKey, CachedRead] = {}
        # The loop holds its tasks weakly: a read that is forgotten, or whose askers were cancelled, still ends.
        self._under_way: set[asyncio.Future[object]] = set()
        self._serial = itertools.count()
        self._turn = 0
        self._renewed: dict[ReadKey, tuple[object, int]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def next_serial(self) -> int:
        """A number that no fact has."""
        return next(self._serial)

    def begun(self, entry: ReadKey, now: datetime, work: Callable[[], Coroutine[None, None, object]]) -> CachedRead:
        """The read of a thing: the one that was begun already, else a new one by that work."""
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
        """What has been read already of a thing."""
        reading = self._entries.get(entry)
        if reading is None or not reading.has_ended:
            return None
        reading.turn = self._turn
        return self.resolved(entry, reading, reading.future.result())

    def resolved(self, entry: ReadKey, reading: CachedRead, value: object) -> ResolvedFact:
        """What a read gave, as a fact: the same one as before, where it is the same."""
        before, reading.before = reading.before, None
        if before is not None and before[0] == value:
            reading.serial = before[1]
        elif before is not None:
            self.otherwise.add(entry[0])
        return ResolvedFact(value, (*entry, reading.serial))

    def known(self) -> Iterator[CompletedRead]:
        """Every read that has ended."""
        for (kind, own), reading in self._entries.items():
            if reading.has_ended:
                yield CompletedRead(kind, own, reading.made, reading.future.result())

    def forget(self, kinds: Collection[type]) -> None:
        """Have the facts of these kinds read anew, and what a read failed to tell; all, where no kind is named."""
        for entry, reading in tuple(self._entries.items()):
            if not kinds or entry[0] in kinds or reading.has_failed:
                del self._entries[entry]

    def forget_entries(self, entries: Collection[ReadKey]) -> None:
        """Have these read anew."""
        for entry in entries:
            self._entries.pop(entry, None)

    def forget_nodes(self, ids: Collection[str]) -> None:
        """Have everything read anew that was asked for these nodes by themselves."""
        self.forget_entries([entry for entry in self._entries if _is_of_a_node(entry[1], ids)])

    def renew(self, entries: Collection[ReadKey]) -> None:
        """Have these read anew. What AWS says again is the same fact: nothing that rests on it is judged again.

        What nobody has asked for since the last renewal is let go: its node, or its subject, is no more.
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
    """What was read for the facts that a path came by."""
    for resolved in resolver.known.values():
        match resolved.key:
            case (type() as kind, own, int()):
                yield kind, own


def _is_of_a_node(own: Hashable, ids: Collection[str]) -> bool:
    return own in ids or (isinstance(own, tuple) and bool(own) and own[0] in ids)
