"""What sessions ask of AWS, and how AWS can refuse. This, and nothing else: no other operation can be called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ssmtui.model.scope import SharedCredentials
    from ssmtui.model.sessions import OpenedSession, SessionRequest


class SessionProblem(Exception):
    """AWS opened no session, or did not carry it on. `text` is what explains it, as the AWS CLI would print it.

    `is_own` says that it is a sentence of ssmtui's, and no error text of anybody's.
    """

    def __init__(self, text: str, code: str = "", action: str = "", *, is_own: bool = False) -> None:
        super().__init__(text)
        self.text = text
        self.code = code
        self.action = action
        self.is_own = is_own


class SessionRefused(SessionProblem):
    """The caller may not: `action` is the IAM action that was refused."""


class SessionUnanswered(SessionProblem):
    """No answer came: whether the call was carried out is not known."""


@dataclass(frozen=True, slots=True, repr=False)
class DataKey:
    """A data key, twice: as the node will decrypt it, and in the clear (64 bytes). Written nowhere."""

    ciphertext: bytes
    plaintext: bytes


class SessionCalls(Protocol):
    """One scope's way to open, carry on and end sessions. Its methods block; they may be called from any thread.

    Raises:
        SessionRefused, SessionUnanswered, SessionProblem: as they say.

    """

    def start(self, request: SessionRequest) -> OpenedSession:
        """Open a session."""

    def resume(self, session_id: str) -> OpenedSession:
        """A new token for a session whose connection was lost; an empty one where the session is over."""

    def terminate(self, session_id: str) -> None:
        """End a session. One that is over, or that nobody knows, is ended."""

    def data_key(self, key_id: str, context: Mapping[str, str]) -> DataKey:
        """A data key of 64 bytes for an encrypted session, bound to its encryption context."""

    def request_access(self, request: SessionRequest) -> str:
        """Ask for just-in-time access to the node; gives the id of the access request."""

    def with_access(self, access_request: str) -> SessionCalls | None:
        """The same calls with the credentials of an access request that was approved; None while it is not."""

    def credentials(self) -> SharedCredentials:
        """The credentials as they are now: to sign the data channel, and for the plugin's environment."""
