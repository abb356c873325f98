"""Where notices stand: in the largest room that is left by what is typed in, by the keys and by what tells the row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def free_lines(height: int, taken: Iterable[Sequence[int]]) -> tuple[int, int]:
    """The first line of the largest room between those that are taken, and the line behind its last.

    `taken` are such pairs, in any order; of rooms alike, the lowest. All of it, where nothing is left.
    """
    edges = sorted((max(0, top), min(height, bottom)) for top, bottom in taken if top < bottom)
    free, begun = [(0, 0)], 0
    for top, bottom in (*edges, (height, height)):
        free.append((begun, top))
        begun = max(begun, bottom)
    start, end = max(free, key=lambda room: (room[1] - room[0], room[0]))
    return (start, end) if start < end else (0, height)
