"""Run a program on a real terminal and follow its screen: the texts, and their backgrounds."""

from __future__ import annotations

import fcntl
import os
import re
import signal
import struct
import subprocess
import sys
import termios
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from select import select
from time import perf_counter

PATIENCE = 30.0
"""Seconds after which a wait fails."""

_LOGIN = "import os, sys; os.login_tty(0); os.execvp(sys.argv[1], sys.argv[1:])"
_PIECE = re.compile(
    rb"\x1b\[(\d+);(\d+)H|\x1b\[([\d;]*)m|\x1b\[[\d;?<>=]*[ -/]*[@-~]|\x1b\][^\x07]*\x07|\x1b.|[^\x1b]+"
)
_GROUND = re.compile(rb"(?:^|;)(48;2;\d+;\d+;\d+|48;5;\d+|4\d|10\d)(?=;|$)")


class WatchedTerminal:
    """A program on a pseudo-terminal; its output is interpreted as far as Textual's output requires."""

    def __init__(self, words: Sequence[str], environment: Mapping[str, str], size: tuple[int, int]) -> None:
        self._ours, its = os.openpty()
        self.size = size
        self._cells: list[list[str]] = []
        self._grounds: list[list[bytes]] = []
        self._place = (0, 0)
        self._ground = b""
        self._rest = b""
        self.written = 0
        self._set_size(size)
        self._process = subprocess.Popen(
            [sys.executable, "-c", _LOGIN, *words], env=dict(environment), stdin=its, stdout=its, stderr=its
        )
        os.close(its)

    @property
    def pid(self) -> int:
        """The program's process id."""
        return self._process.pid

    def line(self, y: int) -> str:
        """Return one line as text."""
        return "".join(self._cells[y])

    @property
    def text(self) -> str:
        """The whole screen."""
        return "\n".join(self.line(y) for y in range(self.size[1]))

    def odd_line(self, top: int, bottom: int) -> int | None:
        """Return the only line in this range with another background than the others; None if there is none."""
        grounds = {y: self._grounds[y][8] for y in range(top, bottom)}
        common = Counter(grounds.values()).most_common(1)[0][0]
        odd = [y for y, ground in grounds.items() if ground != common]
        return odd[0] if len(odd) == 1 else None

    def seconds_until(self, is_so: Callable[[], bool], patience: float = PATIENCE) -> float:
        """Return the seconds until a condition holds for the screen.

        Raises:
            TimeoutError: the condition never holds.

        """
        begun = perf_counter()
        while not is_so():
            left = begun + patience - perf_counter()
            if left < 0:
                raise TimeoutError(f"what was awaited did not appear within {patience:g} s:\n{self.text}")
            self.read(min(left, 0.5))
        return perf_counter() - begun

    def type(self, keys: bytes) -> None:
        """Send keys."""
        os.write(self._ours, keys)

    def resize(self, size: tuple[int, int]) -> None:
        """Resize the window: the program gets its signal, and a blank window."""
        self._set_size(size)
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGWINCH)

    def read(self, seconds: float) -> None:
        """Process the available output, or the first that arrives in that time."""
        ready, _, _ = select([self._ours], [], [], max(seconds, 0))
        if ready:
            try:
                data = os.read(self._ours, 1 << 16)
            except OSError as error:
                raise TimeoutError(f"the program has ended:\n{self.text}") from error
            self.written += len(data)
            self._take(data)

    def rest(self, seconds: float) -> None:
        """Process the output for this long."""
        end = perf_counter() + seconds
        while (left := end - perf_counter()) > 0:
            self.read(left)

    def close(self) -> None:
        """End the program."""
        self._process.kill()
        self._process.wait()
        os.close(self._ours)

    def _set_size(self, size: tuple[int, int]) -> None:
        self.size = size
        columns, lines = size
        fcntl.ioctl(self._ours, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self._cells = [[" "] * columns for _ in range(lines)]
        self._grounds = [[b""] * columns for _ in range(lines)]

    def _take(self, data: bytes) -> None:
        data = self._rest + data
        # An incomplete sequence or character waits for its rest.
        cut = max(data.rfind(b"\x1b"), len(data) - 64)
        tail = data[cut:]
        whole = data if _is_whole(tail) else data[:cut]
        self._rest = data[len(whole) :]
        for piece in _PIECE.finditer(whole):
            self._follow(piece)

    def _follow(self, piece: re.Match[bytes]) -> None:
        line, column, sgr = piece.group(1, 2, 3)
        if line is not None:
            self._place = (int(line) - 1, int(column) - 1)
        elif sgr is not None:
            found = _GROUND.findall(sgr)
            self._ground = found[-1] if found else b"" if sgr in (b"", b"0") else self._ground
        elif not piece.group().startswith(b"\x1b"):
            self._write(piece.group().decode(errors="replace"))

    def _write(self, text: str) -> None:
        y, x = self._place
        for each in text:
            if each == "\n":
                y, x = y + 1, 0
            elif each == "\r":
                x = 0
            elif each >= " ":
                if y < self.size[1] and x < self.size[0]:
                    self._cells[y][x] = each
                    self._grounds[y][x] = self._ground
                x += 1
        self._place = (y, x)


def _is_whole(tail: bytes) -> bool:
    try:
        tail.decode()
    except UnicodeDecodeError:
        return False
    place = tail.rfind(b"\x1b")
    return place < 0 or re.match(rb"\x1b(\[[\d;?<>=]*[ -/]*[@-~]|\][^\x07]*\x07|[^\[\]])", tail[place:]) is not None
