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
    """A payload does not have its documented form; the message says what is wrong, without the contents."""


@dataclass(frozen=True, slots=True, repr=False)
class JsonObject:
    """A JSON object from the other side.

    Raises:
        MalformedPayload: a member is missing, or has another type than expected.

    """

    members: Mapping[str, object]

    def text(self, name: str, default: str | None = None) -> str:
        """Return a string; `default` if it is missing or null."""
        value = self.members.get(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, str):
            raise MalformedPayload(f"{name} is no text")
        return value

    def number(self, name: str, default: int | None = None) -> int:
        """Return a whole number; `default` if it is missing or null."""
        value = self.members.get(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, int) or isinstance(value, bool):
            raise MalformedPayload(f"{name} is no whole number")
        return value

    def decoded(self, name: str) -> bytes:
        """Return the bytes of a base64 string."""
        try:
            return base64.b64decode(self.text(name), validate=True)
        except (binascii.Error, ValueError):
            raise MalformedPayload(f"{name} is not base64") from None

    def nested(self, name: str) -> JsonObject:
        """Return an object; an empty one if it is missing or null."""
        return json_object(self.members.get(name), name)

    def objects(self, name: str) -> tuple[JsonObject, ...]:
        """Return a list of objects; an empty one if it is missing or null."""
        value = self.members.get(name)
        if value is None:
            return ()
        if not isinstance(value, list):
            raise MalformedPayload(f"{name} is no list")
        return tuple(json_object(each, name) for each in value)


def json_object(value: object, name: str) -> JsonObject:
    """Return a value as an object; null is an empty object."""
    if value is None:
        return JsonObject({})
    if not isinstance(value, dict):
        raise MalformedPayload(f"{name} is no object")
    return JsonObject(value)


def parse(payload: bytes | str) -> JsonObject:
    """Parse a payload, which must be a JSON object.

    Raises:
        MalformedPayload: the payload is not JSON, or not an object.

    """
    try:
        value: object = json.loads(payload)
    # Nesting that is too deep raises RecursionError; a number that is too long raises ValueError.
    except (ValueError, RecursionError):
        raise MalformedPayload("the payload is not JSON") from None
    if not isinstance(value, dict):
        raise MalformedPayload("the payload is no object")
    return JsonObject(value)


def dump(members: Mapping[str, object]) -> bytes:
    """Return an object as JSON bytes."""
    return json.dumps(members, separators=(",", ":")).encode("ascii")


def in_base64(data: bytes) -> str:
    """Return bytes in base64, as JSON contains them."""
    return base64.b64encode(data).decode("ascii")


class PayloadType(IntEnum):
    """The type of a stream frame's payload."""

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
    """The flags of port sessions."""

    DISCONNECT_TO_PORT = 1
    TERMINATE_SESSION = 2
    CONNECT_TO_PORT_ERROR = 3

    def payload(self) -> bytes:
        """Return the payload."""
        return _FLAG.pack(self)


_FLAG = struct.Struct(">I")
_EXIT_CODE = "EXIT_CODE: "


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """The acknowledgement of a stream frame."""

    message_type: str
    message_id: str
    sequence: int

    @staticmethod
    def of(payload: bytes) -> Acknowledgement:
        """Parse a payload. Raises MalformedPayload."""
        told = parse(payload)
        return Acknowledgement(
            message_type=told.text("AcknowledgedMessageType", ""),
            message_id=told.text("AcknowledgedMessageId", ""),
            sequence=told.number("AcknowledgedMessageSequenceNumber"),
        )

    def payload(self) -> bytes:
        """Return the payload."""
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
    """The end of the session; `output` is the reason, empty after a normal end."""

    session_id: str
    output: str

    @staticmethod
    def of(payload: bytes) -> Closing:
        """Parse a payload. Raises MalformedPayload."""
        told = parse(payload)
        return Closing(session_id=told.text("SessionId", ""), output=told.text("Output", ""))


@dataclass(frozen=True, slots=True)
class Size:
    """The size of the window, in characters."""

    columns: int
    rows: int

    @staticmethod
    def of(payload: bytes) -> Size:
        """Parse a payload. Raises MalformedPayload."""
        told = parse(payload)
        return Size(columns=told.number("cols"), rows=told.number("rows"))

    def payload(self) -> bytes:
        """Return the payload."""
        return dump({"cols": self.columns, "rows": self.rows})


def flag_of(payload: bytes) -> Flag:
    """Return the flag in a payload. Raises MalformedPayload."""
    if len(payload) != _FLAG.size:
        raise MalformedPayload("a flag is four bytes")
    (number,) = _FLAG.unpack(payload)
    if number not in set(Flag):
        raise MalformedPayload(f"there is no flag {number}")
    return Flag(number)


def exit_code_of(payload: bytes) -> int:
    """Return the exit code in a payload. An unreadable exit code is a failure."""
    return process_exit_code(payload.decode("ascii", "replace").removeprefix(_EXIT_CODE).strip())


