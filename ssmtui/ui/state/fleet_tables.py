"""Hold the table models of the fleet: the rows of nodes and causes, filtered and sorted incrementally."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Iterator, Set
from operator import attrgetter
from typing import Generic, TypeVar

from ssmtui.language import say
from ssmtui.model.finding import FleetFinding, Verdict, VerdictStatus
from ssmtui.model.node import NodeKey
from ssmtui.model.node_order import NodeOrder, root_finding
from ssmtui.ui.state.fleet_view import FleetView
from ssmtui.ui.text import cause_rows, node_columns, node_rows
from ssmtui.ui.text.filters import NO_FILTER, Filter, Rank
from ssmtui.ui.text.node_rows import FilteredNode

K = TypeVar("K", bound=Hashable)

_FULL_SORT_SHARE = 16
"""Sort all rows if more than one in this many has moved: a full sort is faster then."""

_ASCENDING = attrgetter("rank", "base")
_BY_RANK = attrgetter("rank")
_BY_BASE = attrgetter("base")


class _SortedRow(Generic[K]):
    """A row with its sort keys; `placed` means that its position matches them."""

    __slots__ = ("base", "key", "placed", "rank", "shown")

    def __init__(self, key: K, rank: Rank, base: Rank, *, shown: bool) -> None:
        self.key = key
        self.rank = rank
        self.base = base
        self.shown = shown
        self.placed = False


class _ReversedRank:
    """A rank that sorts before lower ranks."""

    __slots__ = ("rank",)

    def __init__(self, rank: Rank) -> None:
        self.rank = rank

    def __lt__(self, other: _ReversedRank) -> bool:
        return other.rank < self.rank

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ReversedRank) and other.rank == self.rank

    __hash__ = None  # type: ignore[assignment]


class SortedRows(Generic[K]):
    """Rows with their sort keys: `rank` for the chosen column, `base` for rows of equal rank."""

    def __init__(self) -> None:
        self._descending = False
        self._rows: dict[K, _SortedRow[K]] = {}
        self._order: list[_SortedRow[K]] = []
        self._by_base: list[_SortedRow[K]] = []
        self._is_by_base = True
        """Whether the list above is sorted: a base hardly ever changes."""
        self._moved: list[_SortedRow[K]] = []
        self._keys: list[K] | None = []
        self._shown = 0

    def __len__(self) -> int:
        return self._shown

    def __contains__(self, key: object) -> bool:
        row = self._rows.get(key)  # type: ignore[arg-type]
        return row is not None and row.shown

    @property
    def descending(self) -> bool:
        """Whether the order is reversed; rows of equal rank stay in their base order in both cases."""
        return self._descending

    def put(self, key: K, rank: Rank, base: Rank | None = None, *, shown: bool = True) -> bool:
        """Add or update a row; return whether the shown rows or their order may have changed.

        Without a `base`, the row keeps its base.
        """
        row = self._rows.get(key)
        moved = False
        if row is None:
            row = self._rows[key] = _SortedRow(key, rank, base or (), shown=False)
            self._moved.append(row)
            self._by_base.append(row)
            self._is_by_base = False
        elif row.rank != rank or (base is not None and row.base != base):
            row.rank = rank
            if base is not None and row.base != base:
                row.base = base
                self._is_by_base = False
            if row.placed:
                row.placed = False
                self._moved.append(row)
            if moved := row.shown:
                self._keys = None
        if row.shown is not shown:
            self._show(row, shown=shown)
            return True
        return moved

    def rerank(self, keys: Iterable[K], rank: Rank) -> None:
        """Give these rows another rank."""
        for row in map(self._rows.__getitem__, keys):
            row.rank = rank
            if row.placed:
                row.placed = False
                self._moved.append(row)
        self._keys = None

    def remove(self, key: K) -> bool:
        """Remove a row; return whether it was shown."""
        row = self._rows.pop(key, None)
        if row is None:
            return False
        was_shown, row.placed = row.shown, False
        if was_shown:
            self._show(row, shown=False)
        return was_shown

    def set_visibility(self, is_shown: Callable[[K], bool]) -> None:
        """Show other rows; their order stays the same."""
        for row in self._rows.values():
            if row.shown is not (shown := is_shown(row.key)):
                self._show(row, shown=shown)

    def order_by(self, rank_of: Callable[[K], Rank], *, descending: bool) -> None:
        """Sort by another rank."""
        self._descending = descending
        for row in self._rows.values():
            row.rank = rank_of(row.key)
        self._sort()

    def set_direction(self, *, descending: bool) -> None:
        """Sort by the same ranks in this direction."""
        self._descending = descending
        self._sort()

    def clear(self) -> None:
        """Remove all rows."""
        self._rows.clear()
        for rows in (self._order, self._by_base, self._moved):
            rows.clear()
        self._keys, self._shown = None, 0

    def ordered(self) -> list[K]:
        """Return the shown rows in order. Callers must not modify the list; each change creates a new list."""
        if self._keys is None:
            self._place()
            self._keys = [row.key for row in self._order if row.shown]
        return self._keys

    def _show(self, row: _SortedRow[K], *, shown: bool) -> None:
        row.shown = shown
        self._shown += 1 if shown else -1
        self._keys = None

    def _place(self) -> None:
        """Insert the moved rows at their new positions, and drop the removed rows."""
        moved = [row for row in self._moved if self._is_there(row)]
        if len(moved) * _FULL_SORT_SHARE > len(self._rows):
            self._sort()
            return
        kept = [row for row in self._order if row.placed]
        self._moved.clear()
        if len(self._by_base) > 2 * len(self._rows):
            self._by_base = [row for row in self._by_base if self._is_there(row)]
        self._order = self._merged(kept, self._by_rank(sorted(moved, key=_BY_BASE))) if moved else kept

    def _merged(self, kept: list[_SortedRow[K]], moved: Iterable[_SortedRow[K]]) -> list[_SortedRow[K]]:
        key: Callable[[_SortedRow[K]], tuple[object, ...]] = self._reversed if self._descending else _ASCENDING
        merged: list[_SortedRow[K]] = []
        begin = 0
        for row in moved:
            end = bisect_left(kept, key(row), begin, key=key)
            merged += kept[begin:end]
            merged.append(row)
            row.placed = True
            begin = end
        merged += kept[begin:]
        return merged

    def _sort(self) -> None:
        """Sort all rows. They are sorted by their base, or nearly, from the last time, which makes this fast."""
        if len(self._by_base) > len(self._rows):
            self._by_base = [row for row in self._by_base if self._is_there(row)]
        if not self._is_by_base:
            self._by_base.sort(key=_BY_BASE)
            self._is_by_base = True
        self._order = self._by_rank(self._by_base)
        for row in self._order:
            row.placed = True
        self._moved.clear()
        self._keys = None

    def _by_rank(self, rows_by_base: Iterable[_SortedRow[K]]) -> list[_SortedRow[K]]:
        return sorted(rows_by_base, key=_BY_RANK, reverse=self._descending)

    def _is_there(self, row: _SortedRow[K]) -> bool:
        return self._rows.get(row.key) is row

    @staticmethod
    def _reversed(row: _SortedRow[K]) -> tuple[object, ...]:
        return _ReversedRank(row.rank), row.base


class RootCauseRanks:
    """The ranks of failing nodes by root cause: nodes of the root cause behind the most nodes come first.

    `refresh` changes ranks only if the order of the root causes has changed. So a root cause that grows while results
    arrive does not move all its rows.
    """

    def __init__(self) -> None:
        self._order = NodeOrder()
        self._root_of: dict[NodeKey, str] = {}
        self._keys_of: dict[str, dict[NodeKey, None]] = {}
        self._ranks: dict[str, Rank] = {}
        self._is_stale = False

    def take(self, key: NodeKey, verdict: Verdict | None) -> bool:
        """Count a node under its root cause; None removes the node. Return whether the node has another root cause."""
        failing = verdict is not None and verdict.status is VerdictStatus.FAIL
        root = root_finding(verdict.root_cause, verdict.finding_ids) if verdict is not None and failing else ""
        before = self._root_of.pop(key, "")
        if root:
            self._root_of[key] = root
        if root == before:
            return False
        if before:
            self._order.count(VerdictStatus.FAIL, before, -1)
            del self._keys_of[before][key]
        if root:
            self._order.count(VerdictStatus.FAIL, root)
            self._keys_of.setdefault(root, {})[key] = None
            self._ranks.setdefault(root, self._current_rank(root))
        self._is_stale = True
        return True

    def rank(self, key: NodeKey) -> Rank:
        """Return the rank of a node among nodes with the same status."""
        return self._ranks.get(self._root_of.get(key, ""), _NO_ROOT_CAUSE)

    def refresh(self) -> Iterator[tuple[Rank, Iterable[NodeKey]]]:
        """Update the ranks if the order of the root causes has changed; yield the new ranks with their nodes."""
        if not self._is_stale:
            return
        self._is_stale = False
        current = {root: self._current_rank(root) for root, keys in self._keys_of.items() if keys}
        before = self._ranks
        # Sorting the same order again is fast.
        order = sorted(current, key=before.__getitem__)
        if sorted(order, key=current.__getitem__) == order:
            return
        self._ranks = current
        for root, rank in current.items():
            if rank != before[root]:
                yield rank, self._keys_of[root]

    def _current_rank(self, root: str) -> Rank:
        return self._order.of_node(VerdictStatus.FAIL, root)


_NO_ROOT_CAUSE: Rank = NodeOrder().of_node(VerdictStatus.FAIL, "")


class NodeTableModel:
    """The nodes that the filter admits, in the chosen order."""

    def __init__(self, fleet_view: FleetView) -> None:
        self._fleet_view = fleet_view
        self._sorted_rows: SortedRows[NodeKey] = SortedRows()
        self._root_ranks = RootCauseRanks()
        self._filter = NO_FILTER
        self._filterable: dict[NodeKey, FilteredNode] = {}
        """The filter values of the nodes; empty until the first filter."""
        self._column = node_columns.STATUS_COLUMN
        self._shown_of: list[NodeKey] = []
        self._shown: frozenset[NodeKey] = frozenset()

    @property
    def column(self) -> str:
        """The column that orders the rows."""
        return self._column

    @property
    def descending(self) -> bool:
        """Whether the order is reversed."""
        return self._sorted_rows.descending

    @property
    def filter(self) -> Filter:
        """The filter in force."""
        return self._filter

    @property
    def when_empty(self) -> str:
        """The text shown if there are no rows."""
        return say("No node matches the filter. Esc clears it.")

    def __len__(self) -> int:
        return len(self._sorted_rows)

    def ordered(self) -> list[NodeKey]:
        """Return the nodes to show, in order."""
        self._refresh_ranks()
        return self._sorted_rows.ordered()

    def _refresh_ranks(self) -> None:
        if self._column == node_columns.STATUS_COLUMN:
            for rank, keys in self._root_ranks.refresh():
                self._sorted_rows.rerank(keys, (node_columns.FAIL_PLACE, *rank))

    @property
    def shown(self) -> Set[NodeKey]:
        """The nodes to show, in no order."""
        ordered = self.ordered()
        if self._shown_of is not ordered:
            self._shown_of, self._shown = ordered, frozenset(ordered)
        return self._shown

    def take(self, keys: Iterable[NodeKey]) -> bool:
        """Update nodes; return whether the rows or their order may have changed."""
        moved = False
        for key in keys:
            moved |= self._take(key)
        return moved

    def filter_by(self, wanted: Filter) -> None:
        """Apply another filter."""
        self._filter = wanted
        self._sorted_rows.set_visibility(self._is_shown)

    def order_by(self, column: str, *, descending: bool) -> None:
        """Order by another column, or by the same in another direction."""
        if column == self._column:
            self._refresh_ranks()
            self._sorted_rows.set_direction(descending=descending)
            return
        self._column = column
        list(self._root_ranks.refresh())
        self._sorted_rows.order_by(self._rank, descending=descending)

    def _rank(self, key: NodeKey) -> Rank:
        rank = node_rows.rank(self._fleet_view, key, self._column)
        return (*rank, *self._root_ranks.rank(key)) if self._column == node_columns.STATUS_COLUMN else rank

    def _is_shown(self, key: NodeKey) -> bool:
        if not self._filter.tests:
            return True
        row = self._filterable.get(key)
        if row is None:
            row = self._filterable[key] = node_rows.filtered_row(self._fleet_view, key)
        return self._filter.admits(row)

    def _take(self, key: NodeKey) -> bool:
        node = self._fleet_view.node(key)
        if node is None:
            self._filterable.pop(key, None)
            moved = self._root_ranks.take(key, None)
            return self._sorted_rows.remove(key) or moved
        if (filterable := self._filterable.get(key)) is not None:
            filterable.update(node)
        moved = self._root_ranks.take(key, self._fleet_view.verdict(key))
        base = node_rows.base(self._fleet_view, key)
        return self._sorted_rows.put(key, self._rank(key), base, shown=self._is_shown(key)) or moved


class CauseTableModel:
    """The findings in the chosen order; if the nodes are filtered, only the findings of the nodes that are shown."""

    def __init__(self, fleet_view: FleetView, nodes: NodeTableModel) -> None:
        self._fleet_view = fleet_view
        self._nodes = nodes
        self._sorted_rows: SortedRows[str] = SortedRows()
        self._column = "status"
        self._filter = NO_FILTER
        self._stale = False

    @property
    def column(self) -> str:
        """The column that orders the rows."""
        return self._column

    @property
    def descending(self) -> bool:
        """Whether the order is reversed."""
        return self._sorted_rows.descending

    @property
    def when_empty(self) -> str:
        """The text shown if there are no rows."""
        if self._filter.tests:
            return say("No cause matches the filter. Esc clears it.")
        if self._nodes.filter.tests:
            return say("These nodes have no findings. Esc shows all causes.")
        return say("No findings so far.") if self._fleet_view.pending else say("No findings.")

    def __len__(self) -> int:
        self._freshen()
        return len(self._sorted_rows)

    def ordered(self) -> list[str]:
        """Return the findings to show, in order."""
        self._freshen()
        return self._sorted_rows.ordered()

    def counted(self, fleet_finding: FleetFinding) -> int:
        """Return how many of a finding's nodes are shown."""
        if not self._nodes.filter.tests:
            return len(fleet_finding.nodes)
        return len(fleet_finding.nodes & self._nodes.shown)

    def take(self, ids: Iterable[str]) -> bool:
        """Update findings; return whether the rows or their order may have changed."""
        moved = False
        for id_ in ids:
            moved |= self._take(id_)
        return moved

    def order_by(self, column: str, *, descending: bool) -> None:
        """Order by another column."""
        self._column = column
        self._sorted_rows.order_by(
            lambda id_: cause_rows.rank(self._fleet_view, id_, column, self.counted), descending=descending
        )

    def filter_by(self, wanted: Filter) -> None:
        """Apply another filter, to the findings of the nodes that are shown."""
        self._filter = wanted
        self._stale = True

    def filter_changed(self) -> None:
        """Check every finding again before the next read: the filter of the nodes has changed."""
        self._stale = True

    def _freshen(self) -> None:
        if self._stale:
            self._stale = False
            self.take(self._fleet_view.state.findings)

    def _take(self, id_: str) -> bool:
        fleet_finding = self._fleet_view.state.findings.get(id_)
        if fleet_finding is None:
            return self._sorted_rows.remove(id_)
        rank = cause_rows.rank(self._fleet_view, id_, self._column, self.counted)
        counted = self.counted(fleet_finding)
        shown = not self._nodes.filter.tests or counted > 0
        if shown and self._filter.tests:
            shown = self._filter.admits(cause_rows.filtered_row(self._fleet_view, fleet_finding, counted))
        return self._sorted_rows.put(id_, rank, cause_rows.base(self._fleet_view, id_), shown=shown)
