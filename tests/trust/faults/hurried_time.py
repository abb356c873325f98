"""An event loop whose time runs on where everybody waits: two minutes of a hanging AWS take little more than a second.

What is computed takes its time, and so does an answer of the simulated AWS that is being made. Only where nobody does
anything (a held request, a pause, a deadline) time runs two hundred times as fast.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar, TypeVarTuple
from unittest.mock import patch

from ssmtui.evidence.gathering.thread import EvidenceThread
from ssmtui.simulator import state
from ssmtui.simulator.in_thread import SimulatedAws

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_LOOK = 0.005
"""Seconds that are waited in earnest before time runs on."""
HURRY = 200
"""How many seconds pass in one."""


class _Looking(selectors.DefaultSelector):
    loop: HurriedLoop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        looked = _LOOK if timeout is None else min(timeout, _LOOK)
        ready = super().select(looked)
        if not ready and timeout is not None and not self.loop.is_worked_for():
            self.loop.skipped += min(timeout - looked, looked * (HURRY - 1))
        return ready


class HurriedLoop(asyncio.SelectorEventLoop):
    """`is_answered` tells whether somebody works on an answer: then no time is skipped."""

    def __init__(self, is_answered: Callable[[], bool]) -> None:
        self.skipped = 0.0
        self._is_answered = is_answered
        self._in_threads = 0
        self._begun = time.monotonic()
        selector = _Looking()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        """Seconds, those included that were skipped."""
        return time.monotonic() + self.skipped

    def is_worked_for(self) -> bool:
        """Whether an answer is being made, or a thread does something for it."""
        return self._in_threads > 0 or self._is_answered()

    def run_in_executor(self, executor: Any, func: Callable[[*Ts], T], *args: *Ts) -> asyncio.Future[T]:
        """Count what threads do."""
        future = super().run_in_executor(executor, func, *args)
        self._in_threads += 1
        future.add_done_callback(self._out_of_thread)
        return future

    def _out_of_thread(self, _future: asyncio.Future[Any]) -> None:
        self._in_threads -= 1

    @property
    def lived(self) -> float:
        """The seconds since it was made, as they pass on it."""
        return self.time() - self._begun


class Answering:
    """The simulated AWS's application, which counts the requests that are being worked on."""

    def __init__(self, aws: SimulatedAws) -> None:
        self._server = aws._server._server
        self._application = self._server.app
        self._hold = state.faults.hold
        self._working = 0

    def is_under_way(self) -> bool:
        """Whether an answer is being made; one that a fault holds is not."""
        return self._working > 0

    def __call__(self, environ: Any, start_response: Any) -> Any:
        self._working += 1
        try:
            return self._application(environ, start_response)
        finally:
            self._working -= 1

    def _held(self, seconds: float | None = None) -> None:
        self._working -= 1
        try:
            self._hold(seconds)
        finally:
            self._working += 1

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count meanwhile."""
        with patch.object(self._server, "app", self), patch.object(state.faults, "hold", self._held):
            yield


@contextmanager
def hurried(aws: SimulatedAws) -> Iterator[list[HurriedLoop]]:
    """Have every diagnosis that is begun meanwhile run in such a time; gives their loops."""
    answering = Answering(aws)
    loops: list[HurriedLoop] = []

    def made() -> HurriedLoop:
        loops.append(HurriedLoop(answering.is_under_way))
        return loops[-1]

    with answering.counted(), patch("ssmtui.diagnosis.live.EvidenceThread", partial(EvidenceThread, made)):
        yield loops
