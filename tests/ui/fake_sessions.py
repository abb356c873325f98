"""A session desk that opens nothing: it answers what a test has written, and remembers what it was asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future

from ssmtui.model.node import NodeKey
from ssmtui.model.probe import ProbeKind, ProbeOutcome, StageTold
from ssmtui.model.scope import Scope
from ssmtui.model.session_opening import OpenedSession, SessionEnding, SessionRequest
from ssmtui.model.tunnel import Tunnel, TunnelRequest
from ssmtui.session.plugin.preflight import Preflight
from tests.ui.scripted_inquiry import answered


class FakeSessions:
    """Each start is answered by the next of `starts`: a session where there is none; an error is raised."""

    def __init__(self, *starts: Exception | Future[OpenedSession]) -> None:
        self._starts = list(starts)
        self.plugin = Preflight("/opt/session-manager-plugin", "1.2.764.0")
        self.ending: SessionEnding | BaseException = SessionEnding("ada-1", over=True)
        self.access: Future[OpenedSession] = Future()
        self.started: list[SessionRequest] = []
        self.held: list[tuple[SessionRequest, bool]] = []
        self.asked: list[SessionRequest] = []
        self.ended: list[str] = []
        self.probes: list[tuple[NodeKey, ProbeKind, Callable[[StageTold], None], Future[ProbeOutcome]]] = []
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
        return answered("oi-0123456789ab")

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

    def why_no_plugin(self) -> str:
        return self.plugin.why

    def preflight(self) -> Preflight:
        return self.plugin

    def probe(
        self, scope: Scope, node: NodeKey, kind: ProbeKind, told: Callable[[StageTold], None]
    ) -> Future[ProbeOutcome]:
        future: Future[ProbeOutcome] = Future()
        self.probes.append((node, kind, told, future))
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
