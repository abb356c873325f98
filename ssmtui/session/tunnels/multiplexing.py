"""Encode and decode the frames of multiplexed connections: smux, version 1 (docs/facts/data-channel.md §9)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum

_VERSION = 1
_HEADER = struct.Struct("<BBHI")
HEADER_SIZE = _HEADER.size
LONGEST_DATA = 32 * 1024 - HEADER_SIZE
"""Data of one frame: with its header, it fills whole frames of the data channel."""


class Command(IntEnum):
    """What a frame does to its connection."""

    OPEN = 0
    CLOSE = 1
    DATA = 2
    NOTHING = 3


@dataclass(frozen=True, slots=True)
class MuxFrame:
    """A frame of one connection. The data is not in the `repr`."""

    command: Command
    connection: int
    data: bytes = field(default=b"", repr=False)


class MalformedMuxFrame(Exception):
    """The bytes are not a frame of version 1. What follows cannot be read."""


def encode(frame: MuxFrame) -> bytes:
    """Return the bytes of a frame."""
    return _HEADER.pack(_VERSION, frame.command, len(frame.data), frame.connection) + frame.data


class MuxReader:
    """Reads frames from a stream of bytes that is cut anywhere. The data of a frame is returned as it comes."""

    def __init__(self) -> None:
        self._header = b""
        self._connection = 0
        self._data_left = 0

    def read(self, received: bytes) -> Iterator[MuxFrame]:
        """Yield the frames, and the parts of frames with data.

        Raises:
            MalformedMuxFrame: the bytes are not frames.

        """
        at = 0
        while at < len(received):
            if self._data_left:
                data = received[at : at + self._data_left]
                at += len(data)
                self._data_left -= len(data)
                yield MuxFrame(Command.DATA, self._connection, data)
                continue
            missing = HEADER_SIZE - len(self._header)
            self._header += received[at : at + missing]
            at += missing
            if len(self._header) < HEADER_SIZE:
                return
            version, command, length, connection = _HEADER.unpack(self._header)
            self._header = b""
            if version != _VERSION or command not in _COMMANDS:
                raise MalformedMuxFrame(f"command {command} of version {version}")
            # Only data has a length: smux reads nothing behind the header of other commands.
            if command == Command.DATA:
                self._connection, self._data_left = connection, length
            else:
                yield MuxFrame(Command(command), connection)


_COMMANDS = frozenset(Command)
