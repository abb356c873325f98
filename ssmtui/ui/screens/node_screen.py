"""Show the path of a node, or a finding with its affected nodes, and explain the finding beside the rows."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import replace
from typing import ClassVar

from textual.binding import BindingType
from textual.containers import Horizontal

from ssmtui.language import say, translatable
from ssmtui.model.fact import Unreadable
from ssmtui.model.finding import FleetFinding, Link, Subject, VerdictStatus
from ssmtui.model.node import NodeKey
from ssmtui.model.scope import Scope
from ssmtui.text.printable import printable
from ssmtui.ui.screens.base_screen import (
    BACK_KEY,
    FILTER_KEY,
    OTHER_PANE_KEY,
    PREFERENCES_KEY,
    SESSION_KEYS,
    SHELL_KEY,
    SWITCH_KEYS,
    subject_of,
)
from ssmtui.ui.screens.finding_pane import FindingPane, FindingPaneScreen
from ssmtui.ui.screens.row_actions import fixable_findings, node_filter_line
from ssmtui.ui.screens.screen_requests import (
    ChooseFixes,
    OpenFinding,
    OpenNode,
    ShowRawFacts,
    screen_for_request,
)
from ssmtui.ui.state.app_context import AppContext
from ssmtui.ui.state.fleet_view import FleetChanges
from ssmtui.ui.state.scheduling import ThrottledWork
from ssmtui.ui.text import node_columns, node_rows
from ssmtui.ui.text.cause_rows import connect_commands, finding_ids, finding_statement, first_fixable, subject_name
from ssmtui.ui.text.filters import Column
from ssmtui.ui.text.node_path import (
    COLUMNS,
    PathExtra,
    PathRow,
    cells,
    deep_inspection_prose,
    initial_row,
    link_text,
    node_header,
    path_rows,
)
from ssmtui.ui.text.notices import reported_link_text
from ssmtui.ui.text.styled_text import STATUSES, VERDICTS, Cell, TextStyle, paragraph
from ssmtui.ui.widgets.filter_line import FilterLine
from ssmtui.ui.widgets.key_bindings import FIX_GROUP, FIX_KEYS, bind
from ssmtui.ui.widgets.line_table import LineTable

_AGE_SECONDS = 30
"""Seconds between two updates of the age of the node's probe."""


