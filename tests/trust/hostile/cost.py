"""What a paste costs: in proportion to it, told as a ratio, which another process of the machine changes little."""

from __future__ import annotations

from collections.abc import Iterator

from tests.causes.test_cost import REPEATED, SMALL, TIMES, WORST, seconds


def cost_faults() -> Iterator[tuple[str, list[str]]]:
    """Each piece, repeated to ten and to eighty thousand characters."""
    for piece in REPEATED:
        short, long = (piece * (size // len(piece)) for size in (SMALL, SMALL * TIMES))
        before, after = seconds(short), seconds(long)
        fault = f"{TIMES} times as long takes {after / max(before, 0.001):.1f} times as long ({after:.2f} s)"
        yield piece, [fault] if after > WORST * max(before, 0.001) else []
