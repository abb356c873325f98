"""Marking rows of the fleet, nodes or causes, so that they take a fix together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from ssmtui.language import marked, say
from ssmtui.model.finding import Status
from ssmtui.ui.screens.screen import BenchScreen, about
from ssmtui.ui.screens.wishes import ChooseFixes, Preview
from ssmtui.ui.state.marks import Marks
from ssmtui.ui.widgets.fix_keys import FIX_KEYS
from ssmtui.ui.words.columns import Column
from ssmtui.ui.words.ink import Cell, cell
from ssmtui.ui.words.signs import MARKED

if TYPE_CHECKING:
    from ssmtui.model.fleet import FleetFinding
    from ssmtui.model.node import NodeKey
    from ssmtui.model.scope import Scope
    from ssmtui.model.subject import Subject
    from ssmtui.ui.state.bench import Bench
    from ssmtui.ui.widgets.line_table import LineTable

MARK = Column("mark", "", 1, 1, 0)
"""The column of the marks: there only while something is marked."""

_MARKED = cell(MARKED.glyph, MARKED.ink)
_FIXABLE = (Status.FAIL, Status.WARN)


class MarkingScreen(BenchScreen):
    """A screen of nodes and of causes, one of them up, whose rows can be marked and mended."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "F", "fix_marked", marked("Fixes"), tooltip=marked("Choose fixes for the marked rows, or for this one")
        ),
        *FIX_KEYS,
        Binding(
            "space", "mark", marked("Mark"), key_display="Space", tooltip=marked("Mark this row, or mark it no more")
        ),
        Binding(
            "asterisk,ctrl+a",
            "mark_shown",
            marked("Mark all"),
            show=False,
            tooltip=marked("Mark every row shown, or none"),
        ),
        Binding(
            "circumflex_accent", "invert_marks", marked("Invert"), show=False, tooltip=marked("Mark the other rows")
        ),
        Binding("backslash,ctrl+backslash", "no_marks", marked("No marks"), show=False, tooltip=marked("Mark nothing")),
    ]
    nodes: LineTable[NodeKey]
    causes: LineTable[str]

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench)
        self.marked_nodes: Marks[NodeKey] = Marks()
        self.marked_causes: Marks[str] = Marks()

    @property
    def shows_causes(self) -> bool:
        """Which of the two views is up."""
        return self.has_class("-causes")

    @property
    def scope_here(self) -> Scope | None:
        """The scope of the row under the cursor."""
        board = self.bench.board
        if self.shows_causes:
            held = board.state.findings.get(self.causes.cursor or "")
            return held.scope if held else super().scope_here
        key = self.nodes.cursor
        return (board.scope_of(key) if key else None) or super().scope_here

    @property
    def node_chosen(self) -> NodeKey | None:
        """The node under the cursor."""
        return None if self.shows_causes else self.nodes.cursor

    @property
    def nodes_chosen(self) -> tuple[NodeKey, ...]:
        """The marked nodes; without marks, the one under the cursor."""
        return () if self.shows_causes else tuple(self.marked_nodes) or super().nodes_chosen

    @property
    def causes_chosen(self) -> tuple[str, ...]:
        """The marked causes; without marks, the one under the cursor."""
        here = (self.causes.cursor,) if self.causes.cursor else ()
        return tuple(self.marked_causes) or here

    @property
    def subject_here(self) -> tuple[Scope, Subject] | None:
        """What the row under the cursor is about."""
        return about(self._cause_here()) if self.shows_causes else super().subject_here

    @property
    def rows_chosen(self) -> tuple[NodeKey, ...]:
        """The nodes of the marked rows, or of the one under the cursor: of causes, those that they hold down."""
        if not self.shows_causes:
            return self.nodes_chosen
        findings = self.bench.board.state.findings
        held = (findings[id_].nodes for id_ in self.causes_chosen if id_ in findings)
        return tuple(dict.fromkeys(key for keys in held for key in keys))

    @property
    def marked_here(self) -> int:
        """How many rows of the view that is up are marked."""
        return len(self.marked_causes if self.shows_causes else self.marked_nodes)

    def marks_changed(self) -> None:
        """Paint the marks of the view that is up."""

    def mark_column(self, *, causes: bool) -> tuple[Column, ...]:
        """The column of the marks, where there are any."""
        return (MARK,) if (self.marked_causes if causes else self.marked_nodes) else ()

    def mark_cell(self, key: object) -> Cell:
        """The cell of a row in that column."""
        return _MARKED if key in self.marked_nodes or key in self.marked_causes else ()

    def forget_gone(self) -> None:
        """Forget the marks of nodes and causes that are there no more."""
        state = self.bench.board.state
        self.marked_nodes.keep(state.nodes)
        self.marked_causes.keep(state.findings)

    def action_mark(self) -> None:
        """Mark the row under the cursor, or mark it no more."""
        if self.shows_causes and self.causes.cursor is not None:
            self.marked_causes.toggle((self.causes.cursor,))
        elif not self.shows_causes and self.nodes.cursor is not None:
            self.marked_nodes.toggle((self.nodes.cursor,))
        self.marks_changed()

    def action_mark_shown(self) -> None:
        """Mark every row shown, or none where all are marked."""
        if self.shows_causes:
            self.marked_causes.mark_all(self.causes.keys)
        else:
            self.marked_nodes.mark_all(self.nodes.keys)
        self.marks_changed()

    def action_invert_marks(self) -> None:
        """Mark the rows shown that are not marked, and no others."""
        if self.shows_causes:
            self.marked_causes.toggle(self.causes.keys)
        else:
            self.marked_nodes.toggle(self.nodes.keys)
        self.marks_changed()

    def action_no_marks(self) -> None:
        """Mark nothing."""
        (self.marked_causes if self.shows_causes else self.marked_nodes).clear()
        self.marks_changed()

    def action_fix_marked(self) -> None:
        """Choose fixes for what is marked, or for the row under the cursor."""
        self.forget_gone()
        ids = tuple(held.id for held in self._to_mend())
        self.post_message(ChooseFixes(ids, self._nodes_to_mend()))

    def action_fix(self, number: int) -> None:
        """Preview a fix of the cause under the cursor, for every node behind it."""
        if held := self._cause_here():
            self.post_message(Preview(held.scope.name, held.finding.fixes[number - 1], held.id))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A number is a key only where the cause under the cursor has a fix of it."""
        if action == "fix":
            held = self._cause_here()
            count = len(held.finding.fixes) if held else 0
            if not any(isinstance(number, int) and number <= count for number in parameters):
                return False
        return super().check_action(action, parameters)

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        """Nothing is mended where nothing is wrong."""
        match action:
            case "fix_marked" if not self._can_mend():
                return say("nothing that could be fixed was found there")
            case _:
                return super().why_not(action, parameters)

    def _can_mend(self) -> bool:
        """Whether there is anything to mend: the first that is found is enough, of thousands that may be marked."""
        findings = self.bench.board.state.findings
        ids = iter(self.causes_chosen)
        if not self.shows_causes:
            ids = (id_ for key in self._nodes_to_mend() for id_ in self.bench.board.verdict(key).finding_ids)
        return any(mendable((findings[id_],)) for id_ in ids if id_ in findings)

    def _cause_here(self) -> FleetFinding | None:
        return self.bench.board.state.findings.get(self.causes.cursor or "") if self.shows_causes else None

    def _nodes_to_mend(self) -> tuple[NodeKey, ...]:
        """The nodes that fixes are chosen for; none where it is a matter of causes."""
        if self.shows_causes:
            return ()
        here = (self.nodes.cursor,) if self.nodes.cursor is not None else ()
        return tuple(self.marked_nodes) or here

    def _to_mend(self) -> Sequence[FleetFinding]:
        """The findings behind what is marked, or behind the row under the cursor."""
        board = self.bench.board
        if self.shows_causes:
            held = [found for id_ in self.causes_chosen if (found := board.state.findings.get(id_))]
        else:
            held = [found for key in self._nodes_to_mend() for found in board.findings_of(key)]
        return mendable(held)


def mendable(held: Iterable[FleetFinding]) -> tuple[FleetFinding, ...]:
    """The findings that something is wrong by, and that have a fix, each once."""
    found = {each.id: each for each in held if each.finding.fixes and each.finding.status in _FIXABLE}
    return tuple(found.values())
