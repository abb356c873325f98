"""Show the path of a node and its findings."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import ClassVar

from textual.binding import BindingType
from textual.containers import Horizontal

from ssmtui.language import say, translatable
from ssmtui.model.fact import Unreadable
from ssmtui.model.finding import FleetFinding, Link, Subject, VerdictStatus
from ssmtui.model.node import NodeKey
from ssmtui.model.scope import Scope
from ssmtui.ui.screens.base_screen import (
    BACK_KEY,
    OTHER_PANE_KEY,
    PREFERENCES_KEY,
    SESSION_KEYS,
    SHELL_KEY,
    SWITCH_KEYS,
    BaseScreen,
    subject_of,
)
from ssmtui.ui.screens.row_actions import fixable_findings
from ssmtui.ui.screens.screen_requests import ChooseFixes, OpenNode, PreviewFix, ShowRawFacts, screen_for_request
from ssmtui.ui.state.app_context import AppContext
from ssmtui.ui.state.fleet_view import FleetChanges
from ssmtui.ui.text.links import link_text
from ssmtui.ui.text.node_path import (
    COLUMNS,
    PathExtra,
    PathRow,
    cells,
    deep_inspection_prose,
    initial_row,
    node_header,
    path_rows,
)
from ssmtui.ui.text.offline_source import reported_link_text
from ssmtui.ui.text.row_details import connect_commands, finding_ids, finding_statement
from ssmtui.ui.text.styled_text import Cell
from ssmtui.ui.widgets.content import styled_content
from ssmtui.ui.widgets.finding_pane import FindingPane
from ssmtui.ui.widgets.key_bindings import FIX_KEYS, bind
from ssmtui.ui.widgets.line_table import LineTable

_AGE_SECONDS = 30
"""Seconds between two paintings of how long ago the node was probed."""


class NodeScreen(BaseScreen):
    """A node's path and what was found on it."""

    BREADCRUMB = translatable("Node")
    ALLOWS_AUTO_REFRESH = True
    BINDINGS: ClassVar[list[BindingType]] = [
        BACK_KEY,
        *FIX_KEYS,
        bind("F", "fixes", translatable("Fixes"), translatable("Choose among all fixes for this node")),
        bind("y", "raw", translatable("Raw"), translatable("Everything that was read for this node, as it was read")),
        bind("r", "recheck", translatable("Recheck"), translatable("Check this node again"), shown=False),
        bind(
            "left_square_bracket",
            "neighbour(-1)",
            translatable("Previous"),
            translatable("The broken node before"),
            display="[",
            shown=False,
        ),
        bind(
            "right_square_bracket",
            "neighbour(1)",
            translatable("Next"),
            translatable("The next broken node"),
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
        self._places = {each: place for place, each in enumerate(neighbours)}
        self._put_on: PathRow | None = None
        self.pane = FindingPane(context, id="explanation")
        self.path = LineTable[PathRow](COLUMNS, self._cells, header=False, pages=self.pane, id="path")
        self.body = (Horizontal(self.path, self.pane),)

    def on_mount(self) -> None:
        """Look at the root cause; how old a probe is changes by itself."""
        self._show_node()
        self.set_interval(_AGE_SECONDS, self._update_title_line)

    @property
    def breadcrumb(self) -> str:
        """The node's name."""
        return self.context.fleet_view.name_of(self._key)

    @property
    def about(self) -> Hashable:
        """What is come back to."""
        return ("node", self._key)

    @property
    def node_key(self) -> NodeKey:
        """The node that is shown."""
        return self._key

    @property
    def current_node(self) -> NodeKey:
        """The node that is shown."""
        return self._key

    @property
    def current_scope(self) -> Scope | None:
        """The node's scope."""
        return self.context.fleet_view.scope_of(self._key)

    @property
    def current_subject(self) -> tuple[Scope, Subject] | None:
        """What the finding under the cursor is about; else the node."""
        return subject_of(self.pane.finding) or super().current_subject

    @property
    def to_copy(self) -> str:
        """What there is to say of the finding under the cursor; where it is on none, how the node is reached."""
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
        """There is always something to copy of a node."""
        return True

    @property
    def _finding_here(self) -> FleetFinding | None:
        row = self.path.cursor
        return self.context.fleet_view.state.findings.get(row) if isinstance(row, str) else None

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
        if changes.other:
            self.refresh_keys()

    def action_recheck(self) -> None:
        """Check the node again."""
        self.context.refresh_nodes((self._key,))
        self.notify(
            say("Checking {name} again", name=self.context.fleet_view.name_of(self._key)), timeout=3, markup=False
        )

    def action_raw(self) -> None:
        """Show everything that was read for this node."""
        self.post_message(ShowRawFacts(self._key))

    def action_neighbour(self, by: int) -> None:
        """Show the next broken node, in the order of the fleet."""
        if key := self._neighbour(by):
            self._key = key
            self._show_node()

    def action_fix(self, number: int) -> None:
        """Preview a fix of the finding under the cursor: it may have moved since the pane was painted."""
        self._explain()
        fleet_finding = self.pane.finding
        if fleet_finding is not None:
            self.post_message(PreviewFix(fleet_finding.scope.name, self.pane.fix(number), fleet_finding.id))

    def action_fixes(self) -> None:
        """Choose among the fixes of everything that was found on the node: several are made together."""
        self.post_message(ChooseFixes(tuple(fleet_finding.id for fleet_finding in self._mendable()), (self._key,)))

    def _mendable(self) -> tuple[FleetFinding, ...]:
        return fixable_findings(self.context.fleet_view.findings_of(self._key))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A number without a fix is no key; one whose fix cannot be made here is a dimmed one."""
        if action == "fix" and not self.pane.offers(parameters):
            return False
        return super().check_action(action, parameters)

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        """A fix may not be possible here; there may be no other broken node."""
        match action, parameters:
            case "fix", (int(number),):
                return self.pane.why_not_fix(number)
            case "fixes", _ if not self._mendable():
                return say("nothing that could be fixed was found there")
            case "neighbour", (int(by),) if self._neighbour(by) is None:
                return say("no other of these nodes is broken")
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
        """Where to look first; while somebody has not moved on, also when a closer look has found more."""
        if unless_moved and self.path.cursor != self._put_on:
            return
        self._put_on = initial_row(self.context.fleet_view, self._key)
        self.path.go_to(self._put_on)

    def _neighbour(self, by: int) -> NodeKey | None:
        fleet_view = self.context.fleet_view
        here, around = self._places.get(self._key), self._neighbours
        if here is None:
            return None
        others = (around[(here + by * step) % len(around)] for step in range(1, len(around)))
        return next((each for each in others if _is_broken(fleet_view.verdict(each).status)), None)

    def _update_title_line(self) -> None:
        self.title_line.update(styled_content(*node_header(self.context.fleet_view, self._key, self.context.now())))

    def _explain(self) -> None:
        fleet_view = self.context.fleet_view
        row = self.path.cursor
        node, scope = fleet_view.node(self._key), self.current_scope
        if isinstance(row, str) and row in fleet_view.state.findings:
            self.pane.explain(fleet_view.state.findings[row], (self._key,))
        elif isinstance(row, PathExtra):
            self.pane.tell(deep_inspection_prose(fleet_view.state.inspections.get(self._key)))
        elif isinstance(row, Link) and node and scope:
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
    """A node's path."""
    return NodeScreen(context, request.key, request.neighbours)


def _is_broken(status: VerdictStatus) -> bool:
    return status in (VerdictStatus.FAIL, VerdictStatus.WARN)
