"""The terminal of a session: raw mode and its restoration, single keys, and the relay of bytes. POSIX only."""

from __future__ import annotations

import os
import re
import signal
import struct
import termios
import tty
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fcntl import ioctl
from select import select
from threading import Condition, Thread

from ssmtui.session.calls import OutputNotWritten
from ssmtui.session.terminal_signals import Alarm

Attributes = list[int | list[bytes | int]]
"""The return type of `termios.tcgetattr`."""

_INPUT, _OUTPUT, _LOCAL, _CHARACTERS = 0, 1, 3, 6
_COOKED = termios.ICANON | termios.ECHO | termios.ISIG
_CONTROL = {
    termios.VINTR: b"\x03",
    termios.VQUIT: b"\x1c",
    termios.VERASE: b"\x7f",
    termios.VKILL: b"\x15",
    termios.VEOF: b"\x04",
    termios.VSTART: b"\x11",
    termios.VSTOP: b"\x13",
    termios.VSUSP: b"\x1a",
}

# Switches off modes that a program may have left on, without an effect if they are off (xterm, "Control Sequences"):
# alternate screen (keeps the cursor's position), mouse, focus, paste, keys, colours, character set.
USUAL_MODES = (
    b"\x1b[?1047l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1004l\x1b[?2004l\x1b[?1l\x1b>\x1b(B\x1b[?25h\x1b[0m"
)


@contextmanager
def raw(terminal: int, attributes: Attributes) -> Iterator[None]:
    """Set the terminal to raw mode, and always restore `attributes` at the end."""
    try:
        make_raw(terminal)
        yield
    finally:
        set_attributes(terminal, attributes)


def make_raw(terminal: int) -> None:
    """Set the terminal to raw mode: bytes arrive at once, and no key sends a signal. Ignore a terminal that is gone."""
    with suppress(termios.error), _in_the_background_too():
        tty.setraw(terminal, termios.TCSANOW)


def set_attributes(terminal: int, attributes: Attributes) -> None:
    """Set the terminal at once, without dropping typed input. Ignore a terminal that is gone."""
    with suppress(termios.error), _in_the_background_too():
        termios.tcsetattr(terminal, termios.TCSANOW, attributes)


def is_terminal(descriptor: int) -> bool:
    """Return whether the file descriptor is a terminal."""
    try:
        termios.tcgetattr(descriptor)
    except termios.error:
        return False
    return True


def attributes_of(terminal: int) -> Attributes:
    """Return the terminal's attributes. Raises termios.error if it is no terminal."""
    return termios.tcgetattr(terminal)


def make_sane(terminal: int = 0) -> bool:
    """Reset a terminal that a killed program left raw, as `stty sane` does; return whether it was raw."""
    if not os.isatty(terminal) or not _is_ours(terminal):
        return False
    try:
        attributes = attributes_of(terminal)
    except termios.error:
        return False
    if attributes[_LOCAL] & _COOKED:  # type: ignore[operator] # typeshed joins the types of all seven
        return False
    set_attributes(terminal, _sane(attributes))
    with suppress(OSError):
        os.write(terminal, USUAL_MODES)
    return True


def window_size(terminal: int) -> tuple[int, int] | None:
    """Return rows and columns; None if it is no terminal or does not know its size."""
    try:
        rows, columns, _, _ = struct.unpack("HHHH", ioctl(terminal, termios.TIOCGWINSZ, bytes(8)))
    except OSError:
        return None
    return (rows, columns) if rows and columns else None


def set_window_size(terminal: int, size: tuple[int, int]) -> None:
    """Set a terminal's rows and columns; its programs get SIGWINCH. Ignore a terminal that is gone."""
    with suppress(OSError):
        ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))


