"""The time of a diagnosis that is soaked: it runs on where everybody waits, so that a minute takes about a second."""

from __future__ import annotations

import asyncio

from ssmtui.evidence.gathering.thread import EvidenceThread
from tests.trust.faults.hurried_time import HurriedLoop
from tests.trust.faults.traffic import Traffic

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


class PressedTime:
    """Make the diagnosis on its `thread`; its rates, pauses and deadlines are those of a whole hour all the same."""

    def __init__(self) -> None:
        self.thread = EvidenceThread(self._made)
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
