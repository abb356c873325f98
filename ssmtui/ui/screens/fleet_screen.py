"""Show the fleet: a table of nodes and a table of causes, with filters, columns, and order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Input

from ssmtui.language import say, say_many, translatable
from ssmtui.model.node import NodeKey
from ssmtui.ui.screens.base_screen import (
    FILTER_KEY,
    PREFERENCES_KEY,
    SESSION_KEYS,
    SHELL_KEY,
    SWITCH_KEYS,
    BaseScreen,
    subject_of,
)
from ssmtui.ui.screens.fleet_columns import SORT_KEYS, FleetColumns
from ssmtui.ui.screens.row_actions import (
    MARK_KEYS,
    REFRESH_KEYS,
    SIDE_PANE_MIN_WIDTH,
    FleetFilters,
    MarkedRows,
    RowDetails,
    fixable_findings,
    has_fix,
    refresh_all,
    toggle_auto_refresh,
)
from ssmtui.ui.screens.screen_behaviour import place_toasts
from ssmtui.ui.screens.screen_requests import ChooseFixes, OpenFinding, OpenNode, PreviewFix, ShowRawFacts
from ssmtui.ui.state.fleet_tables import CauseTableModel, NodeTableModel
from ssmtui.ui.state.scheduling import ThrottledWork
from ssmtui.ui.text import cause_rows, node_rows
from ssmtui.ui.text.cause_rows import connect_commands, finding_ids, finding_statements, text_to_copy
from ssmtui.ui.text.notices import recovery_command
from ssmtui.ui.text.styled_text import mark_changed_cells
from ssmtui.ui.widgets.filter_line import FilterLine
from ssmtui.ui.widgets.key_bindings import FIX_GROUP, FIX_KEYS, bind
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.widgets.screen_frame import Banner, KeyBar, NoticePane, SummaryBar, notice_and_banner
from ssmtui.ui.widgets.text_pane import RowLine

if TYPE_CHECKING:
    from ssmtui.model.finding import FleetFinding, Subject
    from ssmtui.model.scope import Scope
    from ssmtui.ui.screens.dialogs import ChosenColumns
    from ssmtui.ui.state.app_context import AppContext
    from ssmtui.ui.state.fleet_view import FleetChanges
    from ssmtui.ui.text.styled_text import Cell


class FleetScreen(BaseScreen):
    """The first screen."""

    BREADCRUMB = translatable("Nodes")
    ALLOWS_AUTO_REFRESH = True
    VERTICAL_BREAKPOINTS = [(0, "-low"), (16, "-high")]  # noqa: RUF012 - as Textual declares it
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (68, "-wide"), (SIDE_PANE_MIN_WIDTH, "-roomy")]  # noqa: RUF012 - the same
    BINDINGS: ClassVar[list[BindingType]] = [
        *FIX_KEYS,
        bind(
            "F",
            "fix_marked",
            translatable("Fixes"),
            translatable("Choose fixes for the marked rows or this row"),
            group=FIX_GROUP,
        ),
        *MARK_KEYS,
        *REFRESH_KEYS,
        bind(
            "r",
            "recheck",
            translatable("Re-check"),
            translatable("Re-check this row or the marked rows"),
            shown=False,
        ),
        FILTER_KEY,
        bind(
            "f,exclamation_mark",
            "only_failing",
            translatable("Failing"),
            translatable("Show only failing nodes, or all nodes"),
        ),
        bind(
            "ctrl+o",
            "app.saved_filters",
            translatable("Filters"),
            translatable("Show the saved and recent filters"),
            shown=False,
        ),
        bind(
            "escape",
            "no_filter",
            translatable("No filter"),
            translatable("Clear the filter, then the marks"),
            shown=False,
        ),
        *SORT_KEYS,
        bind("o", "next_column", translatable("Sort"), translatable("Sort by the next column"), shown=False),
        bind("O", "reverse", translatable("Reverse"), translatable("Reverse the sort order"), shown=False),
        bind(
            "W",
            "choose_columns",
            translatable("Columns"),
            translatable("Choose the columns and their order"),
            shown=False,
        ),
        bind(
            "ctrl+w",
            "wide_columns",
            translatable("Wide"),
            translatable("Show details of the nodes, or the reasons"),
            shown=False,
        ),
        bind("tab", "show_causes", translatable("Causes"), translatable("Show causes instead of nodes"), display="Tab"),
        bind("tab", "show_nodes", translatable("Nodes"), translatable("Show nodes instead of causes"), display="Tab"),
        bind("d", "open_row", translatable("Describe"), translatable("Describe the selected row"), shown=False),
        bind("y", "raw", translatable("Raw"), translatable("Show the facts as AWS returned them"), shown=False),
        SHELL_KEY,
        PREFERENCES_KEY,
        *SWITCH_KEYS,
        *SESSION_KEYS,
    ]
    filter_line: FilterLine

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        # As the first notice sets it: a change of a mounted screen's classes matches every style rule again.
        self.add_class("-notice", update=False)
        self.shows_causes = False
        """Whether the causes are shown, not the nodes."""
        self.node_model = NodeTableModel(context.fleet_view)
        self.cause_model = CauseTableModel(context.fleet_view, self.node_model)
        self.filters = FleetFilters(context, self.node_model, self.cause_model)
        self.filter_line = self.filters.nodes
        self.nodes = LineTable[NodeKey](node_rows.columns(context.fleet_view), self._node_cells, id="nodes")
        self.causes = LineTable[str](cause_rows.columns(context.fleet_view), self._cause_cells, id="causes")
        self.marked_nodes = MarkedRows(self.nodes)
        self.marked_causes = MarkedRows(self.causes)
        self.columns = FleetColumns(
            context, (self.marked_nodes, self.node_model), (self.marked_causes, self.cause_model)
        )
        self.details = RowDetails(context)
        self._shown_fixes = 0
        """The number of fixes in the key bar."""
        self.summary = SummaryBar(context)
        self.banner = Banner(id="banner")
        self.notice = NoticePane(id="notice")
        self._moved = ThrottledWork(lambda: self.nodes.show(self.node_model.ordered()), self.set_timer)

    def compose(self) -> ComposeResult:
        """Compose summary, filter, the two tables, and the notice."""
        yield self.summary
        yield self.banner
        yield self.filters.nodes
        yield self.filters.causes
        yield self.nodes
        yield self.causes
        yield self.notice
        yield self.details.pane
        yield self.details.line
        yield KeyBar()

    def on_mount(self) -> None:
        """Show the nodes."""
        self.causes.display = False
        self.columns.show_order()
        self._take_in(self.context.fleet_view.everything())

    @property
    def table(self) -> LineTable[NodeKey] | LineTable[str]:
        """The visible table."""
        return self.causes if self.shows_causes else self.nodes

    @property
    def marks(self) -> MarkedRows[NodeKey] | MarkedRows[str]:
        """The marked rows of the visible table."""
        return self.marked_causes if self.shows_causes else self.marked_nodes

    @property
    def breadcrumb(self) -> str:
        """The visible view."""
        return say("Causes") if self.shows_causes else say(self.BREADCRUMB)

    @property
    def current_scope(self) -> Scope | None:
        """The scope of the row under the cursor."""
        if self.shows_causes:
            found = self._finding_here
            return found.scope if found else super().current_scope
        node = self.nodes.cursor
        return (self.context.fleet_view.scope_of(node) if node else None) or super().current_scope

    @property
    def current_subject(self) -> tuple[Scope, Subject] | None:
        """The subject of the row under the cursor."""
        return subject_of(self._finding_here) if self.shows_causes else super().current_subject

    @property
    def selected_node(self) -> NodeKey | None:
        """The node under the cursor."""
        return None if self.shows_causes else self.nodes.cursor

    @property
    def selected_nodes(self) -> tuple[NodeKey, ...]:
        """The marked nodes; without marks, the node under the cursor."""
        return () if self.shows_causes else self.marked_nodes.selected

    @property
    def affected_nodes(self) -> tuple[NodeKey, ...]:
        """The nodes of the marked rows, or of the row under the cursor; for causes, their affected nodes."""
        if not self.shows_causes:
            return self.selected_nodes
        return tuple(dict.fromkeys(key for found in self._selected_causes() for key in found.nodes))

    @property
    def to_copy(self) -> str:
        """The commands that open sessions on the nodes, or the statements of the causes.

        Without rows, the command that opens the scope that failed to open.
        """
        fleet_view = self.context.fleet_view
        if self.notice.display:
            return recovery_command(fleet_view)
        if self.shows_causes:
            return finding_statements(fleet_view, self.marked_causes.selected)
        return connect_commands(fleet_view, self.selected_nodes)

    @property
    def can_copy(self) -> bool:
        """Whether there is a row, or such a command."""
        return bool(self.to_copy) if self.notice.display else bool(self.marks) or self.table.cursor is not None

    @property
    def ids_to_copy(self) -> str:
        """The ids of the rows."""
        if not self.shows_causes:
            return text_to_copy(key.id for key in self.selected_nodes)
        return "\n".join(map(finding_ids, self._selected_causes()))

    @property
    def _finding_here(self) -> FleetFinding | None:
        """The cause under the cursor; None if the nodes are shown."""
        return self.context.fleet_view.state.findings.get(self.causes.cursor or "") if self.shows_causes else None

    @property
    def fixable_finding(self) -> FleetFinding | None:
        """The finding that the fix keys act on: the cause under the cursor, or the one in the details of the node."""
        if self.shows_causes:
            return self._finding_here
        node = self.nodes.cursor
        return cause_rows.first_fixable(self.context.fleet_view, node) if node is not None else None

    def _selected_causes(self) -> Iterator[FleetFinding]:
        found = self.context.fleet_view.state.findings
        return (found[id_] for id_ in self.marked_causes.selected if id_ in found)

    def _selected_findings(self) -> Iterator[FleetFinding]:
        """Yield the selected causes, or the findings of the selected nodes, one by one: thousands can be marked."""
        if self.shows_causes:
            return self._selected_causes()
        fleet_view = self.context.fleet_view
        return (found for key in self.selected_nodes for found in fleet_view.findings_of(key))

    def narrow(self, text: str) -> None:
        """Filter the nodes by a text."""
        self.filter_line.put(text)
        if self.shows_causes:
            self.action_show_nodes()

    def fleet_changed(self, changes: FleetChanges) -> None:
        """Apply the changes, and paint the lines that show them."""
        # Events before the screen is mounted are in the fleet view, where on_mount reads them.
        if changes and self.is_mounted:
            self._take_in(changes)

    def _take_in(self, changes: FleetChanges) -> None:
        moved = self.node_model.take(changes.nodes)
        for key in changes.nodes:
            self.nodes.touch(key)
        self.nodes.measure(node_rows.widths(self.context.fleet_view, changes.listed, changes.nodes))
        if moved:
            self._moved.ask()
        for id_ in changes.findings:
            self.causes.touch(id_)
            self.causes.measure(cause_rows.widths(self.context.fleet_view, id_))
        if self.cause_model.take(changes.findings) and self.shows_causes:
            self.causes.show(self.cause_model.ordered())
        self._unmark_gone(changes)
        if changes.other:
            self.columns.show()
            self.show_notice()
            self.refresh_keys()
        elif self.notice.display:
            self.show_notice()
        self.show_row_details()
        self.summary.update_summary()
        self.say_filtered()

    def _unmark_gone(self, changes: FleetChanges) -> None:
        """Remove the marks of rows that no longer exist: keys would act on them, not on the row under the cursor."""
        state = self.context.fleet_view.state
        are_nodes_gone = any(each in self.marked_nodes and each not in state.nodes for each in changes.nodes)
        if are_nodes_gone or any(
            each in self.marked_causes and each not in state.findings for each in changes.findings
        ):
            self.marked_nodes.keep(state.nodes)
            self.marked_causes.keep(state.findings)
            self._marks_changed()

    def show_rows(self) -> None:
        """Show the rows in the current filter and order."""
        self.nodes.show(self.node_model.ordered())
        if self.shows_causes:
            self.causes.show(self.cause_model.ordered())

    def show_view(self, *, causes: bool) -> None:
        """Show one of the two views."""
        self.marks.end_range()
        self.shows_causes = causes
        self.show_rows()
        self._marks_changed()
        self.show_notice()
        self.say_filtered()
        self.refresh_keys()

    def show_row_details(self) -> None:
        """Show the details of the row under the cursor, and the keys of its fixes."""
        self.details.show(self.table.cursor, self.size.width)
        found = self.fixable_finding
        count = len(found.finding.fixes) if found is not None else 0
        if count != self._shown_fixes:
            self._shown_fixes = count
            self.refresh_bindings()

    def show_notice(self) -> None:
        """Show a notice instead of the rows, or above them, about problems of the whole fleet."""
        notice, banner = notice_and_banner(self.context)
        self.notice.tell(notice)
        self.nodes.display = notice is None and not self.shows_causes
        self.causes.display = notice is None and self.shows_causes
        self.banner.tell(() if notice else banner)
        self.set_class(notice is not None, "-notice")
        self.show_row_details()
        if not isinstance(self.focused, Input):
            self.focus_rows()

    def say_filtered(self) -> None:
        """Show how many rows match the filters."""
        self.filters.say_counts(causes=self.shows_causes)
        self.nodes.say_when_empty(self.node_model.when_empty)
        self.causes.say_when_empty(self.cause_model.when_empty)

    def focus_rows(self) -> None:
        """Focus the visible widget: a hidden widget would swallow the keys."""
        for shown in (self.notice, self.nodes, self.causes):
            if shown.display:
                self.set_focus(shown)

    def on_descendant_blur(self) -> None:
        """Restore a lost focus: a hidden widget is reported late, and its focus is removed even then."""
        self.call_after_refresh(self._focus_something)

    def _focus_something(self) -> None:
        if self.focused is None:
            self.focus_rows()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only the keys of the visible view; enable a number key only if the cause has a fix with that number."""
        if action in (("show_causes", "sort_nodes") if self.shows_causes else ("show_nodes", "sort_causes")):
            return False
        if action == "fix" and not has_fix(self.fixable_finding, parameters):
            return False
        return super().check_action(action, parameters)

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        """Return why an action is not possible: most actions need a row."""
        match action:
            case "fix_marked" if not any(fixable_findings((found,)) for found in self._selected_findings()):
                return say("no finding here has a fix")
            case "recheck" if not self.affected_nodes:
                return say("no node is selected")
            case "choose_columns" | "wide_columns" if self.shows_causes:
                return say("only the node table has selectable columns: press Tab to show it")
            case "raw" if self.selected_node is None:
                return say("no node is selected")
            case "preferences" if self.current_scope is None:
                return say("no Region is open yet")
            case _:
                return super().why_not(action, parameters)

    def action_show_causes(self) -> None:
        """Show causes instead of nodes."""
        self.show_view(causes=True)

    def action_show_nodes(self) -> None:
        """Show nodes instead of causes."""
        self.show_view(causes=False)

    def action_open_row(self) -> None:
        """Open the row under the cursor: the path of a node, or a cause with its nodes."""
        self.table.action_open()

    def action_raw(self) -> None:
        """Show all facts that were read for the node under the cursor."""
        if (node := self.selected_node) is not None:
            self.post_message(ShowRawFacts(node))

    def action_recheck(self) -> None:
        """Check the row's subject again, or the marked rows. The rows stay in place meanwhile."""
        nodes = self.affected_nodes
        self.context.refresh_nodes(nodes)
        name = self.context.fleet_view.name_of(nodes[0])
        words = say_many("Re-checking {name}", "Re-checking {count} nodes", count=len(nodes), name=name)
        self.notify(words, timeout=3, markup=False)

    def action_refresh_all(self) -> None:
        """List and check everything again."""
        refresh_all(self.context, self)

    def action_timed_refresh(self) -> None:
        """Switch auto-refresh on or off."""
        toggle_auto_refresh(self.context, self)

    def action_mark(self) -> None:
        """Mark or unmark the row under the cursor."""
        self.marks.toggle_selected()
        self._marks_changed()

    def action_mark_range(self) -> None:
        """Start a range of marks at the cursor, or end the range."""
        self.marks.toggle_range()
        self._marks_changed()

    def action_extend_marks(self, by: int) -> None:
        """Move the cursor, and mark the rows from where this started."""
        self.marks.move_and_extend(by)
        self._marks_changed()

    def action_mark_to_here(self) -> None:
        """Mark the rows from the last marked row to the cursor."""
        self.marks.mark_to_cursor()
        self._marks_changed()

    def action_mark_shown(self) -> None:
        """Mark every visible row; if all are marked, unmark them."""
        self.marks.toggle_shown()
        self._marks_changed()

    def action_invert_marks(self) -> None:
        """Invert the marks of the visible rows, and unmark the others."""
        self.marks.invert()
        self._marks_changed()

    def action_no_marks(self) -> None:
        """Remove all marks."""
        self.marks.clear()
        self._marks_changed()

    def _marks_changed(self) -> None:
        self.columns.show()
        self.table.touch_all()
        self.summary.marked, self.summary.is_in_range = len(self.marks), self.marks.is_in_range
        self.summary.update_summary()
        self.refresh_bindings()

    def action_fix_marked(self) -> None:
        """Choose fixes for the marked rows, or for the row under the cursor."""
        ids = tuple(found.id for found in fixable_findings(self._selected_findings()))
        self.post_message(ChooseFixes(ids, self.selected_nodes))

    def action_fix(self, number: int) -> None:
        """Preview a fix of the cause under the cursor, or of the node's cause: it fixes all nodes of the cause."""
        if found := self.fixable_finding:
            self.post_message(PreviewFix(found.scope.name, found.finding.fixes[number - 1], found.id))

    def action_filter(self) -> None:
        """Type a filter for the visible rows."""
        (self.filters.causes if self.shows_causes else self.filters.nodes).open()

    def action_no_filter(self) -> None:
        """Cancel a range of marks; else clear the filters, the one of the causes first; else remove all marks."""
        if self.marks.cancel_range():
            self._marks_changed()
        elif not self.filters.clear(causes=self.shows_causes):
            self.action_no_marks()

    def action_only_failing(self) -> None:
        """Show only failing nodes, or all nodes again."""
        self.filters.toggle_failing()

    @on(FilterLine.Changed)
    def _filter(self, event: FilterLine.Changed) -> None:
        self.filters.apply(event.line, event.wanted)
        self.show_rows()
        self.causes.touch_all()
        self.show_notice()
        self.say_filtered()

    @on(FilterLine.Left)
    def _remember_filter(self) -> None:
        self.filters.remember()

    def action_next_column(self) -> None:
        """Sort by the next visible column."""
        self.columns.order_by_next(causes=self.shows_causes)
        self.show_rows()

    def action_reverse(self) -> None:
        """Reverse the order."""
        self.columns.reverse(causes=self.shows_causes)
        self.show_rows()

    @on(LineTable.HeaderPressed)
    def _order_by_header(self, event: LineTable.HeaderPressed) -> None:
        self._sort(event.column)

    def action_sort_nodes(self, column: str) -> None:
        """Sort the nodes by a column, or reverse their order."""
        self._sort(column)

    def action_sort_causes(self, column: str) -> None:
        """Sort the causes by a column, or reverse their order."""
        self._sort(column)

    def _sort(self, column: str) -> None:
        hidden = self.columns.order_by(column, causes=self.shows_causes)
        self.show_rows()
        if hidden:
            self.notify(say("Sorted by {column}. This column is not shown.", column=hidden), timeout=3, markup=False)

    def action_wide_columns(self) -> None:
        """Show the properties of nodes instead of "why", or the previous columns again."""
        self.columns.toggle_wide()

    def action_choose_columns(self) -> None:
        """Choose the columns of the nodes, and their order."""
        from ssmtui.ui.screens.dialogs import ColumnsDialog

        chosen = self.columns.chosen
        titles = node_rows.column_titles(self.context.fleet_view, chosen)
        self.app.push_screen(
            ColumnsDialog(titles, chosen, self.columns.choose, node_rows.DEFAULT_COLUMNS), self._keep_columns
        )

    def _keep_columns(self, chosen: ChosenColumns | None) -> None:
        if chosen is None:
            return
        self.columns.keep(chosen)
        if self.context.configured_columns and self.context.configured_columns != chosen:
            self.notify(
                say("The configuration sets the columns. The next start uses those columns."),
                markup=False,
            )

    def row_opened(self, row: object) -> None:
        """Open the path of a node, or a cause with its nodes."""
        if isinstance(row, NodeKey):
            self.post_message(OpenNode(row, tuple(self.nodes.keys)))
        else:
            self.post_message(OpenFinding(str(row)))

    @on(LineTable.Moved, "#nodes")
    def _check_visible_first(self) -> None:
        self.refresh_keys()
        if self.context.handle and (here := self.nodes.cursor):
            self.context.handle.check_first((here, *(each for each in self.nodes.in_view if each != here)))

    @on(LineTable.Moved, "#causes")
    def _cause_selected(self) -> None:
        self.refresh_bindings()

    def row_moved(self) -> None:
        """Show the details of the row under the cursor, and extend a range of marks to the row."""
        if self.marks.is_in_range:
            self.marks.extend_range()
            self._marks_changed()
        self.show_row_details()

    @on(RowLine.Grown)
    def _keep_clear(self) -> None:
        self.call_after_refresh(place_toasts, self)

    @on(events.Resize)
    def _size_changed(self) -> None:
        # The pane beside the table was empty while there was no room for it.
        self.show_row_details()

    def _node_cells(self, node: NodeKey) -> Mapping[str, Cell]:
        fleet_view = self.context.fleet_view
        cells = node_rows.cells(fleet_view, node, self.columns.chosen)
        cells = mark_changed_cells(cells, fleet_view.recent.columns_of(node))
        return {**cells, "mark": self.marked_nodes.cell(node)}

    def _cause_cells(self, id_: str) -> Mapping[str, Cell]:
        fleet_view = self.context.fleet_view
        cells = cause_rows.cells(fleet_view, id_, self.cause_model.counted)
        return {
            **mark_changed_cells(cells, fleet_view.recent_causes.columns_of(id_)),
            "mark": self.marked_causes.cell(id_),
        }
