"""How wide the columns of a table are, and which of them fold away where there is no room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ssmtui.language import say

GAP = 1
"""Cells between two columns."""

Rank = tuple[object, ...]
"""What rows are ordered by; ranks of one column compare with each other."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column. It takes `least` cells at least and `most` at most; of two, the one with the lower `rank` stays longer.

    `most` is None where it takes whatever room is left. One that is `whole` is not there rather than cut; one that is
    `spare` is there only where no other is cut for it.
    """

    key: str
    label: str
    least: int
    most: int | None
    rank: int
    numeric: bool = False
    whole: bool = False
    spare: bool = False

    @property
    def title(self) -> str:
        """What stands above it, in the language in force."""
        return say(self.label)


@dataclass(frozen=True, slots=True)
class Placed:
    """A column with its place on the line: its first cell and its width."""

    column: Column
    start: int
    width: int


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
