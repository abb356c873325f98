"""Explain: an error text pasted, the causes that it can have, and which of them this account really has."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static
from textual.worker import WorkType

from ssmtui.causes.matching import Match
from ssmtui.language import marked, say
from ssmtui.model.authorization import LookedUp
from ssmtui.model.node import NodeKey
from ssmtui.ui.screens.putting_up import put_up_by
from ssmtui.ui.screens.screen import BenchScreen
from ssmtui.ui.screens.wishes import Explain, OpenCause
from ssmtui.ui.state.bench import Bench
from ssmtui.ui.state.board import Changes
from ssmtui.ui.widgets.content import inked
from ssmtui.ui.widgets.key_bar import KeyBar
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.widgets.paste_area import PasteArea
from ssmtui.ui.widgets.text_pane import TextPane
from ssmtui.ui.words.copying import cause_statement, statement
from ssmtui.ui.words.explain_rows import (
    COLUMNS,
    Suspect,
    cells,
    findings_of,
    ids_named,
    matches_of,
    nodes_named,
    suspects,
)
from ssmtui.ui.words.explain_text import invitation, not_known, suspect_prose
from ssmtui.ui.words.ink import Cell, Ink


class ExplainScreen(BenchScreen):
    """An error text and its causes: of the node where it was opened from, or of those that it names; else of all."""

    CRUMB = marked("Explain")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace", "close", marked("Back"), key_display="Esc"),
        Binding("x", "explain", marked("Other text"), tooltip=marked("Paste another text")),
        Binding("tab", "next_pane", marked("Other pane"), show=False),
        Binding("shift+tab", "pane_before", marked("Pane before"), show=False),
    ]

    def __init__(self, bench: Bench, node: NodeKey | None = None, text: str = "") -> None:
        super().__init__(bench)
        self._node = node
        self._matches: tuple[Match, ...] = ()
        self._looked_up: tuple[LookedUp, ...] = ()
        self._ids: frozenset[str] = frozenset()
        self._named: tuple[NodeKey, ...] = ()
        self._suspects: Mapping[str, Suspect] = {}
        self.who = Static(id="who")
        self.area = PasteArea(placeholder=say("Paste the error here, with as much around it as you like."), id="pasted")
        self.causes = LineTable[str](COLUMNS, self._cells, id="suspects")
        self.pane = TextPane(id="suspect")
        self._given = text

    def compose(self) -> ComposeResult:
        """The text, its causes, and what there is to say of one of them."""
        yield self.crumbs
        yield self.who
        yield self.area
        yield self.causes
        yield self.pane
        yield KeyBar()

    def on_mount(self) -> None:
        """Wait for a text, unless one was given."""
        self._look()
        self.area.focus()
        if self._given:
            self.area.put(self._given)

    @property
    def nodes(self) -> Collection[NodeKey] | None:
        """The nodes that the causes are looked for on; None means all."""
        return (self._node,) if self._node is not None else self._named or None

    @property
    def to_copy(self) -> str:
        """The cause under the cursor: as it was found here, else as it is documented."""
        board, slug = self.bench.board, self.causes.cursor or ""
        found = findings_of(board, slug, self.nodes)
        cause = board.causes.get(slug)
        return statement(board, found[0]) if found else cause_statement(cause) if cause else ""

    def board_changed(self, changes: Changes) -> None:
        """The diagnosis may have settled a cause."""
        if self.is_mounted and self._matches and (changes.findings or changes.other):
            self._look()

    def action_close(self) -> None:
        """Go back."""
        self.dismiss()

    def action_explain(self) -> None:
        """Paste another text: it takes the place of this one."""
        self.area.select_all()
        self.area.focus()

    def explain(self, text: str = "") -> None:
        """Explain another text in the place of this one."""
        self.area.put(text)
        self.area.focus()

    def action_next_pane(self) -> None:
        """Go on to what stands below."""
        self.focus_next()

    def action_pane_before(self) -> None:
        """Go to what stands above."""
        self.focus_previous()

    @on(PasteArea.Changed, "#pasted")
    def _typed(self) -> None:
        self.refresh_bindings()
        # Not begun yet, so that nothing is left of one that the next key takes the turn of.
        begin: WorkType[None] = self._match
        self.run_worker(begin, exclusive=True, group="match", exit_on_error=False)

    @on(PasteArea.Left)
    def _read_on(self) -> None:
        if self._matches:
            self.causes.focus()
        else:
            self.dismiss()

    @on(LineTable.Moved, "#suspects")
    def _other_cause(self) -> None:
        self._explain(from_top=True)

    @on(LineTable.Opened, "#suspects")
    def _go_there(self, event: LineTable.Opened) -> None:
        cause = str(event.row)
        found = findings_of(self.bench.board, cause, self.nodes)
        if found and cause in self._suspects and self._suspects[cause].here:
            self.post_message(OpenCause(found[0].id))
        else:
            self.pane.focus()

    async def _match(self) -> None:
        text = self.area.text
        # In a thread: a scrollback of thousands of lines takes a while, and typing goes on meanwhile.
        self._matches, denials = await asyncio.to_thread(matches_of, self.bench.board, text)
        self._looked_up = tuple(LookedUp(each) for each in denials)
        self._ids = ids_named(text)
        self._look()
        self._explain(from_top=True)
        inquiry = self.bench.inquiry
        if inquiry is not None and any(each.authorization_id for each in denials):
            self._looked_up = await asyncio.wrap_future(inquiry.look_up(denials))
            self._explain(from_top=False)

    def _look(self) -> None:
        self._named = nodes_named(self.bench.board, self._ids)
        self._suspects = suspects(self.bench.board, self._matches, self.nodes)
        self.causes.display = bool(self._suspects)
        self.causes.show(list(self._suspects))
        self.causes.touch_all()
        self._say_who()
        self._explain(from_top=False)

    def _explain(self, *, from_top: bool) -> None:
        suspect = self._suspects.get(self.causes.cursor or "")
        if suspect is not None:
            self.pane.show(suspect_prose(self.bench.board, suspect, self.nodes, self._looked_up), from_top=from_top)
        else:
            self.pane.show(not_known(self._looked_up) if self.area.text.strip() else invitation(), from_top=from_top)

    def _say_who(self) -> None:
        board = self.bench.board
        node = board.node(self._node) if self._node else None
        named = [each for key in self._named if (each := board.node(key))]
        if node is not None:
            where = say("looked for on the node {name} ({id})", name=node.name or node.id, id=node.id)
        elif named:
            words = ", ".join(f"{each.name or each.id} ({each.id})" for each in named)
            where = say("looked for on what the text names: {nodes}", nodes=words)
        elif self._ids:
            where = say(
                "no node {ids} is listed; looked for on every node of {regions}",
                ids=", ".join(sorted(self._ids)),
                regions=self._regions(),
            )
        else:
            where = say("looked for on every node of {regions}", regions=self._regions())
        self.who.update(inked((say("What does this error mean?"), Ink.STRONG), "\n", (where, Ink.MUTED)))

    def _regions(self) -> str:
        return ", ".join(dict.fromkeys(scope.region for scope in self.bench.board.scopes)) or "…"

    def _cells(self, cause: str) -> Mapping[str, Cell]:
        return cells(self.bench.board, self._suspects[cause]) if cause in self._suspects else {}


@put_up_by(Explain)
def explained(bench: Bench, wish: Explain) -> ExplainScreen:
    """An error text explained."""
    return ExplainScreen(bench, wish.node, wish.text)
