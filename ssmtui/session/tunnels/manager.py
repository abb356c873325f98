"""Keep tunnels open on their own thread: each uses one session after another on the same local port."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import TimeoutError as NotInTime
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ssmtui.causes.catalogue import catalogue, title_of
from ssmtui.causes.matching import match_text
from ssmtui.evidence.facts.event_loop import EvidenceThread
from ssmtui.language import say
from ssmtui.model.fact import describe_internal_error
from ssmtui.model.scope import CredentialsUnavailable
from ssmtui.model.session_client import SessionClient
from ssmtui.model.sessions import (
    OpenedSession,
    SessionEnding,
    SessionPurpose,
    SessionRequest,
    Tunnel,
    TunnelRequest,
    TunnelState,
)
from ssmtui.session.background import in_background
from ssmtui.session.calls import SessionProblem, SessionRefused
from ssmtui.session.opener import Opener
from ssmtui.session.plugin.invocation import Invocation, PluginMissing, preflight, prepare
from ssmtui.session.session_registry import RegistryUnusable, StartedPlugin
from ssmtui.session.tunnels.far_connection import Destination, SessionCallbacks, TunnelClient
from ssmtui.session.tunnels.forward import session_request
from ssmtui.session.tunnels.plugin_run import plugin_client
from ssmtui.session.tunnels.port_session import builtin_client
from ssmtui.session.tunnels.relay import PortUnavailable, TunnelRelay, listen
from ssmtui.session.tunnels.state_machine import (
    AwaitUse,
    CloseRequested,
    ComputerSlept,
    ConnectionWaiting,
    KeepState,
    Pause,
    PauseOver,
    PortOpened,
    ReopenRequested,
    StartSession,
    Stop,
    TunnelAction,
    TunnelEvent,
    TunnelLifecycle,
    TunnelSessionEnd,
    next_state,
)
from ssmtui.session.tunnels.transfer_meter import TransferMeter
from ssmtui.text.printable import printable


@dataclass(frozen=True, slots=True)
class TunnelDependencies:
    """Functions that open and end sessions, which block, and the client that runs them.

    `open` records the session in the registry; `end` raises nothing.
    """

    open: Callable[[SessionRequest], OpenedSession]
    end: Callable[[str], None]
    client: TunnelClient


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class TunnelTiming:
    """Clocks and random numbers. `steady` is monotonic; `opening`: seconds in which a session's port opens."""

    now: Callable[[], datetime] = _utc_now
    steady: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random.random
    opening: float = 60.0
    look: float = 5.0


_FOR_GOOD = frozenset({"port-forbidden", "port-unset", "document-invalid", "plugin-missing", "plugin-outdated"})
_IDLE = "due to inactivity"
"""A part of the service's text (ssmtui/causes/en/preferences/session-idle-timeout.md)."""
_LONGEST = 300


def explain_text(text: str) -> str:
    """Return a text of AWS or the plugin in one printable line, with its cause first if the text decides for one."""
    told = printable(" ".join(text.split()))
    told = told if len(told) <= _LONGEST else told[: _LONGEST - 1] + "…"
    matches = match_text(text, catalogue().values())
    is_decided = bool(matches) and (len(matches) == 1 or matches[0].is_likely)
    return f"{title_of(catalogue(), matches[0].cause)}: {told}" if is_decided else told


def end_after_problem(problem: SessionProblem | CredentialsUnavailable) -> TunnelSessionEnd:
    """Return what a failed opening means for a tunnel. A refusal is final; other errors may pass with time."""
    text = problem.text if isinstance(problem, SessionProblem) else str(problem)
    denied = isinstance(problem, SessionRefused)
    # For a missing plugin, ssmtui's own text is already the cause's title.
    told = printable(text) if isinstance(problem, PluginMissing) else explain_text(text)
    return TunnelSessionEnd(told, for_good=denied or _is_for_good(text), denied=denied)


def end_after_session(ended: SessionEnding) -> TunnelSessionEnd:
    """Return what the end of a client means for a tunnel."""
    if ended.text:
        return TunnelSessionEnd(explain_text(ended.text), for_good=_is_for_good(ended.text), idle=_IDLE in ended.text)
    if ended.over:
        # A normal end that ssmtui did not request (docs/facts/failure-texts.md §1): somebody ended the session on
        # purpose.
        return TunnelSessionEnd(say("the session was ended outside ssmtui"), for_good=True)
    return TunnelSessionEnd(say("the plugin ended (exit code {code})", code=ended.exit_code))


def _is_for_good(text: str) -> bool:
    matches = match_text(text, catalogue().values())
    return bool(matches) and matches[0].cause in _FOR_GOOD


_log = logging.getLogger(__name__)


