"""An event loop on which no time passes but what everybody waits for: two minutes of a hanging AWS take no time at all.

What is computed takes none, here or in the simulated AWS, however busy the machine is. Where nobody does anything (held
requests, pauses, deadlines) it is at once the time that the next one waits for.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any, TypeVar, TypeVarTuple
from unittest.mock import patch

from ssmtui.diagnosis.credentials import CredentialWatch
from ssmtui.diagnosis.events import AllSettled, Event
from ssmtui.evidence.aws.limits import Deadline
from ssmtui.evidence.facts.event_loop import EvidenceThread
from ssmtui.simulator.in_thread import SimulatedAws
from tools.trust.faults.traffic import Traffic, traffic

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_LOOK = 0.005
"""Seconds in earnest for which somebody else is waited for."""
_HURRY = 200
"""How many seconds pass in one in earnest while nobody is known to wait for them."""
_IN_VAIN = 20.0
"""Seconds in earnest after which a diagnosis that is to end, and for which nothing more is to come, hangs."""


class HangsError(Exception):
    """A diagnosis is to end, and waits for what never comes."""


class _Looking(selectors.DefaultSelector):
    loop: HurriedLoop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        while self.loop.is_worked_for():
            ready = super().select(_LOOK)
            if ready:
                return ready
        # What came between the look and the count.
        ready = super().select(0)
        if ready or timeout is None:
            return ready or self._awaited()
        if self.loop.is_waited_for_by_nobody():
            ready = super().select(min(timeout / _HURRY, _LOOK))
            timeout = min(timeout, _LOOK * _HURRY)
        if not ready:
            self.loop.lived += timeout
        return ready

    def _awaited(self) -> list[tuple[selectors.SelectorKey, int]]:
        """What somebody outside asks for, since nothing is to come by itself; whoever is to end is asked no more."""
        if not self.loop.is_ending:
            return super().select(None)
        ready = super().select(_IN_VAIN)
        if not ready:
            raise HangsError("it was to end, and waits for nothing that is to come")
        return ready


class HurriedLoop(asyncio.SelectorEventLoop):
    """A loop whose time is what was waited for on it; `lived` is how much that is."""

    def __init__(self, traffic: Traffic) -> None:
        self.lived = 0.0
        self.settled: float | None = None
        """How long the diagnosis has had something outstanding; None while it has."""
        self._looked = 0.0
        self._ended_from: float | None = None
        self._traffic = traffic
        self._in_threads = 0
        self._begun = time.monotonic()
        selector = _Looking()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        """Seconds, as they pass on it."""
        return self._begun + self.lived

    def look_again(self) -> None:
        """Count anew how long it takes until nothing is outstanding."""
        self._looked, self.settled = self.lived, None

    def all_settled(self) -> None:
        """Nothing is outstanding."""
        if self.settled is None:
            self.settled = self.lived - self._looked

    @property
    def taken(self) -> float:
        """How long the diagnosis took until nothing was outstanding; where it never came to that, until now."""
        return self.lived if self.settled is None else self.settled

    def end(self) -> None:
        """It is to end from here on."""
        if self._ended_from is None:
            self._ended_from = self.lived

    @property
    def is_ending(self) -> bool:
        """Whether it is to end."""
        return self._ended_from is not None

    @property
    def ending(self) -> float:
        """How long it took to end, once it was to."""
        return 0.0 if self._ended_from is None else self.lived - self._ended_from

    def is_worked_for(self) -> bool:
        """Whether an answer is being made, or a thread does something for it."""
        return self._in_threads > 0 or self._traffic.is_under_way()

    def is_waited_for_by_nobody(self) -> bool:
        """Whether no request is held, and no pause made: who would wait is somebody outside, who may yet ask."""
        timers = [each for each in self._scheduled if not each.cancelled()]  # type: ignore[attr-defined]
        owners = (getattr(each._callback, "__self__", None) for each in timers)
        return not self._traffic.is_any_held() and all(isinstance(each, Deadline) for each in owners)

    async def sock_connect(self, sock: Any, address: Any) -> None:
        """Tell of connections that are on their way."""
        with self._traffic.connecting():
            await super().sock_connect(sock, address)

    def run_in_executor(self, executor: Any, func: Callable[[*Ts], T], *args: *Ts) -> asyncio.Future[T]:
        """Count what threads do."""
        future = super().run_in_executor(executor, func, *args)
        self._in_threads += 1
        future.add_done_callback(self._out_of_thread)
        return future

    async def shutdown_default_executor(self, *args: Any) -> None:  # type: ignore[override,unused-ignore]
        """Wait in earnest for the threads that end meanwhile: from Python 3.12 on, only so long."""
        self._in_threads += 1
        try:
            await super().shutdown_default_executor(*args)
        finally:
            self._in_threads -= 1

    def _out_of_thread(self, _future: asyncio.Future[Any]) -> None:
        self._in_threads -= 1


@contextmanager
def hurried(aws: SimulatedAws) -> Iterator[list[HurriedLoop]]:
    """Have every diagnosis that is begun meanwhile run in such a time; gives their loops."""
    loops: list[HurriedLoop] = []
    with traffic(aws, loops) as counted:

        class Hurried(EvidenceThread):
            def __init__(self) -> None:
                super().__init__(self._made)

            def _made(self) -> HurriedLoop:
                self._hurried = HurriedLoop(counted)
                loops.append(self._hurried)
                return self._hurried

            def stop(self) -> None:
                self._hurried.end()
                super().stop()

        class Heard(SimpleQueue[Event]):
            def put(self, event: Event, block: bool = True, timeout: float | None = None) -> None:  # noqa: FBT001, FBT002
                if isinstance(event, AllSettled):
                    loops[-1].all_settled()
                super().put(event, block, timeout)

        with (
            patch("ssmtui.diagnosis.live.SimpleQueue", Heard),
            patch("ssmtui.diagnosis.live.EvidenceThread", Hurried),
            patch.object(CredentialWatch, "watch", _nobody_logs_in),
        ):
            yield loops


async def _nobody_logs_in(_credential_watch: CredentialWatch) -> None:
    """A look each second for a login, for as long as the app is open, would be waited for by nobody and never end."""
    await asyncio.Event().wait()
