"""How wide the columns of a table are, and which of them fold away where there is no room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ssmtui.ui.words.columns import Column

GAP = 1
"""Cells between two columns."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A column with its place on the line: its first cell and its width."""

    column: Column
    start: int
    width: int


class ColumnLayout:
    """The columns of one table. A column never gets narrower for a text that goes: the eye has found it by then."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = tuple(columns)
        self._content: dict[str, int] = {}
        self.room = 0
        self.placed: tuple[Placed, ...] = ()

    def measure(self, content: Mapping[str, int]) -> bool:
        """How wide texts are, by their column's key; whether any is wider than all before."""
        if all(width <= self._content.get(key, 0) for key, width in content.items()):
            return False
        self._content |= {key: max(width, self._content.get(key, 0)) for key, width in content.items()}
        return True

    def show(self, columns: Sequence[Column]) -> bool:
        """Take these columns; whether they are others than before."""
        if tuple(columns) == self._columns:
            return False
        self._columns = tuple(columns)
        return True

    def fit(self, room: int) -> bool:
        """Lay them out in so many cells; whether anything stands elsewhere than before."""
        placed = place(self._columns, room, self._content)
        if (room, placed) == (self.room, self.placed):
            return False
        self.room, self.placed = room, placed
        return True


def place(columns: Sequence[Column], room: int, content: Mapping[str, int]) -> tuple[Placed, ...]:
    """The columns that fit into `room` cells, in their order. `content` is how wide each column's texts are so far.

    In the order of their ranks, columns are let in that still fit at their least width; then each grows to its
    content, in the same order, and what is left goes to the last column without an upper bound.
    """
    least = {column.key: _least(column, content) for column in columns}
    kept = _fitting(_without_spare(columns, room, content), room, least)
    widths = {column.key: least[column.key] for column in kept}
    spare = room - sum(widths.values()) - GAP * max(0, len(kept) - 1)
    for column in sorted(kept, key=lambda each: each.rank):
        wanted = max(content.get(column.key, 0), len(column.title))
        limit = wanted if column.most is None else min(wanted, column.most)
        grown = min(max(0, limit - widths[column.key]), max(0, spare))
        widths[column.key] += grown
        spare -= grown
    open_ended = [column for column in kept if column.most is None]
    if open_ended and spare > 0:
        widths[open_ended[-1].key] += spare
    return _in_a_row(kept, widths, room)


def _without_spare(columns: Sequence[Column], room: int, content: Mapping[str, int]) -> Sequence[Column]:
    others = [column for column in columns if not column.spare]
    wanted = [max(column.least, content.get(column.key, 0), len(column.title)) for column in others]
    full = sum(min(each, column.most or each) for each, column in zip(wanted, others, strict=True))
    spare = [column.least for column in columns if column.spare]
    return columns if full + sum(spare) + GAP * (len(columns) - 1) <= room else others


def _least(column: Column, content: Mapping[str, int]) -> int:
    wanted = content.get(column.key, 0) if column.whole else 0
    return max(column.least, wanted if column.most is None else min(wanted, column.most))


def _fitting(columns: Sequence[Column], room: int, least: Mapping[str, int]) -> list[Column]:
    kept: list[Column] = []
    taken = -GAP
    for column in sorted(columns, key=lambda each: each.rank):
        if not kept or taken + GAP + least[column.key] <= room:
            kept.append(column)
            taken += GAP + least[column.key]
    return [column for column in columns if column in kept]


def _in_a_row(kept: Sequence[Column], widths: Mapping[str, int], room: int) -> tuple[Placed, ...]:
    placed = []
    start = 0
    for column in kept:
        width = min(widths[column.key], max(0, room - start))
        placed.append(Placed(column, start, width))
        start += width + GAP
    return tuple(placed)
