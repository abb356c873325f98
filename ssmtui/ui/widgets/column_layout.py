"""Lay out the columns of a table in the width of the window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ssmtui.ui.text.filters import Column

GAP = 1
"""The cells between two columns."""

_ARROW_WIDTH = 1
"""The cells of the arrow that the title of the sorting column ends with."""


@dataclass(frozen=True, slots=True)
class PlacedColumn:
    """A column with its place on the line: its first cell and its width."""

    column: Column
    start: int
    width: int


class ColumnLayout:
    """The columns of one table. A column does not shrink when its longest text goes: the columns do not jump."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = tuple(columns)
        self._content: dict[str, int] = {}
        self.room = 0
        self.placed: tuple[PlacedColumn, ...] = ()

    def measure(self, content: Mapping[str, int]) -> bool:
        """Record text widths by column key; return whether any is wider than all before."""
        if all(width <= self._content.get(key, 0) for key, width in content.items()):
            return False
        self._content |= {key: max(width, self._content.get(key, 0)) for key, width in content.items()}
        return True

    def show(self, columns: Sequence[Column]) -> bool:
        """Set the columns; return whether they have changed."""
        if tuple(columns) == self._columns:
            return False
        self._columns = tuple(columns)
        return True

    def fit(self, room: int) -> bool:
        """Lay the columns out in this width; return whether any has moved."""
        placed = place_columns(self._columns, room, self._content)
        if (room, placed) == (self.room, self.placed):
            return False
        self.room, self.placed = room, placed
        return True


def place_columns(columns: Sequence[Column], room: int, content: Mapping[str, int]) -> tuple[PlacedColumn, ...]:
    """Return the columns that fit into `room` cells, in order. `content` holds the text width of each column so far.

    In the order of their ranks, columns are added that still fit at their least width. Then each column grows to its
    content, in the same order, and after that to its title if the whole title fits. The rest goes to the last column
    without an upper bound.
    """
    least = {column.key: _min_width(column, content) for column in columns}
    kept = _fitting_columns(_without_cutting(columns, room, content, least), room, least)
    widths = {column.key: least[column.key] for column in kept}
    spare = max(0, room - sum(widths.values()) - GAP * max(0, len(kept) - 1))
    by_rank = sorted(kept, key=lambda each: each.rank)
    for column in by_rank:
        grown = min(max(0, _up_to_most(column, content.get(column.key, 0)) - widths[column.key]), spare)
        widths[column.key] += grown
        spare -= grown
    for column in by_rank:
        grown = max(0, _title_width(column) - widths[column.key])
        if grown <= spare:
            widths[column.key] += grown
            spare -= grown
    open_ended = [column for column in kept if column.most is None]
    if open_ended:
        widths[open_ended[-1].key] += spare
    return _placed_in_order(kept, widths, room)


def _without_cutting(
    columns: Sequence[Column], room: int, content: Mapping[str, int], least: Mapping[str, int]
) -> Sequence[Column]:
    """Return the columns without the spare ones for which another column, or its title, would be cut."""
    kept = [column for column in columns if not column.spare]
    full = (max(least[each.key], _up_to_most(each, content.get(each.key, 0)), _title_width(each)) for each in kept)
    taken = sum(full) + GAP * (len(kept) - 1)
    for column in sorted((each for each in columns if each.spare), key=lambda each: each.rank):
        if taken + GAP + least[column.key] <= room:
            kept.append(column)
            taken += GAP + least[column.key]
    return [column for column in columns if column in kept]


def _title_width(column: Column) -> int:
    return _up_to_most(column, len(column.title) + _ARROW_WIDTH)


def _min_width(column: Column, content: Mapping[str, int]) -> int:
    return max(column.least, _up_to_most(column, content.get(column.key, 0)) if column.whole else 0)


def _up_to_most(column: Column, width: int) -> int:
    return width if column.most is None else min(width, column.most)


def _fitting_columns(columns: Sequence[Column], room: int, least: Mapping[str, int]) -> list[Column]:
    kept: list[Column] = []
    taken = -GAP
    for column in sorted(columns, key=lambda each: each.rank):
        if not kept or taken + GAP + least[column.key] <= room:
            kept.append(column)
            taken += GAP + least[column.key]
    return [column for column in columns if column in kept]


def _placed_in_order(kept: Sequence[Column], widths: Mapping[str, int], room: int) -> tuple[PlacedColumn, ...]:
    placed = []
    start = 0
    for column in kept:
        width = min(widths[column.key], max(0, room - start))
        placed.append(PlacedColumn(column, start, width))
        start += width + GAP
    return tuple(placed)
