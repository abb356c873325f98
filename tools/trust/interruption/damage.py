"""A journal's bytes, damaged: cut, garbled, or by a later version."""

from __future__ import annotations

from random import Random


def damaged(whole: bytes, chance: Random) -> bytes:
    """The bytes with one thing wrong, anywhere."""
    at = chance.randrange(len(whole))
    match chance.randrange(3):
        case 0:
            return whole[:at]
        case 1:
            return whole[:at] + chance.randbytes(chance.randrange(1, 9)) + whole[at + chance.randrange(9) :]
        case _:
            return whole.replace(b"ssmtui.journal/1", b"ssmtui.journal/9", chance.randrange(1, 3))
