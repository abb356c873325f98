"""Choose the columns of the fleet, and sort its rows by them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from textual.binding import Binding

from ssmtui.model.node import NodeKey
from ssmtui.ui.screens.row_actions import MarkedRows
from ssmtui.ui.state.fleet_tables import CauseTableModel, NodeTableModel
from ssmtui.ui.state.ui_state import SortOrder
from ssmtui.ui.text import cause_rows, node_columns, node_rows
from ssmtui.ui.text.filters import RowColumn
from ssmtui.ui.widgets.key_bindings import bind

if TYPE_CHECKING:
    from ssmtui.ui.screens.dialogs import ChosenColumns
    from ssmtui.ui.state.app_context import AppContext

R = TypeVar("R")


def sort_bindings(action: str, columns: Iterable[RowColumn[R]]) -> tuple[Binding, ...]:
    """Return the keys that sort by these columns: each sends the action with the key of its column."""
    return tuple(
        bind(each.sort_key, f"{action}('{each.column.key}')", each.sort_help, each.sort_help, shown=False)
        for each in columns
        if each.sort_key
    )


SORT_KEYS = (
    *sort_bindings("sort_nodes", node_columns.COLUMNS),
    *sort_bindings("sort_causes", cause_rows.COLUMNS),
)


class FleetColumns:
    """The columns of the tables of nodes and causes, and the columns that sort them."""

    def __init__(
        self,
        context: AppContext,
        nodes: tuple[MarkedRows[NodeKey], NodeTableModel],
        causes: tuple[MarkedRows[str], CauseTableModel],
    ) -> None:
        self._context = context
        self._nodes, self._node_model = nodes
        self._causes, self._cause_model = causes
        ui_state = context.ui_state.current
        self.is_wide = False
        self.chosen: ChosenColumns = context.configured_columns or ui_state.columns
        if ui_state.order is not None and node_columns.column_of(ui_state.order.column):
            self._node_model.order_by(ui_state.order.column, descending=ui_state.order.descending)

    def show(self) -> None:
        """Lay out the columns of both tables for the open scopes."""
        fleet_view = self._context.fleet_view
        self._nodes.table.measure(node_rows.tag_widths(fleet_view, self.chosen))
        shown = node_rows.wide_columns(fleet_view) if self.is_wide else node_rows.columns(fleet_view, self.chosen)
        self._nodes.table.set_columns((*self._nodes.column, *shown))
        self._causes.table.set_columns((*self._causes.column, *cause_rows.columns(fleet_view)))

    def show_order(self) -> None:
        """Show by which column each table is sorted."""
        self._nodes.table.sorted_by(self._node_model.column, "↓" if self._node_model.descending else "↑")
        self._causes.table.sorted_by(self._cause_model.column, "↓" if self._cause_model.descending else "↑")

    def choose(self, chosen: ChosenColumns) -> None:
        """Show these columns of the nodes."""
        self.chosen, self.is_wide = chosen, False
        self.show()

    def keep(self, chosen: ChosenColumns) -> None:
        """Show these columns of the nodes, and save them for later runs."""
        self.choose(chosen)
        self._context.ui_state.change(lambda ui_state: replace(ui_state, columns=chosen))

    def toggle_wide(self) -> None:
        """Show the properties of nodes instead of *why*, which is also below the table; or the previous columns."""
        self.is_wide = not self.is_wide
        self.show()

    def order_by_next(self, *, causes: bool) -> None:
        """Sort by the next visible column."""
        keys = [placed.column.key for placed in (self._causes if causes else self._nodes).table.placed]
        if keys:  # a table that was never on the screen has placed no columns
            column = self._model(causes=causes).column
            place = keys.index(column) if column in keys else -1
            self._order(keys[(place + 1) % len(keys)], descending=False, causes=causes)

    def reverse(self, *, causes: bool) -> None:
        """Reverse the order."""
        model = self._model(causes=causes)
        self._order(model.column, descending=not model.descending, causes=causes)

    def order_by(self, column: str, *, causes: bool) -> str:
        """Sort by a column; if it sorts already, reverse the order. Return its name if the column is not shown."""
        model = self._model(causes=causes)
        self._order(column, descending=column == model.column and not model.descending, causes=causes)
        placed = (self._causes if causes else self._nodes).table.placed
        if any(each.column.key == column for each in placed):
            return ""
        known = cause_rows.column_of(column) if causes else node_columns.column_of(column)
        return known.column.name if known else column

    def _model(self, *, causes: bool) -> NodeTableModel | CauseTableModel:
        return self._cause_model if causes else self._node_model

    def _order(self, column: str, *, descending: bool, causes: bool) -> None:
        self._model(causes=causes).order_by(column, descending=descending)
        self.show_order()
        if not causes:
            order = SortOrder(column, descending=descending)
            self._context.ui_state.change(lambda ui_state: replace(ui_state, order=order))
