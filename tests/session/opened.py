"""Calls that are answered at once, for what is built upon them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Event

from ssmtui.model.node import PlatformFamily
from ssmtui.model.scope import SharedCredentials
from ssmtui.model.sessions import OpenedSession, SessionRequest
from ssmtui.session.calls import DataKey, SessionCalls, SessionProblem
from tests.builders.fleet import a_scope
from tests.session.canaries import LENT, PLAIN_KEY, STREAM, TOKEN

NODE = "i-0123456789abcdef0"
REQUEST = SessionRequest(a_scope(), NODE)


@dataclass
class ScriptedCalls:
    """Opens what it is asked to open, unless a test says otherwise; `done` is what was asked of it."""

    done: list[tuple[str, str]] = field(default_factory=list)
    refuses_to_start: SessionProblem | None = None
    refuses_to_end: SessionProblem | None = None
    before_start: Callable[[], object] = lambda: None
    approvals: list[bool] = field(default_factory=list)

    def platform(self, node: str) -> PlatformFamily | None:
        self.done.append(("platform", node))
        return PlatformFamily.LINUX

    def start(self, request: SessionRequest) -> OpenedSession:
        self.before_start()
        self.done.append(("start", request.target))
        if self.refuses_to_start is not None:
            raise self.refuses_to_start
        number = sum(what == "start" for what, _ in self.done)
        return OpenedSession(f"alex-{number}", STREAM, TOKEN)

    def resume(self, session_id: str) -> OpenedSession:
        self.done.append(("resume", session_id))
        return OpenedSession(session_id, STREAM, TOKEN)

    def terminate(self, session_id: str) -> None:
        self.done.append(("terminate", session_id))
        if self.refuses_to_end is not None:
            raise self.refuses_to_end

    def data_key(self, key_id: str, context: Mapping[str, str]) -> DataKey:
        return DataKey(b"sealed", PLAIN_KEY)

    def request_access(self, request: SessionRequest) -> str:
        self.done.append(("request_access", request.reason))
        return "oi-0123456789ab"

    def with_access(self, access_request: str) -> SessionCalls | None:
        self.done.append(("with_access", access_request))
        return self if self.approvals.pop(0) else None

    def credentials(self) -> SharedCredentials:
        return LENT

    @property
    def active(self) -> list[str]:
        """The sessions that were started and not ended."""
        started = [f"alex-{n + 1}" for n in range(sum(what == "start" for what, _ in self.done))]
        return [each for each in started if ("terminate", each) not in self.done]


def pausing(asked: Event, answered: Event) -> Callable[[], object]:
    """Says that it was asked, and waits to be let answer."""

    def pause() -> None:
        asked.set()
        answered.wait()

    return pause
