"""Run one session of a tunnel, and decide if another session would end the same way."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from ssmtui.causes.catalogue import catalogue
from ssmtui.causes.cause import title_of
from ssmtui.causes.matching import match_text
from ssmtui.language import say
from ssmtui.model.internal_error import describe_internal_error
from ssmtui.model.scope import CredentialsUnavailable
from ssmtui.model.sessions import OpenedSession, SessionEnding, SessionRequest
from ssmtui.session.background import in_background
from ssmtui.session.calls import SessionProblem, SessionRefused
from ssmtui.session.plugin.invocation import Invocation, PluginMissing
from ssmtui.session.tunnels.plugin_run import run_plugin
from ssmtui.session.tunnels.state_machine import TunnelSessionEnd
from ssmtui.text.printable import printable


@dataclass(frozen=True, slots=True)
class TunnelDependencies:
    """Ways to open and end sessions, and what the plugin is started with. All of them block.

    `open` has the session in the ledger; `end` raises nothing; `invocation` raises `SessionProblem` or `CannotLend`
    where there is no plugin, or no credentials for it. `carried` is told a session's id and the number of the plugin's
    process; it raises nothing.
    """

    open: Callable[[SessionRequest], OpenedSession]
    end: Callable[[str], None]
    invocation: Callable[[SessionRequest, OpenedSession], Invocation]
    carried: Callable[[str, int], None] = lambda _id, _pid: None


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class TunnelTiming:
    """Clocks and chance. `steady` does not jump; `opening` is the seconds that a session's port may take to open."""

    now: Callable[[], datetime] = _utc_now
    steady: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random.random
    opening: float = 60.0
    look: float = 5.0


_FOR_GOOD = frozenset({"port-forbidden", "port-unset", "document-invalid", "plugin-missing", "plugin-outdated"})
_IDLE = "due to inactivity"
"""Of the service's text (ssmtui/causes/en/preferences/session-idle-timeout.md)."""
_LONGEST = 300


def explain_text(text: str) -> str:
    """A text of AWS or the plugin with the likeliest cause in front, in one line fit to print."""
    told = printable(" ".join(text.split()))
    told = told if len(told) <= _LONGEST else told[: _LONGEST - 1] + "…"
    matches = match_text(text, catalogue().values())
    return f"{title_of(catalogue(), matches[0].cause)}: {told}" if matches else told


def end_after_problem(problem: SessionProblem | CredentialsUnavailable) -> TunnelSessionEnd:
    """What it means for a tunnel that no session was opened. A refusal stays one; of all else time may take care."""
    text = problem.text if isinstance(problem, SessionProblem) else str(problem)
    denied = isinstance(problem, SessionRefused)
    # What ssmtui says of a plugin that there is not is the cause's title already.
    told = printable(text) if isinstance(problem, PluginMissing) else explain_text(text)
    return TunnelSessionEnd(told, for_good=denied or _is_for_good(text), denied=denied)


def end_after_session(ended: SessionEnding) -> TunnelSessionEnd:
    """What it means for a tunnel that the plugin has ended."""
    if ended.text:
        return TunnelSessionEnd(explain_text(ended.text), for_good=_is_for_good(ended.text), idle=_IDLE in ended.text)
    if ended.over:
        # An ordinary end, which nobody here asked for (docs/facts/failure-texts.md §1): somebody wants it over.
        return TunnelSessionEnd(say("the session was ended by somebody else"), for_good=True)
    return TunnelSessionEnd(say("the plugin ended (exit code {code})", code=ended.exit_code))


def _is_for_good(text: str) -> bool:
    matches = match_text(text, catalogue().values())
    return bool(matches) and matches[0].cause in _FOR_GOOD


_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PluginCallbacks:
    """Who is told what the plugin says: the port that it opened; why the node could not connect."""

    opened: Callable[[int], None]
    refused: Callable[[str], None]


async def attempt(
    request: SessionRequest, dependencies: TunnelDependencies, timing: TunnelTiming, callbacks: PluginCallbacks
) -> TunnelSessionEnd:
    """Open a session and run the plugin until either is over. Cancelled, it ends both.

    A session that is opened after all, when nobody waits for it any more, is ended, too.
    """
    try:
        return await _run_session(request, dependencies, timing, callbacks)
    except Exception as error:  # noqa: BLE001 - a defect ends this tunnel, and is told as one; the others go on
        # Its place only: its text may hold what is nobody's business.
        _log.error("a tunnel met a defect: %s", describe_internal_error(error))
        return TunnelSessionEnd(
            say("a defect in ssmtui: {defect}", defect=describe_internal_error(error)), for_good=True
        )


async def _run_session(
    request: SessionRequest, dependencies: TunnelDependencies, timing: TunnelTiming, callbacks: PluginCallbacks
) -> TunnelSessionEnd:
    opening = in_background(lambda _: dependencies.open(request), discard=lambda opened: dependencies.end(opened.id))
    try:
        opened = await asyncio.wrap_future(opening)
    except (SessionProblem, CredentialsUnavailable) as problem:
        return end_after_problem(problem)
    try:
        return await _run(request, opened, dependencies, timing, callbacks)
    finally:
        # Not to be cut short by a second cancellation: what it waits for is the network.
        await asyncio.shield(asyncio.wrap_future(in_background(lambda _: dependencies.end(opened.id))))


async def _run(
    request: SessionRequest,
    opened: OpenedSession,
    dependencies: TunnelDependencies,
    timing: TunnelTiming,
    callbacks: PluginCallbacks,
) -> TunnelSessionEnd:
    try:
        run = await asyncio.wrap_future(in_background(lambda _: dependencies.invocation(request, opened)))
    except (SessionProblem, CredentialsUnavailable) as problem:
        return end_after_problem(problem)
    is_open = False

    def has_opened(port: int) -> None:
        nonlocal is_open
        is_open = True
        callbacks.opened(port)

    def has_started(pid: int) -> None:
        in_background(lambda _: dependencies.carried(opened.id, pid))

    running = asyncio.ensure_future(
        run_plugin(run, opened.id, started=has_started, opened=has_opened, refused=callbacks.refused)
    )

    async def give_up() -> None:
        """A node that lost its way to the data channel says nothing at all (docs/facts/failure-texts.md §2.7)."""
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
            say("the session was opened, but no way to the port within {seconds:g} seconds", seconds=seconds)
        )
    if isinstance(error := running.exception(), OSError):
        return TunnelSessionEnd(say("the plugin cannot be run: {error}", error=error.strerror or error), for_good=True)
    return end_after_session(running.result())
