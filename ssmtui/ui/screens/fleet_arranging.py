"""Arranging the fleet: which columns there are, and by which of them the rows are ordered. Both are kept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType

from ssmtui.language import marked, say
from ssmtui.ui.screens.columns_dialog import Chosen, ColumnsDialog
from ssmtui.ui.screens.fleet_filtering import FleetFiltering
from ssmtui.ui.state.habits import Order
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.words import cause_rows, fleet_rows

if TYPE_CHECKING:
    from ssmtui.ui.state.bench import Bench
    from ssmtui.ui.state.fleet_view import CausesView, NodesView


class FleetArranging(FleetFiltering):
    """A screen of nodes and of causes, whose columns are the person's."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "next_column", marked("Sort"), show=False, tooltip=marked("Order by the next column")),
        Binding("O", "reverse", marked("Reverse"), show=False, tooltip=marked("Reverse the order")),
        Binding(
            "W", "choose_columns", marked("Columns"), show=False, tooltip=marked("Choose the columns, and their order")
        ),
        Binding(
            "ctrl+w",
            "wide_columns",
            marked("Wide"),
            show=False,
            tooltip=marked("What nodes are in the place of why, or why again"),
        ),
    ]

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench)
        habits = bench.habits.current
        self.is_wide = False
        self.columns_chosen: Chosen = bench.configured_columns or habits.columns
        if habits.order is not None and habits.order.column in fleet_rows.COLUMN_KEYS:
            self.node_view.order_by(habits.order.column, descending=habits.order.descending)

    def show_columns(self) -> None:
        """Lay out the columns of both tables for what there is to tell apart."""
        board = self.bench.board
        chosen = fleet_rows.WIDE if self.is_wide else self.columns_chosen
        self.nodes.set_columns((*self.mark_column(causes=False), *fleet_rows.columns(board, chosen)))
        self.causes.set_columns((*self.mark_column(causes=True), *cause_rows.columns(board)))

    def mark_order(self) -> None:
        """Show by which column each table is ordered."""
        for table, view in ((self.nodes, self.node_view), (self.causes, self.cause_view)):
            table.sorted_by(view.column, "↓" if view.descending else "↑")

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        """The columns of causes are few, and always there."""
        if action in ("choose_columns", "wide_columns") and self.shows_causes:
            return say("it is the columns of the nodes that are chosen: Tab shows them")
        return super().why_not(action, parameters)

    def action_choose_columns(self) -> None:
        """Choose which columns of the nodes there are, and put them in order."""
        self.app.push_screen(
            ColumnsDialog(fleet_rows.names(), self.columns_chosen, self._show_chosen), self._keep_columns
        )

    def action_wide_columns(self) -> None:
        """Show what nodes are in the place of why, whose row tells it below the table; or the columns of before."""
        self.is_wide = not self.is_wide
        self.show_columns()

    def action_next_column(self) -> None:
        """Order by the next column in view."""
        keys = [placed.column.key for placed in (self.causes if self.shows_causes else self.nodes).placed]
        if keys:  # a table that has never been on the screen has placed none
            place = keys.index(self._view.column) if self._view.column in keys else -1
            self._order(keys[(place + 1) % len(keys)], descending=False)

    def action_reverse(self) -> None:
        """Reverse the order."""
        self._order(self._view.column, descending=not self._view.descending)

    @on(LineTable.HeaderPressed)
    def _order_by_header(self, event: LineTable.HeaderPressed) -> None:
        self._order(event.column, descending=event.column == self._view.column and not self._view.descending)

    @property
    def _view(self) -> NodesView | CausesView:
        return self.cause_view if self.shows_causes else self.node_view

    def _order(self, column: str, *, descending: bool) -> None:
        self._view.order_by(column, descending=descending)
        self.show_rows()
        self.mark_order()
        if not self.shows_causes:
            self.bench.habits.change(lambda habits: replace(habits, order=Order(column, descending=descending)))

    def _show_chosen(self, chosen: Chosen) -> None:
        self.columns_chosen, self.is_wide = chosen, False
        self.show_columns()

    def _keep_columns(self, chosen: Chosen | None) -> None:
        if chosen is None:
            return
        self._show_chosen(chosen)
        self.bench.habits.change(lambda habits: replace(habits, columns=chosen))
        if self.bench.configured_columns and self.bench.configured_columns != chosen:
            self.notify(
                say("The configuration says which columns there are: they are shown again at the next start."),
                markup=False,
            )
