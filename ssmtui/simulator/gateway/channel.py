"""Implement the agent's end of a data channel: numbering, acknowledgements, resending, encryption."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import struct
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any, Final, Protocol
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

INPUT: Final = "input_stream_data"
OUTPUT: Final = "output_stream_data"
ACKNOWLEDGE: Final = "acknowledge"
CHANNEL_CLOSED: Final = "channel_closed"

SYN: Final = 1
_SYN_AND_FIN: Final = 3
_SCHEMA_VERSION: Final = 1
# The header before the length of the payload.
_HEADER_LENGTH: Final = 116
_HEADER: Final = struct.Struct(">I32sIQqQ16s32sII")
LARGEST_PAYLOAD: Final = 1024


class PayloadType(IntEnum):
    """The kind of a stream message's payload."""

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
    """The bytes are not a message."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One message. `sequence` counts separately in each direction; acknowledgements name the `id`."""

    type: str
    payload: bytes
    payload_type: int = PayloadType.NONE
    sequence: int = 0
    flags: int = 0
    id: UUID = field(default_factory=uuid4)


def packed(frame: Frame) -> bytes:
    """Return the bytes of a message."""
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
    """Parse the bytes of a message; raise FrameError."""
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
    """Return the acknowledgement of a stream message."""
    content = {
        "AcknowledgedMessageType": of.type,
        "AcknowledgedMessageId": str(of.id),
        "AcknowledgedMessageSequenceNumber": of.sequence,
        "IsSequentialMessage": True,
    }
    return Frame(ACKNOWLEDGE, json.dumps(content).encode(), flags=_SYN_AND_FIN)


