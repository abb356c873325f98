"""Works that are done one after another, as long as none is held up."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable

Work = Callable[[], Awaitable[None]]


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
