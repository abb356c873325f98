"""Queues of nodes, cooperative scheduling, and pending tasks."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict, defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Sequence
from concurrent.futures import Future
from contextlib import asynccontextmanager
from enum import IntEnum
from typing import Any

from ssmtui.diagnosis.events import AllSettled, Event, ScopeCrashed
from ssmtui.evidence.aws.limits import is_being_cancelled
from ssmtui.model.fact import describe_internal_error
from ssmtui.model.node import NodeKey
from ssmtui.model.scope import ScopeName

AsyncWork = Callable[[], Awaitable[None]]

YIELD_INTERVAL = 0.005
"""Seconds of work after which other tasks of the event loop can run."""


async def run_in_turn(works: Iterable[AsyncWork], held_up: float) -> None:
    """Run all works in order: the next starts when the last ends or has taken `held_up` seconds.

    A work that waits for an answer blocks no others, without the cost of running all at the same time.
    """
    left = deque(works)
    async with asyncio.TaskGroup() as group:
        while left:
            await asyncio.wait({group.create_task(_one_after_another(left))}, timeout=held_up)


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

    LOOKED_AT = 0
    FIRST_OF_ITS_LIKE = 1
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
                self.add(key, Urgency.LOOKED_AT)

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


_log = logging.getLogger(__name__)


class PendingTasks:
    """The pending tasks, with their count. Runs on the event loop of the evidence thread, which calls `emit`."""

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self._emit = emit
        self._count = 0
        self._works: defaultdict[ScopeName, set[asyncio.Task[None]]] = defaultdict(set)

    @asynccontextmanager
    async def under_way(self) -> AsyncIterator[None]:
        """Publish when the last pending work has ended in any way."""
        self._count += 1
        try:
            yield
        except asyncio.CancelledError as cancelled:
            if is_being_cancelled():
                raise
            self._crashed(ScopeName(None, ""), cancelled)
        except Exception as error:  # noqa: BLE001 - the edge: a defect is told, and the screen stays
            self._crashed(ScopeName(None, ""), error)
        finally:
            self._count -= 1
            if not self._count:
                self._emit(AllSettled())

    async def watched(self, scope: ScopeName, work: Coroutine[Any, Any, None]) -> None:
        """Run the work of one scope: an internal error is published, and does not end the other scopes.

        `end` ends it.
        """
        task = asyncio.create_task(work)
        self._works[scope].add(task)
        try:
            await task
        except asyncio.CancelledError as cancelled:
            if not task.cancelled() or is_being_cancelled():
                raise
            if task in self._works[scope]:
                # Nobody ended it: a cancelled inner task has ended it without notice.
                self._crashed(scope, cancelled)
        except Exception as error:  # noqa: BLE001 - the edge: whatever it is, it is told, and the others go on
            self._crashed(scope, error)
        finally:
            self._works[scope].discard(task)

    def end(self, scope: ScopeName) -> None:
        """Cancel the work of one scope."""
        for task in self._works.pop(scope, set()):
            task.cancel()

    def _crashed(self, scope: ScopeName, error: BaseException) -> None:
        _log.exception("a defect ended the diagnosis of %s", scope.region, exc_info=error)
        self._emit(ScopeCrashed(scope, describe_internal_error(error)))