async def attempt(
    request: SessionRequest, dependencies: TunnelDependencies, timing: TunnelTiming, callbacks: SessionCallbacks
) -> TunnelSessionEnd:
    """Open a session and run its client until either ends. If cancelled, end both.

    A session that opens after the cancellation is ended, too.
    """
    try:
        return await _run_session(request, dependencies, timing, callbacks)
    except Exception as error:  # noqa: BLE001 - a bug ends this tunnel only, and is reported
        # Only the place of the bug: its text may contain secrets.
        _log.error("a tunnel met a defect: %s", describe_internal_error(error))
        return TunnelSessionEnd(
            say("an internal error in ssmtui: {defect}", defect=describe_internal_error(error)), for_good=True
        )


async def _run_session(
    request: SessionRequest, dependencies: TunnelDependencies, timing: TunnelTiming, callbacks: SessionCallbacks
) -> TunnelSessionEnd:
    opening = in_background(lambda _: dependencies.open(request), discard=lambda opened: dependencies.end(opened.id))
    try:
        opened = await asyncio.wrap_future(opening)
    except (SessionProblem, CredentialsUnavailable) as problem:
        return end_after_problem(problem)
    try:
        return await _run(request, opened, dependencies, timing, callbacks)
    finally:
        # A second cancellation must not interrupt this, because it waits for the network.
        await asyncio.shield(asyncio.wrap_future(in_background(lambda _: dependencies.end(opened.id))))


async def _run(
    request: SessionRequest,
    opened: OpenedSession,
    dependencies: TunnelDependencies,
    timing: TunnelTiming,
    callbacks: SessionCallbacks,
) -> TunnelSessionEnd:
    is_open = False

    def has_opened(destination: Destination) -> None:
        nonlocal is_open
        is_open = True
        callbacks.opened(destination)

    running = asyncio.ensure_future(
        dependencies.client(request, opened, SessionCallbacks(has_opened, callbacks.trouble))
    )

    async def give_up() -> None:
        """Cancel the client: a node that cannot reach the data channel is silent (docs/facts/failure-texts.md §2.7)."""
        await timing.sleep(timing.opening)
        if not is_open:
            running.cancel()

    waiting = asyncio.ensure_future(give_up())
    try:
        await asyncio.wait({running})
    finally:
        waiting.cancel()
        running.cancel()
        await asyncio.wait({running, waiting})
    return _ended(running, timing.opening)


def _ended(running: asyncio.Future[SessionEnding], seconds: float) -> TunnelSessionEnd:
    if running.cancelled():
        return TunnelSessionEnd(
            say("the session opened, but the port was not reachable within {seconds:g} seconds", seconds=seconds)
        )
    error = running.exception()
    if isinstance(error, SessionProblem | CredentialsUnavailable):
        return end_after_problem(error)
    if isinstance(error, OSError):
        return TunnelSessionEnd(
            say("the plugin cannot be started: {error}", error=error.strerror or error), for_good=True
        )
    return end_after_session(running.result())


class RunningTunnel:
    """One tunnel. The constructor takes the local port; the rest runs on a loop. `tunnel` is for any thread."""

    def __init__(
        self, number: int, request: TunnelRequest, dependencies: TunnelDependencies, timing: TunnelTiming
    ) -> None:
        self._number = number
        self._request = request
        self._dependencies = dependencies
        self._timing = timing
        self._lifecycle = TunnelLifecycle()
        self._since = timing.now()
        self._trouble = ""
        self._port = request.local_port
        self._relay: TunnelRelay | None = None
        self._sent, self._received = TransferMeter(timing.steady), TransferMeter(timing.steady)
        self._under_way: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        self._ending: set[asyncio.Task[None]] = set()
        self._take_port()

    @property
    def tunnel(self) -> Tunnel:
        """Return the current state."""
        lifecycle = self._lifecycle
        return Tunnel(
            number=self._number,
            request=self._request,
            state=lifecycle.state,
            local_port=self._port,
            since=self._since,
            reopened=lifecycle.reopened,
            sent=self._sent.total,
            received=self._received.total,
            peak_sent=self._sent.peak,
            peak_received=self._received.peak,
            why=self._trouble or lifecycle.why,
            denied=lifecycle.denied,
        )

    async def start(self) -> None:
        """Open the first session, if the local port is free."""
        async with self._turn:
            if self._lifecycle.state is TunnelState.OPENING:
                self._take(StartSession())

    async def handle(self, event: TunnelEvent, *, to: asyncio.Task[None] | None = None) -> None:
        """Handle an event, one after another.

        An event of the task `to` is ignored if that task is not the current one.
        """
        async with self._turn:
            if to is not None and to is not self._under_way:
                return
            lifecycle, step = self._after(event)
            if isinstance(step, Stop):
                await self._stop()  # first free the port: a reader who sees the end may take it
            self._lifecycle = lifecycle
            if isinstance(event, PortOpened):
                self._since, self._trouble = self._timing.now(), ""
            self._take(step)

    async def ended(self) -> None:
        """Wait until all clients, and the calls that end sessions, have ended."""
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
        """Cancel the current task. It ends its client and session itself; this method does not wait for that."""
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

        def opened(destination: Destination) -> None:
            if mine is self._under_way:
                relay.goes_to(destination)
                self._tell(PortOpened(), mine)

        def trouble(words: str) -> None:
            if mine is self._under_way:
                self._trouble = explain_text(words) if words else ""

        try:
            ended = await attempt(
                session_request(self._request), self._dependencies, self._timing, SessionCallbacks(opened, trouble)
            )
        finally:
            if mine is self._under_way:
                relay.goes_to(None)
        self._tell(ended, mine)

    def _tell(self, event: TunnelEvent, mine: asyncio.Task[None] | None) -> None:
        self._keep(asyncio.get_running_loop().create_task(self.handle(event, to=mine)))

    def _take_port(self) -> bool:
        """Take the local port if it is free; the same port as before, if it was released."""
        try:
            self._relay = TunnelRelay(listen(self._port), self._sent, self._received)
        except PortUnavailable as unavailable:
            self._lifecycle, _ = self._after(TunnelSessionEnd(unavailable.words, for_good=True))
            return False
        self._port = self._relay.port
        return True

    async def _stop(self) -> None:
        """Release the port and end the current session."""
        self._abandon()
        self._trouble = ""
        if self._relay is not None:
            await self._relay.stop()
            self._relay = None


