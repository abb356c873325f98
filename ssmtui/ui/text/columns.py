"""Describe the columns of tables: heading, width, cell, sort rank, and the filter field of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, TypeVar

from ssmtui.language import say
from ssmtui.ui.text.filters import Fields, Filter, FilterField, FilterValues
from ssmtui.ui.text.styled_text import Cell, plain_text

if TYPE_CHECKING:
    from ssmtui.ui.text.fleet import Fleet


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


R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class RowField(FilterField, Generic[R]):
    """A field with what it holds of a row: one value, several, or none; empty ones do not count."""

    values: Callable[[R], Sequence[str]]


@dataclass(frozen=True, slots=True)
class RowColumn(Generic[R]):
    """A column of rows R. Its key is the name of its `field` as well; without a field no filter sees it.

    `order` gives rows without a value the last rank. `width` is how many cells the text of a row takes, for columns
    that grow with their texts; `judged` says that a verdict changes them. `among` is the column for the scopes there
    are: None where it would tell nothing apart.
    """

    column: Column
    cell: Callable[[R], Cell]
    order: Callable[[R], Rank]
    width: Callable[[R], int] | None = None
    field: RowField[R] | None = None
    among: Callable[[Fleet, Column], Column | None] = lambda _fleet, column: column
    judged: bool = False


def columns_for(fleet: Fleet, columns: Iterable[RowColumn[R]]) -> tuple[Column, ...]:
    """The columns that there are to be, as a table lays them out."""
    return tuple(column for each in columns if (column := each.among(fleet, each.column)))


def cells_of(row: R, columns: Iterable[RowColumn[R]]) -> Mapping[str, Cell]:
    """What the columns show of a row."""
    return {each.column.key: each.cell(row) for each in columns}


def widths_of(row: R, columns: Iterable[RowColumn[R]]) -> Mapping[str, int]:
    """How wide the texts of a row are, of the columns that grow with them."""
    return {each.column.key: each.width(row) for each in columns if each.width}


def max_widths(rows: Sequence[R], columns: Iterable[RowColumn[R]]) -> Mapping[str, int]:
    """How wide the widest texts of some rows are, of the columns that grow with them."""
    return {each.column.key: max(map(each.width, rows)) for each in columns if each.width} if rows else {}


def fields_of(columns: Iterable[RowColumn[R]]) -> Mapping[str, RowField[R]]:
    """The fields by which rows can be filtered."""
    return {each.column.key: each.field for each in columns if each.field}


def where_accounts_differ(fleet: Fleet, column: Column) -> Column | None:
    """A column of accounts, where there are several."""
    return column if len({scope.account for scope in fleet.state.scopes.values()}) > 1 else None


def where_regions_differ(fleet: Fleet, column: Column) -> Column | None:
    """A column of Regions, where there are several: no narrower than the longest of them."""
    regions = {name.region for name in (*fleet.state.scopes, *fleet.state.errors)}
    return replace(column, least=max(map(len, regions))) if len(regions) > 1 else None


def text_rank(text: str) -> Rank:
    """The rank of a text: whatever its case, and after all others where it is empty."""
    return (text == "", text.casefold())


K = TypeVar("K")


def fields_of_columns(columns: Iterable[Column]) -> Fields:
    """The fields by which rows can be filtered: the columns, by the keys of those that have a heading."""
    return {
        column.key: FilterField(column.label, place) for place, column in enumerate(columns, start=1) if column.label
    }


def filter_rows(wanted: Filter, keys: Iterable[K], cells_of: Callable[[K], Mapping[str, Cell]]) -> Sequence[K]:
    """The rows that a filter admits by what their cells say, in their order."""
    if not wanted.tests:
        return list(keys)
    return [key for key in keys if wanted.admits(_filter_values(cells_of(key)))]


def _filter_values(cells: Mapping[str, Cell]) -> FilterValues:
    texts = {key: plain_text(cell).strip().casefold() for key, cell in cells.items()}
    return FilterValues("\n".join(texts.values()), {key: (text,) if text else () for key, text in texts.items()}, {})
