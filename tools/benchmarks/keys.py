"""Measure keys on a big, constantly changing fleet: from the byte of the key to its effect on a real terminal.

    python -m tools.benchmarks.keys --rows 10000 --rate 5000 [--busy] [--size 200x60]

prints milliseconds by percentile. `measured` returns them.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.benchmarks import storm
from tools.benchmarks.watched_terminal import WatchedTerminal

_ROOT = Path(__file__).parents[2]
_ID = re.compile(r"i-[0-9a-f]{17}")
_DETAIL_LINES = 2
"""The lines about the node under the cursor, between the table and the keys."""

_SORTED_BY_STATUS = "status↑"
_SHOWN = re.compile(r"(\d[\d,]*) of \d")
_PAUSE = 0.07
"""Seconds between two keys of a person, so that a key falls at any moment between two ticks."""
_LOOKS = 34
"""Presses per round of the keys that lead to another screen or to the filter. Of less than a hundred presses, the 99th
percentile is the slowest one."""


@dataclass(frozen=True, slots=True)
class KeyTimes:
    """Milliseconds from keys of one kind to their effect."""

    milliseconds: tuple[float, ...]

    def at(self, percentile: float) -> float:
        """Return the time that this percentage of keys does not exceed."""
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percentile / 100))]


class Pressed:
    """The app on a terminal, and the durations of its keys by kind; keys without a kind do not count."""

    def __init__(self, terminal: WatchedTerminal) -> None:
        self.terminal = terminal
        self.times: dict[str, list[float]] = {}
        self._count = 0

    def press(self, kind: str, keys: bytes, seen: Callable[[], bool]) -> None:
        """Press a key, and wait until its effect is visible."""
        self._do(kind, lambda: self.terminal.type(keys), seen)

    def changed(self, kind: str, keys: bytes, look: Callable[[], object]) -> None:
        """Press a key that changes what `look` returns."""
        before: list[object] = []

        def act() -> None:
            before.append(look())  # after the pause: by then, the effect of the key before is painted as a whole
            self.terminal.type(keys)

        self._do(kind, act, lambda: look() not in (*before, None))

    def resize(self, size: tuple[int, int]) -> None:
        """Resize the window, and wait for its last row and its last line."""
        terminal = self.terminal
        self._do(
            "resize",
            lambda: terminal.resize(size),
            lambda: "Quit" in terminal.line(size[1] - 1) and bool(terminal.line(size[1] - 2).strip()),
        )

    def row_here(self) -> str | None:
        """Return the id on the cursor's line."""
        terminal = self.terminal
        line = terminal.odd_line(self._header_line() + 1, terminal.size[1] - 1 - _DETAIL_LINES)
        found = _ID.search(terminal.line(line)) if line is not None else None
        return found.group() if found else None

    def shown(self) -> str | None:
        """Return the number of rows that the filter shows."""
        found = _SHOWN.search(self.terminal.line(2))
        return found.group(1) if found else None

    def header(self) -> str:
        """Return the table's header, with the arrow of its order."""
        return self.terminal.line(self._header_line())

    def _header_line(self) -> int:
        """Return the line of the header: it is lower if a filter is active."""
        return 2 if any(arrow in self.terminal.line(2) for arrow in "↑↓") else 3

    def _do(self, kind: str, act: Callable[[], None], seen: Callable[[], bool]) -> None:
        self._count += 1
        self.terminal.rest(_PAUSE + self._count % 7 / 100)
        act()
        self.times.setdefault(kind, []).append(self.terminal.seconds_until(seen) * 1000)


def measured(
    rows: int, rate: int, *, busy: bool = False, size: tuple[int, int] = (140, 45), rounds: int = 3
) -> Mapping[str, KeyTimes]:
    """Return the times of every kind of key, for this many rows and changes per second."""
    with _opened(rows, rate, busy=busy, size=size) as pressed:
        for _ in range(rounds):
            _move(pressed)
            _sort(pressed)
            _mark(pressed)
            _filter(pressed)
            _look(pressed)
            _drag(pressed, size)
        return {kind: KeyTimes(tuple(times)) for kind, times in pressed.times.items() if kind}


