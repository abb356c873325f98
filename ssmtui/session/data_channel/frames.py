"""Encode and decode binary frames of the data channel (docs/facts/data-channel.md §2)."""

from __future__ import annotations

import hashlib
import struct
import uuid
from dataclasses import dataclass, field

INPUT = "input_stream_data"
OUTPUT = "output_stream_data"
ACKNOWLEDGE = "acknowledge"
CHANNEL_CLOSED = "channel_closed"
START_PUBLICATION = "start_publication"
PAUSE_PUBLICATION = "pause_publication"

SYN = 1
FIN = 2
CHUNK = 1024
"""Maximum payload of a stream frame, in bytes."""

_HEADER_LENGTH = 116
_HEADER = struct.Struct(">I32sIQqQ16s32sII")
_HALF = 8


class MalformedFrame(Exception):
    """The bytes are not a frame, or a value does not fit into its field; the message says what is wrong."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame of either direction.

    `sequence` counts the stream frames of its direction from 0. `created` is in milliseconds since 1970. The payload
    can contain typed input, so it is not in the `repr`.
    """

    message_type: str
    sequence: int
    payload: bytes = field(repr=False)
    message_id: uuid.UUID
    created: int
    payload_type: int = 0
    flags: int = 0
    schema_version: int = 1


def encode(frame: Frame) -> bytes:
    """Return the frame as bytes.

    Raises:
        MalformedFrame: a value does not fit into its field.

    """
    try:
        name = frame.message_type.encode("ascii")
    except UnicodeEncodeError:
        raise MalformedFrame("the message type is not ASCII") from None
    if not name.strip(b" \0") or len(name) > 32 or name != name.strip(b" \0"):
        raise MalformedFrame("the message type does not fit")
    if frame.created <= 0:
        raise MalformedFrame("there is no date")
    try:
        header = _HEADER.pack(
            _HEADER_LENGTH,
            name.ljust(32),
            frame.schema_version,
            frame.created,
            frame.sequence,
            frame.flags,
            _swapped(frame.message_id.bytes),
            hashlib.sha256(frame.payload).digest(),
            frame.payload_type,
            len(frame.payload),
        )
    except struct.error:
        raise MalformedFrame("a number does not fit") from None
    return header + frame.payload


def decode(data: bytes) -> Frame:
    """Return the frame that the bytes contain.

    Raises:
        MalformedFrame: the bytes are not a frame, or the digest does not match the payload.

    """
    if len(data) < _HEADER.size:
        raise MalformedFrame(f"{len(data)} bytes are less than a header")
    length, name, version, created, sequence, flags, swapped, digest, kind, size = _HEADER.unpack_from(data)
    payload = data[_HEADER.size :]
    if length != _HEADER_LENGTH:
        raise MalformedFrame(f"a header of {length} bytes")
    if size != len(payload):
        raise MalformedFrame(f"{len(payload)} bytes of payload where the header says {size}")
    message_type = _message_type(name)
    # The plugin checks neither date nor digest of the service's own notes (docs/facts/data-channel.md §2).
    if message_type not in {START_PUBLICATION, PAUSE_PUBLICATION}:
        if created == 0:
            raise MalformedFrame("there is no date")
        if payload and hashlib.sha256(payload).digest() != digest:
            raise MalformedFrame("the digest is not that of the payload")
    return Frame(
        message_type=message_type,
        sequence=sequence,
        payload=payload,
        message_id=uuid.UUID(bytes=_swapped(swapped)),
        created=created,
        payload_type=kind,
        flags=flags,
        schema_version=version,
    )


def _message_type(field_value: bytes) -> str:
    """Return the type without its padding: Go programs pad with spaces, and readers also accept NULs."""
    try:
        message_type = field_value.decode("ascii").strip(" \0")
    except UnicodeDecodeError:
        raise MalformedFrame("the message type is not ASCII") from None
    if not message_type:
        raise MalformedFrame("there is no message type")
    return message_type


def _swapped(identifier: bytes) -> bytes:
    """Swap the halves of a UUID: on the wire, the less significant half comes first."""
    return identifier[_HALF:] + identifier[:_HALF]
