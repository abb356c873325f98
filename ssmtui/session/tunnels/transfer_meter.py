"""Count the bytes of a tunnel in one direction, and measure their rate."""

from __future__ import annotations

from collections.abc import Callable

_SECOND = 1.0


class TransferMeter:
    """A counter of bytes. `peak` is the highest rate so far, in bytes per second: 0 before a second has passed.

    An average says little of a tunnel: most of its time, a program waits for a person.
    """

    def __init__(self, steady: Callable[[], float]) -> None:
        """`steady` is a monotonic clock, in seconds."""
        self.total = 0
        self.peak = 0.0
        self._steady = steady
        self._since: float | None = None
        self._moved = 0

    def add(self, count: int) -> None:
        """Count bytes that have just been carried."""
        now = self._steady()
        self.total += count
        if self._since is None:
            self._since = now  # these bytes were carried before
            return
        self._moved += count
        if now - self._since >= _SECOND:
            self.peak = max(self.peak, self._moved / (now - self._since))
            self._since, self._moved = now, 0
