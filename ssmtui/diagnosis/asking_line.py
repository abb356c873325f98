"""The nodes whose connection is yet to be asked for, the most urgent first: AWS answers fifty a second."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable
from enum import IntEnum

from ssmtui.model.node import NodeKey


class Urgency(IntEnum):
    """Why a node is asked about, the most urgent first."""

    LOOKED_AT = 0
    FIRST_OF_ITS_LIKE = 1
    SUSPICIOUS = 2
    LIKELY_WELL = 3


class AskingLine:
    """A line in which who is more urgent stands before who came first. `take` waits while it is open and empty."""

    def __init__(self) -> None:
        self._closed = True
        self._something = asyncio.Event()
        self._by_urgency: tuple[OrderedDict[NodeKey, None], ...] = tuple(OrderedDict() for _ in Urgency)
        self._urgency: dict[NodeKey, Urgency] = {}

    def open(self) -> None:
        """More may come."""
        self._closed = False

    def close(self) -> None:
        """No more will come but by an answer; who stands in line is still asked about."""
        self._closed = True
        self._something.set()

    def __len__(self) -> int:
        return len(self._urgency)

    def __contains__(self, key: NodeKey) -> bool:
        return key in self._urgency

    def add(self, key: NodeKey, urgency: Urgency) -> None:
        """Put a node in line, or before where it stands; it is never put back."""
        before = self._urgency.get(key)
        if before is not None and before <= urgency:
            return
        self.leave(key)
        self._urgency[key] = urgency
        self._by_urgency[urgency][key] = None
        self._something.set()

    def bring_forward(self, keys: Iterable[NodeKey]) -> None:
        """Have those of these nodes that stand in line asked about first."""
        for key in keys:
            if key in self._urgency:
                self.add(key, Urgency.LOOKED_AT)

    def leave(self, key: NodeKey) -> None:
        """Take a node out of the line."""
        urgency = self._urgency.pop(key, None)
        if urgency is not None:
            del self._by_urgency[urgency][key]

    async def take(self) -> NodeKey | None:
        """The node that is to be asked about now, None where nobody stands in line and the line is closed."""
        while (key := self.next()) is None:
            if self._closed:
                return None
            self._something.clear()
            await self._something.wait()
        return key

    def next(self) -> NodeKey | None:
        """The node that is to be asked about now, None where nobody stands in line."""
        for keys in self._by_urgency:
            if keys:
                key, _ = keys.popitem(last=False)
                del self._urgency[key]
                return key
        return None