@contextmanager
def _opened(rows: int, rate: int, *, busy: bool, size: tuple[int, int]) -> Iterator[Pressed]:
    words = [sys.executable, "-m", "tools.benchmarks.keys", "--app", "--rows", str(rows), "--rate", str(rate)]
    environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "PYTHONPATH": str(_ROOT)}
    terminal = WatchedTerminal(words + ["--busy"] * busy, environment, size)
    try:
        pressed = Pressed(terminal)
        terminal.seconds_until(lambda: f"{rows} nodes" in terminal.text, 120)
        terminal.rest(2)
        yield pressed
    finally:
        terminal.close()


def _move(pressed: Pressed) -> None:
    # Away from the first row, where a key that moves up has no effect: rows above the cursor change their places.
    for _ in range(9):
        pressed.changed("", b"j", pressed.row_here)
    for _ in range(15):
        for keys in (b"j", b"j", b"k", b"j", b"k", b"k"):
            pressed.changed("move", keys, pressed.row_here)
    for keys in (b"\x1b[6~", b"\x1b[6~", b"\x1b[5~", b"\x1b[5~", b"G", b"g") * 6:
        pressed.changed("page", keys, pressed.row_here)


def _sort(pressed: Pressed) -> None:
    for _ in range(8):
        pressed.changed("sort", b"o", pressed.header)
        pressed.changed("sort", b"O", pressed.header)
    while not pressed.terminal.line(2).startswith(_SORTED_BY_STATUS):
        pressed.changed("sort", b"o", pressed.header)


def _mark(pressed: Pressed) -> None:
    terminal = pressed.terminal
    for keys, marked in ((b"*", True), (b"^", False), (b" ", True), (b"\\", False)) * 2:
        pressed.press("mark", keys, lambda marked=marked: ("◆" in terminal.line(1)) is marked)  # type: ignore[misc]


def _filter(pressed: Pressed) -> None:
    for letters in (b"qzx", *[b"q"] * (_LOOKS - 1)):
        pressed.press("open the filter", b"/", lambda: pressed.shown() is not None)
        for letter in letters:
            pressed.changed("filter", bytes((letter,)), pressed.shown)
        for _ in letters:
            pressed.changed("filter", b"\x7f", pressed.shown)
        # Not measured: Esc may begin another key, for which Textual waits a tenth of a second.
        pressed.press("", b"\x1b", lambda: pressed.shown() is None)
    terminal = pressed.terminal
    pressed.press("filter", b"f", lambda: pressed.shown() is not None)
    pressed.press("mark", b"*", lambda: "◆" in terminal.line(1))
    pressed.press("filter", b"f", lambda: pressed.shown() is None)
    pressed.press("mark", b"\\", lambda: "◆" not in terminal.line(1))


def _look(pressed: Pressed) -> None:
    terminal = pressed.terminal
    for _ in range(_LOOKS):
        pressed.press("causes", b"\t", lambda: "subject" in pressed.header())
        pressed.press("nodes", b"\t", lambda: "name" in pressed.header())
        pressed.press("open a node", b"\r", lambda: "Back" in terminal.line(terminal.size[1] - 1))
        pressed.press("go back", b"\x7f", lambda: "name" in pressed.header())


def _drag(pressed: Pressed, size: tuple[int, int]) -> None:
    for columns, lines in ((80, 24), (200, 60), size) * 2:
        pressed.resize((columns, lines))


def table(times: Mapping[str, KeyTimes]) -> str:
    """Return the times as a Markdown table."""
    lines = ["| key | presses | p50 ms | p95 ms | p99 ms | most |", "|---|---|---|---|---|---|"]
    for kind, each in times.items():
        values = " | ".join(f"{each.at(percentile):.0f}" for percentile in (50, 95, 99, 100))
        lines.append(f"| {kind} | {len(each.milliseconds)} | {values} |")
    return "\n".join(lines)


def main() -> None:
    """Run the app with `--app`, else print the table of its keys."""
    reader = argparse.ArgumentParser()
    reader.add_argument("--rows", type=int, default=10_000)
    reader.add_argument("--rate", type=int, default=5_000)
    reader.add_argument("--rounds", type=int, default=3)
    reader.add_argument("--size", default="140x45")
    reader.add_argument("--busy", action="store_true")
    reader.add_argument("--app", action="store_true")
    asked = reader.parse_args()
    if asked.app:
        storm.run(asked.rows, asked.rate, busy=asked.busy)
        return
    columns, _, lines = asked.size.partition("x")
    times = measured(asked.rows, asked.rate, busy=asked.busy, size=(int(columns), int(lines)), rounds=asked.rounds)
    sys.stdout.write(table(times) + "\n")


if __name__ == "__main__":
    main()
