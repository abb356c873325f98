"""The shortest sequence that still loses: delta debugging, the end of the sequence first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


async def shortest(sequence: Sequence[T], loses: Callable[[Sequence[T]], Awaitable[bool]]) -> Sequence[T]:
    """A part of the sequence of which nothing can be left out. `sequence` loses, as a whole."""
    for length in (1, 2, 4, 8, 16, 32, 64):
        if length < len(sequence) and await loses(sequence[-length:]):
            sequence = sequence[-length:]
            break
    parts = 2
    while len(sequence) > 1:
        size = -(-len(sequence) // parts)
        chunks = [sequence[start : start + size] for start in range(0, len(sequence), size)]
        for number in range(len(chunks)):
            rest = [each for place, chunk in enumerate(chunks) if place != number for each in chunk]
            if await loses(rest):
                sequence, parts = rest, max(2, parts - 1)
                break
        else:
            if size == 1:
                break
            parts = min(len(sequence), parts * 2)
    return sequence
