"""What a terminal sends, as events: whatever it is. What is no text is replaced, and what no key can be is left out.

Textual's parser raises at bytes that are no UTF-8, at a number that no character has and at a window without pixels;
and a paste that holds an escape character is given to it as keys. So pastes are taken out here, before it.
"""

from __future__ import annotations

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

PATIENCE = 1.0
"""Seconds without a word after which Ctrl-C is no part of a paste, but of somebody who waits for its end."""

_MOST_CELLS = 10_000
"""Columns or rows: no terminal has as many, and what is laid out for more holds the screen for ever."""

_MARK = len(BRACKETED_PASTE_START)


class KeyParser(XTermParser):
    """Textual's parser, for which there is nothing that cannot be."""

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[events.Key]:  # noqa: FBT001, FBT002 - Textual's own
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
        self._tail = ""

    def feed(self, data: bytes) -> Iterator[Message]:
        """What these bytes say."""
        if self._paste is not None and data in INTERRUPTS and self._now() - self._heard >= PATIENCE:
            yield from self._pasted()
        self._heard = self._now()
        text = self._decode(data)
        while text:
            if self._paste is None:
                begun = self._tail + text
                keys, mark, rest = begun.partition(BRACKETED_PASTE_START)
                yield from self._keys((keys + mark)[len(self._tail) :])
                self._tail = "" if mark else begun[1 - _MARK :]
                if mark:
                    yield from self._keys(BRACKETED_PASTE_END)  # the parser never holds a paste
                    self._paste = []
                text = rest
            else:
                text = self._tail + text
                inside, mark, rest = text.partition(BRACKETED_PASTE_END)
                # What may be the beginning of the mark is looked at again with what follows it.
                kept = inside if mark else inside[: 1 - _MARK]
                self._paste.append(kept)
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
        yield from self._possible(self._parser.feed(text)) if text else ()

    def _possible(self, told: Iterable[Message]) -> Iterator[Message]:
        for event in told:
            if isinstance(event, events.Paste):
                continue  # an empty one, of the mark that was given to the parser
            if isinstance(event, events.Resize) and not all(0 < each <= _MOST_CELLS for each in event.size):
                continue
            yield event


def _is_half_a_character(character: str | None) -> bool:
    return character is not None and any("\ud800" <= each <= "\udfff" for each in character)
