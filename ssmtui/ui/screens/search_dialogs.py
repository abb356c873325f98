"""Find a command or a scope by typing: dialogs with an input line above a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from rich.cells import cell_len
from textual import on
from textual.binding import Binding, BindingType
from textual.fuzzy import FuzzySearch
from textual.widget import Widget
from textual.widgets import Input, Static

from ssmtui.language import say, say_many, translatable
from ssmtui.model.scope import Access, ScopeError, ScopeName
from ssmtui.text.printable import printable
from ssmtui.ui.screens.dialogs import LocalizedDialog
from ssmtui.ui.screens.screen_requests import Command
from ssmtui.ui.state.ui_state import Marks
from ssmtui.ui.text.filters import Column
from ssmtui.ui.text.fleet import COLUMNS, ScopeChoices, scope_prose
from ssmtui.ui.text.styled_text import Cell, Prose, TextStyle, cell, paragraph
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.widgets.text_pane import RowLine, TextPane, styled_content

ScopeSelection = tuple[ScopeName, ...] | ScopeError | None
"""The scopes to show from now on; or the error of a scope for which the user asks for help."""


class ScopeFilterInput(Input):
    """The filter of the scopes; two characters are keys instead, which no profile name contains."""

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Return whether a key writes."""
        return character not in (" ", "+") and super().check_consume_key(key, character)


class ScopesDialog(LocalizedDialog[ScopeSelection]):
    """One table of all scopes. Every key that writes a character filters it, except the two that mark and add."""

    AUTO_FOCUS = ""
    # Enter is the first, as the line with the focus also binds it: so the order of the keys does not depend on the
    # focus, which the line gets only after the dialog is shown.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "take",
            translatable("Only these"),
            key_display="⏎",
            priority=True,
            tooltip=translatable("Open only the marked scopes or the selected scope"),
        ),
        Binding("escape", "close", translatable("Back"), key_display="Esc", priority=True),
        Binding(
            "plus",
            "add",
            translatable("Add these"),
            key_display="+",
            priority=True,
            tooltip=translatable("Add these scopes to the open scopes"),
        ),
        Binding(
            "space",
            "mark",
            translatable("Mark"),
            key_display="Space",
            priority=True,
            tooltip=translatable("Mark or unmark this scope"),
        ),
        Binding("down", "move(1)", translatable("Down"), show=False, priority=True),
        Binding("up", "move(-1)", translatable("Up"), show=False, priority=True),
        Binding("pagedown", "page(1)", translatable("Page down"), show=False, priority=True),
        Binding("pageup", "page(-1)", translatable("Page up"), show=False, priority=True),
    ]

    def __init__(self, places: ScopeChoices, typed: str = "", note: str = "") -> None:
        self._places = places
        self._marks: Marks[ScopeName] = Marks()
        self._reading = not places.accesses
        self._meant = ""
        self.typed = ScopeFilterInput(
            typed, placeholder=say("type to filter: profile/region"), compact=True, id="typed"
        )
        self.typed.cursor_blink = False
        self.said = Static(id="said")
        self.table = LineTable[ScopeName](COLUMNS, self._cells, id="places")
        self.pane = TextPane(id="place")
        notes: list[Widget] = [Static(styled_content((note, TextStyle.WARN)), classes="note")] if note else []
        title = say("Accounts and Regions")
        super().__init__(title, *notes, self.typed, self.said, self.table, self.pane, frame="scopes")

    def on_mount(self) -> None:
        """Show all scopes; the line keeps the focus while the cursor moves."""
        self.typed.focus()
        self._show()

    def know(self, accesses: Sequence[Access]) -> None:
        """Show further scopes after they have been read."""
        self._reading = False
        self._places = replace(self._places, accesses=accesses)
        if self.is_mounted:
            self._show()

    def fleet_changed(self) -> None:
        """Update the states of the scopes."""
        if self.is_mounted:
            self._show()

    def action_take(self) -> None:
        """Show only the chosen scopes; offer help for one in error, or correct a mistyped name."""
        if not self.table.keys and self._meant:
            self.typed.value = self._meant
            self.typed.cursor_position = len(self._meant)
            return
        here = self.table.cursor
        error = self._places.fleet.state.errors.get(here) if here is not None else None
        if error is not None and not self._marks:
            self.dismiss(error)
        elif chosen := self._chosen():
            self.dismiss(chosen)

    def action_add(self) -> None:
        """Show the chosen scopes in addition."""
        if chosen := self._chosen():
            self.dismiss(tuple(dict.fromkeys([*sorted(self._places.wanted, key=lambda each: each.order), *chosen])))

    def action_mark(self) -> None:
        """Mark the row under the cursor, and move to the next."""
        if self.table.cursor is not None and self.table.cursor.region:
            self._marks.toggle((self.table.cursor,))
            self.table.touch(self.table.cursor)
            self.table.action_move(1)
            self._say()

    def action_move(self, by: int) -> None:
        """Move the cursor by lines."""
        self.table.action_move(by)

    def action_page(self, by: int) -> None:
        """Move the cursor by pages."""
        self.table.action_page(by)

    def _chosen(self) -> tuple[ScopeName, ...]:
        here = (self.table.cursor,) if self.table.cursor is not None and self.table.cursor.region else ()
        return tuple(self._marks) or here

    @on(Input.Changed)
    def _narrowed(self, event: Input.Changed) -> None:
        event.stop()
        self._show()

    @on(LineTable.Moved)
    def _moved(self, event: LineTable.Moved) -> None:
        event.stop()
        self._say()

    @on(LineTable.Opened)
    def _opened(self, event: LineTable.Opened) -> None:
        event.stop()
        self.action_take()

    def _show(self) -> None:
        self.table.measure(self._places.widths())
        self.table.show(self._places.rows(self.typed.value))
        self.table.touch_all()
        self.table.say_when_empty(say("Reading…") if self._reading else say("No match"))
        self._say()

    def _say(self) -> None:
        shown = say_many("{count} row", "{count} rows", count=len(self.table.keys))
        marked_ones = say_many("{count} marked", "{count} marked", count=len(self._marks)) if self._marks else ""
        reading = say("reading more scopes…") if self._reading else ""
        self._meant = self._places.meant(self.typed.value) if not self.table.keys and not self._reading else ""
        wrong = say("did you mean {meant}? Press Enter to use it", meant=printable(self._meant)) if self._meant else ""
        told = " · ".join(filter(None, (shown, marked_ones, reading)))
        self.said.update(
            styled_content((told, TextStyle.MUTED), (" · " if wrong else "", TextStyle.MUTED), (wrong, TextStyle.WARN))
        )
        here = self.table.cursor
        self.pane.show(scope_prose(self._places, here) if here is not None else ())

    def _cells(self, name: ScopeName) -> Mapping[str, Cell]:
        return self._places.cells(name, self._marks)


