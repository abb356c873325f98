"""What StartSession decided about a session: what its agent is told to open, and the token that lets the client in."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ssmtui.simulator import state
from ssmtui.simulator.reality.preferences import SessionPreferences

_TOKEN_BYTES: Final = 96


@dataclass(frozen=True, slots=True)
class Opening:
    """A session as its node hears of it. `owner` is the caller's ARN, `kind` the session type of its document.

    `was_signed` says of the last upgrade whether it was signed; None before the first.
    """

    account: str
    region: str
    session_id: str
    node_id: str
    node_name: str
    owner: str
    kind: str
    settings: SessionPreferences
    properties: Mapping[str, Any] = field(default_factory=dict)
    is_windows: bool = False
    agent_version: str = ""
    was_signed: bool | None = None

    @property
    def record(self) -> state.Session | None:
        """The session as DescribeSessions tells of it; None where the world has been replaced since."""
        return state.hidden(self.account, self.region).sessions.get(self.session_id)

    def note(self, status: str) -> None:
        """Write down how an active session is."""
        record = self.record
        if record is not None and record.ended_at is None:
            state.hidden(self.account, self.region).sessions[self.session_id] = replace(record, status=status)

    def note_end(self, status: str, why: str) -> None:
        """Write down that the session is over, where it was not yet."""
        record = self.record
        if record is not None and record.ended_at is None:
            ended = replace(record, ended_at=state.now(), status=status, why_ended=why)
            state.hidden(self.account, self.region).sessions[self.session_id] = ended


class Openings:
    """The sessions that a client may join, and by which token."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_id: dict[str, Opening] = {}
        self._tokens: dict[str, str] = {}

    def add(self, opening: Opening) -> None:
        """Let a session be joined."""
        with self._lock:
            self._by_id[opening.session_id] = opening

    def find(self, session_id: str) -> Opening | None:
        """The session of an id."""
        with self._lock:
            return self._by_id.get(session_id)

    def new_token(self, session_id: str) -> str:
        """The token that lets a client in from now on; the one before does no longer."""
        with self._lock:
            token = self._tokens[session_id] = secrets.token_urlsafe(_TOKEN_BYTES)
        return token

    def lets_in(self, session_id: str, token: object) -> bool:
        """Whether that is the session's token."""
        with self._lock:
            return isinstance(token, str) and secrets.compare_digest(self._tokens.get(session_id, ""), token)

    def clear(self) -> None:
        """Forget every session."""
        with self._lock:
            self._by_id.clear()
            self._tokens.clear()


openings: Final = Openings()