class NodeScreen(FindingPaneScreen):
    """A node's path and what was found on it."""

    BREADCRUMB = translatable("Node")
    ALLOWS_AUTO_REFRESH = True
    BINDINGS: ClassVar[list[BindingType]] = [
        BACK_KEY,
        *FIX_KEYS,
        bind("F", "fixes", translatable("Fixes"), translatable("Choose from all fixes for this node"), group=FIX_GROUP),
        bind("y", "raw", translatable("Raw"), translatable("Show the facts of this node as AWS returned them")),
        bind("r", "recheck", translatable("Re-check"), translatable("Re-check this node"), shown=False),
        bind(
            "left_square_bracket",
            "neighbour(-1)",
            translatable("Previous"),
            translatable("Show the previous failing node"),
            display="[",
            shown=False,
        ),
        bind(
            "right_square_bracket",
            "neighbour(1)",
            translatable("Next"),
            translatable("Show the next failing node"),
            display="]",
            shown=False,
        ),
        SHELL_KEY,
        PREFERENCES_KEY,
        *SWITCH_KEYS,
        *SESSION_KEYS,
        OTHER_PANE_KEY,
    ]

    def __init__(self, context: AppContext, key: NodeKey, neighbours: tuple[NodeKey, ...] = ()) -> None:
        super().__init__(context)
        self._key = key
        self._neighbours = neighbours
        self._other_broken: NodeKey | None = None
        self._put_on: PathRow | None = None
        self.pane = FindingPane(context, id="explanation")
        self.path = LineTable[PathRow](COLUMNS, self._cells, header=False, pages=self.pane, id="path")
        self.body = (Horizontal(self.path, self.pane),)

    def on_mount(self) -> None:
        """Select the root cause, and update the age of the probe regularly."""
        self._show_node()
        self.set_interval(_AGE_SECONDS, self._update_title_line)

    @property
    def breadcrumb(self) -> str:
        """The node's name."""
        return self.context.fleet_view.name_of(self._key)

    @property
    def about(self) -> Hashable:
        """The subject of the screen, by which its position is restored."""
        return ("node", self._key)

    @property
    def current_node(self) -> NodeKey:
        """The node that is shown."""
        return self._key

    @property
    def current_scope(self) -> Scope | None:
        """The node's scope; after the node is gone, the scope of its Region."""
        here = (self._key.account, self._key.region)
        scopes = self.context.fleet_view.scopes
        in_region = (each for each in scopes if (each.account, each.region) == here)
        return self.context.fleet_view.scope_of(self._key) or next(in_region, None)

    @property
    def current_subject(self) -> tuple[Scope, Subject] | None:
        """The subject of the finding under the cursor; else the node."""
        return subject_of(self.pane.finding) or super().current_subject

    @property
    def to_copy(self) -> str:
        """The statement of the finding under the cursor; without a finding, the commands that connect to the node."""
        fleet_view, fleet_finding = self.context.fleet_view, self._finding_here
        return (
            finding_statement(fleet_view, fleet_finding)
            if fleet_finding
            else connect_commands(fleet_view, (self._key,))
        )

    @property
    def ids_to_copy(self) -> str:
        """The ids of the finding under the cursor, or the node's."""
        fleet_finding = self._finding_here
        return finding_ids(fleet_finding) if fleet_finding else self._key.id

    @property
    def can_copy(self) -> bool:
        """Always true: a node always has something to copy."""
        return True

    @property
    def _finding_here(self) -> FleetFinding | None:
        row = self.path.cursor
        return self.context.fleet_view.state.findings.get(row) if isinstance(row, str) else None

    @property
    def fixable_finding(self) -> FleetFinding | None:
        """The finding under the cursor; on a link, the finding that is the reason for the node's status."""
        return super().fixable_finding or first_fixable(self.context.fleet_view, self._key)

    def fleet_changed(self, changes: FleetChanges) -> None:
        """Follow the node and its findings."""
        if not self.is_mounted:
            return
        ids = set(self.context.fleet_view.verdict(self._key).finding_ids)
        if self._key in changes.nodes or ids & changes.findings.keys():
            self.path.show(path_rows(self.context.fleet_view, self._key))
            self.path.touch_all()
            self._select_worst(unless_moved=True)
            self._update_title_line()
            self._explain()
            self.refresh_bindings()
        if changes.other:
            self.refresh_keys()

    def action_recheck(self) -> None:
        """Check the node again."""
        self.context.refresh_nodes((self._key,))
        self.notify(say("Re-checking {name}", name=self.context.fleet_view.name_of(self._key)), timeout=3, markup=False)

    def action_raw(self) -> None:
        """Show all facts that were read for this node."""
        self.post_message(ShowRawFacts(self._key))

    def action_neighbour(self, by: int) -> None:
        """Show the next broken node, in the order of the fleet."""
        if key := self._neighbour(by):
            self._key = key
            self._show_node()

    def action_fix(self, number: int) -> None:
        """Preview a fix of the finding under the cursor, which may have changed since the pane was painted."""
        self._explain()
        super().action_fix(number)

    def action_fixes(self) -> None:
        """Choose among the fixes of all findings of the node, to make several together."""
        self.post_message(ChooseFixes(tuple(fleet_finding.id for fleet_finding in self._mendable()), (self._key,)))

    def _mendable(self) -> tuple[FleetFinding, ...]:
        return fixable_findings(self.context.fleet_view.findings_of(self._key))

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        """Return why an action is not possible: nothing can be fixed here, or there is no other broken node."""
        match action, parameters:
            case "recheck", _ if self.context.fleet_view.node(self._key) is None:
                return say("This node no longer exists.")
            case "fixes", _ if not self._mendable():
                return say("no finding here has a fix")
            case "neighbour", _ if not self._has_other_broken():
                return say("no other node in this list fails")
            case _:
                return super().why_not(action, parameters)

    def row_moved(self) -> None:
        """Explain the row under the cursor."""
        self._explain()
        self.refresh_bindings()

    def _show_node(self) -> None:
        fleet_view = self.context.fleet_view
        self.path.show(path_rows(fleet_view, self._key))
        self.path.touch_all()
        self._select_worst()
        self.path.focus()
        self._update_title_line()
        self._explain()
        self.refresh_bindings()
        if self.context.handle:
            self.context.handle.check_first((self._key,))
            self.context.handle.inspect_nodes((self._key,))

    def _select_worst(self, *, unless_moved: bool = False) -> None:
        """Select the initial row; until the user moves, also after the deep inspection has found more."""
        if unless_moved and self.path.cursor != self._put_on:
            return
        self._put_on = initial_row(self.context.fleet_view, self._key)
        self.path.go_to(self._put_on)

    def _neighbour(self, by: int) -> NodeKey | None:
        around = self._neighbours
        if self._key not in around:
            return None
        here = around.index(self._key)
        return self._first_broken(around[(here + by * step) % len(around)] for step in range(1, len(around)))

    def _has_other_broken(self) -> bool:
        """Return whether the list has another node that fails. The keys ask at each paint; the list can be long."""
        known = self._other_broken
        if known is None or known == self._key or self._first_broken((known,)) is None:
            counts = self.context.fleet_view.sign_counts
            any_broken = any(counts[VERDICTS[status]] for status in _BROKEN)
            others = (each for each in self._neighbours if each != self._key) if any_broken else ()
            self._other_broken = self._first_broken(others)
        return self._other_broken is not None

    def _first_broken(self, keys: Iterable[NodeKey]) -> NodeKey | None:
        verdict = self.context.fleet_view.verdict
        return next((each for each in keys if verdict(each).status in _BROKEN), None)

    def _update_title_line(self) -> None:
        self.title_line.tell(*node_header(self.context.fleet_view, self._key, self.context.now()))

    def _explain(self) -> None:
        fleet_view = self.context.fleet_view
        row = self.path.cursor
        node, scope = fleet_view.node(self._key), self.current_scope
        if node is None:
            self.pane.tell((paragraph(say("This node no longer exists. Esc goes back.")),))
        elif isinstance(row, str) and row in fleet_view.state.findings:
            self.show_finding(fleet_view.state.findings[row], (self._key,))
        elif isinstance(row, PathExtra):
            self.pane.tell(deep_inspection_prose(fleet_view.state.inspections.get(self._key)))
        elif isinstance(row, Link) and scope:
            connection = fleet_view.state.connections.get(self._key)
            word = (
                ""
                if connection is None
                else say("could not be read")
                if isinstance(connection, Unreadable)
                else connection.value
            )
            verdict = fleet_view.verdict(self._key)
            reported = self.context.report is not None
            self.pane.tell(
                reported_link_text(node, row, verdict, word) if reported else link_text(node, scope, row, verdict, word)
            )

    def _cells(self, row: PathRow) -> Mapping[str, Cell]:
        return cells(self.context.fleet_view, self._key, row)


