"""Telling the row under the cursor below the tables of the fleet, where narrow columns cut its words off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events, on

from ssmtui.ui.screens.row_copying import RowCopying
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.widgets.row_line import RowLine
from ssmtui.ui.widgets.text_pane import TextPane
from ssmtui.ui.words.row_telling import cause_explained, cause_told, node_explained, node_told

if TYPE_CHECKING:
    from ssmtui.model.node import NodeKey
    from ssmtui.ui.state.bench import Bench
    from ssmtui.ui.words.prose import Prose


ROOM_FOR_BOTH = 180
"""Columns from which on the row is explained beside the table, and not only told in a line or two below it."""


class RowTelling(RowCopying):
    """A screen of nodes and of causes that tells the row under the cursor in words of its own."""

    VERTICAL_BREAKPOINTS = [(0, "-low"), (16, "-high")]  # noqa: RUF012 - as Textual declares it
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (68, "-wide"), (ROOM_FOR_BOTH, "-roomy")]  # noqa: RUF012 - the same

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench)
        self.row_line = RowLine()
        self.beside = TextPane(id="beside")
        self._told_of: NodeKey | str | None = None

    def tell_row(self) -> None:
        """Say what is under the cursor now."""
        board = self.bench.board
        if self.shows_causes:
            self.row_line.tell(cause_told(board, self.causes.cursor) if self.causes.cursor else ())
        else:
            self.row_line.tell(node_told(board, self.nodes.cursor) if self.nodes.cursor else ())
        if self.size.width >= ROOM_FOR_BOTH:
            self._explain()

    def _explain(self) -> None:
        """Explain the row beside the table, by what is known: nothing is read for whoever merely passes it."""
        board, now = self.bench.board, self.bench.now()
        here: NodeKey | str | None = self.causes.cursor if self.shows_causes else self.nodes.cursor
        if here is None:
            prose: Prose = ()
        elif isinstance(here, str):
            prose = cause_explained(board, here, now)
        else:
            prose = node_explained(board, here, now)
        self.beside.show(prose, from_top=here != self._told_of)
        self._told_of = here

    @on(RowLine.Grown)
    def _keep_clear(self) -> None:
        self.call_after_refresh(self.place_notices)

    @on(LineTable.Moved)
    def _another_row(self) -> None:
        self.tell_row()

    @on(events.Resize)
    def _other_room(self) -> None:
        # The pane beside the table was not filled while there was no room for it.
        self.tell_row()
