"""One listing of a Region, read once: told as it comes to whoever follows it, and summed up for what tells of all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Generic, TypeVar

from ssmtui.evidence.wire.answer import Answer, MalformedAnswer
from ssmtui.evidence.wire.aws import AwsError, ReadFailed
from ssmtui.language import say
from ssmtui.model.answers import Obstacle, Unreadable
from ssmtui.model.defects import left_unread

Record = TypeVar("Record")
Sum = TypeVar("Sum")
Page = TypeVar("Page")

End = Unreadable | bool
"""Why a listing ended too early, else whether it has ended."""

MORE_TO_COME: End = False
ALL_TOLD: End = True

Follower = Callable[[Sequence[Record], End], None]

AT_A_TIME = 50
"""Records that are made before the loop turns to others: a page of a thousand would hold it up."""


class SharedListing(Generic[Record, Sum]):
    """One listing under way. Begins when it is made, on the loop it is made on, in the time that is given there.

    `pages` gives the entries of page after page, `recording` what makes records of them, and `count` adds one to the
    sum, which `nothing` begins. Records are kept for whoever follows until they are told, and no longer.
    """

    def __init__(
        self,
        action: str,
        pages: Callable[[], AsyncIterator[Sequence[Answer]]],
        recording: Callable[[], Callable[[Answer], Record]],
        nothing: Callable[[], Sum],
        count: Callable[[Sum, Record], None],
    ) -> None:
        self._action = action
        self._pages = pages
        self._recording = recording
        self._nothing = nothing
        self._count = count
        self._untold: list[Sequence[Record]] = []
        self._follower: Follower[Record] | None = None
        self._begin(self._tell)

    def follow(self, follower: Follower[Record]) -> None:
        """Have somebody told of every record, once: a few at a time, and last why there are no more."""
        self._follower = follower
        untold, self._untold = self._untold, []
        for records in untold:
            follower(records, MORE_TO_COME)
        self._reading.add_done_callback(lambda reading: follower((), self._end_of(reading)))

    async def whole(self) -> Sum:
        """What all records come to. A listing that failed is read again for whoever asks after that.

        Raises:
            ReadFailed: not all could be listed.

        """
        if self._reading.done() and self._may_succeed(self._end_of(self._reading)):
            self._begin(lambda _records: None)
        reading, sum_ = self._reading, self._sum
        await asyncio.wait({reading})
        end = self._end_of(reading)
        if isinstance(end, Unreadable):
            raise ReadFailed(end)
        return sum_

    async def ended(self) -> None:
        """Wait for the end. Raises what a defect raised."""
        await self._reading

    def give_up(self) -> None:
        """Read no further."""
        self._reading.cancel()

    def _begin(self, tell: Callable[[Sequence[Record]], None]) -> None:
        self._sum = self._nothing()
        self._reading = asyncio.ensure_future(self._read(self._sum, tell))
        self._reading.add_done_callback(_heard_of)

    def _tell(self, records: Sequence[Record]) -> None:
        if self._follower is None:
            self._untold.append(records)
        else:
            self._follower(records, MORE_TO_COME)

    def _end_of(self, reading: asyncio.Future[End]) -> End:
        if reading.cancelled():
            return Unreadable("", say("{action}: given up", action=self._action), Obstacle.FAILED, self._action)
        error = reading.exception()
        return left_unread(error, self._action) if isinstance(error, Exception) else reading.result()

    @staticmethod
    def _may_succeed(end: End) -> bool:
        return isinstance(end, Unreadable) and end.obstacle is not Obstacle.REFUSED

    async def _read(self, sum_: Sum, tell: Callable[[Sequence[Record]], None]) -> End:
        record = self._recording()
        try:
            async for entries in one_ahead(self._pages()):
                for start in range(0, len(entries), AT_A_TIME):
                    records = [record(each) for each in entries[start : start + AT_A_TIME]]
                    for each in records:
                        self._count(sum_, each)
                    tell(records)
                    await asyncio.sleep(0)
        except (ReadFailed, MalformedAnswer) as failed:
            return failed.unreadable
        except AwsError as error:
            return Unreadable("", f"{self._action}: {error}", Obstacle.FAILED, self._action)
        return ALL_TOLD


async def one_ahead(pages: AsyncIterator[Page]) -> AsyncIterator[Page]:
    """The same pages, the next one being asked for while one is looked at."""
    coming = _next_of(pages)
    try:
        while (page := await coming) is not None:
            coming = _next_of(pages)
            yield page
    finally:
        coming.cancel()


def _next_of(pages: AsyncIterator[Page]) -> asyncio.Future[Page | None]:
    coming = asyncio.ensure_future(anext(pages, None))
    coming.add_done_callback(_heard_of)
    return coming


def _heard_of(work: asyncio.Future[Any]) -> None:
    """That it failed is told to whoever asks for it; where nobody does, asyncio has nothing to say about it."""
    if not work.cancelled():
        work.exception()