def channel_closed(session_id: str, target: str, text: str) -> Frame:
    """Return the service's message at the end of a session; `text` is the reason, empty for a normal end."""
    id_ = uuid4()
    content = {
        "MessageType": CHANNEL_CLOSED,
        "MessageId": str(id_),
        "DestinationId": target,
        "SessionId": session_id,
        "SchemaVersion": _SCHEMA_VERSION,
        "CreatedDate": str(time.time_ns() // 1_000_000),
        "Output": text,
    }
    return Frame(CHANNEL_CLOSED, json.dumps(content).encode(), id=id_)


def json_in(payload: bytes) -> Mapping[str, Any]:
    """Return a payload as a JSON object; raise FrameError if it is none."""
    try:
        content = json.loads(payload)
    except ValueError as error:
        raise FrameError("no JSON") from error
    if not isinstance(content, dict):
        raise FrameError("no JSON object")
    return content


KEY_BYTES: Final = 64
_NONCE_BYTES: Final = 12
_CHALLENGE_BYTES: Final = 64


class CipherError(Exception):
    """The data is not encrypted with the session's key."""


class Cipher:
    """The agent's encryption: the key's first half encrypts, the second decrypts. No `repr` shows the key."""

    def __init__(self, data_key: bytes) -> None:
        """Raise CipherError if the key has another size."""
        if len(data_key) != KEY_BYTES:
            raise CipherError("the data key is of another size")
        self._own, self._theirs = AESGCM(data_key[: KEY_BYTES // 2]), AESGCM(data_key[KEY_BYTES // 2 :])
        # The agent's nonces count up from a random number.
        self._nonce = int.from_bytes(os.urandom(_NONCE_BYTES)) >> 1

    def seal(self, plain: bytes) -> bytes:
        """Encrypt for the client."""
        self._nonce += 1
        nonce = self._nonce.to_bytes(_NONCE_BYTES)
        return nonce + self._own.encrypt(nonce, plain, None)

    def open(self, sealed: bytes) -> bytes:
        """Decrypt data from the client; raise CipherError."""
        try:
            return self._theirs.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
        except (InvalidTag, ValueError) as error:
            raise CipherError("not sealed with the session's key") from error


def new_challenge() -> bytes:
    """Return a challenge that the client must send back, encrypted with its half of the key."""
    return os.urandom(_CHALLENGE_BYTES)


_FIRST_TIMEOUT: Final = 0.2
_LONGEST_TIMEOUT: Final = 1.0
_LOOKS_EVERY: Final = 0.05
_SEALED: Final = frozenset({PayloadType.OUTPUT, PayloadType.STDERR, PayloadType.EXIT_CODE})

CipherFunction = Callable[[bytes], bytes]


class MessageSink(Protocol):
    """A transport of messages."""

    def write(self, message: bytes) -> None:
        """Send a message, as far as the network allows it."""


class Channel:
    """The agent's messages, sent until they are acknowledged, and the client's messages in order."""

    def __init__(self) -> None:
        self._wire: MessageSink | None = None
        self._sequence = 0
        self._expected = 0
        self._unacknowledged: dict[int, tuple[bytes, float, float]] = {}
        self._early: dict[int, Frame] = {}
        self._inputs: asyncio.Queue[Frame] = asyncio.Queue()
        self._all_acknowledged = asyncio.Event()
        self._all_acknowledged.set()
        self._seal: CipherFunction | None = None
        self._open: CipherFunction | None = None
        self.received = 0

    def encrypt(self, seal: CipherFunction, open_: CipherFunction) -> None:
        """Encrypt the output and decrypt the input from now on; `open_` raises CipherError."""
        self._seal, self._open = seal, open_

    def attach(self, wire: MessageSink | None) -> None:
        """Use another socket from now on, or none; messages without acknowledgement are sent again."""
        self._wire = wire
        now = asyncio.get_running_loop().time()
        self._unacknowledged = {
            number: (message, now, _FIRST_TIMEOUT) for number, (message, _, _) in self._unacknowledged.items()
        }

    def send(self, payload_type: PayloadType, payload: bytes) -> None:
        """Send a payload in as many messages as needed."""
        pieces = [payload[start : start + LARGEST_PAYLOAD] for start in range(0, len(payload), LARGEST_PAYLOAD)]
        for piece in pieces or [b""]:
            self._send(payload_type, piece)

    def _send(self, payload_type: PayloadType, payload: bytes) -> None:
        sealed = self._seal(payload) if self._seal is not None and payload_type in _SEALED else payload
        number, self._sequence = self._sequence, self._sequence + 1
        message = packed(Frame(OUTPUT, sealed, payload_type, number, SYN if number == 0 else 0))
        self._unacknowledged[number] = (message, asyncio.get_running_loop().time(), _FIRST_TIMEOUT)
        self._all_acknowledged.clear()
        self._write(message)

    async def input(self) -> Frame:
        """Return the client's next message; like the agent, skip what is not encrypted with the session's key."""
        while True:
            frame = await self._inputs.get()
            if self._open is None or frame.payload_type != PayloadType.OUTPUT:
                return frame
            with suppress(CipherError):
                return replace(frame, payload=self._open(frame.payload))

    async def acknowledged(self, seconds: float) -> None:
        """Wait until the client has acknowledged everything, up to a timeout."""
        try:
            async with asyncio.timeout(seconds):
                await self._all_acknowledged.wait()
        except TimeoutError:
            return

    def receive(self, data: bytes) -> None:
        """Process bytes of the socket; like the agent, skip what is not a message."""
        try:
            frame = unpacked(data)
            if frame.type == ACKNOWLEDGE:
                self._acknowledged(int(json_in(frame.payload)["AcknowledgedMessageSequenceNumber"]))
            elif frame.type == INPUT:
                self._take(frame)
        except (FrameError, KeyError, TypeError, ValueError):
            return

    def _acknowledged(self, number: int) -> None:
        self._unacknowledged.pop(number, None)
        if not self._unacknowledged:
            self._all_acknowledged.set()

    def _take(self, frame: Frame) -> None:
        self.received += 1
        self._write(packed(acknowledgement(frame)))
        if frame.sequence < self._expected:
            return
        self._early[frame.sequence] = frame
        while (following := self._early.pop(self._expected, None)) is not None:
            self._expected += 1
            self._inputs.put_nowait(following)

    async def keep_sending(self) -> None:
        """Resend the oldest message if its acknowledgement is late; never returns."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_LOOKS_EVERY)
            oldest = next(iter(self._unacknowledged.items()), None)
            if oldest is None or self._wire is None:
                continue
            number, (message, sent_at, timeout) = oldest
            if loop.time() - sent_at >= timeout:
                self._unacknowledged[number] = (message, loop.time(), min(timeout * 2, _LONGEST_TIMEOUT))
                self._write(message)

    def _write(self, message: bytes) -> None:
        if self._wire is not None:
            self._wire.write(message)
