"""Drive the terminal on Unix: parse its bytes into events, take it, give it back as it was, and survive its loss."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
import termios
from codecs import getincrementaldecoder
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from selectors import EVENT_READ, SelectSelector
from threading import Event
from time import monotonic
from typing import IO, Any, Final, cast

from textual import events
from textual.app import App
from textual.message import Message

from ssmtui.session.terminal import USUAL_MODES, Attributes, set_attributes, window_size
from ssmtui.ui.textual_workarounds import ESC, KeyParser, UnixDriver

INTERRUPTS: Final = frozenset({b"\x03", b"\x1b[99;5u"})
"""Ctrl-C, as terminals send it."""

INTERRUPT_SECONDS = 1.0
"""Seconds without input after which Ctrl-C is not part of a paste: a person waits for the paste's end."""

_LONGEST_SIDE = 10_000
_MAX_CELLS = 1_000_000
"""Columns or rows, and cells: no terminal has as many, and a layout for more would block the screen for ever."""

_PASTE_START, _PASTE_END = "\x1b[200~", "\x1b[201~"
"""The marks around a bracketed paste."""

_STRING_ENDS: Final = re.compile("[\x03\x07\x18\x1a\x1b]")
"""BEL and ESC, of which one ends a control string; what cancels it; and Ctrl-C."""

LONGEST_PASTE = 4_000_000
"""Characters of a paste; the rest is dropped."""

_LONG_RUN: Final = re.compile("[^\x03\x1b]{40,}")
"""Runs that are cut if too many keys wait; each keeps as many characters as Textual allows in a sequence."""


class KeyStream:
    """The events of one terminal's bytes."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._parser = KeyParser()
        self._decode = getincrementaldecoder("utf-8")(errors="replace").decode
        self._now = now
        self._heard = now()
        self._paste: list[str] | None = None
        self._pasted_length = 0
        self._tail = ""

    def feed(self, data: bytes, *, crowded: bool = False) -> Iterator[Message]:
        """Yield the events of these bytes. If it is `crowded`, most of many keys are dropped."""
        if self._now() - self._heard >= INTERRUPT_SECONDS:
            self._parser.is_string = False  # it never ends: what is pressed now is a key
        if self._paste is not None and data in INTERRUPTS and self._now() - self._heard >= INTERRUPT_SECONDS:
            yield from self._pasted()
        self._heard = self._now()
        text = self._decode(data)
        while text:
            if self._paste is None:
                begun = self._tail + text
                keys, mark, rest = begun.partition(_PASTE_START)
                keys = (keys + mark)[len(self._tail) :]
                yield from self._keys(_LONG_RUN.sub(_beginning, keys) if crowded else keys)
                self._tail = "" if mark else begun[1 - len(_PASTE_START) :]
                if mark:
                    yield from self._keys(_PASTE_END)  # the parser never holds a paste
                    self._paste, self._pasted_length = [], 0
                text = rest
            else:
                text = self._tail + text
                inside, mark, rest = text.partition(_PASTE_END)
                # What can be the beginning of the mark is read again with what follows it.
                kept = inside if mark else inside[: 1 - len(_PASTE_START)]
                self._paste.append(kept[: max(LONGEST_PASTE - self._pasted_length, 0)])
                self._pasted_length += len(kept)
                self._tail = "" if mark else inside[len(kept) :]
                text = rest
                if mark:
                    yield from self._pasted()

    def tick(self) -> Iterator[Message]:
        """Yield the events of sequences that the timeout completes."""
        yield from self._possible(self._parser.tick())

    def _pasted(self) -> Iterator[Message]:
        text = "".join([*(self._paste or ()), self._tail])
        self._paste, self._tail = None, ""
        yield events.Paste(text.replace("\x00", ""))

    def _keys(self, text: str) -> Iterator[Message]:
        """Yield the events of a text outside of a paste; a control string has none."""
        parser, place = self._parser, 0
        while place < len(text):
            if parser.is_string:
                end = _STRING_ENDS.search(text, place)
                if end is None:
                    return
                parser.end_string(end[0])
                place = end.start() if end[0] in "\x03\x1b" else end.end()
                continue
            # One character at a time within a sequence, which can turn out to begin a string.
            found = place if parser.is_amid_sequence else text.find(ESC, place)
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
    """Return whether a terminal can have this size: a size of 0 is unknown, a huge one is invented."""
    return 0 < columns <= _LONGEST_SIDE and 0 < rows <= _LONGEST_SIDE and columns * rows <= _MAX_CELLS


_POLL_SECONDS = 0.1
"""Seconds between two looks of the reader of keys at its timeouts and its end, and of a process in the background at
whether the shell has given it the terminal."""

_READ_BYTES = 4096

_MOST_KEYS = 20_000
"""Events that wait for the loop; no person presses as many, and more are dropped."""
_KEYS_AT_ONCE = 200

_PATIENCE = 5.0
"""Seconds within which the loop of a busy app is free once."""

USUAL_SIZE = (80, 24)
"""Columns and rows of a terminal that does not know its size (a serial line, a pty whose size nobody has set)."""

LEFT = b"\x1b[?2048l\x1b[?1015l\x1b[<u\x1b[?7h\x1b[?1049l" + USUAL_MODES
"""What Textual has turned on, turned off."""

_LOCAL_MODES = 3
"""The index of the local modes in termios' attributes."""


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0


