"""The small payloads of the data channel: sizes, flags, exit codes, acknowledgements, the end."""

from __future__ import annotations

import struct
import uuid
from dataclasses import dataclass
from enum import IntEnum

from ssmtui.model.session_opening import process_exit_code
from ssmtui.session.data_channel.json_payload import MalformedPayload, dump, parse


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


def flag_payload(flag: Flag) -> bytes:
    """A flag as a payload."""
    return _FLAG.pack(flag)


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
