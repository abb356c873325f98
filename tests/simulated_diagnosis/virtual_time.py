"""An event loop whose time passes only while nobody has anything else to do: two minutes of waiting take no time."""

from __future__ import annotations

import asyncio
import selectors


class _NothingElse(selectors.SelectSelector):
    """A selector that does not wait: whoever would, moves the time of its loop on."""

    loop: VirtualLoop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise AssertionError("everybody waits for what never comes")
        if not ready and timeout:
            self.loop.now += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """Its timers fire in their order, at once. Nothing on it may wait for another thread."""

    def __init__(self) -> None:
        self.now = 1000.0
        selector = _NothingElse()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        """Seconds that nobody waited for."""
        return self.now
