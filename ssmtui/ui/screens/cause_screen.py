"""One finding: the nodes that it holds down, and beside them what is wrong and what mends it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Static

from ssmtui.language import marked, say
from ssmtui.model.node import NodeKey
from ssmtui.model.plain_text import printable
from ssmtui.model.scope import Scope
from ssmtui.model.subject import Subject
from ssmtui.ui.screens.filtered_screen import FilteredScreen
from ssmtui.ui.screens.pace import PacedWork
from ssmtui.ui.screens.putting_up import put_up_by
from ssmtui.ui.screens.screen import BenchScreen, about
from ssmtui.ui.screens.wishes import OpenCause, OpenNode, Preview
from ssmtui.ui.state.bench import Bench
from ssmtui.ui.state.board import Changes
from ssmtui.ui.widgets.content import inked
from ssmtui.ui.widgets.filter_line import FilterLine
from ssmtui.ui.widgets.finding_pane import FindingPane
from ssmtui.ui.widgets.fix_keys import FIX_KEYS
from ssmtui.ui.widgets.key_bar import KeyBar
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.words import fleet_rows
from ssmtui.ui.words.cause_rows import subject_name
from ssmtui.ui.words.columns import Column
from ssmtui.ui.words.copying import finding_ids, statement
from ssmtui.ui.words.filter_near import wrong_word
from ssmtui.ui.words.filtering import EVERYTHING, Filter
from ssmtui.ui.words.ink import Cell, Ink
from ssmtui.ui.words.prose import paragraph
from ssmtui.ui.words.signs import STATUSES

_COLUMNS = (
    Column("verdict", "", 1, 1, 0),
    Column("name", marked("held down"), 12, None, 1),
    Column("path", marked("path"), 8, 8, 2),
)


class CauseScreen(FilteredScreen):
    """A finding with its nodes."""

    CRUMB = marked("Cause")
    MERELY_LOOKS = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace", "close", marked("Back"), key_display="Esc"),
        *FilteredScreen.FILTER,
        *FIX_KEYS,
        Binding("r", "recheck", marked("Recheck"), tooltip=marked("Check the Region again")),
        Binding("p", "preferences", marked("Prefs"), tooltip=marked("The session preferences of the Region")),
        *BenchScreen.SHARED,
        Binding("tab", "other_pane", marked("Other pane"), show=False),
    ]

    def __init__(self, bench: Bench, finding_id: str) -> None:
        super().__init__(bench)
        self._finding_id = finding_id
        self.who = Static(id="who")
        self._filter = EVERYTHING
        self.filter_line = FilterLine(
            fleet_rows.FIELDS,
            wrong_in=lambda text: wrong_word(text, fleet_rows.FIELDS, fleet_rows.filtered_rows(bench.board)),
            saved=lambda: dict(bench.habits.current.filters),
        )
        self.held = LineTable[NodeKey](_COLUMNS, self._cells, id="held")
        self.pane = FindingPane(bench, id="explanation")
        self._showing = PacedWork(self._show, self.set_timer)

    def compose(self) -> ComposeResult:
        """The finding's line, its nodes, and the explanation."""
        yield self.crumbs
        yield self.who
        yield self.filter_line
        with Horizontal():
            yield self.held
            yield self.pane
        yield KeyBar()

    def on_mount(self) -> None:
        """Show the nodes."""
        self._show()
        self.held.focus()

    @property
    def about(self) -> Hashable:
        """What is come back to."""
        return ("cause", self._finding_id)

    @property
    def scope_here(self) -> Scope | None:
        """The finding's scope."""
        held = self.bench.board.state.findings.get(self._finding_id)
        return held.scope if held else super().scope_here

    @property
    def subject_here(self) -> tuple[Scope, Subject] | None:
        """What the finding is about."""
        return about(self.bench.board.state.findings.get(self._finding_id))

    @property
    def to_copy(self) -> str:
        """The finding as a statement."""
        held = self.bench.board.state.findings.get(self._finding_id)
        return statement(self.bench.board, held) if held else ""

    @property
    def can_copy(self) -> bool:
        """Whether the finding still stands."""
        return self._finding_id in self.bench.board.state.findings

    @property
    def ids_to_copy(self) -> str:
        """The finding's ids."""
        held = self.bench.board.state.findings.get(self._finding_id)
        return finding_ids(held) if held else ""

    def board_changed(self, changes: Changes) -> None:
        """Follow the finding and its nodes."""
        if not self.is_mounted:
            return
        for key in changes.nodes:
            self.held.touch(key)
        if self._finding_id in changes.findings:
            self._showing.ask()
        if changes.other:
            self.refresh_keys()

    def filter_by(self, line: FilterLine, wanted: Filter) -> None:  # noqa: ARG002
        """Show the nodes that a filter admits."""
        self._filter = wanted
        self._show()

    def focus_rows(self) -> None:
        """Give the keys to the rows."""
        self.held.focus()

    def action_other_pane(self) -> None:
        """Move between nodes and explanation."""
        (self.pane if self.held.has_focus else self.held).focus()

    def action_fix(self, number: int) -> None:
        """Preview a fix."""
        if held := self.pane.finding:
            self.post_message(Preview(held.scope.name, self.pane.fix(number), held.id))

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

    @on(LineTable.Opened, "#held")
    def _open(self, event: LineTable.Opened) -> None:
        if isinstance(event.row, NodeKey):
            self.post_message(OpenNode(event.row, tuple(self.held.keys)))

    def _show(self) -> None:
        board = self.bench.board
        held = board.state.findings.get(self._finding_id)
        if held is None:
            self.held.show([])
            self.who.update(inked(("● ", Ink.OK), (say("This is so no longer."), Ink.STRONG)))
            self.pane.tell((paragraph(say("The checks do not find it any more: Esc goes back.")),))
            self.refresh_bindings()
            return
        sign = STATUSES[held.finding.status]
        self.who.update(
            inked(
                (f"{sign.glyph} ", sign.ink),
                (board.finding_title(held.finding), Ink.STRONG),
                "\n",
                (f"{say(held.finding.subject.kind.value)} ", Ink.FAINT),
                (printable(subject_name(board, held)), Ink.MUTED),
            )
        )
        nodes = [key for key in held.nodes if board.node(key)]
        shown = [key for key in nodes if self._filter.admits(fleet_rows.filtered_row(board, key))]
        self.held.show(sorted(shown, key=lambda key: fleet_rows.base(board, key)))
        self.held.say_when_empty(say("No node is like that. Esc shows them all."))
        self.filter_line.say(len(shown), len(nodes))
        self.pane.explain(held, held.nodes)

    def _cells(self, key: NodeKey) -> Mapping[str, Cell]:
        return fleet_rows.cells(self.bench.board, key)


@put_up_by(OpenCause)
def cause(bench: Bench, wish: OpenCause) -> CauseScreen:
    """A finding with the nodes that it holds down."""
    return CauseScreen(bench, wish.finding_id)
