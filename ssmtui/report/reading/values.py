"""JSON that comes in pieces, decoded value by value: what is held at a time is one value, and never the document."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NoReturn, cast

from ssmtui.language import say
from ssmtui.model.plan import JSON
from ssmtui.report.reading.refusals import CutOff, NotAReport

LARGEST = 64 * 1024 * 1024
"""Characters of one value at most: a finding that holds a million nodes has a third of that."""

_BLANK = re.compile(r"[ \t\r\n]*")
_CLOSED = frozenset('}]"')
_MAY_GO_ON = re.compile(r"[0-9.eE+-]{0,32}\Z")
"""What may stand between a number and the end of what has come, where the number goes on."""

_UNSURE = 16
"""How near to the end of what has come a fault may be that is none: a word, a number or an escape cut in two."""


def _no_number(word: str) -> NoReturn:
    raise NotAReport(say("is no JSON: {word} is no number", word=word))


_DECODER = json.JSONDecoder(parse_constant=_no_number)


def decoded(text: str) -> JSON:
    """One whole value.

    Raises:
        NotAReport: it is none.
        CutOff: it is the beginning of one.

    """
    values = Values(iter((text,)))
    value = values.value()
    if values.next_sign():
        raise NotAReport(say("is no JSON: something follows where it should end"))
    return value


class Values:
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
            raise CutOff
        if found != sign:
            raise NotAReport(say("is no JSON: {found} stands where {sign} should", found=found, sign=sign))
        self._place += 1

    def value(self) -> JSON:
        """Take the next value, whatever it is."""
        if not self.next_sign():
            raise CutOff
        while True:
            try:
                value, end = _DECODER.raw_decode(self._held, self._place)
            except RecursionError as error:
                raise NotAReport(say("is nested too deeply for a report")) from error
            except json.JSONDecodeError as error:
                if not self._may_go_on(error):
                    raise NotAReport(say("is no JSON: {what}", what=f"{error.msg}")) from error
                if not self._double():
                    raise CutOff from error
                continue
            except NotAReport:
                raise
            except ValueError as error:  # a number of more digits than Python reads
                raise NotAReport(say("holds a number that is too long")) from error
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
                    raise NotAReport(say("is no JSON: {what}", what="Illegal trailing comma"))
            elif self.next_sign() != "]":
                break
        self.take("]")

    def keys(self) -> Iterator[str]:
        """Take an object, key by key. Whoever gets a key takes its value before the next."""
        self.take("{")
        while self.next_sign() != "}":
            key = self.value()
            if not isinstance(key, str):
                raise NotAReport(say("is no JSON: a key is no text"))
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
            raise NotAReport(say("holds a value of more than {most} million characters", most=LARGEST // 1_000_000))
        self._held = "".join((self._held[self._place :], *pieces))
        self._place = 0
        return bool(pieces)
