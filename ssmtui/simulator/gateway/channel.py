"""The agent's end of a data channel: numbers, acknowledgements, sending again. It outlives the sockets that carry it.

Source: docs/facts/data-channel.md §2.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Final, Protocol

from ssmtui.simulator.gateway.cipher import CipherError
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

_FIRST_TIMEOUT: Final = 0.2
_LONGEST_TIMEOUT: Final = 1.0
_LOOKS_EVERY: Final = 0.05
_SEALED: Final = frozenset({PayloadType.OUTPUT, PayloadType.STDERR, PayloadType.EXIT_CODE})

Cipher = Callable[[bytes], bytes]


class Wire(Protocol):
    """What carries messages for now."""

    def write(self, message: bytes) -> None:
        """Send a message, as well as the network lets it."""


class Channel:
    """Sends the agent's messages until they are acknowledged, and gives what the client sends in its order."""

    def __init__(self) -> None:
        self._wire: Wire | None = None
        self._sequence = 0
        self._expected = 0
        self._unacknowledged: dict[int, tuple[bytes, float, float]] = {}
        self._early: dict[int, Frame] = {}
        self._inputs: asyncio.Queue[Frame] = asyncio.Queue()
        self._all_acknowledged = asyncio.Event()
        self._all_acknowledged.set()
        self._seal: Cipher | None = None
        self._open: Cipher | None = None
        self.received = 0

    def encrypt(self, seal: Cipher, open_: Cipher) -> None:
        """Seal what the shell says from now on, and open what is typed; `open_` raises CipherError."""
        self._seal, self._open = seal, open_

    def attach(self, wire: Wire | None) -> None:
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
