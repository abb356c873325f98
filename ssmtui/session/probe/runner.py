"""Run a probe from StartSession to TerminateSession, and follow its session on the built-in data channel."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event

from ssmtui.language import say
from ssmtui.model.node import NodeKey
from ssmtui.model.probe import PROBE_REASON, ProbeKind, ProbeOutcome, StageResult
from ssmtui.model.scope import Scope
from ssmtui.model.sessions import SessionPurpose, SessionRequest
from ssmtui.session.calls import SessionProblem, SessionRefused, SessionUnanswered
from ssmtui.session.data_channel import events
from ssmtui.session.data_channel.connection import DataChannel, SessionOverError
from ssmtui.session.data_channel.stream_url import ForeignStreamUrlError
from ssmtui.session.data_channel.websocket import ConnectError
from ssmtui.session.opener import Opener, OpenSession
from ssmtui.session.probe.conclusions import named_causes
from ssmtui.session.probe.stages import Deadlines, ProbeProgress
from ssmtui.session.session_registry import RegistryUnusable


@dataclass(frozen=True, slots=True)
class SocketOpened:
    """The websocket is open."""


@dataclass(frozen=True, slots=True)
class TokenSent:
    """The token went out."""


@dataclass(frozen=True, slots=True)
class HandshakeStarted:
    """The agent asks for the handshake, and for a data key where it is `encrypted`."""

    agent_version: str
    encrypted: bool


@dataclass(frozen=True, slots=True)
class ChallengeReceived:
    """The agent could decrypt the data key, and asks for proof of the other half."""


@dataclass(frozen=True, slots=True)
class HandshakeCompleted:
    """The agent is content with the handshake."""


@dataclass(frozen=True, slots=True)
class OutputReceived:
    """The shell has spoken. What it said is nobody's business."""


@dataclass(frozen=True, slots=True)
class SessionClosed:
    """The other side has ended the session, with this text."""

    text: str


@dataclass(frozen=True, slots=True)
class ChannelLost:
    """There is no connection any more, and none could be made again."""

    text: str


@dataclass(frozen=True, slots=True)
class ConnectionRefused:
    """The connection was refused, with this text."""

    text: str


ProbeEvent = (
    SocketOpened
    | TokenSent
    | HandshakeStarted
    | ChallengeReceived
    | HandshakeCompleted
    | OutputReceived
    | SessionClosed
    | ChannelLost
    | ConnectionRefused
)

