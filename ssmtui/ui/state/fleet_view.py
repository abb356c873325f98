"""The two views of the fleet, nodes and causes: filtered and ordered, kept up to date row by row."""

from __future__ import annotations

from collections.abc import Iterable, Set

from ssmtui.language import say
from ssmtui.model.fleet import FleetFinding
from ssmtui.model.node import NodeKey
from ssmtui.ui.state.arrangement import Arrangement
from ssmtui.ui.state.board import Board
from ssmtui.ui.words import cause_rows, fleet_rows
from ssmtui.ui.words.filtering import EVERYTHING, Filter


class NodesView:
    """The nodes that the filter admits, in the chosen order."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._arrangement: Arrangement[NodeKey] = Arrangement()
        self._filter = EVERYTHING
        self._column = "verdict"
        self._shown_of: list[NodeKey] = []
        self._shown: frozenset[NodeKey] = frozenset()

    @property
    def column(self) -> str:
        """The column that orders the rows."""
        return self._column

    @property
    def descending(self) -> bool:
        """Whether the order is reversed."""
        return self._arrangement.descending

    @property
    def filter(self) -> Filter:
        """The filter in force."""
        return self._filter

    @property
    def when_empty(self) -> str:
        """What stands in the place of the rows where there are none."""
        return say("No node is like that. Esc shows them all.")

    def __len__(self) -> int:
        return len(self._arrangement)

    def ordered(self) -> list[NodeKey]:
        """The nodes to show, in order."""
        return self._arrangement.ordered()

    @property
    def shown(self) -> Set[NodeKey]:
        """The nodes to show, in no order."""
        ordered = self.ordered()
        if self._shown_of is not ordered:
            self._shown_of, self._shown = ordered, frozenset(ordered)
        return self._shown

    def take(self, keys: Iterable[NodeKey]) -> bool:
        """Look at nodes again; whether the rows or their order may have changed."""
        moved = False
        for key in keys:
            moved |= self._take(key)
        return moved

    def filter_by(self, wanted: Filter) -> None:
        """Show what another filter admits."""
        self._filter = wanted
        self._arrangement.show_where(self._is_shown)

    def order_by(self, column: str, *, descending: bool) -> None:
        """Order by another column."""
        self._column = column
        self._arrangement.order_by(lambda key: fleet_rows.rank(self._board, key, column), descending=descending)

    def _is_shown(self, key: NodeKey) -> bool:
        return not self._filter.tests or self._filter.admits(fleet_rows.filtered_row(self._board, key))

    def _take(self, key: NodeKey) -> bool:
        if key not in self._board.state.nodes:
            return self._arrangement.leave_out(key)
        rank, base = fleet_rows.rank(self._board, key, self._column), fleet_rows.base(self._board, key)
        return self._arrangement.put(key, rank, base, shown=self._is_shown(key))


class CausesView:
    """The findings, in the chosen order; where the nodes are filtered, those that hold down a node that is shown."""

    def __init__(self, board: Board, nodes: NodesView) -> None:
        self._board = board
        self._nodes = nodes
        self._arrangement: Arrangement[str] = Arrangement()
        self._column = "status"
        self._filter = EVERYTHING
        self._stale = False

    @property
    def column(self) -> str:
        """The column that orders the rows."""
        return self._column

    @property
    def descending(self) -> bool:
        """Whether the order is reversed."""
        return self._arrangement.descending

    @property
    def when_empty(self) -> str:
        """What stands in the place of the rows where there are none."""
        if self._filter.tests:
            return say("No cause is like that. Esc shows them all.")
        if self._nodes.filter.tests:
            return say("Nothing was found about these nodes. Esc shows every cause.")
        return say("Nothing was found so far.") if self._board.pending else say("Nothing was found.")

    def __len__(self) -> int:
        self._freshen()
        return len(self._arrangement)

    def ordered(self) -> list[str]:
        """The findings to show, in order."""
        self._freshen()
        return self._arrangement.ordered()

    def counted(self, held: FleetFinding) -> int:
        """How many of a finding's nodes are shown."""
        if not self._nodes.filter.tests:
            return len(held.nodes)
        return len(held.nodes & self._nodes.shown)

    def take(self, ids: Iterable[str]) -> bool:
        """Look at findings again; whether the rows or their order may have changed."""
        moved = False
        for id_ in ids:
            moved |= self._take(id_)
        return moved

    def order_by(self, column: str, *, descending: bool) -> None:
        """Order by another column."""
        self._column = column
        self._arrangement.order_by(
            lambda id_: cause_rows.rank(self._board, id_, column, self.counted), descending=descending
        )

    def filter_by(self, wanted: Filter) -> None:
        """Show what another filter admits, of those that hold down a node that is shown."""
        self._filter = wanted
        self._stale = True

    def filter_changed(self) -> None:
        """Look at every finding again before the next is shown."""
        self._stale = True

    def _freshen(self) -> None:
        if self._stale:
            self._stale = False
            self.take(self._board.state.findings)

    def _take(self, id_: str) -> bool:
        held = self._board.state.findings.get(id_)
        if held is None:
            return self._arrangement.leave_out(id_)
        rank = cause_rows.rank(self._board, id_, self._column, self.counted)
        counted = self.counted(held)
        shown = not self._nodes.filter.tests or counted > 0
        if shown and self._filter.tests:
            shown = self._filter.admits(cause_rows.filtered_row(self._board, held, counted))
        return self._arrangement.put(id_, rank, cause_rows.base(self._board, id_), shown=shown)
