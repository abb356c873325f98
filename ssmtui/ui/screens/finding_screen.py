"""Show a finding, its affected nodes, and its fixes."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import ClassVar

from textual.binding import BindingType
from textual.containers import Horizontal

from ssmtui.language import say, translatable
from ssmtui.model.finding import Subject
from ssmtui.model.node import NodeKey
from ssmtui.model.scope import Scope
from ssmtui.text.printable import printable
from ssmtui.ui.screens.base_screen import (
    BACK_KEY,
    FILTER_KEY,
    OTHER_PANE_KEY,
    PREFERENCES_KEY,
    SWITCH_KEYS,
    BaseScreen,
    subject_of,
)
from ssmtui.ui.screens.row_actions import node_filter_line
from ssmtui.ui.screens.screen_requests import OpenFinding, OpenNode, PreviewFix, screen_for_request
from ssmtui.ui.state.app_context import AppContext
from ssmtui.ui.state.fleet_view import FleetChanges
from ssmtui.ui.state.scheduling import ThrottledWork
from ssmtui.ui.text import node_rows
from ssmtui.ui.text.cause_rows import subject_name
from ssmtui.ui.text.columns import Column
from ssmtui.ui.text.row_details import finding_ids, finding_statement
from ssmtui.ui.text.styled_text import STATUSES, Cell, TextStyle, paragraph
from ssmtui.ui.widgets.content import styled_content
from ssmtui.ui.widgets.filter_line import FilterLine
from ssmtui.ui.widgets.finding_pane import FindingPane
from ssmtui.ui.widgets.key_bindings import FIX_KEYS, bind
from ssmtui.ui.widgets.line_table import LineTable

_NODE_COLUMNS = (
    Column("verdict", "", 1, 1, 0),
    Column("name", translatable("held down"), 12, None, 1),
    Column("path", translatable("path"), 8, 8, 2),
)


class FindingScreen(BaseScreen):
    """A finding with its nodes."""

    BREADCRUMB = translatable("Cause")
    ALLOWS_AUTO_REFRESH = True
    filter_line: FilterLine
    BINDINGS: ClassVar[list[BindingType]] = [
        BACK_KEY,
        FILTER_KEY,
        *FIX_KEYS,
        bind("r", "recheck", translatable("Recheck"), translatable("Check the Region again")),
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
        """What is come back to."""
        return ("cause", self._finding_id)

    @property
    def current_scope(self) -> Scope | None:
        """The finding's scope."""
        held = self.context.fleet_view.state.findings.get(self._finding_id)
        return held.scope if held else super().current_scope

    @property
    def current_subject(self) -> tuple[Scope, Subject] | None:
        """What the finding is about."""
        return subject_of(self.context.fleet_view.state.findings.get(self._finding_id))

    @property
    def to_copy(self) -> str:
        """The finding as a statement."""
        held = self.context.fleet_view.state.findings.get(self._finding_id)
        return finding_statement(self.context.fleet_view, held) if held else ""

    @property
    def can_copy(self) -> bool:
        """Whether the finding still stands."""
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

    def action_fix(self, number: int) -> None:
        """Preview a fix."""
        if held := self.pane.finding:
            self.post_message(PreviewFix(held.scope.name, self.pane.fix(number), held.id))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A number without a fix is no key; one whose fix cannot be made here is a dimmed one."""
        if action == "fix" and not self.pane.offers(parameters):
            return False
        return super().check_action(action, parameters)

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        """A fix may not be possible here."""
        match action, parameters:
            case "fix", (int(number),):
                return self.pane.why_not_fix(number)
            case _:
                return super().why_not(action, parameters)

    def row_opened(self, row: object) -> None:
        """Open a node."""
        if isinstance(row, NodeKey):
            self.post_message(OpenNode(row, tuple(self.held.keys)))

    def show_rows(self) -> None:
        """Show the finding and its nodes as they are now."""
        fleet_view = self.context.fleet_view
        held = fleet_view.state.findings.get(self._finding_id)
        if held is None:
            self.held.show([])
            self.title_line.update(
                styled_content(("● ", TextStyle.OK), (say("This is so no longer."), TextStyle.STRONG))
            )
            self.pane.tell((paragraph(say("The checks do not find it any more: Esc goes back.")),))
            self.refresh_bindings()
            return
        sign = STATUSES[held.finding.status]
        self.title_line.update(
            styled_content(
                (f"{sign.glyph} ", sign.text_style),
                (fleet_view.finding_title(held.finding), TextStyle.STRONG),
                "\n",
                (f"{say(held.finding.subject.kind.value)} ", TextStyle.FAINT),
                (printable(subject_name(fleet_view, held)), TextStyle.MUTED),
            )
        )
        nodes = [key for key in held.nodes if fleet_view.node(key)]
        shown = [key for key in nodes if self.filter_line.filter.admits(node_rows.filtered_row(fleet_view, key))]
        self.held.show(sorted(shown, key=lambda key: node_rows.base(fleet_view, key)))
        self.held.say_when_empty(say("No node is like that. Esc shows them all."))
        self.filter_line.say(len(shown), len(nodes))
        self.pane.explain(held, held.nodes)

    def _cells(self, key: NodeKey) -> Mapping[str, Cell]:
        return node_rows.cells(self.context.fleet_view, key)


@screen_for_request(OpenFinding)
def finding_screen(context: AppContext, request: OpenFinding) -> FindingScreen:
    """A finding with the nodes that it holds down."""
    return FindingScreen(context, request.finding_id)
