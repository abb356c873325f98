"""Who opens a scope: one after another, and of those who would try again meanwhile one waits."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from ssmtui.model.scope import ScopeName


class Doors:
    """One for each scope. Lives on the evidence thread's loop."""

    def __init__(self) -> None:
        self._locks: defaultdict[ScopeName, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._next: dict[ScopeName, object] = {}

    @property
    def is_one_closed(self) -> bool:
        """Whether any scope is being opened."""
        return any(lock.locked() for lock in self._locks.values())

    @asynccontextmanager
    async def through(self, scope: ScopeName) -> AsyncIterator[None]:
        """Open a scope, as soon as nobody else does."""
        async with self._locks[scope]:
            self._waits_no_more(scope)
            yield

    @contextmanager
    def next(self, scope: ScopeName) -> Iterator[bool]:
        """Be the one who waits until others are through; False for who comes while one does."""
        me = asyncio.current_task()
        try:
            yield self._next.setdefault(scope, me) is me
        finally:
            self._waits_no_more(scope)

    def _waits_no_more(self, scope: ScopeName) -> None:
        if scope in self._next and self._next[scope] is asyncio.current_task():
            del self._next[scope]
