"""Run asynchronous works in turn, and let other tasks of the event loop run between them."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import Future

AsyncWork = Callable[[], Awaitable[None]]

YIELD_INTERVAL = 0.005
"""Seconds of work after which other tasks of the event loop can run."""


async def run_in_turn(works: Iterable[AsyncWork], max_wait: float) -> None:
    """Run all works in order: the next starts when the last ends or has taken `max_wait` seconds.

    A work that waits for an answer blocks no others, without the cost of running all at the same time.
    """
    left = deque(works)
    async with asyncio.TaskGroup() as group:
        while left:
            await asyncio.wait({group.create_task(_one_after_another(left))}, timeout=max_wait)


async def _one_after_another(left: deque[AsyncWork]) -> None:
    while left:
        await left.popleft()()


class CooperativeYield:
    """Lets other tasks of the event loop run when a work has taken long enough."""

    def __init__(self) -> None:
        self._since = time.monotonic()

    async def breathe(self) -> None:
        """Call this between two pieces of work."""
        if time.monotonic() - self._since >= YIELD_INTERVAL:
            await asyncio.sleep(0)
            self._since = time.monotonic()


def complete_future(future: asyncio.Future[None] | Future[None]) -> None:
    """Complete a future, unless it is already complete."""
    if not future.done():
        future.set_result(None)


async def wait_for_futures(futures: Iterable[asyncio.Future[None]]) -> None:
    """Wait for all futures; return at once if there are none."""
    waited_for = list(futures)
    if waited_for:
        await asyncio.wait(waited_for)
