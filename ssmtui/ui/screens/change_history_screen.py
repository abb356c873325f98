"""Show the changes in the journal, and undo them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import Future
from typing import ClassVar

from textual.binding import BindingType

from ssmtui.language import say, say_many, translatable
from ssmtui.model.finding import Subject
from ssmtui.model.scope import Scope
from ssmtui.remediation.apply.change import Change
from ssmtui.remediation.preview import call_lines
from ssmtui.ui.screens.base_screen import BACK_KEY, FILTER_KEY, OTHER_PANE_KEY, BaseScreen
from ssmtui.ui.screens.screen_requests import Complete, RedoChange, ShowNamedScreen, UndoChange, named_screen
from ssmtui.ui.state.app_context import READ_ONLY, AppContext, scope_of_change
from ssmtui.ui.state.changes import (
    ChangeHistory,
    change_to_go_back,
    read_history,
    why_not_completed,
    why_not_redoable,
    why_not_undoable,
)
from ssmtui.ui.state.fleet_view import FleetChanges
from ssmtui.ui.text.cause_rows import text_to_copy
from ssmtui.ui.text.changes import (
    CHANGE_COLUMNS,
    change_cells,
    change_record_prose,
    change_widths,
    damaged_journal_prose,
    empty_history_prose,
)
from ssmtui.ui.text.filters import fields_of_columns
from ssmtui.ui.text.styled_text import Cell
from ssmtui.ui.widgets.filter_line import FilterLine
from ssmtui.ui.widgets.key_bindings import bind
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.widgets.text_pane import TextPane


class ChangeHistoryScreen(BaseScreen):
    """What has been changed from this computer."""

    BREADCRUMB = translatable("Changes")
    KEEPS_POSITION = True
    filter_line: FilterLine
    BINDINGS: ClassVar[list[BindingType]] = [
        BACK_KEY,
        FILTER_KEY,
        bind("z", "undo", translatable("Undo"), translatable("Undo the selected change")),
        bind("ctrl+y", "redo", translatable("Redo"), translatable("Preview the selected change again")),
        bind("f", "complete", translatable("Complete"), translatable("Complete the selected change")),
        bind("r", "reread", translatable("Reload"), translatable("Reload the journal")),
        OTHER_PANE_KEY,
        bind("Z", "close", translatable("Back"), translatable("Back"), shown=False),
    ]

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self._history = ChangeHistory()
        self._by_id: dict[str, Change] = {}
        self._aws_answers: dict[str, str] = {}
        self.filter_line = FilterLine(
            fields_of_columns(CHANGE_COLUMNS), hint=say("bucket   state:failed   region:eu-west-3")
        )
        self.rows = LineTable[str](CHANGE_COLUMNS, self._cells, id="history")
        self.pane = TextPane(id="record")
        self.body = (self.filter_line, self.rows, self.pane)

    def on_mount(self) -> None:
        """Read the journal."""
        self._read()

    def on_screen_resume(self) -> None:
        """Read the journal again: a change may have been undone meanwhile."""
        self._read()

    @property
    def current_change(self) -> Change | None:
        """The change under the cursor."""
        return self._by_id.get(self.rows.cursor or "")

    @property
    def current_scope(self) -> Scope | None:
        """The open scope of the change under the cursor."""
        change = self.current_change
        return scope_of_change(self.context.fleet_view, change) if change else None

    @property
    def current_subject(self) -> tuple[Scope, Subject] | None:
        """The subject of the change under the cursor."""
        change = self.current_change
        return (change.scope, change.subject) if change else None

    @property
    def to_copy(self) -> str:
        """The calls of the change under the cursor, below its id."""
        change = self.current_change
        return text_to_copy((f"# {change.id} {change.title}", *call_lines(change))) if change else ""

    def fleet_changed(self, changes: FleetChanges) -> None:
        """Update the rows: the Region of a change may have been opened, or the journal written."""
        if self.is_mounted and changes.other:
            self._read()

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        """Return why the change cannot be undone or completed from here."""
        if action not in ("undo", "redo", "complete"):
            return super().why_not(action, parameters)
        if self.context.read_only:
            return say(READ_ONLY)
        if self.current_change is None:
            return say("no change is selected")
        if action == "redo":
            return why_not_redoable(self.context.fleet_view, self.current_change)
        if action == "complete":
            return why_not_completed(self.context.fleet_view, self._history, self.current_change)
        return why_not_undoable(
            self.context.fleet_view, self._history, change_to_go_back(self._history, self.current_change)
        )

    def action_undo(self) -> None:
        """Undo the change under the cursor, after a confirmation."""
        if self.current_change is not None:
            self.post_message(UndoChange(change_to_go_back(self._history, self.current_change).id))

    def action_redo(self) -> None:
        """Preview the change under the cursor again."""
        if self.current_change is not None:
            self.post_message(RedoChange(self.current_change.id))

    def action_complete(self) -> None:
        """Complete the change under the cursor, after a confirmation."""
        if self.current_change is not None:
            self.post_message(Complete(self.current_change.id))

    def action_reread(self) -> None:
        """Read the journal again, and ask AWS again about the interrupted changes."""
        self._aws_answers.clear()
        self._read()
        self._tell(from_top=False)
        self.notify(say("Journal reloaded"), timeout=3)

    def row_moved(self) -> None:
        """Show the change under the cursor."""
        self._tell(from_top=True)
        self.refresh_bindings()

    def _read(self) -> None:
        self.context.read_unfinished()
        history = read_history(self.context.journal)
        if history != self._history or not self._by_id:
            self._history = history
            self._aws_answers.clear()
            self._by_id = {change.id: change for change in history.changes}
            for change in history.changes:
                self.rows.measure(change_widths(change))
            self.show_rows()
            self.rows.touch_all()
            self.rows.display = bool(self._by_id)
            (self.rows if self._by_id else self.pane).focus()
            self._update_summary_line()
            self._tell(from_top=False)
        self.refresh_bindings()

    def show_rows(self) -> None:
        """Show the changes that the filter admits."""
        when_none = say("No change matches the filter. Esc clears it.")
        self.filter_line.show_filtered(self.rows, self._by_id, when_none)

    def _update_summary_line(self) -> None:
        count = len(self._history.changes)
        words = say_many("{count} change made on this computer", "{count} changes made on this computer", count=count)
        self.show_title(say("Changes"), words)

    def _tell(self, *, from_top: bool) -> None:
        change = self.current_change
        if change is None and self._by_id:
            self.pane.show(())  # no change matches the filter
            return
        if change is None:
            self.pane.show(
                empty_history_prose(self._history.problem, self._history.damaged, read_only=self.context.read_only)
            )
            return
        under_way = change.id in self._history.under_way
        record = change_record_prose(change, self._aws_answers.get(change.id, ""), is_under_way=under_way)
        self.pane.show((*damaged_journal_prose(self._history.damaged), *record), from_top=from_top)
        if change.is_open and not under_way and change.id not in self._aws_answers:
            self._ask_aws(change)

    def _ask_aws(self, change: Change) -> None:
        """Have AWS show the result of an interrupted change, if AWS can be asked."""
        scope = self.current_scope
        change_service = self.context.change_service_for(scope.name) if scope is not None else None
        if change_service is not None and not self.context.writing:
            self._aws_answers[change.id] = say("Reading the current state from AWS…")
            self.run_worker(self._take_in(change.id, change_service.aws_shows(change)), exit_on_error=False)
            self._tell(from_top=False)

    async def _take_in(self, change_id: str, asked: Future[str]) -> None:
        self._aws_answers[change_id] = await asyncio.wrap_future(asked)
        if self.is_mounted:
            self._tell(from_top=False)

    def _cells(self, id_: str) -> Mapping[str, Cell]:
        return change_cells(self._by_id[id_]) if id_ in self._by_id else {}


@named_screen("changes")
def change_history_screen(context: AppContext, _request: ShowNamedScreen) -> ChangeHistoryScreen:
    """Return the screen of the changes in the journal."""
    return ChangeHistoryScreen(context)
