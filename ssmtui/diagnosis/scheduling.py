"""Queues of nodes, cooperative scheduling, and tasks that are pending."""

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
"""Seconds of work after which the loop gets its turn."""


async def run_in_turn(works: Iterable[AsyncWork], held_up: float) -> None:
    """Do all of them, the next when the one before is done, or when the turn has taken `held_up` seconds.

    What waits for an answer that never comes holds up no others, and nobody pays for doing all of them at once.
    """
    left = deque(works)
    async with asyncio.TaskGroup() as group:
        while left:
            await asyncio.wait({group.create_task(_one_after_another(left))}, timeout=held_up)


async def _one_after_another(left: deque[AsyncWork]) -> None:
    while left:
        await left.popleft()()


class CooperativeYield:
    """Gives the loop its turn whenever a work has held it for long enough."""

    def __init__(self) -> None:
        self._since = time.monotonic()

    async def breathe(self) -> None:
        """To be called between two pieces of work."""
        if time.monotonic() - self._since >= YIELD_INTERVAL:
            await asyncio.sleep(0)
            self._since = time.monotonic()


def complete_future(future: asyncio.Future[None] | Future[None]) -> None:
    """Say that it is done, unless somebody has."""
    if not future.done():
        future.set_result(None)


async def wait_for_futures(futures: Iterable[asyncio.Future[None]]) -> None:
    """Wait for all of them; at once where there is none."""
    waited_for = list(futures)
    if waited_for:
        await asyncio.wait(waited_for)


class NodeQueue:
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


class Urgency(IntEnum):
    """Why a node is asked about, the most urgent first."""

    LOOKED_AT = 0
    FIRST_OF_ITS_LIKE = 1
    SUSPICIOUS = 2
    LIKELY_WELL = 3


class ConnectionQueue:
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


_log = logging.getLogger(__name__)


class PendingTasks:
    """The work that has not ended, counted. Lives on the evidence thread's loop; `emit` is called there."""

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self._emit = emit
        self._count = 0
        self._works: defaultdict[ScopeName, set[asyncio.Task[None]]] = defaultdict(set)

    @asynccontextmanager
    async def under_way(self) -> AsyncIterator[None]:
        """Tell when the last of what is under way has ended, however it ended."""
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
        """Run one scope's work: a defect in it is told, and does not end the other scopes. `end` ends it."""
        task = asyncio.create_task(work)
        self._works[scope].add(task)
        try:
            await task
        except asyncio.CancelledError as cancelled:
            if not task.cancelled() or is_being_cancelled():
                raise
            if task in self._works[scope]:
                # Nobody ended it: somebody below was cancelled, and it ended unheard with him.
                self._crashed(scope, cancelled)
        except Exception as error:  # noqa: BLE001 - the edge: whatever it is, it is told, and the others go on
            self._crashed(scope, error)
        finally:
            self._works[scope].discard(task)

    def end(self, scope: ScopeName) -> None:
        """End what runs of one scope."""
        for task in self._works.pop(scope, set()):
            task.cancel()

    def _crashed(self, scope: ScopeName, error: BaseException) -> None:
        _log.exception("a defect ended the diagnosis of %s", scope.region, exc_info=error)
        self._emit(ScopeCrashed(scope, describe_internal_error(error)))
