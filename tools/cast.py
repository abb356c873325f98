"""Record the first minute on a terminal: `python -m tools.cast` writes docs/site/first-minute.cast.

The recording is made in real time, with `ssmtui demo` on its own terminal; for `asciinema play`
(https://docs.asciinema.org/manual/asciicast/v2/).
"""

from __future__ import annotations

import json
import os
import pty
import select
import struct
import sys
import termios
import time
from codecs import getincrementaldecoder
from collections.abc import Iterator, Sequence
from fcntl import ioctl
from pathlib import Path

from tools.film import STORY, Moment

CAST = Path(__file__).parents[1] / "docs" / "site" / "first-minute.cast"
_COLUMNS, _LINES = 110, 30
_MOST_WAIT = 60.0
_KEYS = {"enter": "\r", "escape": "\x1b"}
_BETWEEN_KEYS = 0.06
_PAUSE = 2.0


def record(command: Sequence[str], story: Sequence[Moment]) -> Iterator[tuple[float, str]]:
    """Yield the command's output while the story's keys are pressed: seconds since its start, and the text."""
    child, terminal = pty.fork()
    if child == 0:  # pragma: no cover (another program by then)
        os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
        os.execvp(command[0], [*command])  # noqa: S606 (our own words)
    ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", _LINES, _COLUMNS, 0, 0))
    begun = time.monotonic()
    try:
        for moment in story:
            yield from _until_still(terminal, begun, moment.seconds)
            for key in (*moment.write, *(_KEYS.get(each, each) for each in moment.keys)):
                os.write(terminal, key.encode())
                yield from _until_still(terminal, begun, _BETWEEN_KEYS)
        yield from _until_still(terminal, begun, _PAUSE)
    finally:
        os.write(terminal, b"\x1b\x1bq")
        os.close(terminal)
        os.waitpid(child, 0)


def _until_still(terminal: int, begun: float, seconds: float) -> Iterator[tuple[float, str]]:
    """Yield the output until there was none for this long, and this many seconds have passed."""
    since = last = time.monotonic()
    decoder = getincrementaldecoder("utf-8")(errors="replace")
    while time.monotonic() - since < _MOST_WAIT:
        if select.select([terminal], [], [], 0.02)[0]:
            last = time.monotonic()
            yield last - begun, decoder.decode(os.read(terminal, 65536))
        elif time.monotonic() - last > min(seconds, 1) and time.monotonic() - since > seconds:
            return


def cast(events: Iterator[tuple[float, str]]) -> str:
    """Return the recording in the format asciicast, version 2."""
    header = {
        "version": 2,
        "width": _COLUMNS,
        "height": _LINES,
        "title": "ssmtui: a first minute",
        "idle_time_limit": 3,
    }
    lines = [json.dumps(header), *(json.dumps([round(at, 3), "o", text]) for at, text in events)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    beside = Path(sys.executable).with_name("ssmtui")
    CAST.write_text(cast(record([str(beside), "demo"], STORY)), encoding="utf-8")
    sys.stdout.write(f"{CAST.name}: {CAST.stat().st_size // 1024} KB\n")
