"""A table that lays itself out to a width: columns shrink, then give way. Without a width it shows all, uncut."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from ssmtui.report.folding import cut

_GAP = "  "
_BARE = 8
"""Cells that are left of a column where a terminal has no room for the least of all."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its title, fit to print.

    One that is `least` cells wide at least can be cut down to them; one that `yields` is left out where there is no
    room, the lowest number first, and before it those of which all cells are alike.
    """

    title: str
    least: int | None = None
    yields: int | None = None


def table_rows(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int | None) -> Iterator[str]:
    """The titles, and a line for each row."""
    lines = [[column.title for column in columns], *rows]
    wanted = [max(cell_len(line[place]) for line in lines) for place in range(len(columns))]
    least = [
        each if column.least is None else min(each, column.least) for column, each in zip(columns, wanted, strict=True)
    ]
    shown = _shown(columns, rows, least, width)
    given = _given([wanted[place] for place in shown], [least[place] for place in shown], width)
    for line in lines:
        cells = [cut(line[place], cells) for place, cells in zip(shown, given, strict=True)]
        yield _GAP.join(cells).rstrip()


def _shown(
    columns: Sequence[Column], rows: Sequence[Sequence[str]], least: Sequence[int], width: int | None
) -> list[int]:
    """The places of the columns that there is room for."""
    shown = list(range(len(columns)))
    if width is None:
        return shown

    def yielding(place: int) -> tuple[bool, int]:
        return len({row[place] for row in rows}) > 1, columns[place].yields or 0

    waiting = sorted((place for place in shown if columns[place].yields is not None), key=yielding)
    while waiting and _total([least[place] for place in shown]) > width:
        shown.remove(waiting.pop(0))
    return shown


def _given(wanted: Sequence[int], least: Sequence[int], width: int | None) -> list[int]:
    """How wide each becomes: what is left beyond the least goes to the first that wants it."""
    if width is None:
        return list(wanted)
    given, left = list(least), width - _total(least)
    if left < 0:
        widest = given.index(max(given))
        given[widest] = max(given[widest] + left, _BARE)
    for place, each in enumerate(wanted):
        more = min(max(left, 0), each - given[place])
        given[place] += more
        left -= more
    return given


def _total(cells: Sequence[int]) -> int:
    return sum(cells) + len(_GAP) * (len(cells) - 1)
