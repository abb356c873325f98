"""Work that grows with all rows: done at once where it is quick, and less often the longer it takes."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

_SHARE = 5
"""It takes one part in so many of the screen's time at most."""


class Pace:
    """When some work may be done again, by how long it took the last time."""

    def __init__(self) -> None:
        self._due = 0.0

    def wait(self, now: float) -> float:
        """Seconds until it may be done again; nothing where it may be now."""
        return max(0.0, self._due - now)

    def took(self, begun: float, ended: float) -> None:
        """It was done."""
        self._due = ended + (ended - begun) * (_SHARE - 1)


class PacedWork:
    """Work that is asked for again and again: done now, or once in the end, by `later`, which sets a timer."""

    def __init__(
        self,
        work: Callable[[], None],
        later: Callable[[float, Callable[[], None]], object],
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self._work = work
        self._later = later
        self._clock = clock
        self._pace = Pace()
        self._waits = False

    def ask(self) -> None:
        """Have it done: now, or as soon as there is time for it."""
        if self._waits:
            return
        begun = self._clock()
        if wait := self._pace.wait(begun):
            self._waits = True
            self._later(wait, self._now)
            return
        self._work()
        self._pace.took(begun, self._clock())

    def _now(self) -> None:
        self._waits = False
        self.ask()
