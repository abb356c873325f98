"""Show the sessions of the account: active, by owner, and ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical

from ssmtui.language import say, translatable
from ssmtui.model.node import NodeKey
from ssmtui.model.scope import Scope, ScopeName
from ssmtui.model.sessions import ListedSession
from ssmtui.ui.screens.base_screen import FILTER_KEY, BaseScreen
from ssmtui.ui.screens.screen_requests import EndSessions, OpenNode, ShowNamedScreen, named_screen
from ssmtui.ui.state.app_context import AppContext
from ssmtui.ui.state.sessions import SessionHolder, SessionKey, SessionRow, SessionView, SessionViews
from ssmtui.ui.state.ui_state import Marks
from ssmtui.ui.text.cause_rows import text_to_copy
from ssmtui.ui.text.filters import Column
from ssmtui.ui.text.sessions import (
    FIELDS,
    GROUP_COLUMNS,
    HISTORY_COLUMNS,
    OPEN_COLUMNS,
    empty_sessions_text,
    group_cells,
    group_prose,
    history_cells,
    open_cells,
    session_prose,
    session_summary,
    unread_banner,
    unread_prose,
    widths,
)
from ssmtui.ui.text.styled_text import MARKED, Cell, Prose, TextStyle, cell
from ssmtui.ui.widgets.filter_line import FilterLine
from ssmtui.ui.widgets.key_bindings import bind
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.widgets.screen_frame import Banner
from ssmtui.ui.widgets.text_pane import TextPane

_MARK_COLUMN = Column("mark", "", 1, 1, 0)


class SessionTables(Vertical):
    """The tables of the views. Open sessions can be marked, one by one or all of an owner on a node."""

    DEFAULT_CSS = "SessionTables { height: 1fr; }"

    def __init__(self, context: AppContext, views: SessionViews) -> None:
        super().__init__()
        self._app_context = context
        self._views = views
        self._held: Mapping[SessionHolder, Sequence[SessionRow]] = {}
        self.view = SessionView.OPEN
        self.marks: Marks[SessionKey] = Marks()
        self.opened = LineTable[SessionKey](OPEN_COLUMNS, self._open_cells, id=SessionView.OPEN.value)
        self.holders = LineTable[SessionHolder](GROUP_COLUMNS, self._holder_cells, id=SessionView.HOLDERS.value)
        self.ended = LineTable[SessionKey](HISTORY_COLUMNS, self._history_cells, id=SessionView.HISTORY.value)

    def compose(self) -> ComposeResult:
        """Compose the three tables."""
        yield self.opened
        yield self.holders
        yield self.ended

    @property
    def up(self) -> LineTable[SessionKey] | LineTable[SessionHolder]:
        """The visible table."""
        match self.view:
            case SessionView.OPEN:
                return self.opened
            case SessionView.HOLDERS:
                return self.holders
            case SessionView.HISTORY:
                return self.ended

    @property
    def shown(self) -> int:
        """The number of sessions that match the filter."""
        return sum(map(len, self._held.values())) if self.view is SessionView.HOLDERS else len(self.up.keys)

    @property
    def here(self) -> Sequence[SessionRow]:
        """The sessions of the row under the cursor."""
        if self.view is SessionView.HOLDERS:
            return self._held.get(self.holders.cursor, ()) if self.holders.cursor else ()
        key = (self.opened if self.view is SessionView.OPEN else self.ended).cursor
        row = self._views.of(self.view).rows.get(key) if key else None
        return (row,) if row else ()

    @property
    def chosen(self) -> Sequence[SessionRow]:
        """The marked sessions; without marks, those of the row under the cursor."""
        return [row for key in self.marks if (row := self._views.active.rows.get(key))] or self.here

    def show_view(self, view: SessionView) -> None:
        """Show another table."""
        self.view = view
        for table in (self.opened, self.holders, self.ended):
            table.display = table is self.up
        self.show_rows()
        if self.is_attached:
            self.screen.set_focus(self.up)

    def take_in(self, opened: Sequence[SessionRow], ended: Sequence[SessionRow]) -> None:
        """Adjust the column widths to sessions that were read, and show them."""
        for table in (self.opened, self.holders):
            for row in opened:
                table.measure(widths(self._views.line(row)))
        for row in ended:
            self.ended.measure(widths(self._views.line(row)))
        self.marks.keep(self._views.active.rows)
        self.show_rows()

    def show_rows(self) -> None:
        """Show the rows that match the filter."""
        mark = (_MARK_COLUMN,) if self.marks else ()
        self.opened.set_columns((*mark, *OPEN_COLUMNS))
        self.holders.set_columns((*mark, *GROUP_COLUMNS))
        self._held = self._views.holders()
        self.opened.show(self._views.opened())
        self.holders.show(list(self._held))
        self.ended.show(self._views.ended())
        behind = self._views.of(self.view)
        rows, unread, regions = len(behind.rows), len(behind.unread), len(self._app_context.fleet_view.scopes)
        self.up.say_when_empty(
            empty_sessions_text(behind.state, reading=behind.is_reading, of=rows, unread=unread, regions=regions)
        )
        self.up.touch_all()

    def mark(self) -> None:
        """Mark or unmark the sessions of the row under the cursor."""
        keys = [row.key for row in self.here]
        all_marked = all(key in self.marks for key in keys)
        self.marks.toggle([key for key in keys if all_marked or key not in self.marks])

    def _open_cells(self, key: SessionKey) -> Mapping[str, Cell]:
        row = self._views.active.rows.get(key)
        return {**open_cells(self._views.line(row), self._app_context.now()), "mark": self._mark((row,))} if row else {}

    def _history_cells(self, key: SessionKey) -> Mapping[str, Cell]:
        row = self._views.history.rows.get(key)
        return history_cells(self._views.line(row)) if row else {}

    def _holder_cells(self, holder: SessionHolder) -> Mapping[str, Cell]:
        rows = self._held.get(holder, ())
        lines = [self._views.line(row) for row in rows]
        return {**group_cells(lines, self._app_context.now()), "mark": self._mark(rows)} if lines else {}

    def _mark(self, rows: Sequence[SessionRow]) -> Cell:
        count = sum(row.key in self.marks for row in rows)
        return cell(MARKED.glyph, MARKED.text_style if count == len(rows) else TextStyle.FAINT) if count else ()


_POLL_SECONDS = 1 / 20
_AGE_SECONDS = 10
"""Seconds between two checks for new results, and between two updates of the sessions' ages."""


