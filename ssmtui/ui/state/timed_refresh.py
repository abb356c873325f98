"""Looking at everything again by itself, every so often."""

from __future__ import annotations

from datetime import datetime, timedelta

from ssmtui.language import say
from ssmtui.ui.words.durations import short_duration

USUAL = timedelta(minutes=1)
"""The pause where it is switched on and nobody said how long."""


class TimedRefresh:
    """Off until it is switched on. It counts from when the last look has ended, and waits while it would disturb."""

    def __init__(self, every: timedelta | None = None) -> None:
        self._pause = every or USUAL
        self._is_on = every is not None
        self._next: datetime | None = None
        self._now: datetime | None = None

    @property
    def pause(self) -> timedelta | None:
        """How long it waits; None while it is off."""
        return self._pause if self._is_on else None

    @property
    def words(self) -> str:
        """When it looks again; empty while it is off, or looks."""
        if not self._is_on or self._next is None or self._now is None:
            return ""
        if self._now >= self._next:
            return say("again when you are done")
        left = timedelta(seconds=-(-(self._next - self._now).total_seconds() // 1))
        return say("again in {time}", time=short_duration(left))

    def switch(self) -> None:
        """Switch it on, or off."""
        self._is_on = not self._is_on
        self._next = None

    def is_due(self, now: datetime, *, at_rest: bool, disturbs: bool) -> bool:
        """Whether to look now. `at_rest` says that nothing is looked at anyway."""
        self._now = now
        if not self._is_on or not at_rest:
            self._next = None
            return False
        if self._next is None:
            self._next = now + self._pause
        if now < self._next or disturbs:
            return False
        self._next = None
        return True