def _sane(attributes: Attributes) -> Attributes:
    sane = list(attributes)
    flags = (
        (_INPUT, termios.BRKINT | termios.ICRNL | termios.IXON | termios.IMAXBEL),
        (_OUTPUT, termios.OPOST | termios.ONLCR),
        (_LOCAL, _COOKED | termios.IEXTEN | termios.ECHOE | termios.ECHOK | termios.ECHOCTL | termios.ECHOKE),
    )
    for place, flag in flags:
        sane[place] = sane[place] | flag  # type: ignore[operator]
    sane[_INPUT] = sane[_INPUT] & ~(termios.INLCR | termios.IGNCR)  # type: ignore[operator]
    characters = list(attributes[_CHARACTERS])  # type: ignore[arg-type]
    for place, character in _CONTROL.items():
        characters[place] = character
    # A raw terminal waits for one byte. On systems where end-of-file and end-of-line use the same two places, the loop
    # above sets them.
    sane[_CHARACTERS] = characters
    return sane


def _is_ours(terminal: int) -> bool:
    """Return whether the process is in the terminal's foreground; from the background it would disturb the owner."""
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False


@contextmanager
def _in_the_background_too() -> Iterator[None]:
    """Block SIGTTOU, which would stop a background process that sets the terminal."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def read_key(ask: Callable[[], None], terminal: int = 0) -> str:
    """Return the key that is pressed after `ask`. Earlier input is dropped, because it cannot be an answer.

    Ctrl-C interrupts, as everywhere. Empty if the terminal is gone.
    """
    before = attributes_of(terminal)
    attributes = attributes_of(terminal)
    attributes[3] &= ~(termios.ECHO | termios.ICANON)  # type: ignore[operator] # typeshed joins the types of all seven
    termios.tcsetattr(terminal, termios.TCSAFLUSH, attributes)
    try:
        ask()
        return os.read(terminal, 32).decode("utf-8", errors="replace")
    finally:
        set_attributes(terminal, before)


_SEQUENCE = re.compile(
    rb"\x1b(?:"
    rb"\[\?(?P<modes>[0-9;]{1,64})(?P<switch>[hl])"
    rb"|\[(?P<region>[0-9]+;[0-9]+)r"
    rb"|\[(?P<keyboard>[<>])[0-9;]{0,16}u"
    rb"|\[>4(?:;(?P<other_keys>[0-9]))?m"
    rb"|\[(?P<cursor>[0-9]?) q"
    rb"|\[(?P<colours>[0-9;:]{0,64})m"
    rb"|(?P<keypad>[=>])"
    rb"|\((?P<charset>[0-9A-Z])"
    rb"|(?P<reset>c)"
    rb")"
)
_LONGEST = 80
"""Maximum length of a sequence above, in bytes."""

# The modes that are on by default: the cursor, and the wrapping of lines.
_ON_BY_DEFAULT = frozenset({7, 25})
# Alternate screen; cursor keys, mouse, focus, paste, synchronised output; cursor and wrapping. The screen comes first,
# because the modes set for it end with it.
_WATCHED = (1049, 1047, 47, 1, 9, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1015, 1016, 2004, 2026, 7, 25)


class ModeTracker:
    """Follows the output of a session, and knows which modes differ from the terminal's defaults."""

    def __init__(self) -> None:
        self._rest = b""
        self._keyboards = 0
        self._forget()

    def read(self, output: bytes) -> None:
        """Read more output. A sequence may be cut anywhere between two pieces."""
        if not self._rest and b"\x1b" not in output:
            return
        text = self._rest + output
        end = 0
        for found in _SEQUENCE.finditer(text):
            self._note(found)
            end = found.end()
        begun = text.rfind(b"\x1b", max(end, len(text) - _LONGEST))
        self._rest = text[begun:] if begun >= 0 else b""

    def undoing(self) -> bytes:
        """Return the sequences that restore the default modes; empty if all are default."""
        undone = [b"\x1b[<u" * self._keyboards]
        undone += [
            b"\x1b[?%d%c" % (mode, b"h" if mode in _ON_BY_DEFAULT else b"l") for mode in _WATCHED if mode in self._modes
        ]
        if self._region:
            undone.append(b"\x1b7\x1b[r\x1b8")  # it moves the cursor
        if self._keypad:
            undone.append(b"\x1b>")
        if self._charset:
            undone.append(b"\x1b(B")
        if self._other_keys:
            undone.append(b"\x1b[>4m")
        if self._cursor:
            undone.append(b"\x1b[0 q")
        if self._colours:
            undone.append(b"\x1b[0m")
        return b"".join(undone)

    def _note(self, found: re.Match[bytes]) -> None:
        if found["modes"]:
            for word in found["modes"].split(b";"):
                mode = int(word or b"0")
                if (found["switch"] == b"h") is (mode in _ON_BY_DEFAULT):
                    self._modes.discard(mode)
                elif mode in _WATCHED:
                    self._modes.add(mode)
        elif found["reset"]:
            self._forget()
        elif found["keyboard"]:
            self._keyboards = max(self._keyboards + (1 if found["keyboard"] == b">" else -1), 0)
        elif found["keypad"]:
            self._keypad = found["keypad"] == b"="
        elif found["charset"]:
            self._charset = found["charset"] != b"B"
        elif found["region"]:
            self._region = True
        elif found["colours"] is not None:
            self._colours = found["colours"].strip(b"0;:") != b""
        elif found["cursor"] is not None:
            self._cursor = found["cursor"] not in (b"", b"0")
        else:
            self._other_keys = found["other_keys"] not in (None, b"0")

    def _forget(self) -> None:
        self._modes: set[int] = set()
        self._keyboards = 0
        self._keypad = self._charset = self._region = self._cursor = self._colours = self._other_keys = False


