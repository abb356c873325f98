"""Works that make room for each other: one after another as long as none is held up, and the loop's turn between."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable

Work = Callable[[], Awaitable[None]]

BREATH = 0.005
"""Seconds of work after which the loop gets its turn."""


async def in_turn(works: Iterable[Work], held_up: float) -> None:
    """Do all of them, the next when the one before is done, or when the turn has taken `held_up` seconds.

    What waits for an answer that never comes holds up no others, and nobody pays for doing all of them at once.
    """
    left = deque(works)
    async with asyncio.TaskGroup() as group:
        while left:
            await asyncio.wait({group.create_task(_one_after_another(left))}, timeout=held_up)


async def _one_after_another(left: deque[Work]) -> None:
    while left:
        await left.popleft()()


class Breathing:
    """Gives the loop its turn whenever a work has held it for long enough."""

    def __init__(self) -> None:
        self._since = time.monotonic()

    async def breathe(self) -> None:
        """To be called between two pieces of work."""
        if time.monotonic() - self._since >= BREATH:
            await asyncio.sleep(0)
            self._since = time.monotonic()
