"""Other colours, chosen by seeing them: the app behind wears the theme that the cursor is on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from ssmtui.language import marked, say
from ssmtui.ui.screens.spoken_keys import SpokenKeys
from ssmtui.ui.widgets.content import inked
from ssmtui.ui.widgets.key_bar import KeyBar
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.widgets.text_pane import TextPane
from ssmtui.ui.words.columns import Column
from ssmtui.ui.words.ink import Cell, Ink, cell
from ssmtui.ui.words.prose import Block, paragraph
from ssmtui.ui.words.signs import VERDICTS

_COLUMNS = (Column("here", "", 1, 1, 0), Column("name", "", 10, 26, 1), Column("about", "", 8, None, 2))


@dataclass(frozen=True, slots=True)
class ThemeOffered:
    """A theme by its name, and what there is to say of it."""

    name: str
    about: str


class Themes(LineTable[str]):
    """What can be chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", marked("Keep"), key_display="⏎", tooltip=marked("Keep these colours")),
    ]


class ThemeDialog(SpokenKeys[str | None], ModalScreen[str | None]):
    """The themes; gives the name of the one that is kept, None where the person turns back: it is as it was then."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", marked("Back"), key_display="Esc", tooltip=marked("Back to the colours before")),
    ]

    def __init__(self, offered: Sequence[ThemeOffered], here: str, note: str = "") -> None:
        super().__init__()
        self._offered = {each.name: each for each in offered}
        self._before = here
        self._note = note
        self.table = Themes(_COLUMNS, self._cells, header=False, id="themes")
        self.sample = TextPane(id="theme-sample")

    def compose(self) -> ComposeResult:
        """The themes, and what their signs look like."""
        with Vertical(id="theme-choice"):
            yield self.table
            yield self.sample
            yield KeyBar()

    def on_mount(self) -> None:
        """Show them, the one that is worn under the cursor."""
        self.query_one("#theme-choice").border_title = inked(say("Theme"))
        self.table.measure({"name": max(map(len, self._offered), default=0)})
        self.table.show(list(self._offered))
        self.table.go_to(self._before)
        self.table.focus()
        signs = ((f"{sign.glyph} {sign.word}  ", sign.ink) for sign in VERDICTS.values())
        blocks: list[Block] = [paragraph(*signs)]
        if self._note:
            blocks.append(paragraph((self._note, Ink.WARN)))
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
            "here": cell("●" if name == self._before else "", Ink.ACCENT),
            "name": cell(name),
            "about": cell(self._offered[name].about, Ink.MUTED),
        }
