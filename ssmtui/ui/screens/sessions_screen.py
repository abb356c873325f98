"""Sessions: those that are open in the account, who holds how many of them, and how those of 30 days ended."""

from __future__ import annotations

from collections.abc import Hashable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from ssmtui.language import marked, say
from ssmtui.model.listed_session import ListedSession
from ssmtui.model.node import NodeKey
from ssmtui.model.scope import Scope, ScopeName
from ssmtui.ui.screens.filtered_screen import FilteredScreen
from ssmtui.ui.screens.putting_up import put_up_as
from ssmtui.ui.screens.wishes import EndSessions, OpenNode, PutUp
from ssmtui.ui.state.bench import Bench
from ssmtui.ui.state.session_views import SessionView, SessionViews
from ssmtui.ui.widgets.content import inked
from ssmtui.ui.widgets.filter_line import FilterLine
from ssmtui.ui.widgets.key_bar import KeyBar
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.widgets.notice_pane import Banner
from ssmtui.ui.widgets.session_tables import SessionTables
from ssmtui.ui.widgets.text_pane import TextPane
from ssmtui.ui.words.copying import copied
from ssmtui.ui.words.filtering import Filter
from ssmtui.ui.words.ink import Ink
from ssmtui.ui.words.prose import Prose
from ssmtui.ui.words.session_rows import FIELDS
from ssmtui.ui.words.session_standing import standing
from ssmtui.ui.words.session_text import group_prose, session_prose, unread_banner, unread_prose

_LOOK = 1 / 20
_AGES = 10
"""Seconds between two looks at what has been read, and between two paintings of how long sessions have been open."""


