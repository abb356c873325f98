"""Somebody before a terminal: presses keys, clicks on what is written there, and waits for what is shown."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import pyte

from tests.session.emulator import Emulator

PATIENCE = 90.0
"""Seconds after which a walk has failed. Nothing waits for them to pass."""

_KEYS = {
    "enter": b"\r",
    "space": b" ",
    "escape": b"\x1b",
    "tab": b"\t",
    "down": b"\x1b[B",
    "up": b"\x1b[A",
    "home": b"\x1b[H",
    "end": b"\x1b[F",
    "ctrl+s": b"\x13",
    "ctrl+r": b"\x12",
    "backspace": b"\x7f",
}
"""What a terminal sends for them."""

_LEFT, _WHEEL_DOWN = 0, 65


@dataclass(frozen=True)
class Place:
    """A place on the terminal, counted from 0."""

    column: int
    row: int


class Walker:
    """A walk through `ssmtui` on a terminal of so many columns and rows."""

    def __init__(
        self, words: tuple[str, ...], environment: Mapping[str, str], told: Path, size: tuple[int, int]
    ) -> None:
        columns, rows = self.columns, self.rows = size
        self._told, self._read_to = told, 0
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._fed = 0
        self._lines: list[str] = []
        self.keys = self.clicks = self.pastes = 0
        self.state: dict[str, Any] = {"screens": [], "settled": False}
        self.reached: set[str] = set()
        program = [sys.executable, "-m", "tests.walks.watched_app", str(told), *words]
        self.terminal = Emulator(program, environment, (rows, columns))

    @property
    def up(self) -> str:
        """The screen that is up."""
        return str(self.state["screens"][-1]) if self.state["screens"] else ""

    @property
    def lines(self) -> list[str]:
        """What stands on the terminal."""
        if self._screen.dirty:  # reading it cell by cell takes longer than most that is asked about it
            self._lines = self._screen.display
            self._screen.dirty.clear()
        return self._lines

    def press(self, *keys: str) -> None:
        """Press keys: by their names, or texts as they are typed."""
        for key in keys:
            self.keys += 1 if key in _KEYS else len(key)
            self.terminal.type(_KEYS.get(key) or key.encode())

    def paste(self, text: str) -> None:
        """Paste a text, as a terminal does for its key or its mouse button."""
        self.pastes += 1
        self.terminal.type(f"\x1b[200~{text}\x1b[201~".encode())

    def click(self, text: str, *, row: int | None = None, times: int = 1) -> None:
        """Click on a text once it stands on the terminal: in that row, or wherever it stands first."""
        place = None
        while place is None or place != self.find(text, row=row):  # what is still being told moves what stands there
            self.until(lambda: self.find(text, row=row) is not None, f"stood {text!r} there")
            place = self.find(text, row=row)
            self.look()
        assert place is not None
        self.clicks += times
        for _ in range(times):
            self._mouse(_LEFT, place, "M")
            self._mouse(_LEFT, place, "m")

    def wheel(self, place: Place, turns: int = 1) -> None:
        """Turn the wheel down over a place."""
        for _ in range(turns):
            self._mouse(_WHEEL_DOWN, place, "M")

    def find(self, text: str, *, row: int | None = None) -> Place | None:
        """Where a text stands."""
        for number, line in enumerate(self.lines):
            if text in line and row in (None, number, number - len(self.lines)):
                return Place(line.index(text), number)
        return None

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Look at the terminal until the condition holds."""
        deadline = monotonic() + PATIENCE
        self.look()
        while not condition():
            assert monotonic() < deadline, f"never {what}; {self.state}:\n{self}"
            assert self.terminal.process.poll() is None, f"it ended before {what}:\n{self}"
            self.look()
        self._rest(deadline)

    def _rest(self, deadline: float) -> None:
        """Look until nothing more is painted: what was told may stand there a moment later."""
        shown = -1
        while shown != self._fed and monotonic() < deadline:
            shown = self._fed
            self.look()
            self.look()

    def until_up(self, *names: str) -> str:
        """Wait for one of these screens; which one."""
        self.until(lambda: self.up in names, f"was {' or '.join(names)} up")
        return self.up

    def until_said(self, words: str) -> None:
        """Wait for words on the terminal."""
        self.until(lambda: any(words in line for line in self.lines), f"was said {words!r}")

    def until_settled(self) -> None:
        """Wait until nothing is outstanding."""
        self.until(lambda: bool(self.state["settled"]) and not self.state["writing"], "was it settled")

    def look(self) -> None:
        """Take in what has been shown and told since the last look."""
        self.terminal.read_for(0.02)
        self._stream.feed(self.terminal.shown)
        self._fed += len(self.terminal.shown)
        self.terminal.shown = b""  # it stands on the screen: kept, it would be copied with every byte that comes
        if self._told.exists():
            with self._told.open(encoding="utf-8") as lines:
                lines.seek(self._read_to)
                for line in iter(lines.readline, ""):
                    if not line.endswith("\n"):
                        break
                    self._read_to = lines.tell()
                    self.state = json.loads(line)
                    self.reached.add(self.up)

    def __str__(self) -> str:
        return "\n".join(self.lines)

    def _mouse(self, button: int, place: Place, end: str) -> None:
        self.terminal.type(f"\x1b[<{button};{place.column + 1};{place.row + 1}{end}".encode())


@contextmanager
def walking(folder: Path, *words: str, size: tuple[int, int]) -> Iterator[Walker]:
    """A walk, with all that ssmtui keeps in a folder; ended with the test."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SSMTUI_", "XDG_"))}
    home = {name: str(folder / name.lower()) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME")}
    terminal = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", "TEXTUAL_ANIMATIONS": "none"}
    for name in ("NO_COLOR", "COLUMNS", "LINES"):
        kept.pop(name, None)
    walker = Walker(words, {**kept, **home, **terminal}, folder / "told", size)
    try:
        yield walker
    finally:
        walker.terminal.close()