SLEPT = 30.0
"""Gaps from this length on count, in seconds: connections survive shorter ones, and clock corrections are smaller."""


class SleepWatch:
    """Compares two clocks at every look. Windows' steady clock includes sleep; there, the look itself comes late."""

    def __init__(self, wall: float, steady: float, period: float) -> None:
        self._wall = wall
        self._steady = steady
        self._period = period

    def look(self, wall: float, steady: float) -> float:
        """Return the seconds of sleep since the last look; 0 if there was none. Clocks are in seconds."""
        by_wall, by_steady = wall - self._wall, steady - self._steady
        self._wall, self._steady = wall, steady
        gap = max(by_wall - by_steady, by_steady - self._period)
        return gap if gap >= SLEPT else 0.0


_ENDING = 8.0
"""Seconds that `end` waits for clients and sessions. The next start ends the rest."""


class TunnelManager:
    """The tunnels of this process. The methods can be called from any thread, one at a time."""

    def __init__(self, dependencies: TunnelDependencies, timing: TunnelTiming | None = None) -> None:
        self._dependencies = dependencies
        self._timing = timing or TunnelTiming()
        self._thread: EvidenceThread | None = None
        self._tunnels: dict[int, RunningTunnel] = {}

    def open(self, request: TunnelRequest) -> Tunnel:
        """Open a tunnel. If its local port is not available, the tunnel has already failed."""
        running = RunningTunnel(len(self._tunnels) + 1, request, self._dependencies, self._timing)
        self._tunnels[len(self._tunnels) + 1] = running
        self._loop().submit(running.start())
        return running.tunnel

    def reopen(self, number: int) -> None:
        """Open a new session for a tunnel."""
        self._handle(number, ReopenRequested())

    def close(self, number: int) -> None:
        """Close a tunnel, and end its session."""
        self._handle(number, CloseRequested())

    def all(self) -> Sequence[Tunnel]:
        """Return all tunnels, the newest last."""
        return tuple(each.tunnel for each in tuple(self._tunnels.values()))

    def end(self) -> None:
        """Close every tunnel. Waits a few seconds at most."""
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
        await asyncio.gather(*(each.handle(CloseRequested()) for each in running))
        await asyncio.gather(*(each.ended() for each in running))

    async def _watch(self) -> None:
        """Detect that the computer slept, and inform all tunnels."""
        timing = self._timing
        watch = SleepWatch(timing.now().timestamp(), timing.steady(), timing.look)
        while True:
            await timing.sleep(timing.look)
            if slept := watch.look(timing.now().timestamp(), timing.steady()):
                for each in tuple(self._tunnels.values()):
                    await each.handle(ComputerSlept(slept))


def tunnels(opener: Opener, client: SessionClient | None) -> TunnelManager:
    """Return a manager without tunnels that opens them with this opener. By default, the built-in client runs them."""
    use_plugin = client is SessionClient.PLUGIN

    def opened(request: SessionRequest) -> OpenedSession:
        # Checked first: without a plugin, a session would be opened for nothing.
        if use_plugin and (why := preflight().why):
            raise PluginMissing(why, is_own=True)
        return opener.open(request, SessionPurpose.TUNNEL).opened

    def prepared(_request: SessionRequest, session: OpenedSession) -> Invocation:
        found = opener.find(session.id)
        if found is None:
            raise SessionProblem(say("the session {id} is no longer open", id=session.id), is_own=True)
        return prepare(found, opener.endpoint_url)

    def carried(session_id: str, pid: int) -> None:
        plugin = StartedPlugin.of(pid)
        if plugin is None:
            return
        try:
            opener.registry.carried_by(session_id, plugin)
        except RegistryUnusable as unusable:
            _log.warning("%s", unusable)

    run = plugin_client(prepared, carried) if use_plugin else builtin_client(opener.find)
    return TunnelManager(TunnelDependencies(opened, opener.end_ignoring_errors, run))