@screen_for_request(OpenNode)
def node_screen(context: AppContext, request: OpenNode) -> NodeScreen:
    """Return the screen of a node's path."""
    return NodeScreen(context, request.key, request.neighbours)


_BROKEN = (VerdictStatus.FAIL, VerdictStatus.WARN)


_NODE_COLUMNS = (
    Column("verdict", "", 1, 1, 0),
    Column("name", translatable("Affected nodes"), 12, None, 1),
    replace(node_columns.PATH_COLUMN, rank=2),
)


class FindingScreen(FindingPaneScreen):
    """A finding with its nodes."""

    BREADCRUMB = translatable("Cause")
    ALLOWS_AUTO_REFRESH = True
    filter_line: FilterLine
    BINDINGS: ClassVar[list[BindingType]] = [
        BACK_KEY,
        FILTER_KEY,
        *FIX_KEYS,
        bind("r", "recheck", translatable("Re-check"), translatable("Re-check the Region")),
        PREFERENCES_KEY,
        *SWITCH_KEYS,
        OTHER_PANE_KEY,
    ]

    def __init__(self, context: AppContext, finding_id: str) -> None:
        super().__init__(context)
        self._finding_id = finding_id
        self.filter_line = node_filter_line(context)
        self.held = LineTable[NodeKey](_NODE_COLUMNS, self._cells, id="held")
        self.pane = FindingPane(context, id="explanation")
        self.body = (self.filter_line, Horizontal(self.held, self.pane))
        self._showing = ThrottledWork(self.show_rows, self.set_timer)

    def on_mount(self) -> None:
        """Show the nodes."""
        self.show_rows()
        self.held.focus()

    @property
    def about(self) -> Hashable:
        """The subject of the screen, by which its position is restored."""
        return ("cause", self._finding_id)

    @property
    def current_scope(self) -> Scope | None:
        """The finding's scope."""
        held = self.context.fleet_view.state.findings.get(self._finding_id)
        return held.scope if held else super().current_scope

    @property
    def current_subject(self) -> tuple[Scope, Subject] | None:
        """The subject of the finding."""
        return subject_of(self.context.fleet_view.state.findings.get(self._finding_id))

    @property
    def to_copy(self) -> str:
        """The finding as a statement."""
        held = self.context.fleet_view.state.findings.get(self._finding_id)
        return finding_statement(self.context.fleet_view, held) if held else ""

    @property
    def can_copy(self) -> bool:
        """Whether the finding still exists."""
        return self._finding_id in self.context.fleet_view.state.findings

    @property
    def ids_to_copy(self) -> str:
        """The finding's ids."""
        held = self.context.fleet_view.state.findings.get(self._finding_id)
        return finding_ids(held) if held else ""

    def fleet_changed(self, changes: FleetChanges) -> None:
        """Follow the finding and its nodes."""
        if not self.is_mounted:
            return
        for key in changes.nodes:
            self.held.touch(key)
        if self._finding_id in changes.findings:
            self._showing.ask()
        if changes.other:
            self.refresh_keys()

    def row_opened(self, row: object) -> None:
        """Open a node."""
        if isinstance(row, NodeKey):
            self.post_message(OpenNode(row, tuple(self.held.keys)))

    def show_rows(self) -> None:
        """Show the current finding and its nodes."""
        fleet_view = self.context.fleet_view
        held = fleet_view.state.findings.get(self._finding_id)
        if held is None:
            self.held.show([])
            self.title_line.tell(("● ", TextStyle.OK), (say("No longer reported"), TextStyle.STRONG))
            self.pane.tell((paragraph(say("The checks no longer report this finding. Esc goes back.")),))
            self.refresh_bindings()
            return
        sign = STATUSES[held.finding.status]
        self.title_line.tell(
            (f"{sign.glyph} ", sign.text_style),
            (fleet_view.finding_title(held.finding), TextStyle.STRONG),
            "\n",
            (f"{say(held.finding.subject.kind.value)} ", TextStyle.FAINT),
            (printable(subject_name(fleet_view, held)), TextStyle.MUTED),
        )
        nodes = [key for key in held.nodes if fleet_view.node(key)]
        shown = [key for key in nodes if self.filter_line.filter.admits(node_rows.filtered_row(fleet_view, key))]
        self.held.show(sorted(shown, key=lambda key: node_rows.base(fleet_view, key)))
        self.held.say_when_empty(say("No node matches the filter. Esc clears it."))
        self.filter_line.say(len(shown), len(nodes))
        self.show_finding(held, held.nodes)

    def _cells(self, key: NodeKey) -> Mapping[str, Cell]:
        return node_rows.cells(self.context.fleet_view, key)


@screen_for_request(OpenFinding)
def finding_screen(context: AppContext, request: OpenFinding) -> FindingScreen:
    """Return the screen of a finding with its affected nodes."""
    return FindingScreen(context, request.finding_id)