def search_commands(commands: Iterable[Command], typed: str, *, by_letters: bool = True) -> list[Command]:
    """Return the matching commands, the likeliest first; without a word, all in their order.

    The order: equal names, names with that prefix, names with all words, names with the letters in that order. Commands
    that come last do so after all matches of words, and again after all matches of letters. `by_letters`: whether
    a name also matches if it has the letters in that order, with others between them.
    """
    wanted = " ".join(typed.casefold().split())
    if not wanted:
        return list(commands)
    search = FuzzySearch() if by_letters else None
    placed = [(place, each) for each in commands if (place := _match_rank(each, wanted, search)) is not None]
    return [each for _, each in sorted(placed, key=_order)]


_EXACT, _BY_LETTERS = 0, 5
"""The first and the last rank of a match."""


def _order(match: tuple[tuple[int, float], Command]) -> tuple[bool, bool, bool, int, float]:
    (rank, place), command = match
    return rank != _EXACT, rank == _BY_LETTERS, command.comes_last, rank, place


def _match_rank(command: Command, wanted: str, search: FuzzySearch | None) -> tuple[int, float] | None:
    name, also = command.name.casefold(), command.also.casefold().split()
    words = wanted.split()
    if wanted == name or wanted in also:
        return _EXACT, 0
    if name.startswith(wanted):
        return 1, len(name)
    if any(each.startswith(wanted) for each in also):
        return 2, len(name)
    if all(word in name for word in words):
        return 3, name.find(words[0])
    everything = " ".join((name, *also, command.description.casefold()))
    if all(word in everything for word in words):
        return 4, everything.find(words[0])
    score = search.match(wanted, name)[0] if search is not None else 0
    return (_BY_LETTERS, -score) if score > 0 else None


