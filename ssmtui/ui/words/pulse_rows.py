"""The rows of the pulse: a group, how many nodes it has, and a bar of them by their signs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.cells import cell_len

from ssmtui.language import marked, say
from ssmtui.model.plain_text import printable
from ssmtui.ui.words.columns import Column
from ssmtui.ui.words.ink import Cell, Ink, Piece, cell
from ssmtui.ui.words.pulse_groups import Group, Grouping, in_cells, share
from ssmtui.ui.words.signs import Sign

if TYPE_CHECKING:
    from ssmtui.ui.words.fleet import Fleet

Counts = Mapping[Sign, int]
"""How many nodes have which sign."""


def columns(grouping: Grouping) -> tuple[Column, ...]:
    """The columns of a panel: a bar takes what room is left. Where there is one sign only, the number says it all."""
    name = Column("name", grouping.heading, 14, 64, 1)
    nodes = Column("nodes", marked("nodes"), 5, 7, 2, numeric=True)
    bar = Column("bar", "", 8, None, 3)
    if len(grouping.signs) == 1:
        return (name, nodes, bar)
    return (
        name,
        nodes,
        Column("share", marked("share"), 5, 5, 5, numeric=True),
        bar,
        Column("signs", "", 8, 64, 4, whole=True),
    )


def cells(grouping: Grouping, name: str, counts: Counts, room: int, most: int, total: int) -> Mapping[str, Cell]:
    """What the columns show of a group. Its bar fills `room` cells where it has as many nodes as the largest has."""
    there = [sign for sign in grouping.signs if counts.get(sign)]
    nodes = sum(counts.values())
    lengths = in_cells((counts[sign] for sign in there), room, most)
    return {
        "name": cell(name),
        "nodes": cell(f"{nodes:,}", Ink.STRONG),
        "share": cell(f"{share(nodes, total)} %", Ink.MUTED),
        "bar": tuple((sign.glyph * length, sign.ink) for sign, length in zip(there, lengths, strict=True)),
        "signs": tuple((_counted(sign, counts[sign]), sign.ink) for sign in there),
    }


def widths(grouping: Grouping, name: str, counts: Counts) -> Mapping[str, int]:
    """How wide the texts of a group are, of the columns that grow with them."""
    return {
        "name": cell_len(printable(name)),
        "nodes": len(f"{sum(counts.values()):,}"),
        "signs": sum(cell_len(_counted(sign, counts[sign])) for sign in grouping.signs if counts.get(sign)),
    }


def title(grouping: Grouping, totals: Counts) -> tuple[Piece, ...]:
    """What stands above a panel; of what is no verdict, how much there is of it, too."""
    pieces: list[Piece] = [(f"{say(grouping.title)}  ", Ink.HEADING)]
    if grouping.summed:
        all_of_them = sum(totals.values())
        for sign in grouping.signs:
            if count := totals.get(sign):
                told = say("{share} % {word}", share=share(count, all_of_them), word=sign.word)
                pieces += [(f"{sign.glyph} ", sign.ink), (f"{told}  ", Ink.MUTED)]
    return tuple(pieces)


def copied(fleet: Fleet, grouping: Grouping, group: Group, counts: Counts) -> str:
    """A row as it is copied: its name, and how many nodes stand how."""
    told = ", ".join(f"{counts[sign]} {sign.word}" for sign in grouping.signs if counts.get(sign))
    return f"{printable(grouping.label(fleet, group))}: {told}"


def _counted(sign: Sign, count: int) -> str:
    return f"{sign.glyph} {count:,} "
