"""The rows of the fleet, by its columns; and what a filter sees of them besides, which is no column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ssmtui.language import marked, say
from ssmtui.model.node import NodeKind
from ssmtui.model.path import Link, LinkState
from ssmtui.ui.words.fleet_columns import COLUMNS, NodeRow, other_names
from ssmtui.ui.words.row_columns import RowField, cells_of, columns_for, fields_of, widest

if TYPE_CHECKING:
    from ssmtui.model.node import NodeKey
    from ssmtui.ui.words.columns import Column, Rank
    from ssmtui.ui.words.filtering import Filterable
    from ssmtui.ui.words.fleet import Fleet
    from ssmtui.ui.words.ink import Cell

_UNEASY = frozenset({LinkState.FAIL, LinkState.UNKNOWN, LinkState.WARN})
_BY_LIST = tuple(each for each in COLUMNS if each.width and not each.judged)
_BY_VERDICT = tuple(each for each in COLUMNS if each.width and each.judged)
COLUMN_KEYS = tuple(each.column.key for each in COLUMNS)
WIDE = tuple(key for key in COLUMN_KEYS if key != "why")
"""The columns of somebody who wants to see what nodes are: why takes most of the room where there is little."""
_BY_KEY = {each.column.key: each for each in COLUMNS}


def _causes(row: NodeRow) -> tuple[str, ...]:
    return tuple({id_.partition("@")[0] for id_ in row.verdict.finding_ids})


def _uneasy_links(row: NodeRow) -> tuple[str, ...]:
    verdict = row.verdict
    return tuple(name for link in Link if verdict.link(link) in _UNEASY for name in (link.value, say(link.value)))


_NO_COLUMNS: Mapping[str, RowField[NodeRow]] = {
    "kind": RowField(
        marked("ec2, hybrid"),
        3,
        by_beginning=True,
        values=lambda row: (row.node.kind.value,),
        known=tuple(each.value for each in NodeKind),
    ),
    "cause": RowField(marked("a cause's slug, such as log-group-*"), 8, values=_causes),
    "root": RowField(
        marked("the slug of the cause that a node fails by"), 8, values=lambda row: (row.verdict.root_cause or "",)
    ),
    "link": RowField(
        marked("a broken link: identity, network, …"),
        13,
        by_beginning=True,
        values=_uneasy_links,
        known=tuple(link.value for link in Link),
    ),
}

FIELDS: Mapping[str, RowField[NodeRow]] = dict(
    sorted({**fields_of(COLUMNS), **_NO_COLUMNS}.items(), key=lambda each: each[1].place)
)
"""The fields of the filter line, in the order of the help."""


class _Values(Mapping[str, tuple[str, ...]]):
    """What the fields hold of a row, worked out where a filter asks: it does at every key, of every node."""

    def __init__(self, row: NodeRow) -> None:
        self._row = row

    def __getitem__(self, name: str) -> tuple[str, ...]:
        return tuple(value.casefold() for value in FIELDS[name].values(self._row) if value)

    def __iter__(self) -> Iterator[str]:
        return iter(FIELDS)

    def __len__(self) -> int:
        return len(FIELDS)


def names() -> Mapping[str, str]:
    """What the columns are called, by their keys, where they are chosen."""
    return {each.column.key: each.column.title or say("verdict") for each in COLUMNS}


def columns(fleet: Fleet, chosen: Sequence[str] = ()) -> tuple[Column, ...]:
    """The columns for the scopes there are: account and Region only where they tell nodes apart.

    Where some were chosen, those alone and in that order; one that was put further left is the last to give way.
    """
    wanted = tuple(_BY_KEY[key] for key in chosen if key in _BY_KEY)
    shown = columns_for(fleet, wanted)
    if not shown:
        return columns_for(fleet, COLUMNS) if not wanted else tuple(each.column for each in wanted)
    by_itself = [column.key for column in columns_for(fleet, COLUMNS) if column.key in chosen]
    return tuple(
        replace(column, rank=min(column.rank, place)) if place < by_itself.index(column.key) else column
        for place, column in enumerate(shown)
    )


def cells(fleet: Fleet, key: NodeKey) -> Mapping[str, Cell]:
    """What the columns show of a node."""
    node = fleet.node(key)
    return cells_of(NodeRow(fleet, key, node), COLUMNS) if node else {}


def widths(fleet: Fleet, listed: Iterable[NodeKey], changed: Iterable[NodeKey]) -> Mapping[str, int]:
    """How wide the texts are of nodes that were listed, and of the others that have changed."""
    by_list, by_verdict = _rows(fleet, listed), _rows(fleet, changed)
    return {**widest(by_list, _BY_LIST), **widest(by_verdict, _BY_VERDICT)}


def _rows(fleet: Fleet, keys: Iterable[NodeKey]) -> list[NodeRow]:
    return [NodeRow(fleet, key, node) for key in keys if (node := fleet.state.nodes.get(key))]


def rank(fleet: Fleet, key: NodeKey, column: str) -> Rank:
    """What a node is ordered by in a column; rows without a value come last."""
    return _BY_KEY.get(column, _BY_KEY["name"]).order(NodeRow(fleet, key, fleet.state.nodes[key]))


def base(fleet: Fleet, key: NodeKey) -> Rank:
    """What nodes are ordered by where the chosen column does not tell them apart."""
    node = fleet.state.nodes[key]
    return (node.name == "", node.name.casefold(), key.account, key.region, key.id)


class _FilteredNode:
    """What a filter sees of a node, worked out where it looks."""

    __slots__ = ("_row",)

    def __init__(self, row: NodeRow) -> None:
        self._row = row

    @property
    def text(self) -> str:
        """What it is called, and what is wrong with it."""
        row, slugs = self._row, _causes(self._row)
        titles = (row.fleet.title(slug) for slug in slugs)
        return "\n".join((row.node.name, row.node.id, *other_names(row.node), *slugs, *titles)).casefold()

    @property
    def fields(self) -> Mapping[str, tuple[str, ...]]:
        """The values of its fields."""
        return _Values(self._row)

    @property
    def tags(self) -> Mapping[str, str]:
        """Its tags."""
        return {key.casefold(): value.casefold() for key, value in self._row.node.tags}


def filtered_rows(fleet: Fleet) -> Iterator[Filterable]:
    """What a filter sees of every node."""
    return (_FilteredNode(NodeRow(fleet, key, node)) for key, node in fleet.state.nodes.items())


def filtered_row(fleet: Fleet, key: NodeKey) -> Filterable:
    """What a filter sees of a node."""
    return _FilteredNode(NodeRow(fleet, key, fleet.state.nodes[key]))
