"""A laptop's sleep, seen by its clocks: the wall clock goes on while the other stands still."""

from __future__ import annotations

SLEPT = 30.0
"""Seconds from which on a gap counts: connections survive shorter ones, and clocks are set by less."""


class SleepWatch:
    """Compares two clocks at every look. Windows' steady clock counts sleep, too: there the look itself comes late."""

    def __init__(self, wall: float, steady: float, period: float) -> None:
        self._wall = wall
        self._steady = steady
        self._period = period

    def look(self, wall: float, steady: float) -> float:
        """Seconds that were slept since the last look; 0 where none were. Clocks are in seconds."""
        by_wall, by_steady = wall - self._wall, steady - self._steady
        self._wall, self._steady = wall, steady
        gap = max(by_wall - by_steady, by_steady - self._period)
        return gap if gap >= SLEPT else 0.0
