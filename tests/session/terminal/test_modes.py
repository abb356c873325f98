"""What a session left switched on in the person's terminal, by the bytes that went over it."""

from __future__ import annotations

import pytest

from ssmtui.session.terminal import ModeTracker


def left(*pieces: bytes) -> bytes:
    seen = ModeTracker()
    for piece in pieces:
        seen.read(piece)
    return seen.undoing()


@pytest.mark.parametrize(
    ("output", "undone"),
    [
        (b"plain text, \r\nand more", b""),
        (b"\x1b[?1049h\x1b[22;0;0tvim", b"\x1b[?1049l"),
        (b"\x1b[?1049h vim \x1b[?1049l", b""),
        (b"\x1b[?1000;1002;1006h", b"\x1b[?1000l\x1b[?1002l\x1b[?1006l"),
        (b"\x1b[?2004h$ ", b"\x1b[?2004l"),
        (b"\x1b[?25l", b"\x1b[?25h"),
        (b"\x1b[?25l\x1b[?25h", b""),
        (b"\x1b[?7l", b"\x1b[?7h"),
        (b"\x1b[?1h\x1b=", b"\x1b[?1l\x1b>"),
        (b"\x1b=\x1b>", b""),
        (b"\x1b[1;20r", b"\x1b7\x1b[r\x1b8"),
        (b"\x1b(0", b"\x1b(B"),
        (b"\x1b[>1u\x1b[>4;2m", b"\x1b[<u\x1b[>4m"),
        (b"\x1b[>1u\x1b[<u", b""),
        (b"\x1b[5 q", b"\x1b[0 q"),
        (b"\x1b[1;31mred", b"\x1b[0m"),
        (b"\x1b[1;31mred\x1b[m", b""),
        (b"\x1b[?1049h\x1b[?1000h\x1b[31m\x1b[?25l\x1bc", b""),
        (b"\x1b[?12h\x1b[?5000h", b""),
    ],
)
def test_what_was_left_on_is_undone_and_nothing_else(output: bytes, undone: bytes) -> None:
    assert left(output) == undone
    # A sequence may be cut anywhere.
    assert left(*(output[place : place + 1] for place in range(len(output)))) == undone


def test_a_sequence_that_never_ends_is_not_kept_for_ever() -> None:
    seen = ModeTracker()
    for _ in range(1000):
        seen.read(b"\x1b[" + b"1;" * 1000)
    assert seen.undoing() == b""
    assert len(seen._rest) < 200
