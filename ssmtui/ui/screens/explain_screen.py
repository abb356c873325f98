"""Explain a pasted error text: its causes, and which of them apply here."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Collection, Mapping
from functools import partial
from typing import ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widgets import TextArea
from textual.worker import WorkType

from ssmtui.causes.pasted_text import without_control_sequences
from ssmtui.diagnosis.explanation import PossibleCause, opening_sentence, possible_causes
from ssmtui.language import say, translatable
from ssmtui.model.access_denied import LookedUp
from ssmtui.model.node import NodeKey
from ssmtui.text.printable import printable
from ssmtui.ui.screens.base_screen import BACK_KEY
from ssmtui.ui.screens.finding_pane import FindingPane, FindingPaneScreen
from ssmtui.ui.screens.screen_requests import ExplainText, OpenFinding, screen_for_request
from ssmtui.ui.state.app_context import AppContext
from ssmtui.ui.state.fleet_view import FleetChanges
from ssmtui.ui.text.cause_rows import cause_statement, finding_statement
from ssmtui.ui.text.explanation import (
    COLUMNS,
    NO_PLANS,
    TextMatches,
    cells,
    findings_of,
    no_match_prose,
    nodes_with_ids,
    paste_hint,
    possible_cause_prose,
    read_text,
)
from ssmtui.ui.text.styled_text import Cell
from ssmtui.ui.widgets.key_bindings import FIX_KEYS, bind
from ssmtui.ui.widgets.line_table import LineTable

_INVISIBLE = frozenset({"Cc", "Cf"})


class PasteArea(TextArea):
    """A text area that is left with Esc or Tab."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape",
            "leave",
            translatable("Done"),
            key_display="Esc",
            tooltip=translatable("Move the focus out of the text"),
        ),
        Binding("ctrl+l", "empty", translatable("Clear"), tooltip=translatable("Clear the text")),
    ]

    class Left(Message):
        """The user is done with the text."""

    class Pasted(Message):
        """The user has pasted a text, which is complete."""

    def __init__(self, *, placeholder: str, id: str | None = None) -> None:  # noqa: A002
        super().__init__(compact=True, highlight_cursor_line=False, placeholder=placeholder, id=id)
        self.cursor_blink = False

    def put(self, text: str) -> None:
        """Show a text, as if it had been pasted."""
        self.load_text(_visible_text(text))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Hide the clear key if there is no text."""
        return action != "empty" or bool(self.text)

    def action_leave(self) -> None:
        """Return the focus."""
        self.post_message(self.Left())

    def action_empty(self) -> None:
        """Clear the text."""
        self.load_text("")

    def render_line(self, y: int) -> Strip:
        """Return a line; an empty one if there is no room for a letter: Textual's hint would fail there."""
        return super().render_line(y) if self.content_size.width > 0 else Strip.blank(self.size.width)

    def on_paste(self, event: events.Paste) -> None:
        """Remove invisible characters. Textual's own handler runs after this one, and inserts the text of the event."""
        event.text = _visible_text(event.text)
        self.post_message(self.Pasted())


def _visible_text(text: str) -> str:
    """Return a paste without invisible characters and colour codes: no error text is recognized by them."""
    lines = without_control_sequences(text).expandtabs(4).splitlines()
    return "\n".join(printable("".join(each for each in line if not _is_invisible(each))) for line in lines)


def _is_invisible(character: str) -> bool:
    return unicodedata.category(character) in _INVISIBLE


