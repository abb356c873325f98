"""One session of a tunnel: opened, given to the plugin, and ended, whatever happens. Told by how it went."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from ssmtui.language import say
from ssmtui.model.defects import defect_words
from ssmtui.model.lending import CannotLend
from ssmtui.model.session_opening import OpenedSession, SessionEnding, SessionRequest
from ssmtui.session.background import in_background
from ssmtui.session.calls import SessionProblem
from ssmtui.session.tunnels.course import Ended
from ssmtui.session.tunnels.endings import after_ending, after_problem
from ssmtui.session.tunnels.means import Means, Timing
from ssmtui.session.tunnels.plugin_run import run_plugin

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Heard:
    """Who is told what the plugin says: the port that it opened; why the node could not connect."""

    opened: Callable[[int], None]
    refused: Callable[[str], None]


async def attempt(request: SessionRequest, means: Means, timing: Timing, heard: Heard) -> Ended:
    """Open a session and run the plugin until either is over. Cancelled, it ends both.

    A session that is opened after all, when nobody waits for it any more, is ended, too.
    """
    try:
        return await _gone_through(request, means, timing, heard)
    except Exception as error:  # noqa: BLE001 - a defect ends this tunnel, and is told as one; the others go on
        # Its place only: its text may hold what is nobody's business.
        _log.error("a tunnel met a defect: %s", defect_words(error))
        return Ended(say("a defect in ssmtui: {defect}", defect=defect_words(error)), for_good=True)


async def _gone_through(request: SessionRequest, means: Means, timing: Timing, heard: Heard) -> Ended:
    opening = in_background(lambda _: means.open(request), unwanted=lambda opened: means.end(opened.id))
    try:
        opened = await asyncio.wrap_future(opening)
    except (SessionProblem, CannotLend) as problem:
        return after_problem(problem)
    try:
        return await _run(request, opened, means, timing, heard)
    finally:
        # Not to be cut short by a second cancellation: what it waits for is the network.
        await asyncio.shield(asyncio.wrap_future(in_background(lambda _: means.end(opened.id))))


async def _run(request: SessionRequest, opened: OpenedSession, means: Means, timing: Timing, heard: Heard) -> Ended:
    try:
        run = await asyncio.wrap_future(in_background(lambda _: means.invocation(request, opened)))
    except (SessionProblem, CannotLend) as problem:
        return after_problem(problem)
    is_open = False

    def has_opened(port: int) -> None:
        nonlocal is_open
        is_open = True
        heard.opened(port)

    def has_started(pid: int) -> None:
        in_background(lambda _: means.carried(opened.id, pid))

    running = asyncio.ensure_future(
        run_plugin(run, opened.id, started=has_started, opened=has_opened, refused=heard.refused)
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


def _ended(running: asyncio.Future[SessionEnding], seconds: float) -> Ended:
    if running.cancelled():
        return Ended(say("the session was opened, but no way to the port within {seconds:g} seconds", seconds=seconds))
    if isinstance(error := running.exception(), OSError):
        return Ended(say("the plugin cannot be run: {error}", error=error.strerror or error), for_good=True)
    return after_ending(running.result())
