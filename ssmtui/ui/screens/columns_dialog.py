"""The columns of the fleet, chosen and put in order while the table behind shows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from ssmtui.language import marked, say
from ssmtui.ui.screens.spoken_keys import SpokenKeys
from ssmtui.ui.state.column_choice import ColumnChoice
from ssmtui.ui.widgets.content import inked
from ssmtui.ui.widgets.key_bar import KeyBar
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.widgets.text_pane import TextPane
from ssmtui.ui.words.columns import Column
from ssmtui.ui.words.ink import Cell, Ink, cell
from ssmtui.ui.words.prose import paragraph
from ssmtui.ui.words.signs import MARKED

_COLUMNS = (Column("shown", "", 1, 1, 0), Column("name", "", 10, None, 1))

Chosen = tuple[str, ...]
"""Keys of columns in their order; none where they are to stand as they do by themselves."""


class ColumnsDialog(SpokenKeys[Chosen | None], ModalScreen[Chosen | None]):
    """The columns; gives those chosen, None where the person turns back. `show` shows a choice behind it."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", marked("Keep"), key_display="⏎", priority=True, tooltip=marked("Keep these columns")),
        Binding("space", "switch", marked("Show"), key_display="Space", tooltip=marked("Show the column, or no more")),
        Binding(
            "K,shift+up", "shift(-1)", marked("Left"), key_display="K", tooltip=marked("Put the column further left")
        ),
        Binding(
            "J,shift+down", "shift(1)", marked("Right"), key_display="J", tooltip=marked("Put the column further right")
        ),
        Binding("0", "default", marked("All"), tooltip=marked("All columns, as they stand by themselves")),
        Binding("escape,q", "close", marked("Back"), key_display="Esc", tooltip=marked("Back to the columns before")),
    ]

    def __init__(self, names: Mapping[str, str], before: Chosen, show: Callable[[Chosen], None]) -> None:
        super().__init__()
        self._names = names
        self._before = before
        self._show = show
        self._choice = ColumnChoice.of(tuple(names), before)
        self.table = LineTable[str](_COLUMNS, self._cells, header=False, id="columns")
        self.note = TextPane(id="columns-note")

    def compose(self) -> ComposeResult:
        """The columns, and what their order means."""
        with Vertical(id="columns-choice"):
            yield self.table
            yield self.note
            yield KeyBar()

    def on_mount(self) -> None:
        """Show them."""
        self.query_one("#columns-choice").border_title = inked(say("Columns"))
        self.table.show(self._choice.order)
        self.table.focus()
        room = say("A column put further left gives way last. Account and Region: only where there are several.")
        self.note.show((paragraph((room, Ink.MUTED)),))

    def action_switch(self) -> None:
        """Show the column under the cursor, or no more."""
        if self.table.cursor is not None:
            self._choose(self._choice.toggled(self.table.cursor))

    def action_shift(self, by: int) -> None:
        """Put the column under the cursor elsewhere."""
        if self.table.cursor is not None:
            self._choose(self._choice.moved(self.table.cursor, by))

    def action_default(self) -> None:
        """All of them, as they stand by themselves."""
        self._choose(ColumnChoice.of(tuple(self._names), ()))

    def action_take(self) -> None:
        """Keep them."""
        self.dismiss(self._chosen)

    def action_close(self) -> None:
        """Show those that were shown before."""
        self._show(self._before)
        self.dismiss(None)

    @property
    def _chosen(self) -> Chosen:
        chosen = self._choice.chosen
        return () if chosen == tuple(self._names) else chosen

    def _choose(self, choice: ColumnChoice) -> None:
        self._choice = choice
        self.table.show(choice.order)
        self.table.touch_all()
        self._show(self._chosen)

    def _cells(self, key: str) -> Mapping[str, Cell]:
        shown = key in self._choice.shown
        return {
            "shown": cell(MARKED.glyph, MARKED.ink) if shown else (),
            "name": cell(self._names[key], Ink.PLAIN if shown else Ink.FAINT),
        }
