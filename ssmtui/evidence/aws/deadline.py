"""The deadline of a Region, in force for everything that waits below it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")

_STEP = 1.0
"""A deadline counts its seconds one by one: while the loop stands still, because somebody is asked for an MFA code on
the terminal, no more than one of them passes."""


class DeadlinePassed(TimeoutError):
    """What was waited for did not come in the time that it was given."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"not within {seconds:g} s")
        self.seconds = seconds


class Deadline:
    """So many seconds from when it is made. Lives on one event loop."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._left = seconds
        self._still = 0
        self._waits: set[asyncio.Future[None]] = set()
        self._loop = asyncio.get_running_loop()
        self._count()

    @property
    def passed(self) -> bool:
        """Whether it is too late."""
        return self._left <= 0

    @contextmanager
    def in_force(self) -> Iterator[None]:
        """Let it count for what is done meanwhile, and for the tasks that are begun meanwhile."""
        before = _in_force.set(self)
        try:
            yield
        finally:
            _in_force.reset(before)

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """Let no time pass meanwhile, for anybody who waits under it."""
        self._still += 1
        try:
            yield
        finally:
            self._still -= 1

    async def wait_for(self, work: Awaitable[T]) -> T:
        """What the work gives, if it gives it before the deadline.

        Raises:
            DeadlinePassed: it has passed, or passed meanwhile. The work is cancelled, and not waited for: there are
                libraries that take a cancellation for something else and go on.

        """
        task = asyncio.ensure_future(work)
        if self.passed:
            _abandon(task)
            raise DeadlinePassed(self.seconds)
        wait: asyncio.Future[None] = self._loop.create_future()
        self._waits.add(wait)
        task.add_done_callback(lambda _task: _wake(wait))
        try:
            await wait
        except asyncio.CancelledError:
            _abandon(task)
            raise
        finally:
            self._waits.discard(wait)
        if task.done():
            return task.result()
        _abandon(task)
        raise DeadlinePassed(self.seconds)

    def _count(self) -> None:
        if self._left > 0:
            step = min(_STEP, self._left)
            self._loop.call_later(step, self._step, step)
            return
        for each in self._waits:
            _wake(each)

    def _step(self, seconds: float) -> None:
        self._left -= 0 if self._still else seconds
        self._count()


_in_force: ContextVar[Deadline | None] = ContextVar("deadline in force", default=None)

_abandoned: set[asyncio.Future[Any]] = set()
"""What nobody waits for any longer: the loop itself holds its tasks weakly."""


def current_deadline() -> Deadline | None:
    """The deadline that counts for whoever asks."""
    return _in_force.get()


async def within_deadline(work: Awaitable[T]) -> T:
    """What the work gives, no later than the deadline in force, if there is one, allows.

    Raises:
        DeadlinePassed: it has passed, or passed meanwhile.

    """
    deadline = _in_force.get()
    return await work if deadline is None else await deadline.wait_for(work)


def is_being_cancelled() -> bool:
    """Whether it is this task that somebody wants to end: else a cancellation comes from what it waits for."""
    current = asyncio.current_task()
    return current is not None and current.cancelling() > 0


def _wake(wait: asyncio.Future[None]) -> None:
    if not wait.done():
        wait.set_result(None)


def _abandon(task: asyncio.Future[Any]) -> None:
    _abandoned.add(task)
    task.add_done_callback(_forget)
    task.cancel()


def _forget(task: asyncio.Future[Any]) -> None:
    _abandoned.discard(task)
    if not task.cancelled():
        task.exception()  # that it failed is nobody's concern any more, and asyncio's neither
