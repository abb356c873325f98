"""The fleet: every node, one row each, streamed; or every cause, one row each, with the nodes it holds down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from ssmtui.language import marked, say
from ssmtui.model.node import NodeKey
from ssmtui.ui.screens.fleet_arranging import FleetArranging
from ssmtui.ui.screens.pace import PacedWork
from ssmtui.ui.screens.screen import BenchScreen
from ssmtui.ui.screens.wishes import OpenCause, OpenNode, OpenRaw
from ssmtui.ui.widgets.key_bar import KeyBar
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.widgets.notice_pane import Banner, NoticePane, told_of
from ssmtui.ui.widgets.summary_bar import SummaryBar
from ssmtui.ui.words import cause_rows, fleet_rows
from ssmtui.ui.words.ink import changed_cells
from ssmtui.ui.words.notices import command_of

if TYPE_CHECKING:
    from ssmtui.ui.state.bench import Bench
    from ssmtui.ui.state.board import Changes
    from ssmtui.ui.words.ink import Cell


class FleetScreen(FleetArranging):
    """The first screen."""

    CRUMB = marked("Nodes")
    MERELY_LOOKS = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "show_causes", marked("Causes"), key_display="Tab", tooltip=marked("Causes instead of nodes")),
        Binding("tab", "show_nodes", marked("Nodes"), key_display="Tab", tooltip=marked("Nodes instead of causes")),
        Binding("d", "open_row", marked("Describe"), show=False, tooltip=marked("Describe what the cursor is on")),
        Binding("y", "raw", marked("Raw"), show=False, tooltip=marked("Everything that was read, as it was read")),
        *BenchScreen.SHELL,
        Binding("p", "preferences", marked("Prefs"), tooltip=marked("The session preferences of the Region")),
        *BenchScreen.SHARED,
        *BenchScreen.SESSIONS,
    ]

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench)
        self._moved = PacedWork(lambda: self.nodes.show(self.node_view.ordered()), self.set_timer)
        self.summary = SummaryBar(bench)
        self.banner = Banner(id="banner")
        self.nodes = LineTable[NodeKey](fleet_rows.columns(bench.board), self._node_cells, id="nodes")
        self.causes = LineTable[str](cause_rows.columns(bench.board), self._cause_cells, id="causes")
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
        yield self.beside
        yield self.row_line
        yield KeyBar()

    def on_mount(self) -> None:
        """Show the nodes."""
        self.causes.display = False
        self.mark_order()
        self._take_in(self.bench.board.everything())

    @property
    def crumb(self) -> str:
        """The view that is up."""
        return say("Causes") if self.shows_causes else say(self.CRUMB)

    @property
    def to_copy(self) -> str:
        """What is copied of the rows; where there are none, the command that opens what could not be opened."""
        return command_of(self.bench.board) if self.notice.display else super().to_copy

    @property
    def can_copy(self) -> bool:
        """Whether there is a row, or such a command."""
        return bool(self.to_copy) if self.notice.display else super().can_copy

    def board_changed(self, changes: Changes) -> None:
        """Take in what has changed, and paint the lines that show it."""
        # What comes before the screen is mounted is on the board, where on_mount finds it.
        if changes and self.is_mounted:
            self._take_in(changes)

    def _take_in(self, changes: Changes) -> None:
        moved = self.node_view.take(changes.nodes)
        for key in changes.nodes:
            self.nodes.touch(key)
        self.nodes.measure(fleet_rows.widths(self.bench.board, changes.listed, changes.nodes))
        if moved:
            self._moved.ask()
        for id_ in changes.findings:
            self.causes.touch(id_)
            self.causes.measure(cause_rows.widths(self.bench.board, id_))
        if self.cause_view.take(changes.findings) and self.shows_causes:
            self.causes.show(self.cause_view.ordered())
        if changes.other:
            self.show_columns()
            self.tell_notice()
            self.refresh_keys()
        elif self.notice.display:
            self.tell_notice()
        self.tell_row()
        self.summary.update_summary()
        self.say_filtered()

    def marks_changed(self) -> None:
        """Paint the marks, and say how many there are."""
        self.show_columns()
        (self.causes if self.shows_causes else self.nodes).touch_all()
        self.summary.marked = self.marked_here
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
        self.tell_notice()
        self.say_filtered()
        self.refresh_keys()

    def action_open_row(self) -> None:
        """Open the row under the cursor: a node's path, a cause with its nodes."""
        (self.causes if self.shows_causes else self.nodes).action_open()

    def action_raw(self) -> None:
        """Show everything that was read for the node under the cursor."""
        if (key := self.node_chosen) is not None:
            self.post_message(OpenRaw(key))

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        """Preferences need a Region, and what was read is read for a node."""
        if action == "raw" and self.node_chosen is None:
            return say("no node is chosen")
        if action == "preferences" and self.scope_here is None:
            return say("no Region is open yet")
        return super().why_not(action, parameters)

    @on(LineTable.Opened, "#nodes")
    def _open_node(self, event: LineTable.Opened) -> None:
        if isinstance(event.row, NodeKey):
            self.post_message(OpenNode(event.row, tuple(self.nodes.keys)))

    @on(LineTable.Opened, "#causes")
    def _open_cause(self, event: LineTable.Opened) -> None:
        self.post_message(OpenCause(str(event.row)))

    @on(LineTable.Moved, "#nodes")
    def _look_first(self) -> None:
        self.refresh_keys()
        if self.bench.inquiry and (key := self.nodes.cursor):
            self.bench.inquiry.look_first((key, *(each for each in self.nodes.in_view if each != key)))

    @on(LineTable.Moved, "#causes")
    def _other_cause(self) -> None:
        self.refresh_bindings()

    def show_rows(self) -> None:
        """Show the rows as they are filtered and ordered now."""
        self.nodes.show(self.node_view.ordered())
        if self.shows_causes:
            self.causes.show(self.cause_view.ordered())

    def tell_notice(self) -> None:
        """Say in the place of the rows, or above them, what is wrong with the whole."""
        notice, banner = told_of(self.bench)
        self.notice.tell(notice)
        self.nodes.display = notice is None and not self.shows_causes
        self.causes.display = notice is None and self.shows_causes
        self.banner.tell(() if notice else banner)
        self.set_class(notice is not None, "-notice")
        self.tell_row()
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
        board = self.bench.board
        return {
            **changed_cells(fleet_rows.cells(board, key), board.recent.columns_of(key)),
            "mark": self.mark_cell(key),
        }

    def _cause_cells(self, id_: str) -> Mapping[str, Cell]:
        board = self.bench.board
        cells = cause_rows.cells(board, id_, self.cause_view.counted)
        return {**changed_cells(cells, board.recent_causes.columns_of(id_)), "mark": self.mark_cell(id_)}
