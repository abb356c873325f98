"""Send raw bytes to a real terminal with `ssmtui demo`, and check its screen and its end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.walks.walker import Walker, walking

_SIZES = ((110, 34), (150, 44), (80, 24))
_SMALL = ((40, 10), (20, 5), (3, 3), (1, 1), (200, 60))
_PATIENCE = 10
"""The most half minutes until its end."""

_MODE = re.compile(rb"\x1b\[\?(\d+)([hl])")
_OF_A_SHELL = {7, 25}

_KEYS = (
    *(b"j", b"k", b"\t", b"\r", b"\x1b", b" ", b"g", b"G", b"o", b"y", b"Z", b"p", b"/web\r", b"?", b":", b"F", b"h"),
    *(
        b"\x1b[A",
        b"\x1b[B",
        b"\x1bOA",
        b"\x1bOB",
        b"\x1b[5~",
        b"\x1b[6~",
        b"\x1b[H",
        b"\x1b[F",
        b"\x1b[Z",
        b"\x1b[1;5C",
    ),
)
_KITTY = (b"\x1b[106u", b"\x1b[106;1:3u", b"\x1b[97;5u", b"\x1b[57399u", b"\x1b[27u", b"\x1b[9;2u", b"\x1b[57441;2:1u")
_TOLD = (
    *(b"\x1b[I", b"\x1b[O", b"\x1b[I\x1b[O", b"\x1b[?2026;2$y", b"\x1b[?2048;1$y", b"\x1b[12;40R", b"\x1b[?62;22c"),
    *(b"\x1b[48;34;110;680;1100t", b"\x1b[48;34;110;0;0t", b"\x1b[48;0;0;0;0t", b"\x1b]11;rgb:0000/0000/0000\x1b\\"),
)
_PASTED = (
    *(b"\x1b[200~web\x1b[201~", b"\x1b[200~\x1b[31mred\x1b[0m\x1bq\x1b[201~", b"\x1b[200~\x1b[201~"),
    b"\x1b[200~" + b"a\x1b\n" * 300 + b"\x1b[201~",
)
_HALF = (b"\x1b[<0;1", b"\x1b[1;", b"\x1b[200", b"\xf0\x9f", b"\xe9", b"\x1b]0;title", b"\x9b", b"\x00")


def rawly(seed: int, deeds: int) -> tuple[int, str]:
    """Play this many actions of a seed; return the number of sequences sent, and the failure (empty if none)."""
    dice = Random(seed)  # noqa: S311 - a repeatable game
    sent = 0
    with TemporaryDirectory(prefix="monkey-") as folder, walking(Path(folder), "demo", size=_SIZES[seed % 3]) as walker:
        walker.until_up("FleetScreen")
        for number in range(deeds):
            pieces = list(_pieces(dice, walker))
            sent += len(pieces)
            for each in _cut(dice, b"".join(pieces)):
                walker.terminal.type(each)
                walker.look()
            if dice.random() < 0.1:
                columns, rows = dice.choice(_SMALL)
                walker.terminal.resize(rows, columns)
                walker.look()
                walker.terminal.resize(walker.rows, walker.columns)
                sent += 2
            if lost := _shown(walker):
                return sent, f"{lost} after {number + 1} deeds"
        return sent, _left(walker)


def _pieces(dice: Random, walker: Walker) -> Iterator[bytes]:
    kind = dice.choices((_KEYS, _KITTY, _TOLD, _PASTED, _HALF, ()), (40, 10, 10, 4, 4, 20))[0]
    for _ in range(dice.randint(1, 8)):
        yield dice.choice(kind) if kind else _mouse(dice, walker)


def _mouse(dice: Random, walker: Walker) -> bytes:
    """Return a mouse report in one of the protocols: SGR, X10, urxvt; sometimes outside the window."""
    x, y, button = (
        dice.randint(0, walker.columns + 3),
        dice.randint(0, walker.rows + 3),
        dice.choice((0, 2, 35, 64, 65)),
    )
    match dice.randrange(6):
        case 0:
            return b"\x1b[M" + bytes(min(32 + each, 255) for each in (button, x, y))
        case 1:
            return f"\x1b[{32 + button};{x};{y}M".encode()
        case _:
            return f"\x1b[<{button};{x};{y}M\x1b[<{button};{x};{y}m".encode()


def _cut(dice: Random, data: bytes) -> Iterator[bytes]:
    """Yield the bytes in several writes, cut anywhere, also in the middle of a sequence."""
    while data:
        size = dice.choice((1, 2, 5, len(data)))
        yield data[:size]
        data = data[size:]


def _shown(walker: Walker) -> str:
    if walker.terminal.process.poll() is not None:
        return f"it has ended with {walker.terminal.process.returncode}"
    words = "\n".join(walker.lines)
    return next((f"{each!r} is on the screen" for each in ("Error in ssmtui", "Traceback (most") if each in words), "")


def _left(walker: Walker) -> str:
    """Quit: Esc from any state, and Ctrl-Q; answer a question."""
    for keys in (b"\x1b[201~", *[b"\x1b"] * 12, b"\x11", b"y", b"\x11", b"y"):
        if walker.terminal.process.poll() is None:
            walker.terminal.type(keys)
            walker.terminal.read_for(0.3)
    for _ in range(_PATIENCE):
        with suppress(AssertionError):  # a machine without time for it
            walker.terminal.end()
            break
    else:
        return "it is not left by Ctrl-Q"
    code = walker.terminal.process.returncode
    on: set[int] = set()
    for number, what in _MODE.findall(walker.terminal.shown):
        (on.add if what == b"h" else on.discard)(int(number))
    if code or not walker.terminal.is_sane or on - _OF_A_SHELL:
        return f"it leaves by {code}, attributes kept: {walker.terminal.is_sane}, modes on: {sorted(on)}"
    return ""
