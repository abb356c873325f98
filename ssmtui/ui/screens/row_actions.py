"""Act on the rows of the fleet: mark, fix, copy, describe, and recheck."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.binding import Binding, BindingType

from ssmtui.language import say, say_many, translatable
from ssmtui.model.finding import Status
from ssmtui.ui.screens.base_screen import BaseScreen, subject_of
from ssmtui.ui.screens.screen_requests import ChooseFixes, PreviewFix
from ssmtui.ui.state.ui_state import Marks
from ssmtui.ui.text.columns import Column
from ssmtui.ui.text.row_details import (
    cause_details,
    cause_summary,
    connect_commands,
    finding_ids,
    finding_statements,
    node_details,
    node_summary,
    text_to_copy,
)
from ssmtui.ui.text.styled_text import MARKED, Cell, cell, short_duration
from ssmtui.ui.widgets.key_bindings import FIX_KEYS
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.widgets.text_pane import RowLine, TextPane

if TYPE_CHECKING:
    from ssmtui.model.finding import FleetFinding, Subject
    from ssmtui.model.node import NodeKey
    from ssmtui.model.scope import Scope
    from ssmtui.ui.state.app_context import AppContext
    from ssmtui.ui.text.styled_text import Prose


MARK_COLUMN = Column("mark", "", 1, 1, 0)
"""The column of the marks: there only while something is marked."""

_MARK_CELL = cell(MARKED.glyph, MARKED.text_style)
_FIXABLE = (Status.FAIL, Status.WARN)


class MarkingScreen(BaseScreen):
    """A screen of nodes and of causes, one of them up, whose rows can be marked and mended."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "F",
            "fix_marked",
            translatable("Fixes"),
            tooltip=translatable("Choose fixes for the marked rows, or for this one"),
        ),
        *FIX_KEYS,
        Binding(
            "space",
            "mark",
            translatable("Mark"),
            key_display="Space",
            tooltip=translatable("Mark this row, or mark it no more"),
        ),
        Binding(
            "asterisk,ctrl+a",
            "mark_shown",
            translatable("Mark all"),
            show=False,
            tooltip=translatable("Mark every row shown, or none"),
        ),
        Binding(
            "circumflex_accent",
            "invert_marks",
            translatable("Invert"),
            show=False,
            tooltip=translatable("Mark the other rows"),
        ),
        Binding(
            "backslash,ctrl+backslash",
            "no_marks",
            translatable("No marks"),
            show=False,
            tooltip=translatable("Mark nothing"),
        ),
    ]
    nodes: LineTable[NodeKey]
    causes: LineTable[str]

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self.marked_nodes: Marks[NodeKey] = Marks()
        self.marked_causes: Marks[str] = Marks()

    @property
    def shows_causes(self) -> bool:
        """Which of the two views is up."""
        return self.has_class("-causes")

    @property
    def current_scope(self) -> Scope | None:
        """The scope of the row under the cursor."""
        fleet_view = self.context.fleet_view
        if self.shows_causes:
            held = fleet_view.state.findings.get(self.causes.cursor or "")
            return held.scope if held else super().current_scope
        key = self.nodes.cursor
        return (fleet_view.scope_of(key) if key else None) or super().current_scope

    @property
    def selected_node(self) -> NodeKey | None:
        """The node under the cursor."""
        return None if self.shows_causes else self.nodes.cursor

    @property
    def selected_nodes(self) -> tuple[NodeKey, ...]:
        """The marked nodes; without marks, the one under the cursor."""
        return () if self.shows_causes else tuple(self.marked_nodes) or super().selected_nodes

    @property
    def selected_causes(self) -> tuple[str, ...]:
        """The marked causes; without marks, the one under the cursor."""
        here = (self.causes.cursor,) if self.causes.cursor else ()
        return tuple(self.marked_causes) or here

    @property
    def current_subject(self) -> tuple[Scope, Subject] | None:
        """What the row under the cursor is about."""
        return subject_of(self._cause_here()) if self.shows_causes else super().current_subject

    @property
    def selected_rows(self) -> tuple[NodeKey, ...]:
        """The nodes of the marked rows, or of the one under the cursor: of causes, those that they hold down."""
        if not self.shows_causes:
            return self.selected_nodes
        findings = self.context.fleet_view.state.findings
        held = (findings[id_].nodes for id_ in self.selected_causes if id_ in findings)
        return tuple(dict.fromkeys(key for keys in held for key in keys))

    @property
    def marked_count(self) -> int:
        """How many rows of the view that is up are marked."""
        return len(self.marked_causes if self.shows_causes else self.marked_nodes)

    def marks_changed(self) -> None:
        """Paint the marks of the view that is up."""

    def mark_column(self, *, causes: bool) -> tuple[Column, ...]:
        """The column of the marks, where there are any."""
        return (MARK_COLUMN,) if (self.marked_causes if causes else self.marked_nodes) else ()

    def mark_cell(self, key: object) -> Cell:
        """The cell of a row in that column."""
        return _MARK_CELL if key in self.marked_nodes or key in self.marked_causes else ()

    def forget_gone(self) -> None:
        """Forget the marks of nodes and causes that are there no more."""
        state = self.context.fleet_view.state
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
            self.post_message(PreviewFix(held.scope.name, held.finding.fixes[number - 1], held.id))

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
        findings = self.context.fleet_view.state.findings
        ids = iter(self.selected_causes)
        if not self.shows_causes:
            ids = (id_ for key in self._nodes_to_mend() for id_ in self.context.fleet_view.verdict(key).finding_ids)
        return any(fixable_findings((findings[id_],)) for id_ in ids if id_ in findings)

    def _cause_here(self) -> FleetFinding | None:
        return self.context.fleet_view.state.findings.get(self.causes.cursor or "") if self.shows_causes else None

    def _nodes_to_mend(self) -> tuple[NodeKey, ...]:
        """The nodes that fixes are chosen for; none where it is a matter of causes."""
        if self.shows_causes:
            return ()
        here = (self.nodes.cursor,) if self.nodes.cursor is not None else ()
        return tuple(self.marked_nodes) or here

    def _to_mend(self) -> Sequence[FleetFinding]:
        """The findings behind what is marked, or behind the row under the cursor."""
        fleet_view = self.context.fleet_view
        if self.shows_causes:
            held = [found for id_ in self.selected_causes if (found := fleet_view.state.findings.get(id_))]
        else:
            held = [found for key in self._nodes_to_mend() for found in fleet_view.findings_of(key)]
        return fixable_findings(held)


