"""Set the attributes of a terminal: raw during a session, restored afterwards; read a single key. POSIX only."""

from __future__ import annotations

import os
import signal
import struct
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from fcntl import ioctl

Attributes = list[int | list[bytes | int]]
"""As `termios.tcgetattr` tells them."""

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

# What a program may have left on, switched off in such a way that nothing happens where it was not (xterm,
# "Control Sequences"): the screen without the cursor's place, mouse, focus, paste, keys, colours, character set.
USUAL_MODES = (
    b"\x1b[?1047l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1004l\x1b[?2004l\x1b[?1l\x1b>\x1b(B\x1b[?25h\x1b[0m"
)


@contextmanager
def raw(terminal: int, attributes: Attributes) -> Iterator[None]:
    """The terminal hands on every byte, until the end: then it has `attributes` again, whatever happened."""
    try:
        make_raw(terminal)
        yield
    finally:
        set_attributes(terminal, attributes)


def make_raw(terminal: int) -> None:
    """Have the terminal hand on every byte as it comes, and take no key for a signal. One that is gone is left so."""
    with suppress(termios.error), _in_the_background_too():
        tty.setraw(terminal, termios.TCSANOW)


def set_attributes(terminal: int, attributes: Attributes) -> None:
    """Set the terminal at once, without dropping what was typed ahead. One that is gone is left so."""
    with suppress(termios.error), _in_the_background_too():
        termios.tcsetattr(terminal, termios.TCSANOW, attributes)


def is_terminal(descriptor: int) -> bool:
    """Whether it is a terminal that can be set."""
    try:
        termios.tcgetattr(descriptor)
    except termios.error:
        return False
    return True


def attributes_of(terminal: int) -> Attributes:
    """How it is set. Raises termios.error where it is no terminal."""
    return termios.tcgetattr(terminal)


def make_sane(terminal: int = 0) -> bool:
    """Set a terminal right that a program which was killed left raw, as `stty sane` would; tells whether it was."""
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
    """Rows and columns; None where it is no terminal, or does not know."""
    try:
        rows, columns, _, _ = struct.unpack("HHHH", ioctl(terminal, termios.TIOCGWINSZ, bytes(8)))
    except OSError:
        return None
    return (rows, columns) if rows and columns else None


def set_window_size(terminal: int, size: tuple[int, int]) -> None:
    """Tell a terminal its rows and columns; whoever runs on it gets SIGWINCH. One that is gone is left so."""
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
    # A raw terminal waits for one byte; where the same two places mean end-of-file and end-of-line, they are set above.
    sane[_CHARACTERS] = characters
    return sane


def _is_ours(terminal: int) -> bool:
    """Whether the process is in the terminal's foreground: from the background its owner would be disturbed."""
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False


@contextmanager
def _in_the_background_too() -> Iterator[None]:
    """A process in the background is not stopped for setting the terminal, as it else would be."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def read_key(ask: Callable[[], None], terminal: int = 0) -> str:
    """The key that is pressed once it was asked for: what was typed before answers no question.

    Ctrl-C interrupts, as everywhere. Empty where the terminal is gone.
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
