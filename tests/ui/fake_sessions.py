"""A session desk that opens nothing: it answers what a test has written, and remembers what it was asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future

from ssmtui.model.node import NodeKey
from ssmtui.model.probe import ProbeKind, ProbeOutcome, ProbeStage, StageResult, StageState
from ssmtui.model.scope import Scope
from ssmtui.model.session_client import SessionClient
from ssmtui.model.sessions import OpenedSession, SessionEnding, SessionRequest, Tunnel, TunnelRequest
from ssmtui.session.calls import SessionProblem
from ssmtui.session.plugin.invocation import Preflight
from tests.builders.probes import opened, stopped
from tests.ui.scripted_inquiry import answered


class FakeSessions:
    """Each start is answered by the next of `starts`: a session where there is none; an error is raised."""

    def __init__(self, *starts: Exception | Future[OpenedSession]) -> None:
        self._starts = list(starts)
        self.client: SessionClient | None = None
        self.plugin = Preflight("/opt/session-manager-plugin", "1.2.764.0")
        self.ending: SessionEnding | BaseException = SessionEnding("ada-1", over=True)
        self.access: Future[OpenedSession] = Future()
        self.no_access: SessionProblem | None = None
        self.started: list[SessionRequest] = []
        self.held: list[tuple[SessionRequest, bool]] = []
        self.asked: list[SessionRequest] = []
        self.ended: list[str] = []
        self.probes: list[tuple[NodeKey, ProbeKind, Callable[[StageResult], None], Future[ProbeOutcome]]] = []
        self.script: dict[ProbeKind, tuple[StageResult, ...] | Callable[[NodeKey], ProbeOutcome]] = {}
        self.closed = False

    def start(self, request: SessionRequest) -> Future[OpenedSession]:
        self.started.append(request)
        answer = self._starts.pop(0) if self._starts else _opened()
        if isinstance(answer, Future):
            return answer
        if isinstance(answer, OpenedSession):
            return answered(answer)
        future: Future[OpenedSession] = Future()
        future.set_exception(answer)
        return future

    def ask_access(self, request: SessionRequest) -> Future[str]:
        self.asked.append(request)
        if self.no_access is None:
            return answered("oi-0123456789ab")
        future: Future[str] = Future()
        future.set_exception(self.no_access)
        return future

    def start_with_access(self, request: SessionRequest, access_request: str) -> Future[OpenedSession]:
        self.started.append(request)
        return self.access

    def end(self, session_id: str) -> Future[None]:
        self.ended.append(session_id)
        return answered(None)

    def end_leftovers(self, scope: Scope) -> Future[str]:
        return answered("")

    def hold(self, request: SessionRequest, opened: OpenedSession, *, builtin: bool = False) -> SessionEnding:
        self.held.append((request, builtin))
        if isinstance(self.ending, BaseException):
            raise self.ending
        return self.ending

    def preflight(self) -> Preflight:
        return self.plugin

    def probe(
        self, scope: Scope, node: NodeKey, kind: ProbeKind, told: Callable[[StageResult], None]
    ) -> Future[ProbeOutcome]:
        future: Future[ProbeOutcome] = Future()
        self.probes.append((node, kind, told, future))
        script = self.script.get(kind, ())
        for stage in script if isinstance(script, tuple) else ():
            told(stage)
        if callable(script):
            future.set_result(script(node))
        return future

    def open_tunnel(self, request: TunnelRequest) -> Tunnel:
        raise NotImplementedError

    def reopen_tunnel(self, number: int) -> None:
        raise NotImplementedError

    def close_tunnel(self, number: int) -> None:
        raise NotImplementedError

    def tunnels(self) -> Sequence[Tunnel]:
        return ()

    def close(self) -> None:
        self.closed = True


def _opened() -> OpenedSession:
    return OpenedSession("ada-1", "wss://ssmmessages.eu-west-3.amazonaws.com/v1/data-channel/ada-1", "token")


KEY_DENIED = (
    "Fetching data key failed: Unable to retrieve data key, Error when decrypting data key AccessDeniedException"
)


def opening_ports_only() -> FakeSessions:
    """One whose probes of a shell end at the session key, and those of a port open."""
    sessions = FakeSessions()
    sessions.script = {
        ProbeKind.SHELL: lambda node: stopped("kms-node-denied", text=KEY_DENIED, node=node),
        ProbeKind.PORT: lambda node: opened(ProbeKind.PORT, node=node),
    }
    return sessions


def under_way() -> FakeSessions:
    """One whose probes wait for the handshake."""
    sessions = FakeSessions()
    sessions.script[ProbeKind.SHELL] = (
        StageResult(ProbeStage.START, StageState.PASSED, 0.31),
        StageResult(ProbeStage.SOCKET, StageState.PASSED, 0.1),
        StageResult(ProbeStage.HANDSHAKE, StageState.UNDER_WAY, 0.0),
    )
    return sessions
