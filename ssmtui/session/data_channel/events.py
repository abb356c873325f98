"""The events of a data channel. Each is a frozen value."""

from __future__ import annotations

from dataclasses import dataclass, field

from ssmtui.session.data_channel.payloads import ActionStatus, Flag


@dataclass(frozen=True, slots=True)
class SocketOpened:
    """The websocket is open: the upgrade was accepted. Also published after `resume`."""


@dataclass(frozen=True, slots=True)
class TokenSent:
    """The token was sent. Nothing answers it: if it is refused, the connection is lost."""


@dataclass(frozen=True, slots=True)
class HandshakeRequested:
    """The agent requests a handshake. `key_id` is empty if the session is not encrypted.

    `unsupported` are requested actions that ssmtui does not know. `port_type` is the type of a port session
    (`payloads.LOCAL_PORT`, or empty).
    """

    agent_version: str
    session_type: str
    key_id: str = ""
    unsupported: tuple[str, ...] = ()
    port_type: str = ""


@dataclass(frozen=True, slots=True)
class DataKeyRequested:
    """A data key is requested; `KeyMade` or `KeyFailed` follows. `challenge` belongs in its encryption context."""

    key_id: str
    challenge: str = ""


@dataclass(frozen=True, slots=True)
class KeyMade:
    """AWS KMS returned a data key."""

    key_id: str


@dataclass(frozen=True, slots=True)
class KeyFailed:
    """AWS KMS returned no data key. `text` is sent to the agent, which ends the session with it."""

    key_id: str
    text: str


@dataclass(frozen=True, slots=True)
class HandshakeResponseSent:
    """The response to the handshake was sent: the status of each action, by its name."""

    actions: tuple[tuple[str, ActionStatus], ...]


@dataclass(frozen=True, slots=True)
class ChallengeResponseSent:
    """The agent sent its challenge, encrypted with the data key, and the response was sent."""


@dataclass(frozen=True, slots=True)
class ChallengeFailed:
    """The agent's challenge could not be decrypted, or there is no key. No response is sent."""

    why: str


@dataclass(frozen=True, slots=True)
class HandshakeCompleted:
    """The agent accepted the handshake. `message` is for the person; `seconds` is the agent's duration."""

    message: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Output:
    """Decrypted session output; `is_error` for standard error. The data is not in the `repr`."""

    data: bytes = field(repr=False)
    is_error: bool = False


@dataclass(frozen=True, slots=True)
class ExitCodeReceived:
    """The exit code of the command."""

    code: int


@dataclass(frozen=True, slots=True)
class FlagReceived:
    """A flag of a port session."""

    flag: Flag


@dataclass(frozen=True, slots=True)
class OtherPayload:
    """A payload of an unknown type. It is ignored."""

    payload_type: int
    size: int


@dataclass(frozen=True, slots=True)
class PublicationPaused:
    """The service asks the client to send nothing. Input waits until `PublicationStarted`."""


@dataclass(frozen=True, slots=True)
class PublicationStarted:
    """The service accepts input again."""


@dataclass(frozen=True, slots=True)
class Malformed:
    """The received data is not a valid frame and is ignored. `why` contains nothing of it."""

    why: str


@dataclass(frozen=True, slots=True)
class ChannelClosed:
    """The other side ended the session. `text` is the reason, empty after a normal end. No event follows."""

    text: str


@dataclass(frozen=True, slots=True)
class ConnectionLost:
    """The websocket is closed, but the session may still be open: `DataChannel.resume` may reconnect it.

    `code` is the close code (1000: the service closes the socket about every hour; 1006: no code was received).
    """

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class NeverAcknowledged:
    """Frames were never acknowledged although they were retransmitted. No event follows."""


ChannelEvent = (
    SocketOpened
    | TokenSent
    | HandshakeRequested
    | DataKeyRequested
    | KeyMade
    | KeyFailed
    | HandshakeResponseSent
    | ChallengeResponseSent
    | ChallengeFailed
    | HandshakeCompleted
    | Output
    | ExitCodeReceived
    | FlagReceived
    | OtherPayload
    | PublicationPaused
    | PublicationStarted
    | Malformed
    | ChannelClosed
    | ConnectionLost
    | NeverAcknowledged
)
LAST = (ChannelClosed, ConnectionLost, NeverAcknowledged)
"""The events that end a connection."""
