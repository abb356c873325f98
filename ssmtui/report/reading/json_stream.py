"""Decode JSON that comes in pieces, one value at a time."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import BinaryIO, NoReturn, cast

from ssmtui.language import say
from ssmtui.model.plan import JSON


class NotAReportError(ValueError):
    """A text that is no report, or none that this version reads: nothing of it counts. Its text says why."""


class TruncatedReportError(ValueError):
    """A report that ends before its end: what came until then is right, what it lacks is unknown."""


_AT_ONCE = 1 << 16
"""Bytes read at once."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""What a file may begin with, and the encoding that it tells: a redirection in PowerShell writes UTF-16."""


def pieces_of(file: BinaryIO) -> Iterator[str]:
    """The text, decoded piece by piece.

    Raises:
        NotAReport: it is no text.
        CutOff: it ends in the middle of a character.

    """
    read = file.read(_AT_ONCE)
    mark, encoding = next(((mark, name) for mark, name in _MARKS if read.startswith(mark)), (b"", "utf-8"))
    decoder = codecs.getincrementaldecoder(encoding)()
    read = read[len(mark) :]
    while read:
        try:
            yield decoder.decode(read)
        except UnicodeDecodeError as error:
            raise NotAReportError(say("is no text in UTF-8")) from error
        read = file.read(_AT_ONCE)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise TruncatedReportError from error


LARGEST = 64 * 1024 * 1024
"""Characters of one value at most: a finding that holds a million nodes has a third of that."""

_BLANK = re.compile(r"[ \t\r\n]*")
_CLOSED = frozenset('}]"')
_MAY_GO_ON = re.compile(r"[0-9.eE+-]{0,32}\Z")
"""What may stand between a number and the end of what has come, where the number goes on."""

_UNSURE = 16
"""How near to the end of what has come a fault may be that is none: a word, a number or an escape cut in two."""


def _no_number(word: str) -> NoReturn:
    raise NotAReportError(say("is no JSON: {word} is no number", word=word))


_DECODER = json.JSONDecoder(parse_constant=_no_number)


def decoded(text: str) -> JSON:
    """One whole value.

    Raises:
        NotAReport: it is none.
        CutOff: it is the beginning of one.

    """
    values = JsonStream(iter((text,)))
    value = values.value()
    if values.next_sign():
        raise NotAReportError(say("is no JSON: something follows where it should end"))
    return value


class JsonStream:
    """The values of a text, one after another. Each method may raise `NotAReport` or `CutOff`."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces = pieces
        self._held = ""
        self._place = 0
        self._ended = False

    def next_sign(self) -> str:
        """The next character that is no blank, which is not taken; empty at the end."""
        while True:
            self._place = self._after_blanks()
            if self._place < len(self._held):
                return self._held[self._place]
            if not self._more():
                return ""

    def take(self, sign: str) -> None:
        """Take that character."""
        found = self.next_sign()
        if not found:
            raise TruncatedReportError
        if found != sign:
            raise NotAReportError(say("is no JSON: {found} stands where {sign} should", found=found, sign=sign))
        self._place += 1

    def value(self) -> JSON:
        """Take the next value, whatever it is."""
        if not self.next_sign():
            raise TruncatedReportError
        while True:
            try:
                value, end = _DECODER.raw_decode(self._held, self._place)
            except RecursionError as error:
                raise NotAReportError(say("is nested too deeply for a report")) from error
            except json.JSONDecodeError as error:
                if not self._may_go_on(error):
                    raise NotAReportError(say("is no JSON: {what}", what=f"{error.msg}")) from error
                if not self._double():
                    raise TruncatedReportError from error
                continue
            except NotAReportError:
                raise
            except ValueError as error:  # a number of more digits than Python reads
                raise NotAReportError(say("holds a number that is too long")) from error
            if self._held[end - 1] in _CLOSED or not _MAY_GO_ON.match(self._held, end) or not self._more():
                self._place = end
                return cast("JSON", value)

    def items(self) -> Iterator[JSON]:
        """Take an array, item by item."""
        self.take("[")
        while self.next_sign() != "]":
            yield self.value()
            if self.next_sign() == ",":
                self.take(",")
                if self.next_sign() == "]":
                    raise NotAReportError(say("is no JSON: {what}", what="Illegal trailing comma"))
            elif self.next_sign() != "]":
                break
        self.take("]")

    def keys(self) -> Iterator[str]:
        """Take an object, key by key. Whoever gets a key takes its value before the next."""
        self.take("{")
        while self.next_sign() != "}":
            key = self.value()
            if not isinstance(key, str):
                raise NotAReportError(say("is no JSON: a key is no text"))
            self.take(":")
            yield key
            if self.next_sign() != ",":
                break
            self.take(",")
        self.take("}")

    def _after_blanks(self) -> int:
        found = _BLANK.match(self._held, self._place)
        return found.end() if found is not None else self._place

    def _may_go_on(self, error: json.JSONDecodeError) -> bool:
        """Whether the value may only be incomplete: it ends with what has come."""
        return error.msg.startswith("Unterminated string") or error.pos >= len(self._held) - _UNSURE

    def _more(self) -> bool:
        """Hold one piece more, and let go of what was taken. Tells whether there was one."""
        piece = next(self._pieces, None) if not self._ended else None
        if piece is None:
            self._ended = True
            return False
        self._held = self._held[self._place :] + piece
        self._place = 0
        return True

    def _double(self) -> bool:
        """Hold twice as much, so that a long value is not begun anew at each piece. Tells whether there was more."""
        wanted = 2 * (len(self._held) - self._place)
        pieces: list[str] = []
        come = len(self._held) - self._place
        while come < wanted and (piece := next(self._pieces, None)) is not None:
            pieces.append(piece)
            come += len(piece)
        if come > LARGEST:
            raise NotAReportError(
                say("holds a value of more than {most} million characters", most=LARGEST // 1_000_000)
            )
        self._held = "".join((self._held[self._place :], *pieces))
        self._place = 0
        return bool(pieces)