def fixable_findings(held: Iterable[FleetFinding]) -> tuple[FleetFinding, ...]:
    """The findings that something is wrong by, and that have a fix, each once."""
    found = {each.id: each for each in held if each.finding.fixes and each.finding.status in _FIXABLE}
    return tuple(found.values())


class RowCopyScreen(MarkingScreen):
    """A screen of nodes and of causes whose rows are copied: the marked ones, or the one under the cursor."""

    @property
    def to_copy(self) -> str:
        """The commands that open sessions on the nodes, or what there is to say of the causes."""
        fleet_view = self.context.fleet_view
        if self.shows_causes:
            return finding_statements(fleet_view, self.selected_causes)
        return connect_commands(fleet_view, self.selected_nodes)

    @property
    def can_copy(self) -> bool:
        """Whether there is a row."""
        return bool(self.marked_count) or (self.causes if self.shows_causes else self.nodes).cursor is not None

    @property
    def ids_to_copy(self) -> str:
        """The ids of the rows."""
        if not self.shows_causes:
            return text_to_copy(key.id for key in self.selected_nodes)
        found = self.context.fleet_view.state.findings
        return "\n".join(finding_ids(found[id_]) for id_ in self.selected_causes if id_ in found)


SIDE_PANE_MIN_WIDTH = 180
"""Columns from which on the row is explained beside the table, and not only told in a line or two below it."""


