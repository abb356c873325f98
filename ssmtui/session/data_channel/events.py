"""What happens on a data channel, as it is told to whoever holds it. Each is a frozen value."""

from __future__ import annotations

from dataclasses import dataclass, field

from ssmtui.session.data_channel.payloads import ActionStatus, Flag


@dataclass(frozen=True, slots=True)
class SocketOpened:
    """The websocket is open: the upgrade was accepted. After a resumption it is told again."""


@dataclass(frozen=True, slots=True)
class TokenSent:
    """The token went out. Nothing answers it: a refusal is a connection that is lost."""


@dataclass(frozen=True, slots=True)
class HandshakeRequested:
    """The agent asks for a handshake. `key_id` is empty where the session is not encrypted.

    `unsupported` are the actions that it asks for and that are not known here.
    """

    agent_version: str
    session_type: str
    key_id: str = ""
    unsupported: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeyWanted:
    """A data key is being made; `KeyMade` or `KeyFailed` follows."""

    key_id: str


@dataclass(frozen=True, slots=True)
class KeyMade:
    """AWS KMS has given a data key."""

    key_id: str


@dataclass(frozen=True, slots=True)
class KeyFailed:
    """AWS KMS has given none: `text` is what the agent is told, and ends the session with."""

    key_id: str
    text: str


@dataclass(frozen=True, slots=True)
class HandshakeAnswered:
    """The answer to the handshake went out: what became of each action, by its name."""

    actions: tuple[tuple[str, ActionStatus], ...]


@dataclass(frozen=True, slots=True)
class ChallengeAnswered:
    """The agent has sent its challenge, which it could only encrypt with the data key; the answer went out."""


@dataclass(frozen=True, slots=True)
class ChallengeFailed:
    """The agent's challenge could not be deciphered, or there is no key: it is not answered."""

    why: str


@dataclass(frozen=True, slots=True)
class HandshakeCompleted:
    """The agent is content. `message` is meant for the person; `seconds` is how long the agent says it took."""

    message: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Output:
    """What the session says, deciphered; `is_error` where it is its standard error. Not in the `repr`."""

    data: bytes = field(repr=False)
    is_error: bool = False


@dataclass(frozen=True, slots=True)
class ExitCodeTold:
    """The command's exit code."""

    code: int


@dataclass(frozen=True, slots=True)
class FlagTold:
    """A flag of a port session."""

    flag: Flag


@dataclass(frozen=True, slots=True)
class OtherPayload:
    """A payload that is not known here, and is passed over."""

    payload_type: int
    size: int


@dataclass(frozen=True, slots=True)
class PublicationPaused:
    """The service asks that nothing be sent: what is sent meanwhile waits."""


@dataclass(frozen=True, slots=True)
class PublicationStarted:
    """The service takes what is sent."""


@dataclass(frozen=True, slots=True)
class Malformed:
    """Something came that is no frame, or not of its form, and is passed over; `why` holds nothing of it."""

    why: str


@dataclass(frozen=True, slots=True)
class ChannelClosed:
    """The other side has ended the session; `text` is why, empty where it ended as it should. Nothing follows."""

    text: str


@dataclass(frozen=True, slots=True)
class ConnectionLost:
    """The websocket is gone, the session may not be: `DataChannel.resume` may bring it back.

    `code` is the websocket's (1000: the service's own, about every hour; 1006: none was told).
    """

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class NeverAcknowledged:
    """What was sent was never acknowledged, however often it was sent again. Nothing follows."""


ChannelEvent = (
    SocketOpened
    | TokenSent
    | HandshakeRequested
    | KeyWanted
    | KeyMade
    | KeyFailed
    | HandshakeAnswered
    | ChallengeAnswered
    | ChallengeFailed
    | HandshakeCompleted
    | Output
    | ExitCodeTold
    | FlagTold
    | OtherPayload
    | PublicationPaused
    | PublicationStarted
    | Malformed
    | ChannelClosed
    | ConnectionLost
    | NeverAcknowledged
)
LAST = (ChannelClosed, ConnectionLost, NeverAcknowledged)
"""Events after which nothing follows on a connection."""