def opening_message(token: str, client_id: uuid.UUID, request_id: uuid.UUID, client_version: str) -> str:
    """Return the first message of a connection, a text frame. Nothing answers it."""
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
PORT = "Port"
SESSION_TYPES = frozenset({"Standard_Stream", "InteractiveCommands", "NonInteractiveCommands", PORT})
LOCAL_PORT = "LocalPortForwarding"
"""The type of a port session whose client listens on a port of its computer."""


class ActionStatus(IntEnum):
    """The status of an action that the agent requested."""

    SUCCESS = 1
    FAILED = 2
    UNSUPPORTED = 3


@dataclass(frozen=True, slots=True)
class SessionTypeAction:
    """The agent announces the type of the session.

    `port_type` is the type of a port session: `LOCAL_PORT`, or empty for SSH.
    """

    session_type: str
    port_type: str = ""


@dataclass(frozen=True, slots=True)
class EncryptionAction:
    """The agent requests a data key made with this KMS key.

    `challenge` is the random text of the agent for the encryption context; empty if the agent is older.
    """

    key_id: str
    challenge: str = ""


@dataclass(frozen=True, slots=True)
class OtherAction:
    """The agent requests an unknown action."""

    action_type: str


Action = SessionTypeAction | EncryptionAction | OtherAction


@dataclass(frozen=True, slots=True)
class HandshakeRequest:
    """The actions that the agent requests, in its order."""

    agent_version: str
    actions: tuple[Action, ...]

    @property
    def session_type(self) -> str:
        """Return the type of the session; empty if the agent did not announce it."""
        return next((each.session_type for each in self.actions if isinstance(each, SessionTypeAction)), "")

    @property
    def port_type(self) -> str:
        """Return the type of a port session; empty if there is none."""
        return next((each.port_type for each in self.actions if isinstance(each, SessionTypeAction)), "")

    @property
    def key_id(self) -> str:
        """Return the KMS key that encrypts the session; empty if the session is not encrypted."""
        return next((each.key_id for each in self.actions if isinstance(each, EncryptionAction)), "")

    @property
    def challenge(self) -> str:
        """Return the agent's random text for the encryption context of the data key; empty if there is none."""
        return next((each.challenge for each in self.actions if isinstance(each, EncryptionAction)), "")

    @staticmethod
    def of(payload: bytes) -> HandshakeRequest:
        """Parse a payload. Raises MalformedPayload."""
        told = parse(payload)
        actions = tuple(_action(each) for each in told.objects("RequestedClientActions"))
        return HandshakeRequest(agent_version=told.text("AgentVersion", ""), actions=actions)


def _action(told: JsonObject) -> Action:
    kind = told.text("ActionType")
    if kind == SESSION_TYPE:
        parameters = told.nested("ActionParameters")
        session_type = parameters.text("SessionType")
        properties = parameters.nested("Properties") if session_type == PORT else JsonObject({})
        return SessionTypeAction(session_type, properties.text("type", ""))
    if kind == KMS_ENCRYPTION:
        parameters = told.nested("ActionParameters")
        return EncryptionAction(parameters.text("KMSKeyId"), parameters.text("Challenge", ""))
    return OtherAction(kind)


@dataclass(frozen=True, slots=True)
class ProcessedAction:
    """The result of one action. The agent ends the session with `error`; `key` is the encrypted data key.

    `acknowledges`: the data key is also bound to the agent's challenge.
    """

    action_type: str
    status: ActionStatus
    error: str = ""
    key: bytes | None = None
    acknowledges: bool = False

    def members(self) -> dict[str, object]:
        """Return the members of the JSON object."""
        result: dict[str, object] | None = None
        if self.key is not None:
            result = {"KMSCipherTextKey": in_base64(self.key), "KMSCipherTextHash": None}
            if self.acknowledges:
                result["ChallengeAcknowledgement"] = True
        return {
            "ActionType": self.action_type,
            "ActionStatus": int(self.status),
            "ActionResult": result,
            "Error": self.error,
        }


@dataclass(frozen=True, slots=True)
class HandshakeResponse:
    """The response to a handshake request."""

    client_version: str
    actions: tuple[ProcessedAction, ...]

    def payload(self) -> bytes:
        """Return the payload."""
        actions = [each.members() for each in self.actions]
        return dump({"ClientVersion": self.client_version, "ProcessedClientActions": actions, "Errors": None})


@dataclass(frozen=True, slots=True)
class HandshakeComplete:
    """The agent accepted the handshake. `message` is for the person and may be empty."""

    message: str
    seconds: float

    @staticmethod
    def of(payload: bytes) -> HandshakeComplete:
        """Parse a payload. Raises MalformedPayload."""
        told = parse(payload)
        # The agent sends nanoseconds; a value that is longer than any session is cut off.
        taken = min(max(told.number("HandshakeTimeToComplete", 0), 0), 10**15)
        return HandshakeComplete(message=told.text("CustomerMessage", ""), seconds=taken / 1e9)


def challenge_of(payload: bytes) -> bytes:
    """Return the encrypted challenge of either direction. Raises MalformedPayload."""
    return parse(payload).decoded("Challenge")


def challenge_payload(challenge: bytes) -> bytes:
    """Return an encrypted challenge as a payload."""
    return dump({"Challenge": in_base64(challenge)})
