"""Lay out the columns of a table, and paint its lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from ssmtui.ui.text.columns import Column
from ssmtui.ui.text.styled_text import Cell, TextStyle

GAP = 1
"""Cells between two columns."""


@dataclass(frozen=True, slots=True)
class PlacedColumn:
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
        self.placed: tuple[PlacedColumn, ...] = ()

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
        placed = place_columns(self._columns, room, self._content)
        if (room, placed) == (self.room, self.placed):
            return False
        self.room, self.placed = room, placed
        return True


def place_columns(columns: Sequence[Column], room: int, content: Mapping[str, int]) -> tuple[PlacedColumn, ...]:
    """The columns that fit into `room` cells, in their order. `content` is how wide each column's texts are so far.

    In the order of their ranks, columns are let in that still fit at their least width; then each grows to its
    content, in the same order, and what is left goes to the last column without an upper bound.
    """
    least = {column.key: _min_width(column, content) for column in columns}
    kept = _fitting_columns(_without_spare(columns, room, content), room, least)
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
    return _placed_in_order(kept, widths, room)


def _without_spare(columns: Sequence[Column], room: int, content: Mapping[str, int]) -> Sequence[Column]:
    others = [column for column in columns if not column.spare]
    wanted = [max(column.least, content.get(column.key, 0), len(column.title)) for column in others]
    full = sum(min(each, column.most or each) for each, column in zip(wanted, others, strict=True))
    spare = [column.least for column in columns if column.spare]
    return columns if full + sum(spare) + GAP * (len(columns) - 1) <= room else others


def _min_width(column: Column, content: Mapping[str, int]) -> int:
    wanted = content.get(column.key, 0) if column.whole else 0
    return max(column.least, wanted if column.most is None else min(wanted, column.most))


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


StyleOf = Callable[[TextStyle], Style]


def row_strip(columns: Sequence[PlacedColumn], cells: Mapping[str, Cell], style_of: StyleOf, width: int) -> Strip:
    """A row: the cells by their column's key, each in its place."""
    blank = style_of(TextStyle.PLAIN)
    segments: list[Segment] = []
    for placed in columns:
        gap = placed.start - sum(segment.cell_length for segment in segments)
        if gap > 0:
            segments.append(Segment(" " * gap, blank))
        pieces = fitted(cells.get(placed.column.key, ()), placed.width, right=placed.column.numeric)
        segments.extend(Segment(text, style_of(text_style)) for text, text_style in pieces)
    return Strip(segments).adjust_cell_length(width, blank)


def header_strip(
    columns: Sequence[PlacedColumn], ordered_by: tuple[str, str], plain: Style, chosen: Style, width: int
) -> Strip:
    """The header: the columns' titles, with an arrow at the one that the rows are ordered by (its key, the arrow)."""
    segments: list[Segment] = []
    reached = 0
    for placed in columns:
        segments.append(Segment(" " * (placed.start - reached), plain))
        title, style = placed.column.title, plain
        if placed.column.key == ordered_by[0]:
            title, style = _with_arrow(title, ordered_by[1], placed.width), chosen
        pieces = fitted(((title, TextStyle.PLAIN),), placed.width, right=placed.column.numeric)
        segments.extend(Segment(text, style) for text, _ in pieces)
        reached = placed.start + placed.width
    return Strip(segments).adjust_cell_length(width, plain)


def text_strip(text: str, style: Style, width: int) -> Strip:
    """A line that is no row: it stands in the place of rows that are not there."""
    pieces = fitted((("  " + text, TextStyle.PLAIN),), width)
    return Strip([Segment(piece, style) for piece, _ in pieces])


def fitted(pieces: Cell, width: int, *, right: bool = False) -> Cell:
    """Pieces cut with an ellipsis, or filled up with blanks, to exactly `width` cells."""
    if width <= 0:
        return ()
    taken = sum(cell_len(text) for text, _ in pieces)
    if taken <= width:
        fill = (" " * (width - taken), TextStyle.PLAIN)
        return (fill, *pieces) if right else (*pieces, fill)
    room, kept = width - 1, []
    for text, text_style in pieces:
        length = cell_len(text)
        if length >= room:
            kept.append((set_cell_size(text, room) + "…", text_style))
            break
        kept.append((text, text_style))
        room -= length
    return tuple(kept)


def _with_arrow(title: str, arrow: str, width: int) -> str:
    return set_cell_size(title, max(0, min(cell_len(title), width - 1))) + arrow
