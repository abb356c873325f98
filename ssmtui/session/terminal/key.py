"""One key, asked for on the person's terminal. POSIX only."""

from __future__ import annotations

import os
import termios
from collections.abc import Callable

from ssmtui.session.terminal.attributes import attributes_of, give


def pressed_key(ask: Callable[[], None], terminal: int = 0) -> str:
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
        give(terminal, before)