class ExplainScreen(FindingPaneScreen):
    """An error text and its causes: of the node where it was opened from, or of those that it names; else of all."""

    BREADCRUMB = translatable("Explain")
    BINDINGS: ClassVar[list[BindingType]] = [
        BACK_KEY,
        *FIX_KEYS,
        bind("x", "explain", translatable("Other text"), translatable("Paste another text")),
        bind("tab", "next_pane", translatable("Other pane"), shown=False),
        bind("shift+tab", "pane_before", translatable("Previous pane"), shown=False),
    ]

    def __init__(self, context: AppContext, node: NodeKey | None = None, text: str = "") -> None:
        super().__init__(context)
        self._node = node
        self._read = TextMatches()
        self._looked_up: tuple[LookedUp, ...] = ()
        self._is_complete = False
        self._named: tuple[NodeKey, ...] = ()
        self._possible_causes: Mapping[str, PossibleCause] = {}
        self.area = PasteArea(
            placeholder=say("Paste the error here. You can include the lines around it."), id="pasted"
        )
        self.causes = LineTable[str](COLUMNS, self._cells, id="suspects")
        self.pane = FindingPane(context, id="suspect")
        self.body = (self.area, self.causes, self.pane)
        self._given = text

    def on_mount(self) -> None:
        """Wait for a text, unless one was given."""
        self._look()
        self.area.focus()
        if self._given:
            self.explain(self._given)

    @property
    def nodes(self) -> Collection[NodeKey] | None:
        """The nodes on which the causes are checked; None means all."""
        return (self._node,) if self._node is not None else self._named or None

    @property
    def to_copy(self) -> str:
        """The cause under the cursor: the finding here, else the documentation."""
        fleet_view, slug = self.context.fleet_view, self.causes.cursor or ""
        found = findings_of(fleet_view, slug, self.nodes)
        cause = fleet_view.causes.get(slug)
        return finding_statement(fleet_view, found[0]) if found else cause_statement(cause) if cause else ""

    def fleet_changed(self, changes: FleetChanges) -> None:
        """Update the causes: the diagnosis may have decided one."""
        if self.is_mounted and self._read.causes and (changes.findings or changes.other):
            self._look()

    def action_explain(self) -> None:
        """Paste another text, which replaces this one."""
        self.area.select_all()
        self.area.focus()

    def explain(self, text: str = "") -> None:
        """Explain another text instead of this one."""
        self._is_complete = bool(text)
        self.area.put(text)
        self.area.focus()

    def action_next_pane(self) -> None:
        """Focus the next pane."""
        self.focus_next()

    def action_pane_before(self) -> None:
        """Focus the previous pane."""
        self.focus_previous()

    @on(PasteArea.Changed, "#pasted")
    def _typed(self) -> None:
        self.refresh_bindings()
        # Pass the function, not a coroutine: a worker that the next key replaces leaves no unawaited coroutine.
        begin: WorkType[None] = self._match
        self.run_worker(begin, exclusive=True, group="match", exit_on_error=False)

    @on(PasteArea.Pasted)
    def _pasted(self) -> None:
        self._is_complete = True

    @on(PasteArea.Left)
    def _read_on(self) -> None:
        if self._read.causes:
            self.causes.focus()
        else:
            self.dismiss()

    def row_moved(self) -> None:
        """Show the cause under the cursor."""
        self._explain(from_top=True)
        self.refresh_bindings()

    def row_opened(self, row: object) -> None:
        """Open the finding of a cause that applies here; else open the text of the cause."""
        cause = str(row)
        found = findings_of(self.context.fleet_view, cause, self.nodes)
        if found and cause in self._possible_causes and self._possible_causes[cause].here:
            self.post_message(OpenFinding(found[0].id))
        else:
            self.pane.focus()

    async def _match(self) -> None:
        text = self.area.text
        # In a thread: a scrollback of thousands of lines takes some time, and the user continues to type.
        self._read = await asyncio.to_thread(read_text, self.context.fleet_view, text)
        denials = self._read.denials
        self._looked_up = tuple(LookedUp(each) for each in denials)
        self.causes.restart()
        self._look()
        self._explain(from_top=True)
        if self._is_complete and self._read.causes:
            # The keys of the causes, such as those of the fixes, work at once.
            self.causes.focus()
        self._is_complete = False
        handle = self.context.handle
        if handle is not None and any(each.authorization_id for each in denials):
            self._looked_up = await asyncio.wrap_future(handle.look_up(denials))
            self._explain(from_top=False)

    def _look(self) -> None:
        self._named = nodes_with_ids(self.context.fleet_view, self._read.node_ids)
        self._possible_causes = possible_causes(self.context.fleet_view.state, self._read.causes, self.nodes)
        self.causes.display = bool(self._possible_causes)
        self.causes.show(list(self._possible_causes))
        self.causes.touch_all()
        self._update_title_line()
        self._explain(from_top=False)

    def _explain(self, *, from_top: bool) -> None:
        fleet_view = self.context.fleet_view
        possible_cause = self._possible_causes.get(self.causes.cursor or "")
        if possible_cause is None:
            self.pane.tell(
                no_match_prose(self._looked_up, ended_normally=self._read.ended_normally)
                if self.area.text.strip()
                else paste_hint(),
                from_top=from_top,
            )
            return
        describe = partial(possible_cause_prose, fleet_view, possible_cause, self.nodes, self._looked_up)
        found = findings_of(fleet_view, possible_cause.match.cause, self.nodes)
        if found and possible_cause.here:
            self.pane.explain(found[0], lambda _, offers: describe(offers))
            if from_top:
                self.pane.action_scroll_home()
        else:
            self.pane.tell(describe(NO_PLANS), from_top=from_top)

    def _update_title_line(self) -> None:
        fleet_view = self.context.fleet_view
        node = fleet_view.node(self._node) if self._node else None
        named = [each for key in self._named if (each := fleet_view.node(key))]
        if node is not None:
            where = say("checked on node {name} ({id})", name=node.name or node.id, id=node.id)
        elif named:
            words = ", ".join(f"{each.name or each.id} ({each.id})" for each in named)
            where = say("checked on the nodes that the text names: {nodes}", nodes=words)
        elif self._read.node_ids:
            where = say(
                "node {ids} is not listed; checked on all nodes of {regions}",
                ids=", ".join(self._read.node_ids),
                regions=self._regions(),
            )
        else:
            where = say("checked on all nodes of {regions}", regions=self._regions())
        opening = opening_sentence(self._possible_causes, is_fleet=self.nodes is None)
        self.show_title(opening or say("What does this error mean?"), where)

    def _regions(self) -> str:
        return ", ".join(dict.fromkeys(scope.region for scope in self.context.fleet_view.scopes)) or "…"

    def _cells(self, cause: str) -> Mapping[str, Cell]:
        return cells(self.context.fleet_view, self._possible_causes[cause]) if cause in self._possible_causes else {}


@screen_for_request(ExplainText)
def explain_screen(context: AppContext, request: ExplainText) -> ExplainScreen:
    """Return the screen that explains an error text."""
    return ExplainScreen(context, request.node, request.text)
