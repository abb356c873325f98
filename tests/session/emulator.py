"""A terminal of the tests' own: a program runs on it as in an emulator, and what it writes is waited for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import termios
from collections.abc import Mapping, Sequence
from select import select
from time import monotonic

from ssmtui.session.terminal import attributes_of, set_window_size

PATIENCE = 30.0
"""Seconds after which a test has failed. Nothing waits for them to pass."""

_LOGIN = "import os, sys; os.login_tty(0); os.execvp(sys.argv[1], sys.argv[1:])"
_MODES = termios.ECHO | termios.ICANON | termios.ISIG


class Emulator:
    """A program on a terminal. `shown` is all that it has written."""

    patience = PATIENCE

    def __init__(
        self,
        words: Sequence[str],
        environment: Mapping[str, str],
        size: tuple[int, int] = (24, 80),
        *,
        raw: bool = False,
        keeps_unread: bool = False,
    ) -> None:
        self.ours, self.its = os.openpty()
        self._open: tuple[int, ...] = (self.ours, self.its)
        set_window_size(self.its, size)
        attributes = attributes_of(self.its)
        if raw:
            attributes[3] &= ~_MODES  # type: ignore[operator]
        if keeps_unread:  # by itself the system throws it away at Ctrl-C
            attributes[3] |= termios.NOFLSH  # type: ignore[operator]
        termios.tcsetattr(self.its, termios.TCSANOW, attributes)
        self.before = attributes_of(self.its)
        self.shown = b""
        self.process = subprocess.Popen(
            [sys.executable, "-c", _LOGIN, *words],
            env=dict(environment),
            stdin=self.its,
            stdout=self.its,
            stderr=self.its,
        )

    def wait_for(self, text: bytes, times: int = 1) -> None:
        """Read until the text was shown, that many times in all."""
        deadline = monotonic() + self.patience
        while self.shown.count(text) < times:
            if not self._read(deadline):
                message = f"{text!r} was not shown: {self.shown!r}"
                raise AssertionError(message)

    def read_for(self, seconds: float) -> None:
        """Read what is shown in that time, and press nothing."""
        deadline = monotonic() + seconds
        while self._read(deadline):
            pass

    def type(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self.ours, keys)

    def resize(self, rows: int, columns: int) -> None:
        """Drag a corner of the window."""
        set_window_size(self.ours, (rows, columns))

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the program."""
        self.process.send_signal(number)

    def end(self) -> int:
        """Wait for the program's end, reading on; its exit status."""
        deadline = monotonic() + self.patience
        while self.process.poll() is None:
            assert monotonic() < deadline, self.shown
            self._read(monotonic() + 0.05)
        while self._read(monotonic() + 0.05):
            pass
        return self.process.returncode

    @property
    def is_sane(self) -> bool:
        """Whether the terminal is set as it was before the program began."""
        return attributes_of(self.its) == self.before

    @property
    def cooked(self) -> bool:
        """Whether it echoes, takes lines, and sends signals by keys."""
        local = attributes_of(self.its)[3]
        return local & _MODES == _MODES  # type: ignore[operator]

    def take_away(self) -> None:
        """Close the window: what runs on the terminal gets a hang-up."""
        # Each once: a number that is closed again may be somebody else's by then.
        open_ones, self._open = self._open, ()
        for each in open_ones:
            os.close(each)

    def close(self) -> None:
        """Take the terminal away; a program that still runs is ended."""
        self.take_away()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def _read(self, deadline: float) -> bool:
        ready, _, _ = select([self.ours], [], [], max(deadline - monotonic(), 0))
        if not ready:
            return False
        try:
            self.shown += os.read(self.ours, 65536)
        except OSError:
            return False
        return True
