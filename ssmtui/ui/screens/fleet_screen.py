"""Show the fleet: a table of nodes and a table of causes, with filters, columns, and order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from ssmtui.language import say, translatable
from ssmtui.model.node import NodeKey
from ssmtui.ui.screens.appearance_dialogs import ChosenColumns, ColumnsDialog
from ssmtui.ui.screens.base_screen import BaseScreen, FilteredScreen
from ssmtui.ui.screens.row_actions import RowRecheckScreen
from ssmtui.ui.screens.screen_requests import OpenFinding, OpenNode, ShowRawFacts
from ssmtui.ui.state.fleet_tables import CauseTableModel, NodeTableModel
from ssmtui.ui.state.scheduling import ThrottledWork
from ssmtui.ui.state.ui_state import SortOrder
from ssmtui.ui.text import cause_rows, node_rows
from ssmtui.ui.text.filters import find_unmatched_word
from ssmtui.ui.text.notices import recovery_command
from ssmtui.ui.text.styled_text import mark_changed_cells
from ssmtui.ui.widgets.filter_line import FilterLine
from ssmtui.ui.widgets.key_bar import KeyBar
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.widgets.screen_header import Banner, NoticePane, SummaryBar, notice_and_banner

if TYPE_CHECKING:
    from ssmtui.ui.state.app_context import AppContext
    from ssmtui.ui.state.fleet_view import FleetChanges
    from ssmtui.ui.text.filters import Filter
    from ssmtui.ui.text.styled_text import Cell


_ONLY_FAILING = "verdict:fail"


class FleetFilterScreen(FilteredScreen, RowRecheckScreen):
    """A screen of nodes and of causes, one of them up. Each has a line of its own; that of the nodes holds for both."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *FilteredScreen.FILTER,
        Binding(
            "f,exclamation_mark",
            "only_failing",
            translatable("Failing"),
            tooltip=translatable("Show failing nodes only, or all again"),
        ),
        Binding(
            "ctrl+o",
            "app.saved_filters",
            translatable("Filters"),
            show=False,
            tooltip=translatable("Filters that were saved, and those typed lately"),
        ),
        Binding(
            "escape",
            "no_filter",
            translatable("No filter"),
            show=False,
            tooltip=translatable("Show every row, then mark none"),
        ),
    ]

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self.node_model = NodeTableModel(context.fleet_view)
        self.cause_model = CauseTableModel(context.fleet_view, self.node_model)
        fleet_view = context.fleet_view
        self.filter_line = FilterLine(
            node_rows.FIELDS,
            context.first_filter,
            find_unmatched=lambda text: find_unmatched_word(
                text, node_rows.FIELDS, node_rows.filtered_rows(fleet_view)
            ),
            saved=lambda: dict(context.ui_state.current.filters),
        )
        self.cause_filter = FilterLine(
            cause_rows.FIELDS,
            hint="kms   status:warn   subject:web   fix:grant-*",
            find_unmatched=lambda text: find_unmatched_word(
                text, cause_rows.FIELDS, cause_rows.filtered_rows(fleet_view)
            ),
        )

    def show_rows(self) -> None:
        """Show the rows of both views as they are now."""
        raise NotImplementedError

    def show_notice(self) -> None:
        """Say in the place of the rows what is wrong, where something is."""
        raise NotImplementedError

    def action_show_nodes(self) -> None:
        """Show nodes instead of causes."""
        raise NotImplementedError

    def narrow(self, text: str) -> None:
        """Filter the nodes by a text."""
        self.filter_line.put(text)
        if self.shows_causes:
            self.action_show_nodes()

    def action_filter(self) -> None:
        """Type a filter for the rows that are up."""
        (self.cause_filter if self.shows_causes else self.filter_line).open()

    def action_no_filter(self) -> None:
        """Filter no more, the causes first; where nothing is filtered, mark nothing more."""
        if self.shows_causes and self.cause_filter.text:
            self.cause_filter.put("")
        elif self.filter_line.text:
            self.filter_line.put("")
        else:
            self.action_no_marks()

    def action_only_failing(self) -> None:
        """Show failing nodes only, or all again."""
        self.filter_line.toggle(_ONLY_FAILING)

    @on(FilterLine.Left)
    def _remember(self) -> None:
        """A filter that somebody is done typing is offered again, at the next start as well."""
        if self.filter_line.is_kept:
            self.context.ui_state.change(lambda ui_state: ui_state.after_filtering(self.filter_line.text.strip()))

    def filter_by(self, line: FilterLine, wanted: Filter) -> None:
        """Show what a filter admits."""
        if line is self.cause_filter:
            self.cause_model.filter_by(wanted)
        else:
            self.node_model.filter_by(wanted)
            self.cause_model.filter_changed()
        self.show_rows()
        self.causes.touch_all()
        self.show_notice()
        self.say_filtered()

    def say_filtered(self) -> None:
        """Say how many rows the filters admit; the causes' own is there where the causes are."""
        state = self.context.fleet_view.state
        here = self.cause_model if self.shows_causes and not self.cause_filter.text else self.node_model
        self.filter_line.say(len(here), len(state.nodes if here is self.node_model else state.findings))
        self.cause_filter.say(len(self.cause_model), len(state.findings))
        typed = bool(self.cause_filter.text) or self.cause_filter.line.has_focus
        self.cause_filter.display = self.shows_causes and typed
        self.nodes.say_when_empty(self.node_model.when_empty)
        self.causes.say_when_empty(self.cause_model.when_empty)


