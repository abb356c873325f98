"""The two views of the fleet, nodes and causes: filtered and ordered, kept up to date row by row."""

from __future__ import annotations

from collections.abc import Iterable

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

    def admits(self, key: NodeKey) -> bool:
        """Whether a node is shown."""
        return key in self._arrangement

    def take(self, keys: Iterable[NodeKey]) -> bool:
        """Look at nodes again; whether the rows or their order may have changed."""
        moved = [self._take(key) for key in keys]
        return any(moved)

    def filter_by(self, wanted: Filter) -> None:
        """Show what another filter admits."""
        self._filter = wanted
        self._start_over()

    def order_by(self, column: str, *, descending: bool) -> None:
        """Order by another column."""
        self._column = column
        self._arrangement.descending = descending
        self._start_over()

    def _start_over(self) -> None:
        self._arrangement.clear()
        self.take(self._board.state.nodes)

    def _take(self, key: NodeKey) -> bool:
        shown = key in self._board.state.nodes and (
            not self._filter.tests or self._filter.admits(fleet_rows.filtered_row(self._board, key))
        )
        if not shown:
            return self._arrangement.leave_out(key)
        return self._arrangement.put(
            key, fleet_rows.rank(self._board, key, self._column), fleet_rows.base(self._board, key)
        )


class CausesView:
    """The findings, in the chosen order; where the nodes are filtered, those that hold down a node that is shown."""

    def __init__(self, board: Board, nodes: NodesView) -> None:
        self._board = board
        self._nodes = nodes
        self._arrangement: Arrangement[str] = Arrangement()
        self._column = "status"

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
        if self._nodes.filter.tests:
            return say("Nothing was found about these nodes. Esc shows every cause.")
        return say("Nothing was found so far.") if self._board.pending else say("Nothing was found.")

    def __len__(self) -> int:
        return len(self._arrangement)

    def ordered(self) -> list[str]:
        """The findings to show, in order."""
        return self._arrangement.ordered()

    def counted(self, held: FleetFinding) -> int:
        """How many of a finding's nodes are shown."""
        if not self._nodes.filter.tests:
            return len(held.nodes)
        return sum(self._nodes.admits(key) for key in held.nodes)

    def take(self, ids: Iterable[str]) -> bool:
        """Look at findings again; whether the rows or their order may have changed."""
        moved = [self._take(id_) for id_ in ids]
        return any(moved)

    def order_by(self, column: str, *, descending: bool) -> None:
        """Order by another column."""
        self._column = column
        self._arrangement.descending = descending
        self.start_over()

    def start_over(self) -> None:
        """Look at every finding again: the filter has changed."""
        self._arrangement.clear()
        self.take(self._board.state.findings)

    def _take(self, id_: str) -> bool:
        held = self._board.state.findings.get(id_)
        if held is None or (self._nodes.filter.tests and not self.counted(held)):
            return self._arrangement.leave_out(id_)
        return self._arrangement.put(
            id_, cause_rows.rank(self._board, id_, self._column, self.counted), cause_rows.base(self._board, id_)
        )
