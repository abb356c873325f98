"""Refresh a diagnosis and the app for an hour of simulated time, and count the resources of the process."""

from __future__ import annotations

import asyncio
import gc
import threading
import tracemalloc
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.fleet_state import follow
from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
from ssmtui.evidence.facts.event_loop import EvidenceThread
from tests.ui.opened import Opened, opened
from tests.ui.waiting import until
from tools.benchmarks.paged_aws.process import PagedAws
from tools.trust.faults.runs import HurriedLoop, Traffic

_OPEN = Path("/proc/self/fd")
_PAGES = Path("/proc/self/statm")
_PAGE = 4096
_TIMES = {"traced": 1.05, "objects": 1.05, "resident": 1.10}
"""The factor of memory that counts as no growth: allocators keep freed memory."""

_MORE = {"sockets": 10, "files": 10}
"""The difference that counts as no growth: a pool of connections keeps as many as were needed at once."""

_LOOKS = 3
"""The number of early and of late samples: an object about to end can be in one sample, a leak is in every one."""


@dataclass(frozen=True, slots=True)
class Held:
    """Memory in bytes, and the numbers of objects that must be closed."""

    traced: int
    """Memory allocated by Python; 0 without tracing, which makes everything three times as slow."""
    objects: int
    """Objects known to the garbage collector."""
    resident: int
    """Resident memory; 0 if the system does not report it."""
    tasks: int
    """Tasks that have not ended. The cache of reads keeps ended tasks, and a node that a user opens adds some reads."""
    sockets: int
    files: int
    """Handles, including sockets and pipes; 0 if the system does not report them."""
    threads: int


def held(*loops: asyncio.AbstractEventLoop) -> Held:
    """Return the current resources, after a garbage collection; the tasks are those of the given loops."""
    gc.collect()
    counted = Counter(map(type, gc.get_objects()))
    kinds = Counter[str]()
    for kind, count in counted.items():
        kinds[f"{kind.__module__}.{kind.__name__}"] += count
    return Held(
        tracemalloc.get_traced_memory()[0],
        counted.total(),
        int(_PAGES.read_text(encoding="ascii").split()[1]) * _PAGE if _PAGES.exists() else 0,
        sum(len(asyncio.all_tasks(each)) for each in loops),
        kinds["socket.socket"],
        len(list(_OPEN.iterdir())) if _OPEN.exists() else 0,
        threading.active_count(),
    )


def grown(looks: Sequence[Held]) -> Iterator[str]:
    """Yield a sentence for each resource of which every late sample has more than any early one."""
    early, late = looks[:_LOOKS], looks[-_LOOKS:]
    for name in asdict(looks[0]):
        before, after = ([getattr(each, name) for each in some] for some in (early, late))
        if min(after) > max(before) * _TIMES.get(name, 1) + _MORE.get(name, 0):
            yield f"{name} grew from {before} to {after}"


T = TypeVar("T")

_LONGEST = 600
"""The most real seconds per simulated minute, on any machine."""


class _PressedLoop(HurriedLoop):
    """A loop whose time never jumps: it always has a waiter that checks again each second.

    The state of the simulated AWS, which is a separate process, is unknown.
    """

    def is_worked_for(self) -> bool:
        """Let time pass also while a response is being made."""
        return False

    def is_waited_for_by_nobody(self) -> bool:
        """Let time pass no faster than others can follow."""
        return True


class _WatchedThread(EvidenceThread):
    """A thread that knows whether requested work is still running."""

    def __init__(self, loop_factory: Callable[[], asyncio.AbstractEventLoop]) -> None:
        super().__init__(loop_factory)
        self._asked: set[Future[Any]] = set()

    @property
    def is_idle(self) -> bool:
        return not self._asked

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        future = super().submit(work)
        self._asked.add(future)
        future.add_done_callback(self._asked.discard)
        return future


class PressedTime:
    """Runs the diagnosis on its `thread`; its rates, pauses and deadlines are those of a whole hour."""

    def __init__(self) -> None:
        self.thread = _WatchedThread(self._made)
        self._last = 0.0

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """Return the loop of the running thread."""
        return self._loop

    def pass_on(self, seconds: float) -> None:
        """Advance the time to this many seconds after the last call or the start, second by second."""
        self.thread.submit(self._slept(seconds)).result(_LONGEST)

    def _made(self) -> HurriedLoop:
        self._loop = _PressedLoop(Traffic())
        return self._loop

    async def _slept(self, seconds: float) -> None:
        await asyncio.sleep(self._last + seconds - self._loop.lived)
        self._last = self._loop.lived


FAULTS = {"throttled": 0.05, "failing": 0.05}
"""Faults of calls while AWS is unwell."""

