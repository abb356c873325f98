"""The agent's end of a data channel: numbering, acknowledgements, resending, encryption."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ssmtui.simulator.gateway.frame import (
    ACKNOWLEDGE,
    INPUT,
    LARGEST_PAYLOAD,
    OUTPUT,
    SYN,
    Frame,
    FrameError,
    PayloadType,
    acknowledgement,
    json_in,
    packed,
    unpacked,
)

KEY_BYTES: Final = 64
_NONCE_BYTES: Final = 12
_CHALLENGE_BYTES: Final = 64


class CipherError(Exception):
    """What came is not encrypted with the session's key."""


class Cipher:
    """The agent's side: seals by the first half, opens by the other. The key is in no `repr`."""

    def __init__(self, data_key: bytes) -> None:
        """Raises CipherError where the key is of another size."""
        if len(data_key) != KEY_BYTES:
            raise CipherError("the data key is of another size")
        self._own, self._theirs = AESGCM(data_key[: KEY_BYTES // 2]), AESGCM(data_key[KEY_BYTES // 2 :])
        # The agent's nonces count from one drawn by chance.
        self._nonce = int.from_bytes(os.urandom(_NONCE_BYTES)) >> 1

    def seal(self, plain: bytes) -> bytes:
        """Encrypt for the client."""
        self._nonce += 1
        nonce = self._nonce.to_bytes(_NONCE_BYTES)
        return nonce + self._own.encrypt(nonce, plain, None)

    def open(self, sealed: bytes) -> bytes:
        """Decrypt what the client sealed; raises CipherError."""
        try:
            return self._theirs.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
        except (InvalidTag, ValueError) as error:
            raise CipherError("not sealed with the session's key") from error


def new_challenge() -> bytes:
    """What the client has to send back under its own half."""
    return os.urandom(_CHALLENGE_BYTES)


_FIRST_TIMEOUT: Final = 0.2
_LONGEST_TIMEOUT: Final = 1.0
_LOOKS_EVERY: Final = 0.05
_SEALED: Final = frozenset({PayloadType.OUTPUT, PayloadType.STDERR, PayloadType.EXIT_CODE})

CipherFunction = Callable[[bytes], bytes]


class MessageSink(Protocol):
    """What carries messages for now."""

    def write(self, message: bytes) -> None:
        """Send a message, as well as the network lets it."""


class Channel:
    """Sends the agent's messages until they are acknowledged, and gives what the client sends in its order."""

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
        """Seal what the shell says from now on, and open what is typed; `open_` raises CipherError."""
        self._seal, self._open = seal, open_

    def attach(self, wire: MessageSink | None) -> None:
        """Be carried by another socket from now on, or by none; what is not acknowledged is sent again on it."""
        self._wire = wire
        now = asyncio.get_running_loop().time()
        self._unacknowledged = {
            number: (message, now, _FIRST_TIMEOUT) for number, (message, _, _) in self._unacknowledged.items()
        }

    def send(self, payload_type: PayloadType, payload: bytes) -> None:
        """Send a payload, in as many messages as it takes."""
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
        """The client's next message; what it did not seal with the session's key is passed over, as the agent does."""
        while True:
            frame = await self._inputs.get()
            if self._open is None or frame.payload_type != PayloadType.OUTPUT:
                return frame
            with suppress(CipherError):
                return replace(frame, payload=self._open(frame.payload))

    async def acknowledged(self, seconds: float) -> None:
        """Wait until the client has everything, but no longer than that."""
        try:
            async with asyncio.timeout(seconds):
                await self._all_acknowledged.wait()
        except TimeoutError:
            return

    def receive(self, data: bytes) -> None:
        """Take what came over the socket; what is no message is passed over, as the agent does."""
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
        """Send the oldest message again where nobody acknowledged it in time; never ends."""
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
