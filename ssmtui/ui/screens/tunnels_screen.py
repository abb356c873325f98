"""Tunnels: those of this run, how they are, and what has gone through them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from ssmtui.language import marked, say, say_many
from ssmtui.model.scope import Scope
from ssmtui.model.tunnel import Tunnel, TunnelState
from ssmtui.session.tunnels.telling import local_address
from ssmtui.ui.screens.filtered_screen import FilteredScreen
from ssmtui.ui.screens.putting_up import put_up_as
from ssmtui.ui.screens.wishes import PutUp
from ssmtui.ui.state.bench import NO_SESSIONS, Bench
from ssmtui.ui.state.tunnels import node_name, tunnels_of
from ssmtui.ui.widgets.content import inked
from ssmtui.ui.widgets.filter_line import FilterLine
from ssmtui.ui.widgets.key_bar import KeyBar
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.widgets.text_pane import TextPane
from ssmtui.ui.words.cell_filtering import admitted, fields_of_columns
from ssmtui.ui.words.filtering import EVERYTHING, Filter
from ssmtui.ui.words.ink import Cell, Ink
from ssmtui.ui.words.tunnel_rows import COLUMNS, cells, content, is_alive
from ssmtui.ui.words.tunnel_text import no_tunnels_prose, tunnel_prose

_LOOK = 1 / 4
"""Seconds between two looks at how the tunnels are."""


class TunnelsScreen(FilteredScreen):
    """The tunnels of this run, the newest first."""

    CRUMB = marked("Tunnels")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace", "close", marked("Back"), key_display="Esc"),
        *FilteredScreen.FILTER,
        Binding("r", "reopen", marked("Reopen"), tooltip=marked("Open a new session for the tunnel under the cursor")),
        Binding("d,delete", "end", marked("Close it"), key_display="d", tooltip=marked("Close the tunnel")),
        Binding("tab", "other_pane", marked("Other pane"), show=False),
        Binding("T", "close", marked("Back"), show=False, tooltip=marked("Back")),
    ]

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench)
        self._tunnels: dict[int, Tunnel] = {}
        self.who = Static(id="who")
        self._filter = EVERYTHING
        self.filter_line = FilterLine(fields_of_columns(COLUMNS), hint=say("5432   state:open   there:db"))
        self.rows = LineTable[int](COLUMNS, self._cells, id="tunnels")
        self.pane = TextPane(id="tunnel")

    def compose(self) -> ComposeResult:
        """The rows, and the tunnel under the cursor in full."""
        yield self.crumbs
        yield self.who
        yield self.filter_line
        yield self.rows
        yield self.pane
        yield KeyBar()

    def on_mount(self) -> None:
        """Show them, and look again from time to time."""
        self._show()
        (self.rows if self._tunnels else self.pane).focus()
        self.set_interval(_LOOK, self._show)

    @property
    def about(self) -> Hashable:
        """What is come back to."""
        return self.CRUMB

    @property
    def tunnel_here(self) -> Tunnel | None:
        """The tunnel under the cursor."""
        return self._tunnels.get(self.rows.cursor or 0)

    @property
    def scope_here(self) -> Scope | None:
        """The scope of the tunnel under the cursor."""
        return self.tunnel_here.request.scope if self.tunnel_here else super().scope_here

    @property
    def to_copy(self) -> str:
        """Where programs find the tunnel under the cursor."""
        return local_address(self.tunnel_here) if self.tunnel_here else ""

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        """What is closed cannot be closed again."""
        match action:
            case "reopen" | "end" if self.bench.sessions is None:
                return say(NO_SESSIONS)
            case "reopen" | "end" if self.tunnel_here is None:
                return say("no tunnel is chosen")
            case "end" if self.tunnel_here is not None and not is_alive(self.tunnel_here):
                return say("this tunnel is closed")
            case _:
                return super().why_not(action, parameters)

    def filter_by(self, line: FilterLine, wanted: Filter) -> None:  # noqa: ARG002
        """Show the tunnels that a filter admits."""
        self._filter = wanted
        self._show()

    def focus_rows(self) -> None:
        """Give the keys to the rows."""
        self.rows.focus()

    def action_reopen(self) -> None:
        """Open a new session for the tunnel under the cursor."""
        if self.bench.sessions is not None and self.tunnel_here is not None:
            self.bench.sessions.reopen_tunnel(self.tunnel_here.number)

    def action_end(self) -> None:
        """Close the tunnel under the cursor, and end its session."""
        if self.bench.sessions is not None and self.tunnel_here is not None:
            self.bench.sessions.close_tunnel(self.tunnel_here.number)

    def action_other_pane(self) -> None:
        """Move between the rows and the tunnel."""
        (self.pane if self.rows.has_focus else self.rows).focus()

    @on(LineTable.Moved, "#tunnels")
    def _other_tunnel(self) -> None:
        self._tell(from_top=True)
        self.refresh_bindings()

    @on(LineTable.Opened, "#tunnels")
    def _into_pane(self) -> None:
        self.pane.focus()

    def _show(self) -> None:
        before = self._tunnels
        self._tunnels = {each.number: each for each in reversed(tunnels_of(self.bench))}
        for number, each in self._tunnels.items():
            self.rows.measure(content(each, node_name(self.bench, each)))
            self.rows.touch(number)
        self.rows.show(admitted(self._filter, self._tunnels, self._cells))
        self.rows.say_when_empty(say("No tunnel is like that. Esc shows them all."))
        self.filter_line.say(len(self.rows.keys), len(self._tunnels))
        self.rows.display = bool(self._tunnels)
        opened = sum(each.state is TunnelState.OPEN for each in self._tunnels.values())
        words = say_many("{count} is open", "{count} are open", opened)
        self.who.update(inked((say("Tunnels"), Ink.STRONG), "\n", (words, Ink.MUTED)))
        self._tell(from_top=False)
        if before != self._tunnels:
            self.refresh_bindings()

    def _tell(self, *, from_top: bool) -> None:
        tunnel = self.tunnel_here
        if tunnel is None and self._tunnels:
            self.pane.show(())  # the filter admits none
            return
        if tunnel is None:
            self.pane.show(no_tunnels_prose(read_only=say(NO_SESSIONS) if self.bench.sessions is None else ""))
            return
        self.pane.show(tunnel_prose(tunnel, node_name(self.bench, tunnel), self.bench.now()), from_top=from_top)

    def _cells(self, number: int) -> Mapping[str, Cell]:
        tunnel = self._tunnels.get(number)
        return cells(tunnel, node_name(self.bench, tunnel), self.bench.now()) if tunnel else {}


@put_up_as("tunnels")
def tunnels(bench: Bench, _wish: PutUp) -> TunnelsScreen:
    """The tunnels of this run."""
    return TunnelsScreen(bench)
