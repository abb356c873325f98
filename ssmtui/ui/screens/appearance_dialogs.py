"""Choose columns and themes, with the screen behind as the preview."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType

from ssmtui.language import say, translatable
from ssmtui.ui.screens.dialogs import LocalizedDialog
from ssmtui.ui.state.ui_state import ColumnSelection
from ssmtui.ui.text.columns import Column
from ssmtui.ui.text.styled_text import MARKED, VERDICTS, Block, Cell, TextStyle, cell, paragraph
from ssmtui.ui.widgets.key_bindings import bind
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.widgets.text_pane import TextPane

_COLUMN_COLUMNS = (Column("shown", "", 1, 1, 0), Column("name", "", 10, None, 1))

ChosenColumns = tuple[str, ...]
"""Keys of columns in their order; none where they are to stand as they do by themselves."""


class ColumnsDialog(LocalizedDialog[ChosenColumns | None]):
    """The columns; gives those chosen, None where the person turns back. `show` shows a choice behind it."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "take",
            translatable("Keep"),
            key_display="⏎",
            priority=True,
            tooltip=translatable("Keep these columns"),
        ),
        Binding(
            "space",
            "switch",
            translatable("Show"),
            key_display="Space",
            tooltip=translatable("Show the column, or no more"),
        ),
        Binding(
            "K,shift+up",
            "shift(-1)",
            translatable("Left"),
            key_display="K",
            tooltip=translatable("Put the column further left"),
        ),
        Binding(
            "J,shift+down",
            "shift(1)",
            translatable("Right"),
            key_display="J",
            tooltip=translatable("Put the column further right"),
        ),
        Binding("0", "default", translatable("All"), tooltip=translatable("All columns, as they stand by themselves")),
        Binding(
            "escape,q",
            "close",
            translatable("Back"),
            key_display="Esc",
            tooltip=translatable("Back to the columns before"),
        ),
    ]

    def __init__(self, names: Mapping[str, str], before: ChosenColumns, show: Callable[[ChosenColumns], None]) -> None:
        self._names = names
        self._before = before
        self._show = show
        self._choice = ColumnSelection.of(tuple(names), before)
        self.table = LineTable[str](_COLUMN_COLUMNS, self._cells, header=False, id="columns")
        self.note = TextPane(id="columns-note")
        super().__init__(say("Columns"), self.table, self.note, frame="columns-choice")

    def on_mount(self) -> None:
        """Show them."""
        self.table.show(self._choice.order)
        self.table.focus()
        room = say("A column put further left gives way last. Account and Region: only where there are several.")
        self.note.show((paragraph((room, TextStyle.MUTED)),))

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
        self._choose(ColumnSelection.of(tuple(self._names), ()))

    def action_take(self) -> None:
        """Keep them."""
        self.dismiss(self._chosen)

    def action_close(self) -> None:
        """Show those that were shown before."""
        self._show(self._before)
        self.dismiss(None)

    @property
    def _chosen(self) -> ChosenColumns:
        chosen = self._choice.chosen
        return () if chosen == tuple(self._names) else chosen

    def _choose(self, choice: ColumnSelection) -> None:
        self._choice = choice
        self.table.show(choice.order)
        self.table.touch_all()
        self._show(self._chosen)

    def _cells(self, key: str) -> Mapping[str, Cell]:
        shown = key in self._choice.shown
        return {
            "shown": cell(MARKED.glyph, MARKED.text_style) if shown else (),
            "name": cell(self._names[key], TextStyle.PLAIN if shown else TextStyle.FAINT),
        }


_THEME_COLUMNS = (Column("here", "", 1, 1, 0), Column("name", "", 10, 26, 1), Column("about", "", 8, None, 2))


@dataclass(frozen=True, slots=True)
class ThemeOption:
    """A theme by its name, and what there is to say of it."""

    name: str
    about: str


class ThemeTable(LineTable[str]):
    """What can be chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("enter", "open", translatable("Keep"), translatable("Keep these colours"), display="⏎"),
    ]


class ThemeDialog(LocalizedDialog[str | None]):
    """The themes; gives the name of the one that is kept, None where the person turns back: it is as it was then."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape,q",
            "close",
            translatable("Back"),
            key_display="Esc",
            tooltip=translatable("Back to the colours before"),
        ),
    ]

    def __init__(self, offered: Sequence[ThemeOption], here: str, note: str = "") -> None:
        self._offered = {each.name: each for each in offered}
        self._before = here
        self._note = note
        self.table = ThemeTable(_THEME_COLUMNS, self._cells, header=False, id="themes")
        self.sample = TextPane(id="theme-sample")
        super().__init__(say("Theme"), self.table, self.sample, frame="theme-choice")

    def on_mount(self) -> None:
        """Show them, the one that is worn under the cursor."""
        self.table.measure({"name": max(map(len, self._offered), default=0)})
        self.table.show(list(self._offered))
        self.table.go_to(self._before)
        self.table.focus()
        signs = ((f"{sign.glyph} {sign.word}  ", sign.text_style) for sign in VERDICTS.values())
        blocks: list[Block] = [paragraph(*signs)]
        if self._note:
            blocks.append(paragraph((self._note, TextStyle.WARN)))
        self.sample.show(tuple(blocks))

    def action_close(self) -> None:
        """Wear what was worn before."""
        self.app.theme = self._before
        self.dismiss(None)

    @on(LineTable.Moved)
    def _wear(self, event: LineTable.Moved) -> None:
        event.stop()
        if self.table.cursor is not None:
            self.app.theme = self.table.cursor

    @on(LineTable.Opened)
    def _keep(self, event: LineTable.Opened) -> None:
        event.stop()
        self.dismiss(str(event.row))

    def _cells(self, name: str) -> Mapping[str, Cell]:
        return {
            "here": cell("●" if name == self._before else "", TextStyle.ACCENT),
            "name": cell(name),
            "about": cell(self._offered[name].about, TextStyle.MUTED),
        }
