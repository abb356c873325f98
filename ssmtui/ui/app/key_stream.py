"""Parse the bytes of a terminal into events, and replace what is invalid."""

from __future__ import annotations

import re
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable, Iterator
from time import monotonic
from typing import Final

from textual import events
from textual._xterm_parser import BRACKETED_PASTE_END, BRACKETED_PASTE_START, XTermParser
from textual.keys import Keys
from textual.message import Message

INTERRUPTS: Final = frozenset({b"\x03", b"\x1b[99;5u"})
"""Ctrl-C, as terminals send it."""

INTERRUPT_SECONDS = 1.0
"""Seconds without a word after which Ctrl-C is no part of a paste, but of somebody who waits for its end."""

_LONGEST_SIDE = 10_000
_MAX_CELLS = 1_000_000
"""Columns or rows, and cells: no terminal has as many, and what is laid out for more holds the screen for ever."""

_PASTE_START_LENGTH = len(BRACKETED_PASTE_START)
_ESC: Final = "\x1b"

_STRINGS: Final = tuple(_ESC + each for each in "]P_^X")
"""What begins a control string: an answer of the terminal, or what a program has sent to it and a person has pasted."""
_STRING_END: Final = _ESC + "\\"
_STRING_ENDS: Final = re.compile("[\x03\x07\x18\x1a\x1b]")
"""BEL and ESC, of which one ends it; what cancels it; and Ctrl-C."""

LONGEST_PASTE = 4_000_000
"""Characters. What is pasted beyond that is left out: nobody reads it, and it would be held for ever."""

_LONG_RUN: Final = re.compile("[^\x03\x1b]{40,}")
"""What is cut where nobody can take so many keys; as many as Textual waits for in a sequence are kept of each."""


class KeyParser(XTermParser):
    """Textual's parser, for which there is nothing that cannot be."""

    is_string = False
    """Whether what follows belongs to a control string, which has no keys in it."""

    _ends_string = False

    def end_string(self, by: str) -> None:
        """End it. Of ESC and a backslash, which is how most end, the backslash is no key either."""
        self.is_string, self._ends_string = False, by == _ESC

    @property
    def is_amid_sequence(self) -> bool:
        """Whether what follows may belong to an escape sequence."""
        return self._awaiting.timeout is not None

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[events.Key]:  # noqa: FBT001, FBT002 - Textual's own
        if len(sequence) > 1 and self._ends_string:
            self._ends_string = False
            if sequence == _STRING_END:
                return [events.Key(Keys.Ignore, None)]
        if len(sequence) > len(_STRINGS[0]) and sequence.startswith(_STRINGS):
            self.is_string = True
            return [events.Key(Keys.Ignore, None)]
        try:
            keys = list(super()._sequence_to_key_events(sequence, alt))
        except (ValueError, OverflowError):  # a number that no character has
            keys, known = [], True
        else:
            known = bool(keys)
        possible = [each for each in keys if not _is_half_a_character(each.character)]
        # What is ignored is one whole sequence: nothing of it is given as other keys.
        return possible if possible or not known else [events.Key(Keys.Ignore, None)]

    def parse_mouse_code(self, code: str) -> Message | None:
        """The event; none where it is about a place that cannot be."""
        if not all(
            each for size in (self.terminal_pixel_size, self.terminal_size) if size is not None for each in size
        ):
            self.mouse_pixels = False  # a window that says that it has no pixels counts in cells
        try:
            return super().parse_mouse_code(code)
        except ArithmeticError:
            return None


class KeyStream:
    """The stream of one terminal, from when its keys are read until they are no more."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._parser = KeyParser()
        self._decode = getincrementaldecoder("utf-8")(errors="replace").decode
        self._now = now
        self._heard = now()
        self._paste: list[str] | None = None
        self._pasted_length = 0
        self._tail = ""

    def feed(self, data: bytes, *, crowded: bool = False) -> Iterator[Message]:
        """What these bytes say. Where it is `crowded` most of many keys are left out: nobody takes them any more."""
        if self._now() - self._heard >= INTERRUPT_SECONDS:
            self._parser.is_string = False  # it never ends: what is pressed now is a key
        if self._paste is not None and data in INTERRUPTS and self._now() - self._heard >= INTERRUPT_SECONDS:
            yield from self._pasted()
        self._heard = self._now()
        text = self._decode(data)
        while text:
            if self._paste is None:
                begun = self._tail + text
                keys, mark, rest = begun.partition(BRACKETED_PASTE_START)
                keys = (keys + mark)[len(self._tail) :]
                yield from self._keys(_LONG_RUN.sub(_beginning, keys) if crowded else keys)
                self._tail = "" if mark else begun[1 - _PASTE_START_LENGTH :]
                if mark:
                    yield from self._keys(BRACKETED_PASTE_END)  # the parser never holds a paste
                    self._paste, self._pasted_length = [], 0
                text = rest
            else:
                text = self._tail + text
                inside, mark, rest = text.partition(BRACKETED_PASTE_END)
                # What may be the beginning of the mark is looked at again with what follows it.
                kept = inside if mark else inside[: 1 - _PASTE_START_LENGTH]
                self._paste.append(kept[: max(LONGEST_PASTE - self._pasted_length, 0)])
                self._pasted_length += len(kept)
                self._tail = "" if mark else inside[len(kept) :]
                text = rest
                if mark:
                    yield from self._pasted()

    def tick(self) -> Iterator[Message]:
        """What has become clear by nothing more being said."""
        yield from self._possible(self._parser.tick())

    def _pasted(self) -> Iterator[Message]:
        text = "".join([*(self._paste or ()), self._tail])
        self._paste, self._tail = None, ""
        yield events.Paste(text.replace("\x00", ""))

    def _keys(self, text: str) -> Iterator[Message]:
        """What a text outside of a paste says; what belongs to a control string says nothing."""
        parser, place = self._parser, 0
        while place < len(text):
            if parser.is_string:
                end = _STRING_ENDS.search(text, place)
                if end is None:
                    return
                parser.end_string(end[0])
                place = end.start() if end[0] in "\x03\x1b" else end.end()
                continue
            # One by one within a sequence, which may turn out to begin a string.
            found = place if parser.is_amid_sequence else text.find(_ESC, place)
            after = len(text) if found < 0 else found + 1
            yield from self._possible(parser.feed(text[place:after]))
            place = after

    def _possible(self, told: Iterable[Message]) -> Iterator[Message]:
        for event in told:
            if isinstance(event, events.Paste):
                continue  # an empty one, of the mark that was given to the parser
            if isinstance(event, events.Resize) and not is_possible_size(*event.size):
                continue
            yield event


def _beginning(run: re.Match[str]) -> str:
    return run[0][:40]


def is_possible_size(columns: int, rows: int) -> bool:
    """Whether a terminal can have this size, and not an unknown or an invented one."""
    return 0 < columns <= _LONGEST_SIDE and 0 < rows <= _LONGEST_SIDE and columns * rows <= _MAX_CELLS


def _is_half_a_character(character: str | None) -> bool:
    return character is not None and any("\ud800" <= each <= "\udfff" for each in character)
