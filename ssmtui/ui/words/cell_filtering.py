"""Filtering the rows of a small table by what its columns show: every column with a heading is a field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from ssmtui.ui.words.columns import Column
from ssmtui.ui.words.filtering import Fields, Filter, FilteredRow, FilterField
from ssmtui.ui.words.ink import Cell, plain

K = TypeVar("K")


def fields_of_columns(columns: Iterable[Column]) -> Fields:
    """The fields by which rows can be filtered: the columns, by the keys of those that have a heading."""
    return {
        column.key: FilterField(column.label, place) for place, column in enumerate(columns, start=1) if column.label
    }


def admitted(wanted: Filter, keys: Iterable[K], cells_of: Callable[[K], Mapping[str, Cell]]) -> Sequence[K]:
    """The rows that a filter admits by what their cells say, in their order."""
    if not wanted.tests:
        return list(keys)
    return [key for key in keys if wanted.admits(_row(cells_of(key)))]


def _row(cells: Mapping[str, Cell]) -> FilteredRow:
    texts = {key: plain(cell).strip().casefold() for key, cell in cells.items()}
    return FilteredRow("\n".join(texts.values()), {key: (text,) if text else () for key, text in texts.items()}, {})
