"""Return the rows of the nodes table: columns, cells, widths, sort ranks, and filter values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ssmtui.language import say, translatable
from ssmtui.model.finding import Link, LinkState
from ssmtui.model.node import CLOUDS, Node, NodeKey, NodeKind
from ssmtui.text.printable import printable
from ssmtui.ui.text.filters import Column, Rank, RowColumn, RowField, cells_of, columns_for, fields_of, max_widths
from ssmtui.ui.text.node_columns import (
    AWS_TAG_PREFIX,
    COLUMNS,
    TAG_PREFIX,
    NodeRow,
    addresses,
    column_of,
    computer_name,
)
from ssmtui.ui.text.styled_text import Cell

if TYPE_CHECKING:
    from ssmtui.ui.text.filters import FilterableRow
    from ssmtui.ui.text.fleet import Fleet


_PROBLEM_STATES = frozenset({LinkState.FAIL, LinkState.UNKNOWN, LinkState.WARN})
_LISTED_COLUMNS = tuple(each for each in COLUMNS if each.width and not each.judged)
_JUDGED_COLUMNS = tuple(each for each in COLUMNS if each.width and each.judged)
COLUMN_KEYS = tuple(each.column.key for each in COLUMNS)
DEFAULT_COLUMNS = tuple(each.column.key for each in COLUMNS if not each.optional)


def _causes(row: NodeRow) -> tuple[str, ...]:
    found = row.verdict.finding_ids
    return tuple({id_.partition("@")[0] for id_ in found}) if found else ()


def _problem_links(row: NodeRow) -> tuple[str, ...]:
    verdict = row.verdict
    return tuple(
        name for link in Link if verdict.link(link) in _PROBLEM_STATES for name in (link.value, say(link.value))
    )


def _cloud(name: str) -> str:
    return name.casefold().replace(" ", "-")


_EXTRA_FIELDS: Mapping[str, RowField[NodeRow]] = {
    "kind": RowField(
        translatable("ec2, hybrid, azure, google-cloud, iot"),
        3,
        by_beginning=True,
        values=lambda row: (row.node.kind.value, _cloud(row.node.cloud)),
        known=(*(each.value for each in NodeKind), *map(_cloud, CLOUDS.values())),
    ),
    "cause": RowField(translatable("the slug of a cause, such as log-group-*"), 8, values=_causes),
    "root": RowField(
        translatable("the slug of the root cause of the node"),
        8,
        values=lambda row: (row.verdict.root_cause or "",),
    ),
    "link": RowField(
        translatable("a failing link: identity, network, …"),
        13,
        by_beginning=True,
        values=_problem_links,
        known=tuple(link.value for link in Link),
    ),
}

FIELDS: Mapping[str, RowField[NodeRow]] = dict(
    sorted({**fields_of(COLUMNS), **_EXTRA_FIELDS}.items(), key=lambda each: each[1].place)
)
"""The fields of the filter line, in the order of the help."""


class _FieldValues(Mapping[str, tuple[str, ...]]):
    """The field values of a row, computed on access: a filter reads every node at every key."""

    def __init__(self, row: NodeRow) -> None:
        self._row = row

    def __getitem__(self, name: str) -> tuple[str, ...]:
        return tuple(value.casefold() for value in FIELDS[name].values(self._row) if value)

    def __iter__(self) -> Iterator[str]:
        return iter(FIELDS)

    def __len__(self) -> int:
        return len(FIELDS)


_MAX_TAGS = 50
"""The most tags that can be chosen as columns in the dialog: those of the most nodes."""


def column_titles(fleet: Fleet, chosen: Sequence[str] = ()) -> Mapping[str, str]:
    """Return the names of the columns by key, for the column dialog: also of tags, those of the most nodes first."""
    tags = Counter(key for node in fleet.state.nodes.values() for key, _ in node.tags)
    offered = (key for key, _ in tags.most_common(_MAX_TAGS) if key != "Name" and not key.startswith(AWS_TAG_PREFIX))
    keys = dict.fromkeys((*COLUMN_KEYS, *chosen, *(f"{TAG_PREFIX}{key}" for key in offered)))
    return {
        key: printable(key) if known.column.literal else known.column.name for key in keys if (known := column_of(key))
    }


def columns(fleet: Fleet, chosen: Sequence[str] = ()) -> tuple[Column, ...]:
    """Return the columns for the open scopes: account and Region only if they differ between nodes.

    If columns were chosen, return only those, in that order. A column that was moved to the left is dropped later; that
    column, and an optional one, is not dropped to show another one in full.
    """
    wanted = tuple(known for key in chosen if (known := column_of(key)))
    shown = columns_for(fleet, wanted)
    if not shown:
        default = tuple(each for each in COLUMNS if not each.optional)
        return columns_for(fleet, default) if not wanted else tuple(each.column for each in wanted)
    optional = {each.column.key for each in wanted if each.optional}
    in_order = [column.key for column in columns_for(fleet, (*COLUMNS, *_tag_columns(chosen))) if column.key in chosen]
    return tuple(
        replace(column, rank=min(column.rank, place), spare=False)
        if place < in_order.index(column.key)
        else replace(column, spare=column.spare and column.key not in optional)
        for place, column in enumerate(shown)
    )


def wide_columns(fleet: Fleet) -> tuple[Column, ...]:
    """Return the columns of the wide view: all properties, and not the reason, which takes most of the room."""
    return tuple(replace(column, spare=False) for column in columns_for(fleet, COLUMNS) if column.key != "why")


def cells(fleet: Fleet, key: NodeKey, chosen: Sequence[str] = ()) -> Mapping[str, Cell]:
    """Return the cells of a node, also those of the chosen tags."""
    node = fleet.node(key)
    return cells_of(NodeRow(fleet, key, node), (*COLUMNS, *_tag_columns(chosen))) if node else {}


def _tag_columns(chosen: Iterable[str]) -> list[RowColumn[NodeRow]]:
    return [known for key in chosen if key.startswith(TAG_PREFIX) and (known := column_of(key))]


def tag_widths(fleet: Fleet, chosen: Iterable[str]) -> Mapping[str, int]:
    """Return the text widths of the columns of the chosen tags."""
    tags = _tag_columns(chosen)
    return max_widths(_rows(fleet, fleet.state.nodes), tags) if tags else {}


def widths(fleet: Fleet, listed: Iterable[NodeKey], changed: Iterable[NodeKey]) -> Mapping[str, int]:
    """Return the text widths of the listed nodes, and of the other changed nodes."""
    by_list, by_verdict = _rows(fleet, listed), _rows(fleet, changed)
    return {**max_widths(by_list, _LISTED_COLUMNS), **max_widths(by_verdict, _JUDGED_COLUMNS)}


def _rows(fleet: Fleet, keys: Iterable[NodeKey]) -> list[NodeRow]:
    return [NodeRow(fleet, key, node) for key in keys if (node := fleet.state.nodes.get(key))]


def rank(fleet: Fleet, key: NodeKey, column: str) -> Rank:
    """Return the rank of a node in a column; rows without a value are last."""
    known = column_of(column) or column_of("name")
    return known.order(NodeRow(fleet, key, fleet.state.nodes[key])) if known else ()


def base(fleet: Fleet, key: NodeKey) -> Rank:
    """Return the rank that orders nodes of equal rank in the chosen column."""
    node = fleet.state.nodes[key]
    return (node.name == "", node.name.casefold(), key.account, key.region, key.id)


class FilteredNode:
    """The filter values of a node, computed on access; the text is stored: a filter reads it at every key."""

    __slots__ = ("_fleet", "_key", "_names", "_node", "_text")

    def __init__(self, fleet: Fleet, key: NodeKey, node: Node) -> None:
        self._fleet = fleet
        self._key = key
        self._node = node
        self._names = ""
        self._text = ""

    def update(self, node: Node) -> None:
        """Take in that the node or its result has changed."""
        if node is not self._node:
            self._node, self._names = node, ""
        self._text = ""

    @property
    def text(self) -> str:
        """The node's names, and its problem."""
        if not self._text:
            node = self._node
            self._names = self._names or _joined(node.name, node.id, computer_name(node), *addresses(node))
            slugs = _causes(self._row)
            self._text = _joined(self._names, *slugs, *map(self._fleet.title, slugs)) if slugs else self._names
        return self._text

    @property
    def fields(self) -> Mapping[str, tuple[str, ...]]:
        """The values of the fields."""
        return _FieldValues(self._row)

    @property
    def tags(self) -> Mapping[str, str]:
        """The tags of the node."""
        return {key.casefold(): value.casefold() for key, value in self._node.tags}

    @property
    def _row(self) -> NodeRow:
        return NodeRow(self._fleet, self._key, self._node)


def filtered_rows(fleet: Fleet) -> Iterator[FilterableRow]:
    """Yield the filter values of every node."""
    return (FilteredNode(fleet, key, node) for key, node in fleet.state.nodes.items())


def _joined(*words: str) -> str:
    return "\n".join(words).casefold()


def filtered_row(fleet: Fleet, key: NodeKey) -> FilteredNode:
    """Return the filter values of a node, as it is now."""
    return FilteredNode(fleet, key, fleet.state.nodes[key])
