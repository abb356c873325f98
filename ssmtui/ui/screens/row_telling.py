"""Telling the row under the cursor below the tables of the fleet, where narrow columns cut its words off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on

from ssmtui.ui.screens.row_copying import RowCopying
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.widgets.row_line import RowLine
from ssmtui.ui.words.row_telling import cause_told, node_told

if TYPE_CHECKING:
    from ssmtui.ui.state.bench import Bench


class RowTelling(RowCopying):
    """A screen of nodes and of causes that tells the row under the cursor in words of its own."""

    VERTICAL_BREAKPOINTS = [(0, "-low"), (16, "-high")]  # noqa: RUF012 - as Textual declares it

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench)
        self.row_line = RowLine()

    def tell_row(self) -> None:
        """Say what is under the cursor now."""
        board = self.bench.board
        if self.shows_causes:
            self.row_line.tell(cause_told(board, self.causes.cursor) if self.causes.cursor else ())
        else:
            self.row_line.tell(node_told(board, self.nodes.cursor) if self.nodes.cursor else ())

    @on(RowLine.Grown)
    def _keep_clear(self) -> None:
        self.call_after_refresh(self.place_notices)

    @on(LineTable.Moved)
    def _another_row(self) -> None:
        self.tell_row()
