"""Refresh a diagnosis and the app for an hour of simulated time, and count what the process holds."""

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
from ssmtui.diagnosis.live import LiveDiagnosis
from ssmtui.evidence.facts.event_loop import EvidenceThread
from tests.ui.opened import Opened, opened
from tests.ui.waiting import until
from tools.benchmarks.paged_aws.process import PagedAws
from tools.trust.faults.runs import HurriedLoop, Traffic

_OPEN = Path("/proc/self/fd")
_PAGES = Path("/proc/self/statm")
_PAGE = 4096
_TIMES = {"traced": 1.05, "objects": 1.05, "resident": 1.10}
"""How many times as much memory late as early is no growth: allocators keep what is freed."""

_MORE = {"sockets": 10, "files": 10}
"""How many more are none either: a pool of connections has as many as were last needed at once."""

_LOOKS = 3
"""As many looks make early, and as many late: what has just ended may be seen once, what leaks is in every look."""


@dataclass(frozen=True, slots=True)
class Held:
    """Memory in bytes, and how many of what must be closed."""

    traced: int
    """What Python has allocated; 0 where that is not traced, which makes all of it thrice as slow."""
    objects: int
    """What the collector knows of."""
    resident: int
    """What the system has given; 0 where it does not tell."""
    tasks: int
    sockets: int
    files: int
    """Handles, of sockets and pipes as well; 0 where the system does not tell."""
    threads: int


def held() -> Held:
    """Return what is held now, of what is not only waiting to be collected."""
    gc.collect()
    counted = Counter(map(type, gc.get_objects()))
    kinds = Counter[str]()
    for kind, count in counted.items():
        kinds[f"{kind.__module__}.{kind.__name__}"] += count
    return Held(
        tracemalloc.get_traced_memory()[0],
        counted.total(),
        int(_PAGES.read_text(encoding="ascii").split()[1]) * _PAGE if _PAGES.exists() else 0,
        kinds["_asyncio.Task"],
        kinds["socket.socket"],
        len(list(_OPEN.iterdir())) if _OPEN.exists() else 0,
        threading.active_count(),
    )


def grown(looks: Sequence[Held]) -> Iterator[str]:
    """Return each thing of which every late look has more than any early one, a sentence each."""
    early, late = looks[:_LOOKS], looks[-_LOOKS:]
    for name in asdict(looks[0]):
        before, after = ([getattr(each, name) for each in some] for some in (early, late))
        if min(after) > max(before) * _TIMES.get(name, 1) + _MORE.get(name, 0):
            yield f"{name} grew from {before} to {after}"


T = TypeVar("T")

_LONGEST = 600
"""Real seconds that a minute takes at most, on however busy a machine."""


class _PressedLoop(HurriedLoop):
    """Its time never leaps: there is always somebody who looks again each second, and who would be waited for. Of the
    simulated AWS, which is a process of its own, nothing is known."""

    def is_worked_for(self) -> bool:
        """Let it pass while somebody answers, too."""
        return False

    def is_waited_for_by_nobody(self) -> bool:
        """Let it pass no faster than others can follow."""
        return True


class _WatchedThread(EvidenceThread):
    """Knows whether something that was asked of it has not ended."""

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
    """Make the diagnosis on its `thread`; its rates, pauses and deadlines are those of a whole hour all the same."""

    def __init__(self) -> None:
        self.thread = _WatchedThread(self._made)
        self._last = 0.0

    def pass_on(self, seconds: float) -> None:
        """Let so many seconds pass since the last time, or since the loop was made: one by one, as deadlines count."""
        self.thread.submit(self._slept(seconds)).result(_LONGEST)

    def _made(self) -> HurriedLoop:
        self._loop = _PressedLoop(Traffic())
        return self._loop

    async def _slept(self, seconds: float) -> None:
        await asyncio.sleep(self._last + seconds - self._loop.lived)
        self._last = self._loop.lived


FAULTS = {"throttled": 0.05, "failing": 0.05}
"""Of calls, while AWS is unwell."""

STORM = {"throttled": 0.5, "failing": 0.05}
"""The same in the warm-up: what was ever throttled keeps a client of its own, made then and not later."""


@dataclass(frozen=True, slots=True)
class Hour:
    """How much is pressed together: so many refreshes of so many nodes, so far apart; each so many held is counted."""

    nodes: int
    refreshes: int
    between: timedelta = timedelta(minutes=1)
    waited: timedelta = timedelta(minutes=1)
    """How much of that passes for who waits on the diagnosis' loop as well: pauses, deadlines."""
    warm: timedelta = timedelta(minutes=30)
    """What is counted begins then: by then everything has been read again, each node's connection last."""
    every: int = 3
    """Of so many refreshes one is counted then: looking at all objects takes longer than refreshing."""
    seed: int = 13

    def is_unwell(self, number: int) -> bool:
        """Return whether AWS is, at that refresh: two of each five, and neither the first nor the last ones."""
        return number % 5 in {1, 2} and number < self.refreshes - 2

    def is_counted(self, number: int) -> bool:
        """Return whether what is held is counted after that refresh."""
        return number * self.between >= self.warm and number % self.every == 0

    def conduct(self, number: int) -> dict[str, float]:
        """Return how AWS behaves at that refresh."""
        unwell = STORM if number * self.between <= self.warm / 3 else FAULTS
        return {"nodes": self.nodes, "latency": 0, "seed": self.seed + number} | (
            unwell if self.is_unwell(number) else {}
        )


def kept_fresh(aws: PagedAws, hour: Hour) -> Iterator[Held]:
    """Return what is held after each refresh that counts."""
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
                yield held()
        assert len(state.nodes) == hour.nodes
    finally:
        live.close()


_WALK = (
    *(("j",), ("enter",), ("escape",), ("G",), ("g",), ("o",), ("O",), ("tab",), ("tab",)),
    *(("question_mark", "escape"), ("x", "escape"), ("slash", "escape")),
)
"""What somebody presses meanwhile: rows, a node and back, an order, help, explain, a filter.

While one reads help, or types, nothing is looked at by itself: whatever is none of it is left again at once.
"""


class _Counted(LiveDiagnosis):
    """Knows how often it was asked to be kept fresh."""

    refreshes = 0

    def refresh_incrementally(self) -> None:
        self.refreshes += 1
        super().refresh_incrementally()

    def was_refreshed(self, times: int) -> bool:
        """Return whether it was asked so often."""
        return self.refreshes == times


async def kept_fresh_in_app(aws: PagedAws, hour: Hour) -> AsyncIterator[Held]:
    """Return what is held after each refresh that counts; keys are pressed between them."""
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
                yield held()


async def _at_rest(shown: Opened, time: PressedTime, nodes: int) -> None:
    """Until all that was asked of the diagnosis has ended, and the board has taken in what it told."""
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
