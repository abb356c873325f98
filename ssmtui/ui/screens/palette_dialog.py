"""The command palette: what can be done now, narrowed by typing; Enter does it.

Textual's own gathers its commands in tasks and loses an Enter that comes before they have: this one looks when it is
asked, so that `:changes⏎` in one burst means what it says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from ssmtui.language import marked, say
from ssmtui.model.plain_text import printable
from ssmtui.ui.screens.spoken_keys import SpokenKeys
from ssmtui.ui.state.commands import Command
from ssmtui.ui.widgets.command_search import found
from ssmtui.ui.widgets.content import inked
from ssmtui.ui.widgets.key_bar import KeyBar
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.words.columns import Column
from ssmtui.ui.words.ink import Cell, Ink, cell

MoreCommands = Callable[[str], Iterable[Command]]
"""What else is meant by what is typed: nodes and causes, of which there are too many to list them all."""

_COLUMNS = (
    Column("name", "", 16, 40, 0, whole=True),
    Column("key", "", 3, 9, 1),
    Column("told", "", 20, None, 2),
)


class CommandLine(Input):
    """What is typed in it narrows the commands. Enter is its own key: as one of the screen it would outrun the text."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "screen.take", marked("Do it"), key_display="⏎", tooltip=marked("Do what the cursor is on")),
    ]


class PaletteDialog(SpokenKeys[Command | None], ModalScreen[Command | None]):
    """A line to type in and the commands below it; gives the one that is to be done."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", marked("Back"), key_display="Esc"),
        Binding("down", "move(1)", marked("Down"), show=False),
        Binding("up", "move(-1)", marked("Up"), show=False),
        Binding("pagedown", "page(1)", marked("Page down"), show=False),
        Binding("pageup", "page(-1)", marked("Page up"), show=False),
    ]

    def __init__(
        self, title: str, hint: str, commands: Sequence[Command], more: MoreCommands = lambda _typed: ()
    ) -> None:
        super().__init__()
        self._heading = title
        self._commands = tuple(commands)
        self._more = more
        self._shown_for: str | None = None
        self.typed = CommandLine(placeholder=hint, compact=True, id="command")
        self.typed.cursor_blink = False
        self.table = LineTable[Command](_COLUMNS, _cells, header=False, id="commands-found")
        self.frame = Vertical(self.typed, self.table, KeyBar(), id="palette")

    def compose(self) -> ComposeResult:
        """The line, and what it finds."""
        yield self.frame

    def on_mount(self) -> None:
        """Show everything; whatever is moved, the line has the keys."""
        self.frame.border_title = inked(self._heading)
        self.set_focus(self.typed)
        self.table.measure(
            {
                "name": max((cell_len(printable(each.name)) for each in self._commands), default=0),
                "key": max((cell_len(each.key) for each in self._commands), default=0),
            }
        )
        self.table.say_when_empty(say("Nothing is called so."))
        self._show()

    def action_close(self) -> None:
        """Do nothing."""
        self.dismiss(None)

    def action_move(self, by: int) -> None:
        """Move the cursor by lines."""
        self.table.action_move(by)

    def action_page(self, by: int) -> None:
        """Move the cursor by pages."""
        self.table.action_page(by)

    def action_take(self) -> None:
        """Do what the cursor is on, by what is typed now."""
        self._show()
        command = self.table.cursor
        if command is not None and command.why_not:
            self.notify(command.why_not, title=command.name, severity="warning", markup=False)
        elif command is not None:
            self.dismiss(command)

    @on(Input.Changed)
    def _narrowed(self, event: Input.Changed) -> None:
        event.stop()
        self._show()

    @on(LineTable.Opened)
    def _opened(self, event: LineTable.Opened) -> None:
        event.stop()
        self.action_take()

    def _show(self) -> None:
        typed = self.typed.value
        if typed != self._shown_for:
            self._shown_for = typed
            more = list(self._more(typed)) if typed.strip() else []
            self.table.show(found((*self._commands, *more), typed))
            self.table.action_go_first()


def _cells(command: Command) -> Mapping[str, Cell]:
    can = not command.why_not
    return {
        "name": cell(command.name, Ink.PLAIN if can else Ink.FAINT),
        "key": cell(command.key, Ink.KEY if can else Ink.FAINT),
        "told": cell(command.why_not or command.told, Ink.MUTED if can else Ink.FAINT),
    }
