"""The three tables of sessions, of which one is up, and which of their rows are marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.app import ComposeResult
from textual.containers import Vertical

from ssmtui.ui.state.bench import Bench
from ssmtui.ui.state.marks import Marks
from ssmtui.ui.state.session_list import SessionKey, SessionRow
from ssmtui.ui.state.session_views import Holder, SessionView, SessionViews
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.words.columns import Column
from ssmtui.ui.words.ink import Cell, Ink, cell
from ssmtui.ui.words.session_rows import (
    GROUP_COLUMNS,
    HISTORY_COLUMNS,
    OPEN_COLUMNS,
    group_cells,
    history_cells,
    open_cells,
    widths,
)
from ssmtui.ui.words.session_standing import when_empty
from ssmtui.ui.words.signs import MARKED

_MARK = Column("mark", "", 1, 1, 0)


class SessionTables(Vertical):
    """What the views show. Open sessions can be marked, one by one or all that one owner holds on a node."""

    DEFAULT_CSS = "SessionTables { height: 1fr; }"

    def __init__(self, bench: Bench, views: SessionViews) -> None:
        super().__init__()
        self._bench = bench
        self._views = views
        self._held: Mapping[Holder, Sequence[SessionRow]] = {}
        self.view = SessionView.OPEN
        self.marks: Marks[SessionKey] = Marks()
        self.opened = LineTable[SessionKey](OPEN_COLUMNS, self._open_cells, id=SessionView.OPEN.value)
        self.holders = LineTable[Holder](GROUP_COLUMNS, self._holder_cells, id=SessionView.HOLDERS.value)
        self.ended = LineTable[SessionKey](HISTORY_COLUMNS, self._history_cells, id=SessionView.HISTORY.value)

    def compose(self) -> ComposeResult:
        """All three."""
        yield self.opened
        yield self.holders
        yield self.ended

    @property
    def up(self) -> LineTable[SessionKey] | LineTable[Holder]:
        """The table that is up."""
        match self.view:
            case SessionView.OPEN:
                return self.opened
            case SessionView.HOLDERS:
                return self.holders
            case SessionView.HISTORY:
                return self.ended

    @property
    def shown(self) -> int:
        """How many sessions the filter admits."""
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
        """Put up another table."""
        self.view = view
        for table in (self.opened, self.holders, self.ended):
            table.display = table is self.up
        self.show_rows()
        if self.is_attached:
            self.screen.set_focus(self.up)

    def take_in(self, opened: Sequence[SessionRow], ended: Sequence[SessionRow]) -> None:
        """Make room for what sessions say that have just been read, and show them."""
        for table in (self.opened, self.holders):
            for row in opened:
                table.measure(widths(self._views.line(row)))
        for row in ended:
            self.ended.measure(widths(self._views.line(row)))
        self.marks.keep(self._views.active.rows)
        self.show_rows()

    def show_rows(self) -> None:
        """Show what the filter admits."""
        mark = (_MARK,) if self.marks else ()
        self.opened.set_columns((*mark, *OPEN_COLUMNS))
        self.holders.set_columns((*mark, *GROUP_COLUMNS))
        self._held = self._views.holders()
        self.opened.show(self._views.opened())
        self.holders.show(list(self._held))
        self.ended.show(self._views.ended())
        behind = self._views.of(self.view)
        rows, unread, regions = len(behind.rows), len(behind.unread), len(self._bench.board.scopes)
        self.up.say_when_empty(
            when_empty(behind.state, reading=behind.is_reading, of=rows, unread=unread, regions=regions)
        )
        self.up.touch_all()

    def mark(self) -> None:
        """Mark the sessions of the row under the cursor, or mark them no more."""
        keys = [row.key for row in self.here]
        all_marked = all(key in self.marks for key in keys)
        self.marks.toggle([key for key in keys if all_marked or key not in self.marks])

    def _open_cells(self, key: SessionKey) -> Mapping[str, Cell]:
        row = self._views.active.rows.get(key)
        return {**open_cells(self._views.line(row), self._bench.now()), "mark": self._mark((row,))} if row else {}

    def _history_cells(self, key: SessionKey) -> Mapping[str, Cell]:
        row = self._views.history.rows.get(key)
        return history_cells(self._views.line(row)) if row else {}

    def _holder_cells(self, holder: Holder) -> Mapping[str, Cell]:
        rows = self._held.get(holder, ())
        lines = [self._views.line(row) for row in rows]
        return {**group_cells(lines, self._bench.now()), "mark": self._mark(rows)} if lines else {}

    def _mark(self, rows: Sequence[SessionRow]) -> Cell:
        count = sum(row.key in self.marks for row in rows)
        return cell(MARKED.glyph, MARKED.ink if count == len(rows) else Ink.FAINT) if count else ()