class SessionsScreen(BaseScreen):
    """The sessions of the open Regions, as they are read."""

    BREADCRUMB = translatable("Sessions")
    KEEPS_POSITION = True
    filter_line: FilterLine
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("escape", "back", translatable("Back"), display="Esc"),
        bind("backspace,S", "close", translatable("Back"), shown=False),
        FILTER_KEY,
        bind(
            "tab",
            "next_view",
            translatable("Next view"),
            translatable("Show open sessions, sessions by owner, or ended sessions"),
            display="Tab",
        ),
        bind(
            "T",
            "terminate",
            translatable("Terminate"),
            translatable("Terminate the marked sessions or this session, after a preview"),
        ),
        bind("space", "mark", translatable("Mark"), translatable("Mark or unmark this row"), display="Space"),
        bind(
            "asterisk,ctrl+a",
            "mark_shown",
            translatable("Mark all"),
            translatable("Mark or unmark all rows"),
            shown=False,
        ),
        bind(
            "backslash,ctrl+backslash",
            "no_marks",
            translatable("Unmark all"),
            translatable("Remove all marks"),
            shown=False,
        ),
        bind("r", "reread", translatable("Reload"), translatable("Reload the sessions")),
    ]

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self.views = SessionViews(context.fleet_view)
        self.tables = SessionTables(context, self.views)
        self._regions: set[ScopeName] = set()
        self.banner = Banner(id="banner")
        self.filter_line = FilterLine(FIELDS, hint=say("web   owner:ada   region:eu-west-3"))
        self.pane = TextPane(id="session")
        self.body = (self.banner, self.filter_line, self.tables, self.pane)

    def on_mount(self) -> None:
        """Start reading."""
        self.set_interval(_POLL_SECONDS, self._look)
        self.set_interval(_AGE_SECONDS, self._age)
        self.tables.show_view(SessionView.OPEN)

    def on_screen_resume(self) -> None:
        """Read the open sessions again: some may have been ended meanwhile."""
        self.views.remember(self.context.journal)
        self._read(SessionView.OPEN)

    def on_unmount(self) -> None:
        """Stop reading."""
        self.views.active.end()
        self.views.history.end()

    @property
    def current_scope(self) -> Scope | None:
        """The scope of the row under the cursor."""
        rows = self.tables.here
        return rows[0].scope if rows else super().current_scope

    @property
    def current_node(self) -> NodeKey | None:
        """The node of the row under the cursor, if it is in the fleet."""
        rows = self.tables.here
        return rows[0].node if rows and rows[0].node in self.context.fleet_view.state.nodes else None

    @property
    def to_copy(self) -> str:
        """The ids of the sessions of the row under the cursor."""
        return text_to_copy(row.session.id for row in self.tables.here)

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        """Return why a session cannot be ended: it has ended already."""
        match action:
            case "terminate" | "mark" | "mark_shown" if self.tables.view is SessionView.HISTORY:
                return say("these sessions have already ended")
            case "terminate" if not self.tables.chosen:
                return say("no session is selected")
            case _:
                return super().why_not(action, parameters)

    def action_close(self) -> None:
        """Go back at once."""
        self.leave_screen()

    def action_back(self) -> None:
        """Clear the filter, then the marks; else go back."""
        if self.filter_line.text:
            self.filter_line.put("")
        elif self.tables.marks:
            self.action_no_marks()
        else:
            self.dismiss()

    def action_next_view(self) -> None:
        """Show the next of the three views; the history is read when it is first shown."""
        view = self.tables.view.next
        if not self.views.of(view).asked:
            self._read(view)
        self.tables.show_view(view)
        self._say()

    def action_reread(self) -> None:
        """Read the sessions of this view again."""
        self._read(self.tables.view)
        self.notify(say("Reloading the sessions"), timeout=3)

    def action_mark(self) -> None:
        """Mark or unmark the sessions of the row under the cursor."""
        self.tables.mark()
        self.show_rows()

    def action_mark_shown(self) -> None:
        """Mark every visible open session; if all are marked, unmark them."""
        self.tables.marks.mark_all(self.views.opened())
        self.show_rows()

    def action_no_marks(self) -> None:
        """Remove all marks."""
        self.tables.marks.clear()
        self.show_rows()

    def action_terminate(self) -> None:
        """Preview ending the marked sessions, or those of the row under the cursor."""
        found: dict[ScopeName, tuple[ListedSession, ...]] = {}
        for row in self.tables.chosen:
            found[row.scope.name] = (*found.get(row.scope.name, ()), row.session)
        if found:
            self.post_message(EndSessions(found))

    def row_moved(self) -> None:
        """Show the session under the cursor."""
        self._tell(from_top=True)
        self.refresh_bindings()

    def row_opened(self, row: object) -> None:  # noqa: ARG002 - several sessions may stand in a row
        """Open the node of the session under the cursor."""
        rows = self.tables.here
        if self.current_node is not None:
            self.post_message(OpenNode(self.current_node))
        elif rows:
            target = rows[0].session.target
            self.notify(say("{target} is not among the listed nodes", target=target), markup=False)

    def _read(self, view: SessionView) -> None:
        if self.context.handle is not None:
            self._regions = {scope.name for scope in self.context.fleet_view.scopes}
            self.views.of(view).read(self.context.handle, self.context.fleet_view.scopes)
            self.show_rows()

    def _look(self) -> None:
        if self._regions != {scope.name for scope in self.context.fleet_view.scopes}:
            self._read(SessionView.OPEN)  # a Region has been opened since
        open_rows, ended_rows = self.views.active.drain(), self.views.history.drain()
        if open_rows is not None or ended_rows is not None:
            self.tables.take_in(open_rows or (), ended_rows or ())
            self._say()

    def _age(self) -> None:
        if self.tables.view is not SessionView.HISTORY:
            self.tables.up.touch_all()

    def show_rows(self) -> None:
        """Show the sessions that match the filter."""
        self.views.filter = self.filter_line.filter
        self.tables.show_rows()
        self._say()

    def _say(self) -> None:
        behind = self.views.of(self.tables.view)
        self.filter_line.say(self.tables.shown, len(behind.rows))
        self.banner.tell(unread_banner(behind.unread) if behind.rows else ())
        self._update_title_line()
        self._tell(from_top=False)
        self.refresh_bindings()

    def _update_title_line(self) -> None:
        views, behind = self.views, self.views.of(self.tables.view)
        regions = tuple(dict.fromkeys(scope.region for scope in self.context.fleet_view.scopes))
        first, second = session_summary(
            behind.state,
            len(behind.rows),
            by_programs=views.by_programs(),
            reading=behind.is_reading,
            regions=regions,
            unread=len(behind.unread),
            marked=len(self.tables.marks),
        )
        self.title_line.tell((first, TextStyle.STRONG), "\n", *second)

    def _tell(self, *, from_top: bool) -> None:
        self.pane.show(self._prose(), from_top=from_top)

    def _prose(self) -> Prose:
        behind, rows = self.views.of(self.tables.view), self.tables.here
        if not rows:
            return unread_prose(behind.unread) if behind.unread and not behind.rows else ()
        lines = [self.views.line(row) for row in rows]
        if self.tables.view is SessionView.HOLDERS:
            return group_prose(lines, self.context.now())
        return session_prose(lines[0], rows[0].scope.account, self.context.now())


@named_screen("sessions")
def sessions_screen(context: AppContext, _request: ShowNamedScreen) -> SessionsScreen:
    """Return the screen of the account's sessions."""
    return SessionsScreen(context)