FindCommands = Callable[[str], Iterable[Command]]
"""A function that finds other matches: nodes and causes, which are too many to list."""

_COMMAND_COLUMNS = (
    Column("name", "", 16, 16, 0, whole=True),
    Column("key", "", 3, 3, 1, whole=True),
    Column("description", "", 10, None, 2),
)


class CommandInput(Input):
    """The filter of the commands. It binds Enter itself: a screen's binding would run before the typed text."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "screen.take",
            translatable("Run"),
            key_display="⏎",
            tooltip=translatable("Run the selected command"),
        ),
    ]


class PaletteDialog(LocalizedDialog[Command | None]):
    """An input line with the commands below it; returns the chosen command.

    Below the commands stands the complete text of the one under the cursor.
    """

    AUTO_FOCUS = ""
    COLUMNS: ClassVar[Sequence[Column]] = _COMMAND_COLUMNS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", translatable("Back"), key_display="Esc"),
        Binding("down", "move(1)", translatable("Down"), show=False),
        Binding("up", "move(-1)", translatable("Up"), show=False),
        Binding("pagedown", "page(1)", translatable("Page down"), show=False),
        Binding("pageup", "page(-1)", translatable("Page up"), show=False),
    ]

    def __init__(
        self,
        title: str,
        hint: str,
        commands: Sequence[Command],
        more: FindCommands = lambda _typed: (),
        line: type[CommandInput] = CommandInput,
    ) -> None:
        self._commands = tuple(commands)
        self._more = more
        self._shown_for: str | None = None
        self.typed = line(placeholder=hint, compact=True, id="command")
        self.typed.cursor_blink = False
        self.table = LineTable[Command](self.COLUMNS, self.cells, header=False, id="commands-found")
        self.line = RowLine()
        super().__init__(title, self.typed, self.table, self.line, frame="palette")

    def on_mount(self) -> None:
        """Show all commands; the line keeps the focus while the cursor moves."""
        self.set_focus(self.typed)
        self.table.say_when_empty(say("No match"))
        self._show()

    def cells(self, command: Command) -> Mapping[str, Cell]:
        """Return the cells of a command."""
        can = not command.why_not
        return {
            "name": cell(command.name, TextStyle.PLAIN if can else TextStyle.FAINT),
            "key": cell(command.key, TextStyle.KEY if can else TextStyle.FAINT),
            "description": cell(command.why_not or command.description, TextStyle.MUTED if can else TextStyle.FAINT),
        }

    def prose(self, command: Command) -> Prose:
        """Return the complete name of a command, and its description or why it is not possible now."""
        words = (command.why_not, TextStyle.WARN) if command.why_not else (command.description, TextStyle.MUTED)
        return (paragraph((f"{command.name}  ", TextStyle.STRONG), words),)

    def found(self, typed: str) -> Sequence[Command]:
        """Return the commands that match what is typed."""
        more = list(self._more(typed)) if typed.strip() else []
        return search_commands((*self._commands, *more), typed)

    def action_move(self, by: int) -> None:
        """Move the cursor by lines."""
        self.table.action_move(by)

    def action_page(self, by: int) -> None:
        """Move the cursor by pages."""
        self.table.action_page(by)

    def action_take(self) -> None:
        """Run the command under the cursor, after applying the typed text."""
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

    @on(LineTable.Moved)
    def _moved(self, event: LineTable.Moved) -> None:
        event.stop()
        self._tell()

    def _show(self) -> None:
        typed = self.typed.value
        if typed != self._shown_for:
            self._shown_for = typed
            found = self.found(typed)
            self.table.set_columns([self._as_wide_as(column, found) for column in self.COLUMNS])
            self.table.show(found)
            self.table.action_go_first()
            self._tell()

    def _as_wide_as(self, column: Column, found: Sequence[Command]) -> Column:
        """Return a column that is to be whole with the room for its longest text."""
        if not column.whole:
            return column
        return replace(column, least=max([column.least, *(_width(self.cells(each)[column.key]) for each in found)]))

    def _tell(self) -> None:
        command = self.table.cursor
        self.line.tell(self.prose(command) if command is not None else ())


def _width(shown: Cell) -> int:
    return sum(cell_len(text) for text, _ in shown)