FollowSession = Callable[[OpenSession, Callable[[ProbeEvent], None]], Awaitable[None]]
"""Goes through a session and tells what it meets, until its end or until cancelled."""


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
    told: Callable[[StageResult], None],
    given_up: Event,
    *,
    walk: FollowSession,
    deadlines: Deadlines | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> ProbeOutcome:
    """Open a session, follow it to its first output or its end, and end it. Blocks; never longer than the deadlines.

    A defect on the way is raised once the session is ended.
    """
    at = datetime.now(UTC)
    progress = ProbeProgress(kind, clock(), told, deadlines or Deadlines())
    code, session, terminated = "", None, True
    try:
        session = opener.open(request_for(scope, node, kind), SessionPurpose.PROBE)
    except SessionUnanswered as problem:
        progress.lost(clock(), problem.text)
    except SessionProblem as problem:
        code = problem.code
        (progress.refused if code else progress.lost)(clock(), problem.text)
    if session is not None:
        progress.session_started(clock())
        with asyncio.Runner() as runner:
            # Ended before the runner tidies up: whatever that takes, no session waits for it.
            try:
                runner.run(_follow(session, progress, walk, clock, given_up))
            finally:
                terminated = end(opener, session)
    ended = progress.ended
    assert ended is not None  # noqa: S101 - nothing else ends the above without an exception
    named_by = named_causes(ended.end, progress.stage, ended.text, code)
    return ProbeOutcome(
        node=node,
        kind=kind,
        at=at,
        stages=progress.stages,
        end=ended.end,
        text=ended.text,
        cause=named_by.cause,
        also=named_by.also,
        ambiguous=named_by.ambiguous,
        agent_version=progress.agent_version,
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
    with suppress(RegistryUnusable):
        opener.registry.ended(session.id)
    return True


async def _follow(
    session: OpenSession,
    progress: ProbeProgress,
    walk: FollowSession,
    clock: Callable[[], float],
    given_up: Event,
) -> None:
    woken = asyncio.Event()

    def met(what: ProbeEvent) -> None:
        _take(progress, what, clock())
        woken.set()

    walking = asyncio.ensure_future(walk(session, met))
    walking.add_done_callback(lambda _: woken.set())
    try:
        while progress.ended is None:
            if given_up.is_set():
                progress.interrupted(clock())
                break
            if walking.done():
                walking.result()  # a defect is raised here
                progress.lost(clock(), "")
                break
            left = max(progress.waits_until() - clock(), 0.0)
            with suppress(TimeoutError):
                await asyncio.wait_for(woken.wait(), min(left, _LOOK_UP))
            woken.clear()
            progress.time_passed(clock())
    finally:
        walking.cancel()
        await asyncio.wait({walking}, timeout=_LEAVING)
        if walking.done() and not walking.cancelled():
            walking.exception()  # the session has its end; what went wrong after it is nobody's


def _take(progress: ProbeProgress, met: ProbeEvent, now: float) -> None:
    match met:
        case SocketOpened():
            progress.socket_opened(now)
        case TokenSent():
            progress.token_sent(now)
        case HandshakeStarted(agent_version, encrypted):
            progress.handshake_asked_for(now, agent_version, encrypted=encrypted)
        case ChallengeReceived():
            progress.challenged(now)
        case HandshakeCompleted():
            progress.handshake_completed(now)
        case OutputReceived():
            progress.output_came(now)
        case SessionClosed(text):
            progress.closed(now, text)
        case ChannelLost(text):
            progress.lost(now, text)
        case ConnectionRefused(text):
            progress.refused(now, text)


_CONNECTIONS = 5
"""How often a connection is tried, or made again; the plugin is as patient (docs/facts/data-channel.md §5)."""
_PAUSE = 0.5
_REFUSED = frozenset({401, 403})


async def walk(session: OpenSession, met: Callable[[ProbeEvent], None]) -> None:
    """Go through a session, and send nothing but what the protocol itself asks for."""
    channel = DataChannel(session.request, session.opened, session.calls)
    connect, why = channel.open, ""
    try:
        for tries in range(_CONNECTIONS):
            await asyncio.sleep(_PAUSE if tries else 0)
            try:
                await connect()
            except ConnectError as error:
                if error.status in _REFUSED:
                    met(ConnectionRefused(error.text))
                    return
                why = error.text
                continue
            except (SessionOverError, SessionProblem) as error:
                met(ChannelLost(error.text))
                return
            except ForeignStreamUrlError as error:
                met(ChannelLost(str(error)))
                return
            connect = channel.resume
            lost = await _followed(channel, met)
            if lost is None:
                return
            why = lost
        met(ChannelLost(why))
    finally:
        await _closed(channel)


async def _closed(channel: DataChannel) -> None:
    """Close the socket, also where this is cancelled meanwhile: the session may have had its end just before."""
    closing = asyncio.ensure_future(channel.close())
    try:
        await asyncio.shield(closing)
    except asyncio.CancelledError:
        await closing
        raise


async def _followed(channel: DataChannel, met: Callable[[ProbeEvent], None]) -> str | None:
    """Tell what happens on a connection until it ends; why it was lost, None where the session has its end."""
    async for event in channel.events():
        match event:
            case events.SocketOpened():
                met(SocketOpened())
            case events.TokenSent():
                met(TokenSent())
            case events.HandshakeRequested(agent_version, _, key_id):
                met(HandshakeStarted(agent_version, encrypted=bool(key_id)))
            case events.ChallengeAnswered():
                met(ChallengeReceived())
            case events.HandshakeCompleted():
                met(HandshakeCompleted())
            case events.Output():
                met(OutputReceived())
            case events.ChannelClosed(text):
                met(SessionClosed(text))
                return None
            case events.ConnectionLost(code, reason):
                return f"websocket: close {code}: {reason}".rstrip(": ")
            case events.NeverAcknowledged():
                met(ChannelLost(say("what was sent was never acknowledged")))
                return None
            case _:
                pass
    return ""
