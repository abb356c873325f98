"""The lines of a packed file of unknown origin, as JSON objects: so many bytes unpacked at most, and none too long."""

from __future__ import annotations

import gzip
import io
import json
import zlib
from collections.abc import Iterator, Mapping
from typing import BinaryIO, NoReturn

from ssmtui.language import say
from ssmtui.model.plan import JSON

LONGEST_LINE = 64 * 2**20
MOST_BYTES = 2**30
"""What a snapshot may hold, unpacked: 100,000 nodes are a fifth of it. A file that unpacks to more is refused."""

_PACKED = b"\x1f\x8b"


class NotASnapshot(ValueError):
    """A file that is no snapshot, or none that this version reads. Its text goes on from "FILE …"."""


def objects_in(file: BinaryIO) -> Iterator[Mapping[str, JSON]]:
    """The objects, one a line; of a file that is not packed, too.

    Raises:
        NotASnapshot: it does not hold such lines, or too much.

    """
    begun = file.read(len(_PACKED))
    if not begun:
        raise NotASnapshot(say("is empty"))
    whole = io.BufferedReader(_Again(begun, file))
    unpacked = gzip.GzipFile(fileobj=whole, mode="rb") if begun == _PACKED else whole
    taken = 0
    number = 0
    try:
        while line := unpacked.readline(LONGEST_LINE + 1):
            number += 1
            taken += len(line)
            if len(line) > LONGEST_LINE or taken > MOST_BYTES:
                raise NotASnapshot(say("holds more than a snapshot may: {most} MB", most=MOST_BYTES // 2**20))
            yield _object(line, number)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise NotASnapshot(say("cannot be unpacked: it is damaged, or was cut off")) from error


class _Again(io.RawIOBase):
    """A stream with its beginning put back."""

    def __init__(self, begun: bytes, rest: BinaryIO) -> None:
        self._begun = begun
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        piece = self._begun[: len(buffer)] or self._rest.read(len(buffer))
        self._begun = self._begun[len(piece) :]
        buffer[: len(piece)] = piece
        return len(piece)


def _object(line: bytes, number: int) -> Mapping[str, JSON]:
    try:
        told = json.loads(line, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:  # no JSON, no UTF-8, too many digits, too deep
        what = say("is no snapshot of ssmtui, or damaged: line {number} is no JSON", number=number)
        raise NotASnapshot(what) from error
    if not isinstance(told, dict):
        raise NotASnapshot(say("is no snapshot of ssmtui: line {number} is no object", number=number))
    return told


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")
