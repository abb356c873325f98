"""The handshake's payloads: what the agent asks for, what is answered, how it ends (docs/facts/data-channel.md §3)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from ssmtui.session.data_channel.json_payload import JsonObject, dump, in_base64, parse

SESSION_TYPE = "SessionType"
KMS_ENCRYPTION = "KMSEncryption"
SESSION_TYPES = frozenset({"Standard_Stream", "InteractiveCommands", "NonInteractiveCommands", "Port"})


class ActionStatus(IntEnum):
    """What became of an action that the agent asked for."""

    SUCCESS = 1
    FAILED = 2
    UNSUPPORTED = 3


@dataclass(frozen=True, slots=True)
class SessionTypeAction:
    """The agent says of which type the session is."""

    session_type: str


@dataclass(frozen=True, slots=True)
class EncryptionAction:
    """The agent asks for a data key made with this key."""

    key_id: str


@dataclass(frozen=True, slots=True)
class OtherAction:
    """The agent asks for what is not known here."""

    action_type: str


Action = SessionTypeAction | EncryptionAction | OtherAction


@dataclass(frozen=True, slots=True)
class HandshakeRequest:
    """What the agent asks for, in its order."""

    agent_version: str
    actions: tuple[Action, ...]

    @property
    def session_type(self) -> str:
        """The session's type; empty where it is not told."""
        return next((each.session_type for each in self.actions if isinstance(each, SessionTypeAction)), "")

    @property
    def key_id(self) -> str:
        """The key by which the session is encrypted; empty where it is not."""
        return next((each.key_id for each in self.actions if isinstance(each, EncryptionAction)), "")

    @staticmethod
    def of(payload: bytes) -> HandshakeRequest:
        """What a payload says. Raises MalformedPayload."""
        told = parse(payload)
        actions = tuple(_action(each) for each in told.objects("RequestedClientActions"))
        return HandshakeRequest(agent_version=told.text("AgentVersion", ""), actions=actions)


def _action(told: JsonObject) -> Action:
    kind = told.text("ActionType")
    if kind == SESSION_TYPE:
        return SessionTypeAction(told.nested("ActionParameters").text("SessionType"))
    if kind == KMS_ENCRYPTION:
        return EncryptionAction(told.nested("ActionParameters").text("KMSKeyId"))
    return OtherAction(kind)


@dataclass(frozen=True, slots=True)
class ProcessedAction:
    """What became of one action; `error` is what the agent ends the session with, `key` the data key's ciphertext."""

    action_type: str
    status: ActionStatus
    error: str = ""
    key: bytes | None = None

    def members(self) -> dict[str, object]:
        """It as JSON holds it."""
        result = None if self.key is None else {"KMSCipherTextKey": in_base64(self.key), "KMSCipherTextHash": None}
        return {
            "ActionType": self.action_type,
            "ActionStatus": int(self.status),
            "ActionResult": result,
            "Error": self.error,
        }


@dataclass(frozen=True, slots=True)
class HandshakeResponse:
    """The answer to a request."""

    client_version: str
    actions: tuple[ProcessedAction, ...]

    def payload(self) -> bytes:
        """It as a payload."""
        actions = [each.members() for each in self.actions]
        return dump({"ClientVersion": self.client_version, "ProcessedClientActions": actions, "Errors": None})


@dataclass(frozen=True, slots=True)
class HandshakeComplete:
    """That the agent is content. `message` is meant for the person, and may be empty."""

    message: str
    seconds: float

    @staticmethod
    def of(payload: bytes) -> HandshakeComplete:
        """What a payload says. Raises MalformedPayload."""
        told = parse(payload)
        # The agent tells nanoseconds; more than a session can last says nothing.
        taken = min(max(told.number("HandshakeTimeToComplete", 0), 0), 10**15)
        return HandshakeComplete(message=told.text("CustomerMessage", ""), seconds=taken / 1e9)


def challenge_of(payload: bytes) -> bytes:
    """The challenge of either direction, encrypted as it came. Raises MalformedPayload."""
    return parse(payload).decoded("Challenge")


def challenge_payload(challenge: bytes) -> bytes:
    """An encrypted challenge as a payload."""
    return dump({"Challenge": in_base64(challenge)})
