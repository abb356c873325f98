"""The time of a diagnosis that is soaked: it runs on where everybody waits, so that a minute takes about a second."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

from ssmtui.evidence.facts.event_loop import EvidenceThread
from tools.trust.faults.hurried_time import HurriedLoop
from tools.trust.faults.traffic import Traffic

T = TypeVar("T")

_LONGEST = 600
"""Real seconds that a minute takes at most, on however busy a machine."""


class _PressedLoop(HurriedLoop):
    """Its time never leaps: there is always somebody who looks again each second, and who would be waited for. Of the
    simulated AWS, which is a process of its own, nothing is known."""

    def is_worked_for(self) -> bool:
        """Let it pass while somebody answers, too."""
        return False

    def is_waited_for_by_nobody(self) -> bool:
        """Let it pass no faster than others can follow."""
        return True


class _WatchedThread(EvidenceThread):
    """Knows whether something that was asked of it has not ended."""

    def __init__(self, loop_factory: Callable[[], asyncio.AbstractEventLoop]) -> None:
        super().__init__(loop_factory)
        self._asked: set[Future[Any]] = set()

    @property
    def is_idle(self) -> bool:
        return not self._asked

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        future = super().submit(work)
        self._asked.add(future)
        future.add_done_callback(self._asked.discard)
        return future


class PressedTime:
    """Make the diagnosis on its `thread`; its rates, pauses and deadlines are those of a whole hour all the same."""

    def __init__(self) -> None:
        self.thread = _WatchedThread(self._made)
        self._last = 0.0

    def pass_on(self, seconds: float) -> None:
        """Let so many seconds pass since the last time, or since the loop was made: one by one, as deadlines count."""
        self.thread.submit(self._slept(seconds)).result(_LONGEST)

    def _made(self) -> HurriedLoop:
        self._loop = _PressedLoop(Traffic())
        return self._loop

    async def _slept(self, seconds: float) -> None:
        await asyncio.sleep(self._last + seconds - self._loop.lived)
        self._last = self._loop.lived
