"""Provide the actions on rows of nodes and causes: marks, filters, columns, details, fixes, and refreshing."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, TypeVar

from ssmtui.language import say, translatable
from ssmtui.model.finding import Status
from ssmtui.model.node import NodeKey
from ssmtui.ui.state.fleet_tables import CauseTableModel, NodeTableModel
from ssmtui.ui.state.ui_state import Marks
from ssmtui.ui.text import cause_rows, node_rows
from ssmtui.ui.text.cause_rows import cause_details, cause_summary, node_details, node_summary
from ssmtui.ui.text.filters import Column, find_unmatched_word
from ssmtui.ui.text.styled_text import MARKED, Cell, cell, short_duration
from ssmtui.ui.widgets.filter_line import FilterLine
from ssmtui.ui.widgets.key_bindings import bind
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.widgets.text_pane import RowLine, TextPane

if TYPE_CHECKING:
    from textual.widget import Widget

    from ssmtui.model.finding import FleetFinding
    from ssmtui.ui.state.app_context import AppContext
    from ssmtui.ui.text.filters import Filter
    from ssmtui.ui.text.styled_text import Prose

_MARK_COLUMN = Column("mark", "", 1, 1, 0)
_MARK_CELL = cell(MARKED.glyph, MARKED.text_style)
_FIXABLE = (Status.FAIL, Status.WARN)

MARK_KEYS = (
    bind("space", "mark", translatable("Mark"), translatable("Mark or unmark this row"), display="Space"),
    bind(
        "V",
        "mark_range",
        translatable("Mark range"),
        translatable("Mark every row that the cursor passes, until V or Space; Esc cancels"),
        shown=False,
    ),
    bind(
        "shift+down",
        "extend_marks(1)",
        translatable("Extend down"),
        translatable("Mark this row and the next row"),
        shown=False,
    ),
    bind(
        "shift+up",
        "extend_marks(-1)",
        translatable("Extend up"),
        translatable("Mark this row and the previous row"),
        shown=False,
    ),
    bind(
        "ctrl+@,ctrl+space",
        "mark_to_here",
        translatable("Mark to here"),
        translatable("Mark the rows from the last marked row to this row"),
        display="^Space",
        shown=False,
    ),
    bind(
        "asterisk,ctrl+a",
        "mark_shown",
        translatable("Mark all"),
        translatable("Mark or unmark all rows"),
        shown=False,
    ),
    bind(
        "circumflex_accent",
        "invert_marks",
        translatable("Invert"),
        translatable("Invert the marks"),
        shown=False,
    ),
    bind(
        "backslash,ctrl+backslash",
        "no_marks",
        translatable("Unmark all"),
        translatable("Remove all marks"),
        shown=False,
    ),
)
REFRESH_KEYS = (
    bind(
        "ctrl+r",
        "refresh_all",
        translatable("Refresh"),
        translatable("List all nodes and check them again"),
        shown=False,
    ),
    bind(
        "R",
        "timed_refresh",
        translatable("Auto-refresh"),
        translatable("Switch auto-refresh on or off"),
        shown=False,
    ),
)

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class _MarkRange(Generic[K]):
    """A range of marks from the row `start` to the row `end`; `before` holds the rows that were marked already."""

    start: K
    end: K
    before: tuple[K, ...]


class MarkedRows(Marks[K]):
    """The marked rows of a table. Its column of marks is there only while a row is marked."""

    def __init__(self, table: LineTable[K]) -> None:
        super().__init__()
        self.table = table
        self.is_in_range = False
        """Whether every move of the cursor extends the range."""
        self._range: _MarkRange[K] | None = None

    @property
    def selected(self) -> tuple[K, ...]:
        """The marked rows; without marks, the row under the cursor."""
        here = (self.table.cursor,) if self.table.cursor is not None else ()
        return tuple(self) or here

    @property
    def column(self) -> tuple[Column, ...]:
        """The column of the marks, if there are any."""
        return (_MARK_COLUMN,) if self else ()

    def cell(self, row: K) -> Cell:
        """Return the cell of a row in that column."""
        return _MARK_CELL if row in self else ()

    def toggle_selected(self) -> None:
        """Mark or unmark the row under the cursor; during a range, end the range."""
        if not self.end_range() and self.table.cursor is not None:
            self.toggle((self.table.cursor,))

    def toggle_shown(self) -> None:
        """Mark every visible row; if all are marked, unmark them."""
        self.end_range()
        self.mark_all(self.table.keys)

    def invert(self) -> None:
        """Invert the marks of the visible rows, and unmark the others."""
        self.end_range()
        self.toggle(self.table.keys)

    def clear(self) -> None:
        """Remove all marks."""
        self.end_range()
        super().clear()

    def toggle_range(self) -> None:
        """Start a range at the cursor; end the range if one was started."""
        if not self.end_range() and self.table.cursor is not None:
            self.table.hold_cursor()
            self._range, self.is_in_range = self._range_from(self.table.cursor), True
            self.extend_range()

    def end_range(self) -> bool:
        """End the range, and keep its marks; return whether every move of the cursor extended the range."""
        was_in_range, self._range, self.is_in_range = self.is_in_range, None, False
        return was_in_range

    def cancel_range(self) -> bool:
        """End the range without its marks; return whether every move of the cursor extended the range."""
        if self.is_in_range and self._range is not None:
            self.replace(self._range.before)
        return self.end_range()

    def move_and_extend(self, by: int) -> None:
        """Move the cursor by lines, and mark the rows from where this started."""
        here = self.table.cursor
        if here is not None and not (self._range and (self.is_in_range or self._range.end == here)):
            self._range = self._range_from(here)
        self.table.action_move(by)
        self.extend_range()

    def extend_range(self) -> None:
        """Mark the rows from the start of the range to the cursor; end the range if its start is no longer shown."""
        here = self.table.cursor
        if self._range is None or here is None:
            return
        if rows := self.table.rows_from(self._range.start):
            self._range = replace(self._range, end=here)
            self.replace((*self._range.before, *rows))
        else:
            self.end_range()

    def mark_to_cursor(self) -> None:
        """Mark the rows from the last marked row that is shown to the cursor; without marks, the cursor's row."""
        self.end_range()
        for start in (*reversed(tuple(self)), self.table.cursor):
            if start is not None and (rows := self.table.rows_from(start)):
                self.replace((*self, *rows))
                return

    def _range_from(self, row: K) -> _MarkRange[K]:
        return _MarkRange(row, row, tuple(self))


