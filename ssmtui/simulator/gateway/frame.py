"""The message of the data channel, to bytes and back. Source: docs/facts/data-channel.md §2."""

from __future__ import annotations

import hashlib
import json
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Final
from uuid import UUID, uuid4

INPUT: Final = "input_stream_data"
OUTPUT: Final = "output_stream_data"
ACKNOWLEDGE: Final = "acknowledge"
CHANNEL_CLOSED: Final = "channel_closed"

SYN: Final = 1
_SYN_AND_FIN: Final = 3
_SCHEMA_VERSION: Final = 1
# What stands before the length of the payload.
_HEADER_LENGTH: Final = 116
_HEADER: Final = struct.Struct(">I32sIQqQ16s32sII")
LARGEST_PAYLOAD: Final = 1024


class PayloadType(IntEnum):
    """What the payload of a stream's message is."""

    NONE = 0
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


class FrameError(Exception):
    """The bytes are no message."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One message. `sequence` counts in each direction by itself; `id` is told in acknowledgements."""

    type: str
    payload: bytes
    payload_type: int = PayloadType.NONE
    sequence: int = 0
    flags: int = 0
    id: UUID = field(default_factory=uuid4)


def packed(frame: Frame) -> bytes:
    """The message as it goes over the socket."""
    halves = frame.id.bytes[8:] + frame.id.bytes[:8]
    header = _HEADER.pack(
        _HEADER_LENGTH,
        frame.type.encode().ljust(32),
        _SCHEMA_VERSION,
        time.time_ns() // 1_000_000,
        frame.sequence,
        frame.flags,
        halves,
        hashlib.sha256(frame.payload).digest(),
        frame.payload_type,
        len(frame.payload),
    )
    return header + frame.payload


def unpacked(data: bytes) -> Frame:
    """The message of some bytes; raises FrameError."""
    if len(data) < _HEADER.size:
        raise FrameError("too short")
    length, kind, _, _, sequence, flags, halves, _, payload_type, size = _HEADER.unpack_from(data)
    if length != _HEADER_LENGTH or len(data) != _HEADER.size + size:
        raise FrameError("lengths do not fit")
    return Frame(
        type=kind.decode("ascii", "replace").strip(" \0"),
        payload=data[_HEADER.size :],
        payload_type=payload_type,
        sequence=sequence,
        flags=flags,
        id=UUID(bytes=halves[8:] + halves[:8]),
    )


def acknowledgement(of: Frame) -> Frame:
    """What answers a message of a stream."""
    told = {
        "AcknowledgedMessageType": of.type,
        "AcknowledgedMessageId": str(of.id),
        "AcknowledgedMessageSequenceNumber": of.sequence,
        "IsSequentialMessage": True,
    }
    return Frame(ACKNOWLEDGE, json.dumps(told).encode(), flags=_SYN_AND_FIN)


def channel_closed(session_id: str, target: str, text: str) -> Frame:
    """What the service says when a session is over; `text` is why, empty where it simply ended."""
    id_ = uuid4()
    told = {
        "MessageType": CHANNEL_CLOSED,
        "MessageId": str(id_),
        "DestinationId": target,
        "SessionId": session_id,
        "SchemaVersion": _SCHEMA_VERSION,
        "CreatedDate": str(time.time_ns() // 1_000_000),
        "Output": text,
    }
    return Frame(CHANNEL_CLOSED, json.dumps(told).encode(), id=id_)


def json_in(payload: bytes) -> Mapping[str, Any]:
    """A payload that is a JSON object; raises FrameError where it is none."""
    try:
        told = json.loads(payload)
    except ValueError as error:
        raise FrameError("no JSON") from error
    if not isinstance(told, dict):
        raise FrameError("no JSON object")
    return told
