"""One line of a table as coloured text: cells at their places, cut with an ellipsis or filled up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from ssmtui.ui.widgets.column_layout import Placed
from ssmtui.ui.words.ink import Cell, Ink

StyleOf = Callable[[Ink], Style]


def row_strip(columns: Sequence[Placed], cells: Mapping[str, Cell], style_of: StyleOf, width: int) -> Strip:
    """A row: the cells by their column's key, each in its place."""
    blank = style_of(Ink.PLAIN)
    segments: list[Segment] = []
    for placed in columns:
        gap = placed.start - sum(segment.cell_length for segment in segments)
        if gap > 0:
            segments.append(Segment(" " * gap, blank))
        pieces = fitted(cells.get(placed.column.key, ()), placed.width, right=placed.column.numeric)
        segments.extend(Segment(text, style_of(ink)) for text, ink in pieces)
    return Strip(segments).adjust_cell_length(width, blank)


def header_strip(
    columns: Sequence[Placed], ordered_by: tuple[str, str], plain: Style, chosen: Style, width: int
) -> Strip:
    """The header: the columns' titles, with an arrow at the one that the rows are ordered by (its key, the arrow)."""
    segments: list[Segment] = []
    reached = 0
    for placed in columns:
        segments.append(Segment(" " * (placed.start - reached), plain))
        title, style = placed.column.title, plain
        if placed.column.key == ordered_by[0]:
            title, style = _with_arrow(title, ordered_by[1], placed.width), chosen
        pieces = fitted(((title, Ink.PLAIN),), placed.width, right=placed.column.numeric)
        segments.extend(Segment(text, style) for text, _ in pieces)
        reached = placed.start + placed.width
    return Strip(segments).adjust_cell_length(width, plain)


def text_strip(text: str, style: Style, width: int) -> Strip:
    """A line that is no row: it stands in the place of rows that are not there."""
    pieces = fitted((("  " + text, Ink.PLAIN),), width)
    return Strip([Segment(piece, style) for piece, _ in pieces])


def fitted(pieces: Cell, width: int, *, right: bool = False) -> Cell:
    """Pieces cut with an ellipsis, or filled up with blanks, to exactly `width` cells."""
    if width <= 0:
        return ()
    taken = sum(cell_len(text) for text, _ in pieces)
    if taken <= width:
        fill = (" " * (width - taken), Ink.PLAIN)
        return (fill, *pieces) if right else (*pieces, fill)
    room, kept = width - 1, []
    for text, ink in pieces:
        length = cell_len(text)
        if length >= room:
            kept.append((set_cell_size(text, room) + "…", ink))
            break
        kept.append((text, ink))
        room -= length
    return tuple(kept)


def _with_arrow(title: str, arrow: str, width: int) -> str:
    return set_cell_size(title, max(0, min(cell_len(title), width - 1))) + arrow
