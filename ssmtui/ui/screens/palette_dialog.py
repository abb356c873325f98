"""Search the commands of the command palette, and choose one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual import on
from textual.binding import Binding, BindingType
from textual.fuzzy import FuzzySearch
from textual.widgets import Input

from ssmtui.language import say, translatable
from ssmtui.text.printable import printable
from ssmtui.ui.screens.dialogs import LocalizedDialog
from ssmtui.ui.state.commands import Command
from ssmtui.ui.text.columns import Column
from ssmtui.ui.text.styled_text import Cell, TextStyle, cell
from ssmtui.ui.widgets.line_table import LineTable


def search_commands(commands: Iterable[Command], typed: str) -> list[Command]:
    """The commands that are meant, the likeliest first; without a word, all as they come.

    What is called so comes before what begins so, what holds all words before what only has the letters in their order.
    """
    wanted = " ".join(typed.casefold().split())
    if not wanted:
        return list(commands)
    search = FuzzySearch()
    placed = [(place, each) for each in commands if (place := _match_rank(each, wanted, search)) is not None]
    return [each for _, each in sorted(placed, key=lambda pair: pair[0])]


def _match_rank(command: Command, wanted: str, search: FuzzySearch) -> tuple[int, float] | None:
    name, also = command.name.casefold(), command.also.casefold().split()
    words = wanted.split()
    if wanted == name or wanted in also:
        return 0, 0
    if name.startswith(wanted):
        return 1, len(name)
    if any(each.startswith(wanted) for each in also):
        return 2, len(name)
    if all(word in name for word in words):
        return 3, name.find(words[0])
    everything = " ".join((name, *also, command.told.casefold()))
    if all(word in everything for word in words):
        return 4, everything.find(words[0])
    score, _ = search.match(wanted, name)
    return (5, -score) if score > 0 else None


FindCommands = Callable[[str], Iterable[Command]]
"""What else is meant by what is typed: nodes and causes, of which there are too many to list them all."""

_COMMAND_COLUMNS = (
    Column("name", "", 16, 40, 0, whole=True),
    Column("key", "", 3, 9, 1),
    Column("told", "", 20, None, 2),
)


class CommandInput(Input):
    """What is typed in it narrows the commands. Enter is its own key: as one of the screen it would outrun the text."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "screen.take",
            translatable("Do it"),
            key_display="⏎",
            tooltip=translatable("Do what the cursor is on"),
        ),
    ]


class PaletteDialog(LocalizedDialog[Command | None]):
    """A line to type in and the commands below it; gives the one that is to be done."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", translatable("Back"), key_display="Esc"),
        Binding("down", "move(1)", translatable("Down"), show=False),
        Binding("up", "move(-1)", translatable("Up"), show=False),
        Binding("pagedown", "page(1)", translatable("Page down"), show=False),
        Binding("pageup", "page(-1)", translatable("Page up"), show=False),
    ]

    def __init__(
        self, title: str, hint: str, commands: Sequence[Command], more: FindCommands = lambda _typed: ()
    ) -> None:
        self._commands = tuple(commands)
        self._more = more
        self._shown_for: str | None = None
        self.typed = CommandInput(placeholder=hint, compact=True, id="command")
        self.typed.cursor_blink = False
        self.table = LineTable[Command](_COMMAND_COLUMNS, _command_cells, header=False, id="commands-found")
        super().__init__(title, self.typed, self.table, frame="palette")

    def on_mount(self) -> None:
        """Show everything; whatever is moved, the line has the keys."""
        self.set_focus(self.typed)
        self.table.measure(
            {
                "name": max((cell_len(printable(each.name)) for each in self._commands), default=0),
                "key": max((cell_len(each.key) for each in self._commands), default=0),
            }
        )
        self.table.say_when_empty(say("Nothing is called so."))
        self._show()

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
            self.table.show(search_commands((*self._commands, *more), typed))
            self.table.action_go_first()


def _command_cells(command: Command) -> Mapping[str, Cell]:
    can = not command.why_not
    return {
        "name": cell(command.name, TextStyle.PLAIN if can else TextStyle.FAINT),
        "key": cell(command.key, TextStyle.KEY if can else TextStyle.FAINT),
        "told": cell(command.why_not or command.told, TextStyle.MUTED if can else TextStyle.FAINT),
    }