def _keeping_output(attributes: list[Any]) -> list[Any]:
    return [*attributes[:_LOCAL_MODES], attributes[_LOCAL_MODES] | termios.NOFLSH, *attributes[_LOCAL_MODES + 1 :]]


@contextmanager
def _not_stopped_for_that() -> Iterator[None]:
    """Ignore SIGTTOU, which stops a process in the background that sets its terminal."""
    before = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGTTOU, before)


@dataclass(frozen=True, slots=True)
class Interrupt:
    """Ctrl-C: when it was pressed, and whether the loop has been free since."""

    pressed: float
    answered: Event


class TerminalOutput:
    """The file that the screen is painted on. If the terminal is gone, it drops the text: waiting would hang."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def write(self, text: str) -> None:
        """Write, if the terminal is there."""
        with suppress(OSError):
            self._file.write(text)

    def flush(self) -> None:
        """Flush, if the terminal is there."""
        with suppress(OSError):
            self._file.flush()

    def fileno(self) -> int:
        """Return the file's descriptor."""
        return self._file.fileno()


class TerminalDriver(UnixDriver):
    """Textual's driver, extended to survive what happens to terminals.

    Signals act between two steps of the loop: a handler that paints may wait for the very painting it interrupts.
    """

    def __init__(
        self,
        app: App[Any],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        # Where the app was found to be on a terminal; errors may go to a file.
        self.use_output(TerminalOutput(cast("IO[str]", sys.__stdout__)))
        self._read_keys = deque[Message]()
        self._interrupt: Interrupt | None = None
        self._is_given_back = False
        self._waiting: asyncio.TimerHandle | None = None
        self._is_to_stop = False
        self._is_just_continued = False

    def terminal_size(self, last: tuple[int, int] | None) -> tuple[int, int]:
        """Return columns and rows: the terminal's, else those of COLUMNS and LINES, else the last ones, else 80 and 24.

        A terminal that shrinks to nothing is one that is being taken away, or put up anew.
        """
        known = window_size(self.fileno) or (0, 0)
        told = tuple(_count(os.environ.get(name, "")) for name in ("LINES", "COLUMNS"))
        for rows, columns in (known, told):
            if is_possible_size(columns, rows):
                return columns, rows
        return last or USUAL_SIZE

    def write(self, data: str) -> None:
        """Paint, if the screen is on the terminal."""
        if self.is_taken:
            super().write(data)

    def start_application_mode(self) -> None:
        """Take the terminal, if it is not taken: a second time would forget its first attributes."""
        if not self.is_taken:
            self._is_given_back = False
            super().start_application_mode()  # type: ignore[no-untyped-call]

    def stop_application_mode(self) -> None:
        """Give the terminal back. Until `close`, Ctrl-C is a signal, and does not throw away what is yet to be shown.

        By itself the system empties a terminal's queues at Ctrl-C (termios(3), NOFLSH): the shell would not be shown.
        """
        if not self.is_taken:
            return  # it was given back before, and may be another's by now
        attributes = self.attrs_before
        self.attrs_before = _keeping_output(attributes) if attributes is not None and self._is_ours else None
        try:
            super().stop_application_mode()
        finally:
            self.attrs_before = attributes
        self._is_given_back = True

    def disable_input(self) -> None:
        """Read no more keys, and drop those for the app; what is typed after that is for the shell."""
        if self.is_taken and not self._is_given_back:
            with _not_stopped_for_that():
                super().disable_input()

    def close(self) -> None:
        """Close, and give the terminal back if a second signal has interrupted that."""
        was_taken = self.is_taken
        if was_taken and not self._is_given_back:
            self.stop_application_mode()
        super().close()
        if was_taken and self.attrs_before is not None and self._is_ours:
            with suppress(termios.error):  # the terminal is gone
                termios.tcsetattr(self.fileno, termios.TCSANOW, self.attrs_before)

    def let_go(self) -> None:
        """Reset the terminal for the shell without waiting: the process is about to be killed."""
        if self.is_taken and self.attrs_before is not None:
            set_attributes(self.fileno, cast("Attributes", self.attrs_before))
            with suppress(OSError):
                os.set_blocking(self.fileno, False)
                os.write(self.fileno, LEFT)

    @property
    def _is_ours(self) -> bool:
        """Whether this process is in the foreground of the terminal."""
        try:
            return os.tcgetpgrp(self.fileno) == os.getpgrp()
        except OSError:
            return True

    def run_input_thread(self) -> None:
        """Read keys until the terminal is given back, or gone."""
        # A process that reads in the background is stopped; if it ignores the signal, the read fails.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTIN})
        stream = KeyStream()
        with SelectSelector() as selector:
            selector.register(self.fileno, EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(_POLL_SECONDS):
                    data = self._read()
                    if not data and not self._is_ours:
                        self.exit_event.wait(_POLL_SECONDS)
                        continue
                    if not data:
                        self.app.exit_on_hang_up()
                        return
                    for event in stream.feed(data, crowded=len(self._read_keys) >= _MOST_KEYS):
                        self._hand_over(event)
                for event in stream.tick():
                    self._hand_over(event)
                self._see_interrupt_answered()

    def _hand_over(self, event: Message) -> None:
        """Queue an event for the loop. Ctrl-C replaces all keys that wait."""
        if isinstance(event, events.Key) and event.key == "ctrl+c":
            self._read_keys.clear()
            if self._interrupt is None:
                self._interrupt = Interrupt(monotonic(), Event())
                self.between_steps(self._interrupt.answered.set)
        elif len(self._read_keys) >= _MOST_KEYS:
            return
        self._read_keys.append(event)
        if len(self._read_keys) == 1:
            self.between_steps(self._take_keys)

    def _take_keys(self) -> None:
        """Handle queued events, a part at a time: other work of the loop comes in between."""
        for _ in range(_KEYS_AT_ONCE):
            try:
                event = self._read_keys.popleft()
            except IndexError:
                return
            self.process_message(event)
        self.between_steps(self._take_keys)

    def _see_interrupt_answered(self) -> None:
        """Send SIGINT for a Ctrl-C that the loop has been too busy to handle."""
        if self._interrupt is None:
            return
        if self._interrupt.answered.is_set():
            self._interrupt = None
        elif monotonic() - self._interrupt.pressed > _PATIENCE:
            self._interrupt = None
            os.kill(os.getpid(), signal.SIGINT)

    def _read(self) -> bytes:
        try:
            return os.read(self.fileno, _READ_BYTES)
        except OSError:
            return b""

    def on_stop_signal(self) -> None:
        """Stop between two steps of the loop; at once while another program has the terminal."""
        if self.is_lent:
            os.kill(os.getpid(), signal.SIGSTOP)
        elif not self._is_just_continued:
            self._is_to_stop = True
            self.between_steps(self._stop)

    def on_continue_signal(self) -> None:
        """Take the terminal between two steps of the loop."""
        # The order of two signals that come together is unknown; stopping after this one would last.
        self._is_to_stop, self._is_just_continued = False, True
        self.between_steps(self._was_continued)
        if not self.is_lent:
            self.between_steps(self._take_up)

    def _was_continued(self) -> None:
        self._is_just_continued = False

    def _stop(self) -> None:
        if self.app.has_begun_to_end() or not self._is_to_stop:
            return  # nobody would continue it: whoever ends it waits for its end, and who continued it has done so
        if not self.is_lent:
            self.pause()
        if self._is_to_stop:
            os.kill(os.getpid(), signal.SIGSTOP)

    def _take_up(self) -> None:
        """Take the terminal once the shell lets this process have it.

        Textual would be stopped by trying, and not hear what it was continued for: that it is to end.
        """
        if self._waiting is not None:
            self._waiting.cancel()
        if self.app.has_begun_to_end():
            return
        if self.is_taken:
            # Stopped by SIGSTOP: another program can have changed the terminal meanwhile.
            self.pause()
        if not self._is_ours:
            self._waiting = self.loop.call_later(_POLL_SECONDS, self._take_up)
            return
        self.resume_application_mode()
        self.app.refresh(layout=True)
