"""Keep a tunnel open: one session after another on the same local port."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from ssmtui.model.sessions import Tunnel, TunnelRequest, TunnelState
from ssmtui.session.tunnels.attempt import PluginCallbacks, TunnelDependencies, TunnelTiming, attempt, explain_text
from ssmtui.session.tunnels.forward import session_request
from ssmtui.session.tunnels.relay import PortUnavailable, TunnelRelay, listen
from ssmtui.session.tunnels.state_machine import (
    AwaitUse,
    ConnectionWaiting,
    KeepState,
    Pause,
    PauseOver,
    PortOpened,
    StartSession,
    Stop,
    TunnelAction,
    TunnelEvent,
    TunnelLifecycle,
    TunnelSessionEnd,
    next_state,
)


class RunningTunnel:
    """One tunnel. It takes its port when it is made; the rest lives on a loop. `tunnel` is for any thread."""

    def __init__(
        self, number: int, request: TunnelRequest, dependencies: TunnelDependencies, timing: TunnelTiming
    ) -> None:
        self._number = number
        self._request = request
        self._dependencies = dependencies
        self._timing = timing
        self._lifecycle = TunnelLifecycle()
        self._since = timing.now()
        self._refused = ""
        self._port = request.local_port
        self._relay: TunnelRelay | None = None
        self._counted = (0, 0)
        self._under_way: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        self._ending: set[asyncio.Task[None]] = set()
        self._take_port()

    @property
    def tunnel(self) -> Tunnel:
        """How it is now."""
        lifecycle, (sent, received) = self._lifecycle, self._bytes()
        return Tunnel(
            number=self._number,
            request=self._request,
            state=lifecycle.state,
            local_port=self._port,
            since=self._since,
            reopened=lifecycle.reopened,
            sent=sent,
            received=received,
            why=self._refused or lifecycle.why,
            denied=lifecycle.denied,
        )

    async def start(self) -> None:
        """Open it, where its port could be had."""
        async with self._turn:
            if self._lifecycle.state is TunnelState.OPENING:
                self._take(StartSession())

    async def handle(self, event: TunnelEvent, *, to: asyncio.Task[None] | None = None) -> None:
        """Something has happened: do what is to be done about it, one thing after another.

        What has happened `to` something that is not under way any more does not count.
        """
        async with self._turn:
            if to is not None and to is not self._under_way:
                return
            lifecycle, step = self._after(event)
            if isinstance(step, Stop):
                await self._stop()  # before it is told: whoever reads that it is over can have the port
            self._lifecycle = lifecycle
            if isinstance(event, PortOpened):
                self._since, self._refused = self._timing.now(), ""
            self._take(step)

    async def ended(self) -> None:
        """Return when everything that is ending has ended: plugins, and the calls that end sessions."""
        while self._ending:
            await asyncio.wait(self._ending)

    def _after(self, event: TunnelEvent) -> tuple[TunnelLifecycle, TunnelAction]:
        return next_state(self._lifecycle, event, self._timing.steady(), self._timing.chance())

    def _take(self, step: TunnelAction) -> None:
        if isinstance(step, KeepState | Stop):
            return
        self._abandon()
        match step:
            case StartSession():
                if self._relay is not None or self._take_port():
                    self._begin(self._session())
            case Pause(seconds):
                self._begin(self._pause(seconds))
            case AwaitUse():
                self._begin(self._use())

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        self._under_way = asyncio.get_running_loop().create_task(work)

    def _abandon(self) -> None:
        """End what is under way. It ends its plugin and its session by itself; nobody waits for that here."""
        if self._relay is not None:
            self._relay.goes_to(None)
        if self._under_way is not None and not self._under_way.done():
            self._under_way.cancel()
            self._keep(self._under_way)
        self._under_way = None

    def _keep(self, work: asyncio.Task[None]) -> None:
        self._ending.add(work)
        work.add_done_callback(self._ending.discard)

    async def _pause(self, seconds: float) -> None:
        await self._timing.sleep(seconds)
        self._tell(PauseOver(), self._under_way)

    async def _use(self) -> None:
        mine = self._under_way
        if self._relay is not None:
            await self._relay.wanted.wait()
            self._tell(ConnectionWaiting(), mine)

    async def _session(self) -> None:
        mine, relay = self._under_way, self._relay
        if relay is None:
            return
        await relay.start()

        def opened(port: int) -> None:
            if mine is self._under_way:
                relay.goes_to(port)
                self._tell(PortOpened(), mine)

        def refused(words: str) -> None:
            if mine is self._under_way:
                self._refused = explain_text(words)

        try:
            ended = await attempt(
                session_request(self._request), self._dependencies, self._timing, PluginCallbacks(opened, refused)
            )
        finally:
            if mine is self._under_way:
                relay.goes_to(None)
        self._tell(ended, mine)

    def _tell(self, event: TunnelEvent, mine: asyncio.Task[None] | None) -> None:
        self._keep(asyncio.get_running_loop().create_task(self.handle(event, to=mine)))

    def _take_port(self) -> bool:
        """Take the local port, if nobody else has it: the one that it was, where it was given back."""
        try:
            self._relay = TunnelRelay(listen(self._port))
        except PortUnavailable as unavailable:
            self._lifecycle, _ = self._after(TunnelSessionEnd(unavailable.words, for_good=True))
            return False
        self._port = self._relay.port
        return True

    async def _stop(self) -> None:
        """Give the port back, and end what is under way."""
        self._abandon()
        self._refused = ""
        if self._relay is not None:
            await self._relay.stop()
            self._counted, self._relay = self._bytes(), None

    def _bytes(self) -> tuple[int, int]:
        (sent, received), relay = self._counted, self._relay
        return (sent, received) if relay is None else (sent + relay.sent, received + relay.received)