class RowDetailsScreen(RowCopyScreen):
    """A screen of nodes and of causes that tells the row under the cursor in words of its own."""

    VERTICAL_BREAKPOINTS = [(0, "-low"), (16, "-high")]  # noqa: RUF012 - as Textual declares it
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (68, "-wide"), (SIDE_PANE_MIN_WIDTH, "-roomy")]  # noqa: RUF012 - the same

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self.row_line = RowLine()
        self.side_pane = TextPane(id="beside")
        self._told_of: NodeKey | str | None = None

    def show_row_details(self) -> None:
        """Say what is under the cursor now."""
        fleet_view = self.context.fleet_view
        if self.shows_causes:
            self.row_line.tell(cause_summary(fleet_view, self.causes.cursor) if self.causes.cursor else ())
        else:
            self.row_line.tell(node_summary(fleet_view, self.nodes.cursor) if self.nodes.cursor else ())
        if self.size.width >= SIDE_PANE_MIN_WIDTH:
            self._explain()

    def _explain(self) -> None:
        """Explain the row beside the table, by what is known: nothing is read for whoever merely passes it."""
        fleet_view, now = self.context.fleet_view, self.context.now()
        here: NodeKey | str | None = self.causes.cursor if self.shows_causes else self.nodes.cursor
        if here is None:
            prose: Prose = ()
        elif isinstance(here, str):
            prose = cause_details(fleet_view, here, now)
        else:
            prose = node_details(fleet_view, here, now)
        self.side_pane.show(prose, from_top=here != self._told_of)
        self._told_of = here

    @on(RowLine.Grown)
    def _keep_clear(self) -> None:
        self.call_after_refresh(self.place_notices)

    @on(LineTable.Moved)
    def _cursor_moved(self) -> None:
        self.show_row_details()

    @on(events.Resize)
    def _size_changed(self) -> None:
        # The pane beside the table was not filled while there was no room for it.
        self.show_row_details()


class FleetRefreshScreen(BaseScreen):
    """A screen of the whole fleet, which is looked at again when a person says so."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+r",
            "refresh_all",
            translatable("Refresh"),
            show=False,
            tooltip=translatable("List and check everything anew"),
        ),
        Binding(
            "R",
            "timed_refresh",
            translatable("By itself"),
            show=False,
            tooltip=translatable("Refresh by itself every so often, or no more"),
        ),
    ]

    def action_refresh_all(self) -> None:
        """List and check everything anew."""
        self.context.refresh()
        self.notify(say("Listing and checking everything again"), timeout=3)

    def action_timed_refresh(self) -> None:
        """Look at everything again every so often, or no more."""
        self.context.auto_refresh.switch()
        pause = self.context.auto_refresh.pause
        if pause is not None:
            self.notify(say("Everything is looked at again every {time}", time=short_duration(pause)), timeout=3)
        else:
            self.notify(say("Nothing is looked at again by itself"), timeout=3)


class RowRecheckScreen(FleetRefreshScreen, RowDetailsScreen):
    """A screen whose rows are looked at again when a person says so. They stay where they are meanwhile."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "r",
            "recheck",
            translatable("Recheck"),
            show=False,
            tooltip=translatable("Check this row again, or the marked ones"),
        ),
    ]

    def action_recheck(self) -> None:
        """Check what the row is about again, or the marked rows."""
        rows = self.selected_rows
        self.context.refresh_nodes(rows)
        name = self.context.fleet_view.name_of(rows[0])
        words = say_many("Checking {name} again", "Checking {count} nodes again", count=len(rows), name=name)
        self.notify(words, timeout=3, markup=False)

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        """What is checked again is a node."""
        if action == "recheck" and not self.selected_rows:
            return say("no node is chosen")
        return super().why_not(action, parameters)