class SessionsScreen(FilteredScreen):
    """The sessions of the open Regions, as they are read."""

    CRUMB = marked("Sessions")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", marked("Back"), key_display="Esc"),
        Binding("backspace,S", "close", marked("Back"), show=False),
        *FilteredScreen.FILTER,
        Binding(
            "tab",
            "next_view",
            marked("Holders, history"),
            key_display="Tab",
            tooltip=marked("Open sessions, who holds how many of them, or those that have ended"),
        ),
        Binding(
            "T", "terminate", marked("End"), tooltip=marked("End the marked sessions, or this one, after a preview")
        ),
        Binding(
            "space", "mark", marked("Mark"), key_display="Space", tooltip=marked("Mark this row, or mark it no more")
        ),
        Binding(
            "asterisk,ctrl+a",
            "mark_shown",
            marked("Mark all"),
            show=False,
            tooltip=marked("Mark every row shown, or none"),
        ),
        Binding("backslash,ctrl+backslash", "no_marks", marked("No marks"), show=False, tooltip=marked("Mark nothing")),
        Binding("r", "reread", marked("Read again"), tooltip=marked("Read the sessions again")),
    ]

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench)
        self.views = SessionViews(bench.board)
        self.tables = SessionTables(bench, self.views)
        self._regions: set[ScopeName] = set()
        self.who = Static(id="who")
        self.banner = Banner(id="banner")
        self.filter_line = FilterLine(FIELDS)
        self.pane = TextPane(id="session")

    def compose(self) -> ComposeResult:
        """What is shown, the three tables of which one is up, and the row under the cursor in full."""
        yield self.crumbs
        yield self.who
        yield self.banner
        yield self.filter_line
        yield self.tables
        yield self.pane
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin to read."""
        self.set_interval(_LOOK, self._look)
        self.set_interval(_AGES, self._age)
        self.tables.show_view(SessionView.OPEN)

    def on_screen_resume(self) -> None:
        """Read the open ones again: some may have been ended meanwhile."""
        self.views.remember(self.bench.journal)
        self._read(SessionView.OPEN)

    def on_unmount(self) -> None:
        """Read no further."""
        self.views.active.end()
        self.views.history.end()

    @property
    def about(self) -> Hashable:
        """What is come back to."""
        return self.CRUMB

    @property
    def scope_here(self) -> Scope | None:
        """The scope of the row under the cursor."""
        rows = self.tables.here
        return rows[0].scope if rows else super().scope_here

    @property
    def node_here(self) -> NodeKey | None:
        """The node of the row under the cursor, where it is one of the fleet."""
        rows = self.tables.here
        return rows[0].node if rows and rows[0].node in self.bench.board.state.nodes else None

    @property
    def to_copy(self) -> str:
        """The ids of the sessions of the row under the cursor."""
        return copied(row.session.id for row in self.tables.here)

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        """What has ended is not ended again."""
        match action:
            case "terminate" | "mark" | "mark_shown" if self.tables.view is SessionView.HISTORY:
                return say("these sessions have ended")
            case "terminate" if not self.tables.chosen:
                return say("no session is chosen")
            case _:
                return super().why_not(action, parameters)

    def filter_by(self, line: FilterLine, wanted: Filter) -> None:  # noqa: ARG002
        """Show the sessions that a filter admits."""
        self.views.filter = wanted
        self._show_rows()

    def focus_rows(self) -> None:
        """Give the keys to the table that is up."""
        self.tables.up.focus()

    def action_close(self) -> None:
        """Go back at once."""
        self.leave_screen()

    def action_back(self) -> None:
        """Filter no more, mark nothing more; else go back."""
        if self.filter_line.text:
            self.filter_line.put("")
        elif self.tables.marks:
            self.action_no_marks()
        else:
            self.dismiss()

    def action_next_view(self) -> None:
        """Show the next of the three views; the history is read the first time that it is looked at."""
        view = self.tables.view.next
        if not self.views.of(view).asked:
            self._read(view)
        self.tables.show_view(view)
        self._say()

    def action_reread(self) -> None:
        """Read the sessions of this view again."""
        self._read(self.tables.view)
        self.notify(say("Reading the sessions again"), timeout=3)

    def action_mark(self) -> None:
        """Mark the sessions of the row under the cursor, or mark them no more."""
        self.tables.mark()
        self._show_rows()

    def action_mark_shown(self) -> None:
        """Mark every open session shown, or none where all are marked."""
        self.tables.marks.mark_all(self.views.opened())
        self._show_rows()

    def action_no_marks(self) -> None:
        """Mark nothing."""
        self.tables.marks.clear()
        self._show_rows()

    def action_terminate(self) -> None:
        """Preview ending the marked sessions, or those of the row under the cursor."""
        found: dict[ScopeName, tuple[ListedSession, ...]] = {}
        for row in self.tables.chosen:
            found[row.scope.name] = (*found.get(row.scope.name, ()), row.session)
        if found:
            self.post_message(EndSessions(found))

    @on(LineTable.Moved)
    def _other_row(self) -> None:
        self._tell(from_top=True)
        self.refresh_bindings()

    @on(LineTable.Opened)
    def _open_node(self) -> None:
        rows = self.tables.here
        if self.node_here is not None:
            self.post_message(OpenNode(self.node_here))
        elif rows:
            target = rows[0].session.target
            self.notify(say("{target} is none of the nodes listed here", target=target), markup=False)

    def _read(self, view: SessionView) -> None:
        if self.bench.inquiry is not None:
            self._regions = {scope.name for scope in self.bench.board.scopes}
            self.views.of(view).read(self.bench.inquiry, self.bench.board.scopes)
            self._show_rows()

    def _look(self) -> None:
        if self._regions != {scope.name for scope in self.bench.board.scopes}:
            self._read(SessionView.OPEN)  # a Region has been opened since
        open_rows, ended_rows = self.views.active.drain(), self.views.history.drain()
        if open_rows is not None or ended_rows is not None:
            self.tables.take_in(open_rows or (), ended_rows or ())
            self._say()

    def _age(self) -> None:
        if self.tables.view is not SessionView.HISTORY:
            self.tables.up.touch_all()

    def _show_rows(self) -> None:
        self.tables.show_rows()
        self._say()

    def _say(self) -> None:
        behind = self.views.of(self.tables.view)
        self.filter_line.say(self.tables.shown, len(behind.rows))
        self.banner.tell(unread_banner(behind.unread) if behind.rows else ())
        self._say_who()
        self._tell(from_top=False)
        self.refresh_bindings()

    def _say_who(self) -> None:
        views, behind = self.views, self.views.of(self.tables.view)
        regions = tuple(dict.fromkeys(scope.region for scope in self.bench.board.scopes))
        first, second = standing(
            behind.state,
            len(behind.rows),
            by_programs=views.by_programs(),
            reading=behind.is_reading,
            regions=regions,
            unread=len(behind.unread),
            marked=len(self.tables.marks),
        )
        self.who.update(inked((first, Ink.STRONG), "\n", *second))

    def _tell(self, *, from_top: bool) -> None:
        self.pane.show(self._prose(), from_top=from_top)

    def _prose(self) -> Prose:
        behind, rows = self.views.of(self.tables.view), self.tables.here
        if not rows:
            return unread_prose(behind.unread) if behind.unread and not behind.rows else ()
        lines = [self.views.line(row) for row in rows]
        if self.tables.view is SessionView.HOLDERS:
            return group_prose(lines, self.bench.now())
        return session_prose(lines[0], rows[0].scope.account, self.bench.now())


@put_up_as("sessions")
def sessions(bench: Bench, _wish: PutUp) -> SessionsScreen:
    """The account's sessions."""
    return SessionsScreen(bench)
