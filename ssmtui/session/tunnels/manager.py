"""Manage the tunnels of this process on a thread of their own, and detect when the computer slept."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import TimeoutError as NotInTime
from contextlib import suppress

from ssmtui.evidence.facts.event_loop import EvidenceThread
from ssmtui.language import say
from ssmtui.model.sessions import OpenedSession, SessionPurpose, SessionRequest, Tunnel, TunnelRequest
from ssmtui.session.calls import SessionProblem
from ssmtui.session.left_plugins import StartedPlugin
from ssmtui.session.opener import Opener
from ssmtui.session.plugin.invocation import Invocation, PluginMissing, preflight, prepare
from ssmtui.session.session_registry import RegistryUnusable
from ssmtui.session.tunnels.attempt import TunnelDependencies, TunnelTiming
from ssmtui.session.tunnels.running_tunnel import RunningTunnel
from ssmtui.session.tunnels.state_machine import CloseAsked, ComputerSlept, ReopenAsked, TunnelEvent

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


_ENDING = 8.0
"""Seconds that leaving waits for plugins and sessions to end. What is left then, the next start ends."""


class TunnelManager:
    """Tunnels by the person's own plugin. The methods are for any thread, one at a time."""

    def __init__(self, dependencies: TunnelDependencies, timing: TunnelTiming | None = None) -> None:
        self._dependencies = dependencies
        self._timing = timing or TunnelTiming()
        self._thread: EvidenceThread | None = None
        self._tunnels: dict[int, RunningTunnel] = {}

    def open(self, request: TunnelRequest) -> Tunnel:
        """Open a tunnel. Where its local port cannot be had, it has failed already."""
        running = RunningTunnel(len(self._tunnels) + 1, request, self._dependencies, self._timing)
        self._tunnels[len(self._tunnels) + 1] = running
        self._loop().submit(running.start())
        return running.tunnel

    def reopen(self, number: int) -> None:
        """Open the session of a tunnel anew."""
        self._handle(number, ReopenAsked())

    def close(self, number: int) -> None:
        """Close a tunnel, and end its session."""
        self._handle(number, CloseAsked())

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

    def _handle(self, number: int, event: TunnelEvent) -> None:
        running = self._tunnels.get(number)
        if running is not None and self._thread is not None:
            self._thread.submit(running.handle(event))

    def _loop(self) -> EvidenceThread:
        if self._thread is None:
            self._thread = EvidenceThread()
            self._thread.start()
            self._thread.submit(self._watch())
        return self._thread

    async def _close_all(self) -> None:
        running = tuple(self._tunnels.values())
        await asyncio.gather(*(each.handle(CloseAsked()) for each in running))
        await asyncio.gather(*(each.ended() for each in running))

    async def _watch(self) -> None:
        """See whether the computer slept."""
        timing = self._timing
        watch = SleepWatch(timing.now().timestamp(), timing.steady(), timing.look)
        while True:
            await timing.sleep(timing.look)
            if slept := watch.look(timing.now().timestamp(), timing.steady()):
                for each in tuple(self._tunnels.values()):
                    await each.handle(ComputerSlept(slept))


_log = logging.getLogger(__name__)


def tunnels(opener: Opener) -> TunnelManager:
    """No tunnel yet, and the way to open some."""

    def opened(request: SessionRequest) -> OpenedSession:
        # Looked for first: a session that no plugin carries would be opened in vain.
        if why := preflight().why:
            raise PluginMissing(why, is_own=True)
        return opener.open(request, SessionPurpose.TUNNEL).opened

    def prepared(_request: SessionRequest, session: OpenedSession) -> Invocation:
        found = opener.find(session.id)
        if found is None:
            raise SessionProblem(say("the session {id} is not open any more", id=session.id), is_own=True)
        return prepare(found, opener.endpoint_url)

    def carried(session_id: str, pid: int) -> None:
        plugin = StartedPlugin.of(pid)
        if plugin is None:
            return
        try:
            opener.registry.carried_by(session_id, plugin)
        except RegistryUnusable as unusable:
            _log.warning("%s", unusable)

    return TunnelManager(TunnelDependencies(opened, opener.end_ignoring_errors, prepared, carried))
