"""The AWS calls of sessions and their errors. No other operation can be called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ssmtui.model.node import PlatformFamily
    from ssmtui.model.scope import SharedCredentials
    from ssmtui.model.sessions import OpenedSession, SessionRequest


class SessionProblem(Exception):
    """AWS did not open or resume a session. `text` is the error text, as the AWS CLI prints it.

    `is_own`: the text is a sentence of ssmtui, not an error text of AWS or the plugin. `by_network`: the text is about
    the network between this computer and AWS, which gave no answer.
    """

    def __init__(
        self, text: str, code: str = "", action: str = "", *, is_own: bool = False, by_network: bool = False
    ) -> None:
        super().__init__(text)
        self.text = text
        self.code = code
        self.action = action
        self.is_own = is_own
        self.by_network = by_network


class SessionRefused(SessionProblem):
    """AWS refused the call to the caller. `action` is the IAM action."""


class SessionUnanswered(SessionProblem):
    """No answer came: it is unknown whether AWS carried out the call."""


class OutputNotWritten(Exception):
    """Standard output accepts no more output, and not because its reader is gone. The text says why."""


@dataclass(frozen=True, slots=True, repr=False)
class DataKey:
    """A data key: encrypted for the node, and in plain text (64 bytes). It is never written anywhere."""

    ciphertext: bytes
    plaintext: bytes


class SessionCalls(Protocol):
    """The calls of one scope that open, resume and end sessions. They block and can be made from any thread.

    Raises:
        SessionRefused, SessionUnanswered, SessionProblem: see these classes.

    """

    def platform(self, node: str) -> PlatformFamily | None:
        """Return the platform of a managed node; None if its registration does not have it."""

    def start(self, request: SessionRequest) -> OpenedSession:
        """Open a session."""

    def resume(self, session_id: str) -> OpenedSession:
        """Return a new token for a session whose connection was lost; an empty token if the session is over."""

    def terminate(self, session_id: str) -> None:
        """End a session. A session that is over or unknown counts as ended."""

    def data_key(self, key_id: str, context: Mapping[str, str]) -> DataKey:
        """Return a data key of 64 bytes for an encrypted session, bound to its encryption context."""

    def request_access(self, request: SessionRequest) -> str:
        """Request just-in-time access to the node and return the ID of the request."""

    def with_access(self, access_request: str) -> SessionCalls | None:
        """Return calls with the credentials of an approved access request; None while it is pending."""

    def credentials(self) -> SharedCredentials:
        """Return the current credentials, to sign the data channel and for the plugin's environment."""
