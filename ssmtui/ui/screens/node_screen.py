"""One node: its path as a column of links, live, and beside it what is wrong, on what evidence, and what mends it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Static

from ssmtui.language import marked, say
from ssmtui.model.answers import Unreadable
from ssmtui.model.fleet import FleetFinding, VerdictStatus
from ssmtui.model.node import NodeKey
from ssmtui.model.path import Link
from ssmtui.model.scope import Scope
from ssmtui.model.subject import Subject
from ssmtui.ui.screens.marking import mendable
from ssmtui.ui.screens.putting_up import put_up_by
from ssmtui.ui.screens.screen import BenchScreen, about
from ssmtui.ui.screens.wishes import ChooseFixes, OpenNode, OpenRaw, Preview
from ssmtui.ui.state.bench import Bench
from ssmtui.ui.state.board import Changes
from ssmtui.ui.widgets.content import inked
from ssmtui.ui.widgets.finding_pane import FindingPane
from ssmtui.ui.widgets.fix_keys import FIX_KEYS
from ssmtui.ui.widgets.key_bar import KeyBar
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.widgets.reading_table import ReadingTable
from ssmtui.ui.words.closer_look_text import closer_look_text
from ssmtui.ui.words.copying import connect_commands, finding_ids, statement
from ssmtui.ui.words.ink import Cell
from ssmtui.ui.words.link_text import link_text
from ssmtui.ui.words.node_text import node_lines
from ssmtui.ui.words.path_rows import COLUMNS, Besides, PathRow, cells, first_row, path_rows
from ssmtui.ui.words.report_text import reported_link_text

_AGES = 30
"""Seconds between two paintings of how long ago the node was probed."""


class NodeScreen(BenchScreen):
    """A node's path and what was found on it."""

    CRUMB = marked("Node")
    MERELY_LOOKS = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace", "close", marked("Back"), key_display="Esc"),
        *FIX_KEYS,
        Binding("F", "fixes", marked("Fixes"), tooltip=marked("Choose among all fixes for this node")),
        Binding("y", "raw", marked("Raw"), tooltip=marked("Everything that was read for this node, as it was read")),
        Binding("r", "recheck", marked("Recheck"), show=False, tooltip=marked("Check this node again")),
        Binding(
            "left_square_bracket",
            "neighbour(-1)",
            marked("Previous"),
            show=False,
            key_display="[",
            tooltip=marked("The broken node before"),
        ),
        Binding(
            "right_square_bracket",
            "neighbour(1)",
            marked("Next"),
            show=False,
            key_display="]",
            tooltip=marked("The next broken node"),
        ),
        *BenchScreen.SHELL,
        Binding("p", "preferences", marked("Prefs"), tooltip=marked("The session preferences of the Region")),
        *BenchScreen.SHARED,
        *BenchScreen.SESSIONS,
        Binding("tab", "other_pane", marked("Other pane"), show=False),
    ]

    def __init__(self, bench: Bench, key: NodeKey, neighbours: tuple[NodeKey, ...] = ()) -> None:
        super().__init__(bench)
        self._key = key
        self._neighbours = neighbours
        self._places = {each: place for place, each in enumerate(neighbours)}
        self._put_on: PathRow | None = None
        self.who = Static(id="who")
        self.pane = FindingPane(bench, id="explanation")
        self.path = ReadingTable[PathRow](COLUMNS, self._cells, self.pane, header=False, id="path")

    def compose(self) -> ComposeResult:
        """The node's line, the path, and the pane beside it."""
        yield self.crumbs
        yield self.who
        with Horizontal():
            yield self.path
            yield self.pane
        yield KeyBar()

    def on_mount(self) -> None:
        """Look at the root cause; how old a probe is changes by itself."""
        self._show_node()
        self.set_interval(_AGES, self._say_who)

    @property
    def crumb(self) -> str:
        """The node's name."""
        return self.bench.board.name_of(self._key)

    @property
    def about(self) -> Hashable:
        """What is come back to."""
        return ("node", self._key)

    @property
    def node_key(self) -> NodeKey:
        """The node that is shown."""
        return self._key

    @property
    def node_here(self) -> NodeKey:
        """The node that is shown."""
        return self._key

    @property
    def scope_here(self) -> Scope | None:
        """The node's scope."""
        return self.bench.board.scope_of(self._key)

    @property
    def subject_here(self) -> tuple[Scope, Subject] | None:
        """What the finding under the cursor is about; else the node."""
        return about(self.pane.finding) or super().subject_here

    @property
    def to_copy(self) -> str:
        """What there is to say of the finding under the cursor; where it is on none, how the node is reached."""
        board, held = self.bench.board, self._finding_here
        return statement(board, held) if held else connect_commands(board, (self._key,))

    @property
    def ids_to_copy(self) -> str:
        """The ids of the finding under the cursor, or the node's."""
        held = self._finding_here
        return finding_ids(held) if held else self._key.id

    @property
    def can_copy(self) -> bool:
        """There is always something to copy of a node."""
        return True

    @property
    def _finding_here(self) -> FleetFinding | None:
        row = self.path.cursor
        return self.bench.board.state.findings.get(row) if isinstance(row, str) else None

    def board_changed(self, changes: Changes) -> None:
        """Follow the node and its findings."""
        if not self.is_mounted:
            return
        ids = set(self.bench.board.verdict(self._key).finding_ids)
        if self._key in changes.nodes or ids & changes.findings.keys():
            self.path.show(path_rows(self.bench.board, self._key))
            self.path.touch_all()
            self._go_to_the_worst(unless_moved=True)
            self._say_who()
            self._explain()
        if changes.other:
            self.refresh_keys()

    def action_close(self) -> None:
        """Go back."""
        self.dismiss()

    def action_recheck(self) -> None:
        """Check the node again."""
        self.bench.look_again((self._key,))
        self.notify(say("Checking {name} again", name=self.bench.board.name_of(self._key)), timeout=3, markup=False)

    def action_other_pane(self) -> None:
        """Move between path and explanation."""
        (self.pane if self.path.has_focus else self.path).focus()

    def action_raw(self) -> None:
        """Show everything that was read for this node."""
        self.post_message(OpenRaw(self._key))

    def action_neighbour(self, by: int) -> None:
        """Show the next broken node, in the order of the fleet."""
        if key := self._neighbour(by):
            self._key = key
            self._show_node()

    def action_fix(self, number: int) -> None:
        """Preview a fix of the finding under the cursor: it may have moved since the pane was painted."""
        self._explain()
        held = self.pane.finding
        if held is not None:
            self.post_message(Preview(held.scope.name, self.pane.fix(number), held.id))

    def action_fixes(self) -> None:
        """Choose among the fixes of everything that was found on the node: several are made together."""
        self.post_message(ChooseFixes(tuple(held.id for held in self._mendable()), (self._key,)))

    def _mendable(self) -> tuple[FleetFinding, ...]:
        return mendable(self.bench.board.findings_of(self._key))

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

    @on(LineTable.Moved, "#path")
    def _other_row(self) -> None:
        self._explain()
        self.refresh_bindings()

    @on(LineTable.Opened, "#path")
    def _into_pane(self) -> None:
        self.pane.focus()

    def _show_node(self) -> None:
        board = self.bench.board
        self.path.show(path_rows(board, self._key))
        self.path.touch_all()
        self._go_to_the_worst()
        self.path.focus()
        self._say_who()
        self._explain()
        self.refresh_bindings()
        if self.bench.inquiry:
            self.bench.inquiry.look_first((self._key,))
            self.bench.inquiry.look_closer((self._key,))

    def _go_to_the_worst(self, *, unless_moved: bool = False) -> None:
        """Where to look first; while somebody has not moved on, also when a closer look has found more."""
        if unless_moved and self.path.cursor != self._put_on:
            return
        self._put_on = first_row(self.bench.board, self._key)
        self.path.go_to(self._put_on)

    def _neighbour(self, by: int) -> NodeKey | None:
        board = self.bench.board
        here, around = self._places.get(self._key), self._neighbours
        if here is None:
            return None
        others = (around[(here + by * step) % len(around)] for step in range(1, len(around)))
        return next((each for each in others if _is_broken(board.verdict(each).status)), None)

    def _say_who(self) -> None:
        self.who.update(inked(*node_lines(self.bench.board, self._key, self.bench.now())))

    def _explain(self) -> None:
        board = self.bench.board
        row = self.path.cursor
        node, scope = board.node(self._key), self.scope_here
        if isinstance(row, str) and row in board.state.findings:
            self.pane.explain(board.state.findings[row], (self._key,))
        elif isinstance(row, Besides):
            self.pane.tell(closer_look_text(board.state.closer.get(self._key)))
        elif isinstance(row, Link) and node and scope:
            connection = board.state.connections.get(self._key)
            word = (
                ""
                if connection is None
                else say("could not be read")
                if isinstance(connection, Unreadable)
                else connection.value
            )
            verdict = board.verdict(self._key)
            reported = self.bench.report is not None
            self.pane.tell(
                reported_link_text(node, row, verdict, word) if reported else link_text(node, scope, row, verdict, word)
            )

    def _cells(self, row: PathRow) -> Mapping[str, Cell]:
        return cells(self.bench.board, self._key, row)


@put_up_by(OpenNode)
def node(bench: Bench, wish: OpenNode) -> NodeScreen:
    """A node's path."""
    return NodeScreen(bench, wish.key, wish.neighbours)


def _is_broken(status: VerdictStatus) -> bool:
    return status in (VerdictStatus.FAIL, VerdictStatus.WARN)