_ROOM = 64 * 1024
"""Bytes that may wait to be written. If they are more, the session's output is not read, so that the session waits."""


def write_if_room(target: int, text: bytes) -> None:
    """Write a short text, unless the write would block."""
    with suppress(OSError):
        if select([], [target], [], 0)[1]:
            os.write(target, text)


class OutputWriter:
    """Writes to a file descriptor, in order, on a thread that calls `moved` whenever there is room again.

    `broken` is the error if nothing can be written any more: the reader or the terminal is gone.
    """

    def __init__(self, target: int, moved: Callable[[], None]) -> None:
        self._target = target
        self._moved = moved
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._ended = False
        self._changed = Condition()
        self.broken: OSError | None = None
        # A terminal that accepts no more output must not keep the process alive.
        self._thread = Thread(target=self._write, name="session-output", daemon=True)
        self._thread.start()

    @property
    def has_room(self) -> bool:
        """Return whether more output can be queued."""
        return self._size < _ROOM

    def give(self, output: bytes) -> None:
        """Queue output."""
        with self._changed:
            self._waiting.append(output)
            self._size += len(output)
            self._changed.notify()

    def end(self, patience: float) -> bool:
        """Wait `patience` seconds at most. Return whether all output is written, or can never be."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()
            return self._changed.wait_for(lambda: not self._size or self.broken is not None, patience)

    def _write(self) -> None:
        while (output := self._next()) is not None:
            view = memoryview(output)
            while view and self.broken is None:
                try:
                    written = os.write(self._target, view[:4096])
                except OSError as error:
                    self.broken = error
                    break
                view = view[written:]
                self._wrote(written)
            if self.broken is not None:
                self._wrote(0)
                return

    def _next(self) -> bytes | None:
        with self._changed:
            while not self._waiting:
                if self._ended:
                    return None
                self._changed.wait()
            return self._waiting.popleft()

    def _wrote(self, count: int) -> None:
        with self._changed:
            self._size -= count
            self._changed.notify_all()
        self._moved()


def raise_unwritten(error: OSError | None) -> None:
    """Raise why output could not be written; do nothing if it could.

    Raises:
        BrokenPipeError: nobody reads the output any more.
        OutputNotWritten: it has no room, or another error.

    """
    if isinstance(error, BrokenPipeError):
        raise BrokenPipeError
    if error is not None:
        raise OutputNotWritten(error.strerror or str(error))


_PIECE = 64 * 1024
_TYPED = 64 * 1024
"""Bytes of typed input that are kept while the session takes none."""
_AFTERWARDS = 0.5
"""Seconds without output after which an ended session is not read any more: another process holds its end open."""


@dataclass(frozen=True, slots=True)
class RelayEnds:
    """The file descriptors of a relay.

    The person's input is read from `source` and written to `sink`, which does not block. The session's output is read
    from
    `output` and written to `target`. Without `source`, the session reads the person's input itself. At the end of the
    input, `at_end` is sent to the session; if it is None, the session ends with the input.
    """

    output: int
    target: int
    source: int | None = None
    sink: int | None = None
    at_end: bytes | None = None


class TerminalRelay:
    """Relays bytes until the session is over.

    `read` gets the output, `shown` returns the part of it to write, and `closing` returns what is written last. `lost`
    is called once if the person is gone.
    """

    def __init__(
        self,
        ends: RelayEnds,
        alarm: Alarm,
        *,
        read: Callable[[bytes], None],
        shown: Callable[[bytes], bytes] = lambda output: output,
        closing: Callable[[], bytes],
        lost: Callable[[], None],
    ) -> None:
        self._alarm = alarm
        self._read = read
        self._shown = shown
        self._closing = closing
        self._lost = lost
        self._is_lost = False
        self._source, self._sink, self._at_end = ends.source, ends.sink, ends.at_end
        self._from: int | None = ends.output
        self._typed = bytearray()
        self.output = OutputWriter(ends.target, alarm.ring)

    def run(self, over: Callable[[], bool], hurried: Callable[[], bool], tick: Callable[[], float | None]) -> None:
        """Relay until `over` is true and all output is written; `hurried` skips the waiting for the output.

        `tick` returns how many seconds the relay may wait in the next step; None: without a limit.
        """
        while True:
            ended = over()
            listening = self._from is not None and (self.output.has_room or self._is_lost)
            readable, writable = self._wait(_AFTERWARDS if ended else tick(), ended=ended, listening=listening)
            if self._alarm.reader in readable:
                self._alarm.silence()
            if self._source in readable:
                self._take_typed()
            if self._sink in writable:
                self._hand_on()
            if self._from in readable:
                self._take_output()
            elif ended and (self._from is None or (listening and not readable) or hurried()):
                break
            if self.output.broken is not None:
                self._lose()
        self.output.give(self._closing())
        while not self.output.end(_AFTERWARDS) and not hurried():
            pass

    def _wait(self, seconds: float | None, *, ended: bool, listening: bool) -> tuple[list[int], list[int]]:
        readers, writers = [self._alarm.reader], []
        if listening and self._from is not None:
            readers.append(self._from)
        if not ended and self._source is not None and len(self._typed) < _TYPED:
            readers.append(self._source)
        if not ended and self._sink is not None and self._typed:
            writers.append(self._sink)
        if ended and self._from is None:
            seconds = 0.0
        readable, writable, _ = select(readers, writers, [], seconds)
        return readable, writable

    def _take_typed(self) -> None:
        if self._source is None:
            return
        try:
            typed = os.read(self._source, _PIECE)
        except BlockingIOError:
            return
        except OSError:
            typed = b""  # the terminal is gone
        self._typed += typed
        if not typed:
            self._source = None
            if self._at_end is None:
                self._lose()
            else:
                self._typed += self._at_end

    def _hand_on(self) -> None:
        if self._sink is None:
            return
        try:
            del self._typed[: os.write(self._sink, self._typed)]
        except BlockingIOError:
            return
        except OSError:
            # The session reads no more, and is about to end.
            self._sink = self._source = None

    def _take_output(self) -> None:
        if self._from is None:
            return
        try:
            output = os.read(self._from, _PIECE)
        except BlockingIOError:
            return
        except OSError:
            output = b""  # on Linux, a pseudo-terminal that no process has open any more
        if not output:
            self._from = None
            return
        self._read(output)
        shown = self._shown(output)
        if shown and not self._is_lost:
            self.output.give(shown)

    def _lose(self) -> None:
        if not self._is_lost:
            self._is_lost = True
            self._lost()
