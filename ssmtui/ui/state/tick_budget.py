"""How many events the screen takes in at once, so that a key never waits for them longer than a blink."""

from __future__ import annotations

TICK_SECONDS = 0.008
"""What a tick may take, with all that follows from its events: half of what the screen takes to be painted anew."""

_BEGINNING = 200
_LEAST, _MOST = 50, 4_000
_GROWTH = 1.5


class TickBudget:
    """It learns from each tick what an event costs now, on this computer and on a screen of this size."""

    def __init__(self, seconds: float = TICK_SECONDS) -> None:
        self._seconds = seconds
        self.events = _BEGINNING

    def took(self, events: int, seconds: float) -> None:
        """A tick took in so many events, in so many seconds. One that had few to take in tells nothing of more."""
        if seconds > self._seconds:
            # One that took much longer met something else on its way: the collector, or another program.
            affordable = max(events * self._seconds / seconds, self.events / 2)
            self.events = max(_LEAST, min(self.events, int(affordable)))
        elif events >= self.events:
            affordable = self._seconds / seconds if seconds > 0 else _GROWTH
            self.events = min(_MOST, max(self.events, int(self.events * min(_GROWTH, affordable))))
