"""Run a probe from StartSession to TerminateSession over the built-in data channel."""

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
from ssmtui.model.probe import PROBE_ANSWER, PROBE_LINE, PROBE_REASON, ProbeKind, ProbeOutcome, StageResult
from ssmtui.model.scope import DOCUMENT_NAME, Scope
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
    """The token was sent."""


@dataclass(frozen=True, slots=True)
class HandshakeStarted:
    """The agent requests the handshake; `encrypted`: also a data key."""

    agent_version: str
    encrypted: bool


@dataclass(frozen=True, slots=True)
class ChallengeReceived:
    """The agent decrypted the data key and sent its challenge."""


@dataclass(frozen=True, slots=True)
class HandshakeCompleted:
    """The agent accepted the handshake."""


@dataclass(frozen=True, slots=True)
class OutputReceived:
    """The session wrote output, which is not kept. `asked`: a line was typed for the shell to answer."""

    asked: bool = True


@dataclass(frozen=True, slots=True)
class AnswerReceived:
    """The shell answered the line."""


@dataclass(frozen=True, slots=True)
class SessionClosed:
    """The other side ended the session with this text."""

    text: str


@dataclass(frozen=True, slots=True)
class ChannelLost:
    """The connection is lost and could not be made again."""

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
    | AnswerReceived
    | SessionClosed
    | ChannelLost
    | ConnectionRefused
)

FollowSession = Callable[[OpenSession, Callable[[ProbeEvent], None]], Awaitable[None]]
"""Follows a session and reports its events, until the session ends or the task is cancelled."""


_log = logging.getLogger(__name__)

REASON = PROBE_REASON
"""The reason of a probe's session, which CloudTrail records."""

PORT_DOCUMENT = "AWS-StartPortForwardingSession"
_PORT = "22"
"""The port of a port session. Nobody connects to it, and the agent would dial it only then."""

_LOOK_UP = 0.1
"""Seconds between two looks at whether the probe was cancelled."""
_LEAVING = 5.0
"""Seconds that the data channel has to close."""


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
    """Open a session, follow it to its shell's answer or its end, and end it. Blocks, no longer than the deadlines.

    An exception on the way is raised after the session was ended.
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
            # The session ends before the runner cleans up, because that can take long.
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
    """Return the session request for a probe."""
    if kind is ProbeKind.PORT:
        return SessionRequest(scope, node.id, PORT_DOCUMENT, (("portNumber", (_PORT,)),), REASON)
    return SessionRequest(scope, node.id, scope.document, reason=REASON)


def end(opener: Opener, session: OpenSession) -> bool:
    """End a probe's session, with one retry, and return whether the session is over."""
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
        # The session stays in the registry: the next start ends it.
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
                walking.result()  # raises the exception of the task
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
            walking.exception()  # the session has ended; an exception after that does not count


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
        case OutputReceived(asked):
            progress.output_came(now, asked=asked)
        case AnswerReceived():
            progress.answer_came(now)
        case SessionClosed(text):
            progress.closed(now, text)
        case ChannelLost(text):
            progress.lost(now, text)
        case ConnectionRefused(text):
            progress.refused(now, text)


_CONNECTIONS = 5
"""Attempts to connect or reconnect, as in the plugin (docs/facts/data-channel.md §5)."""
_PAUSE = 0.5
_REFUSED = frozenset({401, 403})


async def walk(session: OpenSession, met: Callable[[ProbeEvent], None]) -> None:
    """Follow a session, and send only what the protocol requires, and one line to a shell."""
    channel = DataChannel(session.request, session.opened, session.calls)
    question = _Question(session.request)
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
            lost = await _followed(channel, question, met)
            if lost is None:
                return
            why = lost
        met(ChannelLost(why))
    finally:
        await _closed(channel)


async def _closed(channel: DataChannel) -> None:
    """Close the socket, even if this task is cancelled: the session may have ended just before."""
    closing = asyncio.ensure_future(channel.close())
    try:
        await asyncio.shield(closing)
    except asyncio.CancelledError:
        await closing
        raise


_SHELL = "Standard_Stream"
_LINE = f"{PROBE_LINE}\r".encode()


class _Question:
    """The line that a probe types into a shell, and the search for its answer.

    Nothing is typed into a session of a custom document unless the agent says that it is a shell: the document can
    start any other program.
    """

    def __init__(self, request: SessionRequest) -> None:
        self.is_for_shell = request.document in {None, DOCUMENT_NAME}
        self.is_asked = False
        self._end = b""

    def is_answered(self, output: bytes) -> bool:
        """Return whether the output contains the answer."""
        text = self._end + output
        self._end = text[-len(PROBE_ANSWER) :]
        return self.is_asked and PROBE_ANSWER.encode() in text


async def _followed(channel: DataChannel, question: _Question, met: Callable[[ProbeEvent], None]) -> str | None:
    """Report the events of a connection. Return why the connection was lost; None if the session ended."""
    async for event in channel.events():
        match event:
            case events.SocketOpened():
                met(SocketOpened())
            case events.TokenSent():
                met(TokenSent())
            case events.HandshakeRequested(agent_version, session_type, key_id):
                question.is_for_shell = session_type == _SHELL
                met(HandshakeStarted(agent_version, encrypted=bool(key_id)))
            case events.ChallengeResponseSent():
                met(ChallengeReceived())
            case events.HandshakeCompleted():
                met(HandshakeCompleted())
            case events.Output(data):
                answered = question.is_answered(data)
                met(OutputReceived(asked=question.is_for_shell))
                if answered:
                    met(AnswerReceived())
                elif question.is_for_shell and not question.is_asked:
                    question.is_asked = True
                    await channel.send(_LINE)
            case events.ChannelClosed(text):
                met(SessionClosed(text))
                return None
            case events.ConnectionLost(code, reason):
                return f"websocket: close {code}: {reason}".rstrip(": ")
            case events.NeverAcknowledged():
                met(ChannelLost(say("the sent data was never acknowledged")))
                return None
            case _:
                pass
    return ""
