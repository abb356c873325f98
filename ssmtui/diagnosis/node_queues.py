"""Queues of nodes for many workers: in order, or by urgency."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Iterable, Sequence
from enum import IntEnum

from ssmtui.model.node import NodeKey


class _WaitingWorkers:
    """The workers that wait for a node. An event would wake all of them for each node."""

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def wait(self) -> None:
        """Wait until this worker is woken."""
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(woken)
        try:
            await woken
        except asyncio.CancelledError:
            if not woken.cancelled():
                self.wake(1)  # in its place
            raise

    def wake(self, number: int) -> None:
        """Wake as many workers, the first ones first."""
        while number > 0 and self._waiting:
            woken = self._waiting.popleft()
            if not woken.done():
                woken.set_result(None)
                number -= 1

    def wake_all(self) -> None:
        """Wake all workers."""
        self.wake(len(self._waiting))


class NodeQueue:
    """A queue of nodes for many workers.

    `next` waits while it is open and empty, and returns None after it is closed.
    """

    def __init__(self) -> None:
        self._keys: OrderedDict[NodeKey, None] = OrderedDict()
        self._closed = False
        self._workers = _WaitingWorkers()

    def open(self) -> None:
        """Open the queue: more nodes can come."""
        self._closed = False

    def close(self) -> None:
        """Close the queue: no more nodes come, but waiting nodes are still returned."""
        self._closed = True
        self._workers.wake_all()

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, keys: Iterable[NodeKey]) -> None:
        """Add nodes at the end; a waiting node stays at its place."""
        for key in keys:
            self._keys.setdefault(key)
        self._workers.wake(len(self._keys))

    def bring_forward(self, keys: Sequence[NodeKey]) -> None:
        """Move these nodes to the front, in this order, if they wait."""
        for key in reversed(keys):
            if key in self._keys:
                self._keys.move_to_end(key, last=False)

    async def next(self) -> NodeKey | None:
        """Return the next node; None if the queue is closed and empty."""
        while not self._keys:
            if self._closed:
                return None
            await self._workers.wait()
        key, _ = self._keys.popitem(last=False)
        return key


class Urgency(IntEnum):
    """Why a connection is read, the most urgent first."""

    SELECTED = 0
    FIRST_OF_PEERS = 1
    SUSPICIOUS = 2
    LIKELY_WELL = 3


class ConnectionQueue:
    """A queue of nodes by urgency, then by time. `take` waits while it is open and empty."""

    def __init__(self) -> None:
        self._closed = True
        self._workers = _WaitingWorkers()
        self._by_urgency: tuple[OrderedDict[NodeKey, None], ...] = tuple(OrderedDict() for _ in Urgency)
        self._urgency: dict[NodeKey, Urgency] = {}

    def open(self) -> None:
        """Open the queue: more nodes can come."""
        self._closed = False

    def close(self) -> None:
        """Close the queue: more nodes come only through answers, but waiting nodes are still returned."""
        self._closed = True
        self._workers.wake_all()

    def __len__(self) -> int:
        return len(self._urgency)

    def __contains__(self, key: NodeKey) -> bool:
        return key in self._urgency

    def add(self, key: NodeKey, urgency: Urgency) -> None:
        """Add a node, or move it forward; it never moves back."""
        before = self._urgency.get(key)
        if before is not None and before <= urgency:
            return
        self.leave(key)
        self._urgency[key] = urgency
        self._by_urgency[urgency][key] = None
        self._workers.wake(1)

    def bring_forward(self, keys: Iterable[NodeKey]) -> None:
        """Give the waiting ones of these nodes the highest urgency."""
        for key in keys:
            if key in self._urgency:
                self.add(key, Urgency.SELECTED)

    def leave(self, key: NodeKey) -> None:
        """Remove a node."""
        urgency = self._urgency.pop(key, None)
        if urgency is not None:
            del self._by_urgency[urgency][key]

    async def take(self) -> NodeKey | None:
        """Return the most urgent node; None if the queue is closed and empty."""
        while (key := self.next()) is None:
            if self._closed:
                return None
            await self._workers.wait()
        return key

    def next(self) -> NodeKey | None:
        """Return the most urgent node; None if the queue is empty."""
        for keys in self._by_urgency:
            if keys:
                key, _ = keys.popitem(last=False)
                del self._urgency[key]
                return key
        return None
