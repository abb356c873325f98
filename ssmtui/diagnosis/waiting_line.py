"""The nodes that wait to be checked: first come first served, but for what the person looks at."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Sequence

from ssmtui.model.node import NodeKey


class WaitingLine:
    """A line that many take from. `next` waits while it is open and empty, and gives None once it is closed."""

    def __init__(self) -> None:
        self._keys: OrderedDict[NodeKey, None] = OrderedDict()
        self._closed = False
        self._something = asyncio.Event()

    def open(self) -> None:
        """More may come."""
        self._closed = False

    def close(self) -> None:
        """No more will come; what waits is still served."""
        self._closed = True
        self._something.set()

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, keys: Iterable[NodeKey]) -> None:
        """Put nodes at the end; one that waits already keeps its place."""
        for key in keys:
            self._keys.setdefault(key)
        if self._keys:
            self._something.set()

    def bring_forward(self, keys: Sequence[NodeKey]) -> None:
        """Serve these first, in this order, as far as they wait."""
        for key in reversed(keys):
            if key in self._keys:
                self._keys.move_to_end(key, last=False)

    async def next(self) -> NodeKey | None:
        """The next node, None when the line is closed and empty."""
        while not self._keys:
            if self._closed:
                return None
            self._something.clear()
            await self._something.wait()
        key, _ = self._keys.popitem(last=False)
        return key