def fixable_findings(findings: Iterable[FleetFinding]) -> tuple[FleetFinding, ...]:
    """Return the findings of problems that have a fix, each once."""
    return tuple(
        {each.id: each for each in findings if each.finding.fixes and each.finding.status in _FIXABLE}.values()
    )


def has_fix(fleet_finding: FleetFinding | None, parameters: tuple[object, ...]) -> bool:
    """Return whether a finding has a fix with the number of a fix key."""
    count = len(fleet_finding.finding.fixes) if fleet_finding is not None else 0
    return any(isinstance(number, int) and number <= count for number in parameters)


SIDE_PANE_MIN_WIDTH = 180
"""The width from which the row is explained beside the table, and not only in a line or two below it."""


class RowDetails:
    """The details of the row under the cursor: in a line below the rows, and in a pane beside them."""

    def __init__(self, context: AppContext) -> None:
        self._context = context
        self.line = RowLine()
        self.pane = TextPane(id="beside")
        self._explained: NodeKey | str | None = None

    def show(self, row: NodeKey | str | None, width: int) -> None:
        """Show the details of a node or a cause, on a screen of that width. This reads nothing from AWS."""
        fleet_view, now = self._context.fleet_view, self._context.now()
        summary: Prose = ()
        if row is not None:
            summary = cause_summary(fleet_view, row) if isinstance(row, str) else node_summary(fleet_view, row)
        self.line.tell(summary)
        if width < SIDE_PANE_MIN_WIDTH:
            return
        prose: Prose = ()
        if row is not None:
            prose = cause_details(fleet_view, row, now) if isinstance(row, str) else node_details(fleet_view, row, now)
        self.pane.show(prose, from_top=row != self._explained)
        self._explained = row


def node_filter_line(context: AppContext, first: str = "") -> FilterLine:
    """Return a line that filters nodes, with an initial filter."""
    return FilterLine(
        node_rows.FIELDS,
        first,
        find_unmatched=lambda text: find_unmatched_word(
            text, node_rows.FIELDS, node_rows.filtered_rows(context.fleet_view)
        ),
        saved=lambda: dict(context.ui_state.current.filters),
    )


_ONLY_FAILING = "verdict:fail"


class FleetFilters:
    """The filter lines of nodes and of causes. The filter of the nodes applies to both tables."""

    def __init__(self, context: AppContext, node_model: NodeTableModel, cause_model: CauseTableModel) -> None:
        self._context = context
        self._node_model = node_model
        self._cause_model = cause_model
        self.nodes = node_filter_line(context, context.first_filter)
        self.causes = FilterLine(
            cause_rows.FIELDS,
            hint="kms   status:warn   subject:web   fix:grant-*",
            find_unmatched=lambda text: find_unmatched_word(
                text, cause_rows.FIELDS, cause_rows.filtered_rows(context.fleet_view)
            ),
        )

    def apply(self, line: FilterLine, wanted: Filter) -> None:
        """Apply the filter in a line."""
        if line is self.causes:
            self._cause_model.filter_by(wanted)
        else:
            self._node_model.filter_by(wanted)
            self._cause_model.filter_changed()

    def clear(self, *, causes: bool) -> bool:
        """Clear the filter of the visible rows, the causes' own first; return whether there was one."""
        for line in (self.causes, self.nodes) if causes else (self.nodes,):
            if line.text:
                line.put("")
                return True
        return False

    def toggle_failing(self) -> None:
        """Show only failing nodes, or all nodes again."""
        self.nodes.toggle(_ONLY_FAILING)

    def remember(self) -> None:
        """Save the filter for this run and later ones."""
        if self.nodes.is_kept:
            self._context.ui_state.change(lambda ui_state: ui_state.after_filtering(self.nodes.text.strip()))

    def say_counts(self, *, causes: bool) -> None:
        """Show how many rows match the filters; the causes' own line is visible only with the causes."""
        state = self._context.fleet_view.state
        here = self._cause_model if causes and not self.causes.text else self._node_model
        self.nodes.say(len(here), len(state.nodes if here is self._node_model else state.findings))
        self.causes.say(len(self._cause_model), len(state.findings))
        self.causes.display = causes and (bool(self.causes.text) or self.causes.line.has_focus)


def refresh_all(context: AppContext, widget: Widget) -> None:
    """List and check everything again, and notify the user."""
    context.refresh()
    widget.notify(say("Listing and checking all nodes again"), timeout=3)


def toggle_auto_refresh(context: AppContext, widget: Widget) -> None:
    """Switch auto-refresh on or off, and notify the user."""
    context.auto_refresh.switch()
    pause = context.auto_refresh.pause
    if pause is not None:
        widget.notify(say("Auto-refresh on: every {time}", time=short_duration(pause)), timeout=3)
    else:
        widget.notify(say("Auto-refresh off"), timeout=3)