class FleetLayoutScreen(FleetFilterScreen):
    """A screen of nodes and of causes, whose columns are the person's."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "next_column", translatable("Sort"), show=False, tooltip=translatable("Order by the next column")),
        Binding("O", "reverse", translatable("Reverse"), show=False, tooltip=translatable("Reverse the order")),
        Binding(
            "W",
            "choose_columns",
            translatable("Columns"),
            show=False,
            tooltip=translatable("Choose the columns, and their order"),
        ),
        Binding(
            "ctrl+w",
            "wide_columns",
            translatable("Wide"),
            show=False,
            tooltip=translatable("What nodes are in the place of why, or why again"),
        ),
    ]

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        ui_state = context.ui_state.current
        self.is_wide = False
        self.chosen_columns: ChosenColumns = context.configured_columns or ui_state.columns
        if ui_state.order is not None and ui_state.order.column in node_rows.COLUMN_KEYS:
            self.node_model.order_by(ui_state.order.column, descending=ui_state.order.descending)

    def show_columns(self) -> None:
        """Lay out the columns of both tables for what there is to tell apart."""
        fleet_view = self.context.fleet_view
        chosen = node_rows.WIDE_COLUMNS if self.is_wide else self.chosen_columns
        self.nodes.set_columns((*self.mark_column(causes=False), *node_rows.columns(fleet_view, chosen)))
        self.causes.set_columns((*self.mark_column(causes=True), *cause_rows.columns(fleet_view)))

    def mark_order(self) -> None:
        """Show by which column each table is ordered."""
        for table, view in ((self.nodes, self.node_model), (self.causes, self.cause_model)):
            table.sorted_by(view.column, "↓" if view.descending else "↑")

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        """The columns of causes are few, and always there."""
        if action in ("choose_columns", "wide_columns") and self.shows_causes:
            return say("it is the columns of the nodes that are chosen: Tab shows them")
        return super().why_not(action, parameters)

    def action_choose_columns(self) -> None:
        """Choose which columns of the nodes there are, and put them in order."""
        self.app.push_screen(
            ColumnsDialog(node_rows.column_titles(), self.chosen_columns, self._show_chosen), self._keep_columns
        )

    def action_wide_columns(self) -> None:
        """Show what nodes are in the place of why, whose row tells it below the table; or the columns of before."""
        self.is_wide = not self.is_wide
        self.show_columns()

    def action_next_column(self) -> None:
        """Order by the next column in view."""
        keys = [placed.column.key for placed in (self.causes if self.shows_causes else self.nodes).placed]
        if keys:  # a table that has never been on the screen has placed none
            place = keys.index(self._view.column) if self._view.column in keys else -1
            self._order(keys[(place + 1) % len(keys)], descending=False)

    def action_reverse(self) -> None:
        """Reverse the order."""
        self._order(self._view.column, descending=not self._view.descending)

    @on(LineTable.HeaderPressed)
    def _order_by_header(self, event: LineTable.HeaderPressed) -> None:
        self._order(event.column, descending=event.column == self._view.column and not self._view.descending)

    @property
    def _view(self) -> NodeTableModel | CauseTableModel:
        return self.cause_model if self.shows_causes else self.node_model

    def _order(self, column: str, *, descending: bool) -> None:
        self._view.order_by(column, descending=descending)
        self.show_rows()
        self.mark_order()
        if not self.shows_causes:
            self.context.ui_state.change(
                lambda ui_state: replace(ui_state, order=SortOrder(column, descending=descending))
            )

    def _show_chosen(self, chosen: ChosenColumns) -> None:
        self.chosen_columns, self.is_wide = chosen, False
        self.show_columns()

    def _keep_columns(self, chosen: ChosenColumns | None) -> None:
        if chosen is None:
            return
        self._show_chosen(chosen)
        self.context.ui_state.change(lambda ui_state: replace(ui_state, columns=chosen))
        if self.context.configured_columns and self.context.configured_columns != chosen:
            self.notify(
                say("The configuration says which columns there are: they are shown again at the next start."),
                markup=False,
            )


class FleetScreen(FleetLayoutScreen):
    """The first screen."""

    BREADCRUMB = translatable("Nodes")
    ALLOWS_AUTO_REFRESH = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "tab",
            "show_causes",
            translatable("Causes"),
            key_display="Tab",
            tooltip=translatable("Causes instead of nodes"),
        ),
        Binding(
            "tab",
            "show_nodes",
            translatable("Nodes"),
            key_display="Tab",
            tooltip=translatable("Nodes instead of causes"),
        ),
        Binding(
            "d",
            "open_row",
            translatable("Describe"),
            show=False,
            tooltip=translatable("Describe what the cursor is on"),
        ),
        Binding(
            "y",
            "raw",
            translatable("Raw"),
            show=False,
            tooltip=translatable("Everything that was read, as it was read"),
        ),
        *BaseScreen.SHELL,
        Binding(
            "p", "preferences", translatable("Prefs"), tooltip=translatable("The session preferences of the Region")
        ),
        *BaseScreen.SHARED,
        *BaseScreen.SESSIONS,
    ]

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self._moved = ThrottledWork(lambda: self.nodes.show(self.node_model.ordered()), self.set_timer)
        self.summary = SummaryBar(context)
        self.banner = Banner(id="banner")
        self.nodes = LineTable[NodeKey](node_rows.columns(context.fleet_view), self._node_cells, id="nodes")
        self.causes = LineTable[str](cause_rows.columns(context.fleet_view), self._cause_cells, id="causes")
        self.notice = NoticePane(id="notice")

    def compose(self) -> ComposeResult:
        """Summary, filter, the two tables, and the place of a notice."""
        yield self.summary
        yield self.banner
        yield self.filter_line
        yield self.cause_filter
        yield self.nodes
        yield self.causes
        yield self.notice
        yield self.side_pane
        yield self.row_line
        yield KeyBar()

    def on_mount(self) -> None:
        """Show the nodes."""
        self.causes.display = False
        self.mark_order()
        self._take_in(self.context.fleet_view.everything())

    @property
    def breadcrumb(self) -> str:
        """The view that is up."""
        return say("Causes") if self.shows_causes else say(self.BREADCRUMB)

    @property
    def to_copy(self) -> str:
        """What is copied of the rows; where there are none, the command that opens what could not be opened."""
        return recovery_command(self.context.fleet_view) if self.notice.display else super().to_copy

    @property
    def can_copy(self) -> bool:
        """Whether there is a row, or such a command."""
        return bool(self.to_copy) if self.notice.display else super().can_copy

    def fleet_changed(self, changes: FleetChanges) -> None:
        """Take in what has changed, and paint the lines that show it."""
        # What comes before the screen is mounted is on the board, where on_mount finds it.
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
        if changes.other:
            self.show_columns()
            self.show_notice()
            self.refresh_keys()
        elif self.notice.display:
            self.show_notice()
        self.show_row_details()
        self.summary.update_summary()
        self.say_filtered()

    def marks_changed(self) -> None:
        """Paint the marks, and say how many there are."""
        self.show_columns()
        (self.causes if self.shows_causes else self.nodes).touch_all()
        self.summary.marked = self.marked_count
        self.summary.update_summary()
        self.refresh_bindings()

    def action_show_causes(self) -> None:
        """Show causes instead of nodes."""
        self.show_view(causes=True)

    def action_show_nodes(self) -> None:
        """Show nodes instead of causes."""
        self.show_view(causes=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only the other view is switched to."""
        if action == ("show_causes" if self.shows_causes else "show_nodes"):
            return False
        return super().check_action(action, parameters)

    def show_view(self, *, causes: bool) -> None:
        """Show one of the two views."""
        self.set_class(causes, "-causes")
        self.show_rows()
        self.marks_changed()
        self.show_notice()
        self.say_filtered()
        self.refresh_keys()

    def action_open_row(self) -> None:
        """Open the row under the cursor: a node's path, a cause with its nodes."""
        (self.causes if self.shows_causes else self.nodes).action_open()

    def action_raw(self) -> None:
        """Show everything that was read for the node under the cursor."""
        if (key := self.selected_node) is not None:
            self.post_message(ShowRawFacts(key))

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        """Preferences need a Region, and what was read is read for a node."""
        if action == "raw" and self.selected_node is None:
            return say("no node is chosen")
        if action == "preferences" and self.current_scope is None:
            return say("no Region is open yet")
        return super().why_not(action, parameters)

    @on(LineTable.Opened, "#nodes")
    def _open_node(self, event: LineTable.Opened) -> None:
        if isinstance(event.row, NodeKey):
            self.post_message(OpenNode(event.row, tuple(self.nodes.keys)))

    @on(LineTable.Opened, "#causes")
    def _open_cause(self, event: LineTable.Opened) -> None:
        self.post_message(OpenFinding(str(event.row)))

    @on(LineTable.Moved, "#nodes")
    def _prioritize_visible(self) -> None:
        self.refresh_keys()
        if self.context.handle and (key := self.nodes.cursor):
            self.context.handle.check_first((key, *(each for each in self.nodes.in_view if each != key)))

    @on(LineTable.Moved, "#causes")
    def _cause_selected(self) -> None:
        self.refresh_bindings()

    def show_rows(self) -> None:
        """Show the rows as they are filtered and ordered now."""
        self.nodes.show(self.node_model.ordered())
        if self.shows_causes:
            self.causes.show(self.cause_model.ordered())

    def show_notice(self) -> None:
        """Say in the place of the rows, or above them, what is wrong with the whole."""
        notice, banner = notice_and_banner(self.context)
        self.notice.tell(notice)
        self.nodes.display = notice is None and not self.shows_causes
        self.causes.display = notice is None and self.shows_causes
        self.banner.tell(() if notice else banner)
        self.set_class(notice is not None, "-notice")
        self.show_row_details()
        if not isinstance(self.focused, Input):
            self.focus_rows()

    def on_descendant_blur(self) -> None:
        """Never leave the keys with nobody: that a widget was hidden is told late, and takes its focus even then."""
        self.call_after_refresh(self._focus_something)

    def _focus_something(self) -> None:
        if self.focused is None:
            self.focus_rows()

    def focus_rows(self) -> None:
        """Give the keys to what is shown: a widget that is hidden would swallow them."""
        for shown in (self.notice, self.nodes, self.causes):
            if shown.display:
                self.set_focus(shown)

    def _node_cells(self, key: NodeKey) -> Mapping[str, Cell]:
        fleet_view = self.context.fleet_view
        return {
            **mark_changed_cells(node_rows.cells(fleet_view, key), fleet_view.recent.columns_of(key)),
            "mark": self.mark_cell(key),
        }

    def _cause_cells(self, id_: str) -> Mapping[str, Cell]:
        fleet_view = self.context.fleet_view
        cells = cause_rows.cells(fleet_view, id_, self.cause_model.counted)
        return {**mark_changed_cells(cells, fleet_view.recent_causes.columns_of(id_)), "mark": self.mark_cell(id_)}
