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
    room, the lowest number first, and before it those of which all cells are alike: they go as soon as another has not
    what it `likes`.
    """

    title: str
    least: int | None = None
    yields: int | None = None
    likes: int = 0


def table_rows(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int | None) -> Iterator[str]:
    """The titles, and a line for each row."""
    lines = [[column.title for column in columns], *rows]
    wanted = [max(cell_len(line[place]) for line in lines) for place in range(len(columns))]
    least = [
        each if column.least is None else min(each, column.least) for column, each in zip(columns, wanted, strict=True)
    ]
    liked = [max(each, min(column.likes, most)) for column, each, most in zip(columns, least, wanted, strict=True)]
    shown = _shown(columns, rows, (least, liked), width)
    given = _given([wanted[place] for place in shown], [least[place] for place in shown], width)
    for line in lines:
        cells = [cut(line[place], cells) for place, cells in zip(shown, given, strict=True)]
        yield _GAP.join(cells).rstrip()


def _shown(
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    least_and_liked: tuple[Sequence[int], Sequence[int]],
    width: int | None,
) -> list[int]:
    """The places of the columns that there is room for."""
    least, liked = least_and_liked
    shown = list(range(len(columns)))
    if width is None:
        return shown

    def yielding(place: int) -> tuple[bool, int]:
        return len({row[place] for row in rows}) > 1, columns[place].yields or 0

    for place in sorted((place for place in shown if columns[place].yields is not None), key=yielding):
        tells, _ = yielding(place)
        if _total([(least if tells else liked)[each] for each in shown]) > width:
            shown.remove(place)
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
