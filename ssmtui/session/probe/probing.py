"""A probe, from StartSession to TerminateSession: whatever happens in between, what was opened is ended."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from threading import Event

from ssmtui.model.node import NodeKey
from ssmtui.model.probe import PROBE_REASON, ProbeKind, ProbeOutcome, StageTold
from ssmtui.model.scope import Scope
from ssmtui.model.session_opening import SessionPurpose, SessionRequest
from ssmtui.session.calls import SessionProblem, SessionRefused, SessionUnanswered
from ssmtui.session.ledger import LedgerUnusable
from ssmtui.session.opening.opener import Opener, OpenSession
from ssmtui.session.probe.course import Course
from ssmtui.session.probe.deadlines import Deadlines
from ssmtui.session.probe.naming import named
from ssmtui.session.probe.walking import (
    Challenged,
    Closed,
    HandshakeAsked,
    HandshakeCompleted,
    Lost,
    Met,
    OutputCame,
    Refused,
    SocketOpened,
    TokenSent,
    Walk,
)

_log = logging.getLogger(__name__)

REASON = PROBE_REASON
"""What CloudTrail says of a probe's session."""

PORT_DOCUMENT = "AWS-StartPortForwardingSession"
_PORT = "22"
"""The port that a port session names. Nobody connects to it: the agent would dial it only then."""

_LOOK_UP = 0.1
"""Seconds after which a probe that waits looks whether anybody still wants it."""
_LEAVING = 5.0
"""Seconds that are given to whoever speaks the protocol to let go of the connection."""


def probe(
    opener: Opener,
    scope: Scope,
    node: NodeKey,
    kind: ProbeKind,
    told: Callable[[StageTold], None],
    given_up: Event,
    *,
    walk: Walk,
    deadlines: Deadlines | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> ProbeOutcome:
    """Open a session, follow it to its first output or its end, and end it. Blocks; never longer than the deadlines.

    A defect on the way is raised once the session is ended.
    """
    at = datetime.now(UTC)
    course = Course(kind, clock(), told, deadlines or Deadlines())
    code, session, terminated = "", None, True
    try:
        session = opener.open(request_for(scope, node, kind), SessionPurpose.PROBE)
    except SessionUnanswered as problem:
        course.lost(clock(), problem.text)
    except SessionProblem as problem:
        code = problem.code
        (course.refused if code else course.lost)(clock(), problem.text)
    if session is not None:
        course.session_started(clock())
        with asyncio.Runner() as runner:
            # Ended before the runner tidies up: whatever that takes, no session waits for it.
            try:
                runner.run(_follow(session, course, walk, clock, given_up))
            finally:
                terminated = end(opener, session)
    ended = course.ended
    assert ended is not None  # noqa: S101 - nothing else ends the above without an exception
    named_by = named(ended.end, course.stage, ended.text, code)
    return ProbeOutcome(
        node=node,
        kind=kind,
        at=at,
        stages=course.stages,
        end=ended.end,
        text=ended.text,
        cause=named_by.cause,
        also=named_by.also,
        ambiguous=named_by.ambiguous,
        agent_version=course.agent_version,
        session_id=session.id if session is not None else "",
        terminated=terminated,
    )


def request_for(scope: Scope, node: NodeKey, kind: ProbeKind) -> SessionRequest:
    """The session that a probe of a kind opens."""
    if kind is ProbeKind.PORT:
        return SessionRequest(scope, node.id, PORT_DOCUMENT, (("portNumber", (_PORT,)),), REASON)
    return SessionRequest(scope, node.id, scope.document, reason=REASON)


def end(opener: Opener, session: OpenSession) -> bool:
    """End a probe's session, and try once more where that failed; whether it is over."""
    try:
        opener.end(session.id)
    except SessionRefused as refused:
        _log.warning("%s may not be ended: %s", session.id, refused)
        return False
    except SessionProblem as problem:
        _log.warning("%s could not be ended, and is tried again: %s", session.id, problem)
        return _end_again(opener, session)
    return True


def _end_again(opener: Opener, session: OpenSession) -> bool:
    try:
        session.calls.terminate(session.id)
    except SessionProblem as problem:
        # It stays in the ledger: the next start ends it.
        _log.warning("%s could not be ended: %s", session.id, problem)
        return False
    with suppress(LedgerUnusable):
        opener.ledger.ended(session.id)
    return True


async def _follow(
    session: OpenSession,
    course: Course,
    walk: Walk,
    clock: Callable[[], float],
    given_up: Event,
) -> None:
    woken = asyncio.Event()

    def met(what: Met) -> None:
        _take(course, what, clock())
        woken.set()

    walking = asyncio.ensure_future(walk(session, met))
    walking.add_done_callback(lambda _: woken.set())
    try:
        while course.ended is None:
            if given_up.is_set():
                course.interrupted(clock())
                break
            if walking.done():
                walking.result()  # a defect is raised here
                course.lost(clock(), "")
                break
            left = max(course.waits_until() - clock(), 0.0)
            with suppress(TimeoutError):
                await asyncio.wait_for(woken.wait(), min(left, _LOOK_UP))
            woken.clear()
            course.time_passed(clock())
    finally:
        walking.cancel()
        await asyncio.wait({walking}, timeout=_LEAVING)
        if walking.done() and not walking.cancelled():
            walking.exception()  # the session has its end; what went wrong after it is nobody's


def _take(course: Course, met: Met, now: float) -> None:
    match met:
        case SocketOpened():
            course.socket_opened(now)
        case TokenSent():
            course.token_sent(now)
        case HandshakeAsked(agent_version, encrypted):
            course.handshake_asked_for(now, agent_version, encrypted=encrypted)
        case Challenged():
            course.challenged(now)
        case HandshakeCompleted():
            course.handshake_completed(now)
        case OutputCame():
            course.output_came(now)
        case Closed(text):
            course.closed(now, text)
        case Lost(text):
            course.lost(now, text)
        case Refused(text):
            course.refused(now, text)