STORM = {"throttled": 0.5, "failing": 0.05}
"""The same in the warm-up: a throttled call gets its own client, which is then created early."""


@dataclass(frozen=True, slots=True)
class Hour:
    """The size of a run: the number of refreshes and nodes, the interval, and how often samples are taken."""

    nodes: int
    refreshes: int
    between: timedelta = timedelta(minutes=1)
    waited: timedelta = timedelta(minutes=1)
    """The part of the time that also passes for waits on the diagnosis' loop: pauses, deadlines."""
    warm: timedelta = timedelta(minutes=30)
    """The refresh of the first sample: by then everything has been read again, each node's connection last."""
    every: int = 3
    """One sample per this many refreshes: examining all objects takes longer than a refresh."""
    seed: int = 13

    def is_unwell(self, number: int) -> bool:
        """Return whether AWS is unwell at that refresh: two of each five, but not the first and last ones."""
        return number % 5 in {1, 2} and number < self.refreshes - 2

    def is_counted(self, number: int) -> bool:
        """Return whether a sample is taken after that refresh."""
        return number * self.between >= self.warm and number % self.every == 0

    def conduct(self, number: int) -> dict[str, float]:
        """Return the behaviour of AWS at that refresh."""
        unwell = STORM if number * self.between <= self.warm / 3 else FAULTS
        return {"nodes": self.nodes, "latency": 0, "seed": self.seed + number} | (
            unwell if self.is_unwell(number) else {}
        )


def kept_fresh(aws: PagedAws, hour: Hour) -> Iterator[Held]:
    """Yield the resources after each refresh that is counted."""
    aws.begin(**hour.conduct(0))
    now = datetime.now(UTC)
    asked = DiagnosisRequest(
        environment=aws.environment, endpoint_url=aws.environment["AWS_ENDPOINT_URL"], clock=lambda: now
    )
    time = PressedTime()
    live = LiveDiagnosis.start(asked, time.thread)
    try:
        state = follow(live)
        for number in range(1, hour.refreshes + 1):
            time.pass_on(hour.waited.total_seconds())
            now += hour.between
            aws.begin(**hour.conduct(number))
            live.refresh_incrementally()
            follow(live, state)
            assert state.crashes == []
            if hour.is_counted(number):
                yield held(time.loop)
        assert len(state.nodes) == hour.nodes
    finally:
        live.close()


_WALK = (
    *(("j",), ("enter",), ("escape",), ("G",), ("g",), ("o",), ("O",), ("tab",), ("tab",)),
    *(("question_mark", "escape"), ("x", "escape"), ("slash", "escape")),
)
"""The keys pressed meanwhile: rows, a node and back, an order, help, explain, a filter.

While a user reads the help or types, nothing is refreshed: such screens are left at once.
"""


class _Counted(LiveDiagnosis):
    """Counts the requests to refresh."""

    refreshes = 0

    def refresh_incrementally(self) -> None:
        self.refreshes += 1
        super().refresh_incrementally()

    def was_refreshed(self, times: int) -> bool:
        """Return whether it was called this many times."""
        return self.refreshes == times


async def kept_fresh_in_app(aws: PagedAws, hour: Hour) -> AsyncIterator[Held]:
    """Yield the resources after each refresh that is counted; keys are pressed between them."""
    aws.begin(**hour.conduct(0))
    now = datetime.now(UTC)
    asked = DiagnosisRequest(
        environment=aws.environment, endpoint_url=aws.environment["AWS_ENDPOINT_URL"], clock=lambda: now
    )
    time = PressedTime()
    live = _Counted.start(asked, time.thread)
    async with opened(live, mode="", now=lambda: now) as shown:
        await _at_rest(shown, time, hour.nodes)
        await shown.press("R")
        for number in range(1, hour.refreshes + 1):
            aws.begin(**hour.conduct(number))
            await until(shown.pilot, lambda: bool(shown.app.context.refresh_words))
            await asyncio.to_thread(time.pass_on, hour.waited.total_seconds())
            now += hour.between
            await until(shown.pilot, partial(live.was_refreshed, number))
            await shown.press(*_WALK[number % len(_WALK)])
            await _at_rest(shown, time, hour.nodes)
            if hour.is_counted(number):
                yield held(time.loop, asyncio.get_running_loop())


async def _at_rest(shown: Opened, time: PressedTime, nodes: int) -> None:
    """Wait until all work of the diagnosis has ended, and the fleet view has applied its events."""
    context = shown.app.context
    await until(
        shown.pilot,
        lambda: (
            time.thread.is_idle
            and not context.has_backlog
            and len(context.fleet_view.state.nodes) == nodes
            and not context.fleet_view.pending
        ),
        looks=400_000,
    )
