"""The JSON and binary payloads of the data channel, including those of the handshake."""

from __future__ import annotations

import base64
import binascii
import json
import struct
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from ssmtui.model.sessions import process_exit_code


class MalformedPayload(Exception):
    """A payload is not of its documented form; the message says what is wrong, without what it held."""


@dataclass(frozen=True, slots=True, repr=False)
class JsonObject:
    """A JSON object that somebody else wrote.

    Raises:
        MalformedPayload: a member is not there, or not of the type that is asked for.

    """

    members: Mapping[str, object]

    def text(self, name: str, default: str | None = None) -> str:
        """A string; `default` where it is missing or null."""
        value = self.members.get(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, str):
            raise MalformedPayload(f"{name} is no text")
        return value

    def number(self, name: str, default: int | None = None) -> int:
        """A whole number; `default` where it is missing or null."""
        value = self.members.get(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, int) or isinstance(value, bool):
            raise MalformedPayload(f"{name} is no whole number")
        return value

    def decoded(self, name: str) -> bytes:
        """Bytes, which JSON holds in base64."""
        try:
            return base64.b64decode(self.text(name), validate=True)
        except (binascii.Error, ValueError):
            raise MalformedPayload(f"{name} is not base64") from None

    def nested(self, name: str) -> JsonObject:
        """An object; an empty one where it is missing or null."""
        return json_object(self.members.get(name), name)

    def objects(self, name: str) -> tuple[JsonObject, ...]:
        """A list of objects; an empty one where it is missing or null."""
        value = self.members.get(name)
        if value is None:
            return ()
        if not isinstance(value, list):
            raise MalformedPayload(f"{name} is no list")
        return tuple(json_object(each, name) for each in value)


def json_object(value: object, name: str) -> JsonObject:
    """A value that is to be an object; null is an empty one."""
    if value is None:
        return JsonObject({})
    if not isinstance(value, dict):
        raise MalformedPayload(f"{name} is no object")
    return JsonObject(value)


def parse(payload: bytes | str) -> JsonObject:
    """The object that a payload is.

    Raises:
        MalformedPayload: it is not JSON, or no object.

    """
    try:
        value: object = json.loads(payload)
    # What is nested too deeply is a RecursionError, and a number that is too long a ValueError like the rest.
    except (ValueError, RecursionError):
        raise MalformedPayload("the payload is not JSON") from None
    if not isinstance(value, dict):
        raise MalformedPayload("the payload is no object")
    return JsonObject(value)


def dump(members: Mapping[str, object]) -> bytes:
    """An object as the other side reads it."""
    return json.dumps(members, separators=(",", ":")).encode("ascii")


def in_base64(data: bytes) -> str:
    """Bytes as JSON holds them."""
    return base64.b64encode(data).decode("ascii")


class PayloadType(IntEnum):
    """What a stream frame carries."""

    OUTPUT = 1
    ERROR = 2
    SIZE = 3
    PARAMETER = 4
    HANDSHAKE_REQUEST = 5
    HANDSHAKE_RESPONSE = 6
    HANDSHAKE_COMPLETE = 7
    CHALLENGE_REQUEST = 8
    CHALLENGE_RESPONSE = 9
    FLAG = 10
    STDERR = 11
    EXIT_CODE = 12


class Flag(IntEnum):
    """What a flag says, of port sessions."""

    DISCONNECT_TO_PORT = 1
    TERMINATE_SESSION = 2
    CONNECT_TO_PORT_ERROR = 3


_FLAG = struct.Struct(">I")
_EXIT_CODE = "EXIT_CODE: "


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """That a stream frame has arrived."""

    message_type: str
    message_id: str
    sequence: int

    @staticmethod
    def of(payload: bytes) -> Acknowledgement:
        """What a payload says. Raises MalformedPayload."""
        told = parse(payload)
        return Acknowledgement(
            message_type=told.text("AcknowledgedMessageType", ""),
            message_id=told.text("AcknowledgedMessageId", ""),
            sequence=told.number("AcknowledgedMessageSequenceNumber"),
        )

    def payload(self) -> bytes:
        """It as a payload."""
        return dump(
            {
                "AcknowledgedMessageType": self.message_type,
                "AcknowledgedMessageId": self.message_id,
                "AcknowledgedMessageSequenceNumber": self.sequence,
                "IsSequentialMessage": True,
            }
        )


@dataclass(frozen=True, slots=True)
class Closing:
    """That the session is over; `output` is why, empty where it ended as it should."""

    session_id: str
    output: str

    @staticmethod
    def of(payload: bytes) -> Closing:
        """What a payload says. Raises MalformedPayload."""
        told = parse(payload)
        return Closing(session_id=told.text("SessionId", ""), output=told.text("Output", ""))


@dataclass(frozen=True, slots=True)
class Size:
    """The size of the window, in characters."""

    columns: int
    rows: int

    @staticmethod
    def of(payload: bytes) -> Size:
        """What a payload says. Raises MalformedPayload."""
        told = parse(payload)
        return Size(columns=told.number("cols"), rows=told.number("rows"))

    def payload(self) -> bytes:
        """It as a payload."""
        return dump({"cols": self.columns, "rows": self.rows})


def flag_of(payload: bytes) -> Flag:
    """Which flag a payload is. Raises MalformedPayload."""
    if len(payload) != _FLAG.size:
        raise MalformedPayload("a flag is four bytes")
    (number,) = _FLAG.unpack(payload)
    if number not in set(Flag):
        raise MalformedPayload(f"there is no flag {number}")
    return Flag(number)


def exit_code_of(payload: bytes) -> int:
    """Return the exit code that a payload tells; one that cannot be read is a failure."""
    return process_exit_code(payload.decode("ascii", "replace").removeprefix(_EXIT_CODE).strip())


def opening_message(token: str, client_id: uuid.UUID, request_id: uuid.UUID, client_version: str) -> str:
    """The first message of a connection, a text frame; nothing answers it."""
    told = {
        "MessageSchemaVersion": "1.0",
        "RequestId": str(request_id),
        "TokenValue": token,
        "ClientId": str(client_id),
        "ClientVersion": client_version,
    }
    return dump(told).decode("ascii")


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
