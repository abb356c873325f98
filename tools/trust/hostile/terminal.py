"""Check the bytes that the app and the command line send to a terminal, with hostile text everywhere."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator

from tests.session.emulator import Emulator
from tools.trust.hostile.texts import KINDS, of_a_terminal

_WALK = (
    *(b"\r", b"c", b"y", b"\x1b", b"\x1b", b"\t", b"\r", b"c", b"\x1b", b"\t", b"p", b"\x1b", b"S", b"\t", b"\t"),
    *(b"c", b"\x1b", b"Z", b"c", b"\r", b"\x1b", b"\x1b", b"T", b"\x1b", b"~", b"\x1b", b"a", b"\x1b", b"x"),
    b"\x1b[200~" + "".join(KINDS.values()).replace("\x1b", "").encode() + b"\x1b[201~",
    *(b"\x1b", b"\x1b", b"F", b"\x1b", b"/", b"web", b"\r", b":", b"web", b"\x1b", b"W", b"\x1b", b"?", b"\x1b"),
    *(b"w", b"\t", b"h", b"c", b"\x1b", b"\x1b", b"n", b"N", b"\x1b", b"v", b"\x1b", b"t", b"\x1b"),
)


def raw_bytes(size: tuple[int, int] = (40, 140), rest: float = 0.35) -> bytes:
    """Return the bytes that the app sends during a walk through it."""
    with tempfile.TemporaryDirectory() as folder:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SSMTUI_", "XDG_"))}
        terminal = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", "HOME": folder}
        program = [sys.executable, "-m", "tools.trust.hostile.app_on_terminal", folder]
        emulator = Emulator(program, {**kept, **terminal}, size)
        try:
            emulator.wait_for(b"[red]x[/]")
            for keys in _WALK:
                emulator.type(keys)
                emulator.read_for(rest)
            return emulator.shown
        finally:
            emulator.close()


def faults() -> Iterator[str]:
    """Yield the bytes that are neither Textual's own sequences nor visible text."""
    raw = raw_bytes()
    if len(raw) < 20_000:
        yield f"the app hardly painted: {raw[-400:]!r}"
    yield from of_a_terminal(raw)
