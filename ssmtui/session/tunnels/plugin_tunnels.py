"""The tunnels of this process, on a thread of their own. What screens ask of them returns at once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import TimeoutError as NotInTime
from contextlib import suppress

from ssmtui.evidence.gathering.thread import EvidenceThread
from ssmtui.model.tunnel import Tunnel, TunnelRequest
from ssmtui.session.tunnels.course import CloseAsked, Happening, ReopenAsked, Slept
from ssmtui.session.tunnels.means import Means, Timing
from ssmtui.session.tunnels.running import RunningTunnel
from ssmtui.session.tunnels.sleep_watch import SleepWatch

_ENDING = 8.0
"""Seconds that leaving waits for plugins and sessions to end. What is left then, the next start ends."""


class PluginTunnels:
    """Tunnels by the person's own plugin. The methods are for any thread, one at a time."""

    def __init__(self, means: Means, timing: Timing | None = None) -> None:
        self._means = means
        self._timing = timing or Timing()
        self._thread: EvidenceThread | None = None
        self._tunnels: dict[int, RunningTunnel] = {}

    def open(self, request: TunnelRequest) -> Tunnel:
        """Open a tunnel. Where its local port cannot be had, it has failed already."""
        running = RunningTunnel(len(self._tunnels) + 1, request, self._means, self._timing)
        self._tunnels[len(self._tunnels) + 1] = running
        self._loop().submit(running.start())
        return running.tunnel

    def reopen(self, number: int) -> None:
        """Open the session of a tunnel anew."""
        self._happen(number, ReopenAsked())

    def close(self, number: int) -> None:
        """Close a tunnel, and end its session."""
        self._happen(number, CloseAsked())

    def all(self) -> Sequence[Tunnel]:
        """Every tunnel, the newest last."""
        return tuple(each.tunnel for each in tuple(self._tunnels.values()))

    def end(self) -> None:
        """Close every tunnel. Waits some seconds at most."""
        thread, self._thread = self._thread, None
        if thread is not None:
            with suppress(NotInTime):
                thread.submit(self._close_all()).result(timeout=_ENDING)
            thread.stop()

    def _happen(self, number: int, happening: Happening) -> None:
        running = self._tunnels.get(number)
        if running is not None and self._thread is not None:
            self._thread.submit(running.happen(happening))

    def _loop(self) -> EvidenceThread:
        if self._thread is None:
            self._thread = EvidenceThread()
            self._thread.start()
            self._thread.submit(self._watch())
        return self._thread

    async def _close_all(self) -> None:
        running = tuple(self._tunnels.values())
        await asyncio.gather(*(each.happen(CloseAsked()) for each in running))
        await asyncio.gather(*(each.ended() for each in running))

    async def _watch(self) -> None:
        """See whether the computer slept."""
        timing = self._timing
        watch = SleepWatch(timing.now().timestamp(), timing.steady(), timing.look)
        while True:
            await timing.sleep(timing.look)
            if slept := watch.look(timing.now().timestamp(), timing.steady()):
                for each in tuple(self._tunnels.values()):
                    await each.happen(Slept(slept))
