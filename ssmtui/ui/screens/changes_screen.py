"""Changes: the journal's history, newest first, each with its difference, its calls and its way back."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Mapping
from concurrent.futures import Future
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from ssmtui.changes.change import Change
from ssmtui.language import marked, say, say_many
from ssmtui.model.scope import Scope
from ssmtui.model.subject import Subject
from ssmtui.preview.lines import call_lines
from ssmtui.ui.screens.filtered_screen import FilteredScreen
from ssmtui.ui.screens.putting_up import put_up_as
from ssmtui.ui.screens.wishes import Complete, PutUp, TakeBack
from ssmtui.ui.state.bench import READ_ONLY, Bench
from ssmtui.ui.state.board import Changes
from ssmtui.ui.state.history import History, change_to_go_back, history_of, why_not_completed, why_not_taken_back
from ssmtui.ui.state.made_changes import scope_of
from ssmtui.ui.widgets.content import inked
from ssmtui.ui.widgets.filter_line import FilterLine
from ssmtui.ui.widgets.key_bar import KeyBar
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.widgets.text_pane import TextPane
from ssmtui.ui.words.cell_filtering import admitted, fields_of_columns
from ssmtui.ui.words.copying import copied
from ssmtui.ui.words.filtering import EVERYTHING, Filter
from ssmtui.ui.words.history_rows import COLUMNS, cells, content
from ssmtui.ui.words.history_text import damaged_prose, nothing_prose, record_prose
from ssmtui.ui.words.ink import Cell, Ink


class ChangesScreen(FilteredScreen):
    """What has been changed from this computer."""

    CRUMB = marked("Changes")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace", "close", marked("Back"), key_display="Esc"),
        *FilteredScreen.FILTER,
        Binding("z", "undo", marked("Take back"), tooltip=marked("Take back the change under the cursor")),
        Binding("f", "complete", marked("Complete"), tooltip=marked("Complete the change under the cursor")),
        Binding("r", "reread", marked("Read again"), tooltip=marked("Read the journal again")),
        Binding("tab", "other_pane", marked("Other pane"), show=False),
        Binding("Z", "close", marked("Back"), show=False, tooltip=marked("Back")),
    ]

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench)
        self._history = History()
        self._by_id: dict[str, Change] = {}
        self._told_by_aws: dict[str, str] = {}
        self.who = Static(id="who")
        self._filter = EVERYTHING
        self.filter_line = FilterLine(fields_of_columns(COLUMNS), hint=say("bucket   state:failed   region:eu-west-3"))
        self.rows = LineTable[str](COLUMNS, self._cells, id="history")
        self.pane = TextPane(id="record")

    def compose(self) -> ComposeResult:
        """The rows, and the change under the cursor in full."""
        yield self.crumbs
        yield self.who
        yield self.filter_line
        yield self.rows
        yield self.pane
        yield KeyBar()

    def on_mount(self) -> None:
        """Read the journal."""
        self._read()

    def on_screen_resume(self) -> None:
        """Read it again: something may have been taken back meanwhile."""
        self._read()

    @property
    def about(self) -> Hashable:
        """What is come back to."""
        return self.CRUMB

    @property
    def change_here(self) -> Change | None:
        """The change under the cursor."""
        return self._by_id.get(self.rows.cursor or "")

    @property
    def scope_here(self) -> Scope | None:
        """The open scope of the change under the cursor."""
        change = self.change_here
        return scope_of(self.bench.board, change) if change else None

    @property
    def subject_here(self) -> tuple[Scope, Subject] | None:
        """What the change under the cursor changed."""
        change = self.change_here
        return (change.scope, change.subject) if change else None

    @property
    def to_copy(self) -> str:
        """The calls of the change under the cursor, under its id."""
        change = self.change_here
        return copied((f"# {change.id} {change.title}", *call_lines(change))) if change else ""

    def board_changed(self, changes: Changes) -> None:
        """The Region of a change may have been opened, or the journal written."""
        if self.is_mounted and changes.other:
            self._read()

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        """Not every change can be taken back, or completed, from here."""
        if action not in ("undo", "complete"):
            return super().why_not(action, parameters)
        if self.bench.read_only:
            return say(READ_ONLY)
        if self.change_here is None:
            return say("no change is chosen")
        if action == "complete":
            return why_not_completed(self.bench.board, self._history, self.change_here)
        return why_not_taken_back(self.bench.board, self._history, change_to_go_back(self._history, self.change_here))

    def filter_by(self, line: FilterLine, wanted: Filter) -> None:  # noqa: ARG002
        """Show the changes that a filter admits."""
        self._filter = wanted
        self._show_rows()

    def focus_rows(self) -> None:
        """Give the keys to the rows."""
        self.rows.focus()

    def action_undo(self) -> None:
        """Take back the change under the cursor, after asking."""
        if self.change_here is not None:
            self.post_message(TakeBack(change_to_go_back(self._history, self.change_here).id))

    def action_complete(self) -> None:
        """Complete the change under the cursor, after asking."""
        if self.change_here is not None:
            self.post_message(Complete(self.change_here.id))

    def action_reread(self) -> None:
        """Read the journal again, and ask AWS again what became of what was interrupted."""
        self._told_by_aws.clear()
        self._read()
        self._tell(from_top=False)
        self.notify(say("The journal was read again"), timeout=3)

    def action_other_pane(self) -> None:
        """Move between the rows and the change."""
        (self.pane if self.rows.has_focus else self.rows).focus()

    @on(LineTable.Moved, "#history")
    def _other_change(self) -> None:
        self._tell(from_top=True)
        self.refresh_bindings()

    @on(LineTable.Opened, "#history")
    def _into_pane(self) -> None:
        self.pane.focus()

    def _read(self) -> None:
        self.bench.read_unfinished()
        history = history_of(self.bench.journal)
        if history != self._history or not self._by_id:
            self._history = history
            self._told_by_aws.clear()
            self._by_id = {change.id: change for change in history.changes}
            for change in history.changes:
                self.rows.measure(content(change))
            self._show_rows()
            self.rows.touch_all()
            self.rows.display = bool(self._by_id)
            (self.rows if self._by_id else self.pane).focus()
            self._say_what()
            self._tell(from_top=False)
        self.refresh_bindings()

    def _show_rows(self) -> None:
        self.rows.show(admitted(self._filter, self._by_id, self._cells))
        self.rows.say_when_empty(say("No change is like that. Esc shows them all."))
        self.filter_line.say(len(self.rows.keys), len(self._by_id))

    def _say_what(self) -> None:
        count = len(self._history.changes)
        words = say_many("{count} change, from this computer", "{count} changes, from this computer", count=count)
        self.who.update(inked((say("Changes"), Ink.STRONG), "\n", (words, Ink.MUTED)))

    def _tell(self, *, from_top: bool) -> None:
        change = self.change_here
        if change is None and self._by_id:
            self.pane.show(())  # the filter admits none
            return
        if change is None:
            self.pane.show(nothing_prose(self._history.problem, self._history.damaged, read_only=self.bench.read_only))
            return
        under_way = change.id in self._history.under_way
        record = record_prose(change, self._told_by_aws.get(change.id, ""), is_under_way=under_way)
        self.pane.show((*damaged_prose(self._history.damaged), *record), from_top=from_top)
        if change.is_open and not under_way and change.id not in self._told_by_aws:
            self._ask_aws(change)

    def _ask_aws(self, change: Change) -> None:
        """Have AWS show what became of a change that was interrupted, where it can be asked."""
        scope = self.scope_here
        desk = self.bench.desk_for(scope.name) if scope is not None else None
        if desk is not None and not self.bench.writing:
            self._told_by_aws[change.id] = say("AWS is being asked what was made…")
            self.run_worker(self._take_in(change.id, desk.aws_shows(change)), exit_on_error=False)
            self._tell(from_top=False)

    async def _take_in(self, change_id: str, asked: Future[str]) -> None:
        self._told_by_aws[change_id] = await asyncio.wrap_future(asked)
        if self.is_mounted:
            self._tell(from_top=False)

    def _cells(self, id_: str) -> Mapping[str, Cell]:
        return cells(self._by_id[id_]) if id_ in self._by_id else {}


@put_up_as("changes")
def changes(bench: Bench, _wish: PutUp) -> ChangesScreen:
    """What has been changed, from the journal."""
    return ChangesScreen(bench)
