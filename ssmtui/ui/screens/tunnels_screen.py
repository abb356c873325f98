"""Show the tunnels of this run, and ask for the ports of a new tunnel."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from ssmtui.language import say, say_many, translatable
from ssmtui.model.scope import Scope
from ssmtui.model.sessions import Tunnel, TunnelState
from ssmtui.session.tunnels.forward import Forward, InvalidForward, forward_of, local_address
from ssmtui.ui.screens.base_screen import FilteredScreen
from ssmtui.ui.screens.localized_screen import LocalizedScreen
from ssmtui.ui.screens.screen_requests import ShowNamedScreen, named_screen
from ssmtui.ui.state.app_context import NO_SESSIONS, AppContext, all_tunnels, tunnel_node_name
from ssmtui.ui.text.columns import fields_of_columns, filter_rows
from ssmtui.ui.text.filters import NO_FILTER, Filter
from ssmtui.ui.text.styled_text import Cell, TextStyle
from ssmtui.ui.text.tunnels import TUNNEL_COLUMNS, is_alive, no_tunnels_prose, tunnel_cells, tunnel_prose, tunnel_widths
from ssmtui.ui.widgets.content import styled_content
from ssmtui.ui.widgets.filter_line import FilterLine
from ssmtui.ui.widgets.key_bar import KeyBar
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.widgets.text_pane import TextPane


class TunnelInput(Input):
    """A line to write in. Enter is its own key: as one of the screen it would outrun what is typed before it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "screen.take", translatable("Open"), key_display="⏎", tooltip=translatable("Open the tunnel")),
    ]


class TunnelForm(LocalizedScreen[Forward | None], ModalScreen[Forward | None]):
    """The form; gives what is to be forwarded, or None where the person turns back. `port` stands there already."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab,down", "next", translatable("Next line"), key_display="Tab"),
        Binding("shift+tab,up", "previous", translatable("Line before"), show=False),
        Binding("escape", "close", translatable("Back"), key_display="Esc", priority=True),
    ]

    def __init__(self, node: str, port: str = "") -> None:
        super().__init__()
        self._node = node
        self.port = _labelled_input("port", port, say("such as 5432; rdp for a remote desktop"))
        self.host = _labelled_input("host", "", say("the node itself"))
        self.local = _labelled_input("local", "", say("any that is free"))
        self.problem = Static(id="problem")

    def compose(self) -> ComposeResult:
        """The lines, each with its name."""
        with Vertical(id="forward"):
            yield Static(styled_content((say("The last two may be left empty."), TextStyle.MUTED)), classes="note")
            for name, line in (
                (say("port"), self.port),
                (say("on the host"), self.host),
                (say("port here"), self.local),
            ):
                yield Horizontal(Static(styled_content((name, TextStyle.MUTED))), line)
            yield self.problem
            yield KeyBar()

    def on_mount(self) -> None:
        """Ask for the port first."""
        self.query_one("#forward").border_title = styled_content(say("A tunnel through {node}", node=self._node))
        self.port.focus()

    @on(Input.Changed)
    def _changed(self) -> None:
        self.problem.update("")

    def action_next(self) -> None:
        """Go to the next line."""
        self.focus_next()

    def action_previous(self) -> None:
        """Go to the line before."""
        self.focus_previous()

    def action_close(self) -> None:
        """Turn back."""
        self.dismiss(None)

    def action_take(self) -> None:
        """Take what is written, where it will do."""
        try:
            forward = forward_of(self.local.value.strip(), self.host.value.strip(), self.port.value.strip())
        except InvalidForward as why:
            self.problem.update(styled_content((str(why), TextStyle.WARN)))
            return
        self.dismiss(forward)


def _labelled_input(name: str, value: str, hint: str) -> TunnelInput:
    line = TunnelInput(value, placeholder=hint, compact=True, select_on_focus=False, id=f"forward-{name}")
    line.cursor_blink = False
    return line


_POLL_SECONDS = 1 / 4
"""Seconds between two looks at how the tunnels are."""


class TunnelsScreen(FilteredScreen):
    """The tunnels of this run, the newest first."""

    BREADCRUMB = translatable("Tunnels")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace", "close", translatable("Back"), key_display="Esc"),
        *FilteredScreen.FILTER,
        Binding(
            "r",
            "reopen",
            translatable("Reopen"),
            tooltip=translatable("Open a new session for the tunnel under the cursor"),
        ),
        Binding("d,delete", "end", translatable("Close it"), key_display="d", tooltip=translatable("Close the tunnel")),
        Binding("tab", "other_pane", translatable("Other pane"), show=False),
        Binding("T", "close", translatable("Back"), show=False, tooltip=translatable("Back")),
    ]

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self._tunnels: dict[int, Tunnel] = {}
        self.who = Static(id="who")
        self._filter = NO_FILTER
        self.filter_line = FilterLine(fields_of_columns(TUNNEL_COLUMNS), hint=say("5432   state:open   there:db"))
        self.rows = LineTable[int](TUNNEL_COLUMNS, self._cells, id="tunnels")
        self.pane = TextPane(id="tunnel")

    def compose(self) -> ComposeResult:
        """The rows, and the tunnel under the cursor in full."""
        yield self.breadcrumbs
        yield self.who
        yield self.filter_line
        yield self.rows
        yield self.pane
        yield KeyBar()

    def on_mount(self) -> None:
        """Show them, and look again from time to time."""
        self._show()
        (self.rows if self._tunnels else self.pane).focus()
        self.set_interval(_POLL_SECONDS, self._show)

    @property
    def about(self) -> Hashable:
        """What is come back to."""
        return self.BREADCRUMB

    @property
    def current_tunnel(self) -> Tunnel | None:
        """The tunnel under the cursor."""
        return self._tunnels.get(self.rows.cursor or 0)

    @property
    def current_scope(self) -> Scope | None:
        """The scope of the tunnel under the cursor."""
        return self.current_tunnel.request.scope if self.current_tunnel else super().current_scope

    @property
    def to_copy(self) -> str:
        """Where programs find the tunnel under the cursor."""
        return local_address(self.current_tunnel) if self.current_tunnel else ""

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        """What is closed cannot be closed again."""
        match action:
            case "reopen" | "end" if self.context.sessions is None:
                return say(NO_SESSIONS)
            case "reopen" | "end" if self.current_tunnel is None:
                return say("no tunnel is chosen")
            case "end" if self.current_tunnel is not None and not is_alive(self.current_tunnel):
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
        if self.context.sessions is not None and self.current_tunnel is not None:
            self.context.sessions.reopen_tunnel(self.current_tunnel.number)

    def action_end(self) -> None:
        """Close the tunnel under the cursor, and end its session."""
        if self.context.sessions is not None and self.current_tunnel is not None:
            self.context.sessions.close_tunnel(self.current_tunnel.number)

    def action_other_pane(self) -> None:
        """Move between the rows and the tunnel."""
        (self.pane if self.rows.has_focus else self.rows).focus()

    @on(LineTable.Moved, "#tunnels")
    def _tunnel_selected(self) -> None:
        self._tell(from_top=True)
        self.refresh_bindings()

    @on(LineTable.Opened, "#tunnels")
    def _focus_pane(self) -> None:
        self.pane.focus()

    def _show(self) -> None:
        before = self._tunnels
        self._tunnels = {each.number: each for each in reversed(all_tunnels(self.context))}
        for number, each in self._tunnels.items():
            self.rows.measure(tunnel_widths(each, tunnel_node_name(self.context, each)))
            self.rows.touch(number)
        self.rows.show(filter_rows(self._filter, self._tunnels, self._cells))
        self.rows.say_when_empty(say("No tunnel is like that. Esc shows them all."))
        self.filter_line.say(len(self.rows.keys), len(self._tunnels))
        self.rows.display = bool(self._tunnels)
        opened = sum(each.state is TunnelState.OPEN for each in self._tunnels.values())
        words = say_many("{count} is open", "{count} are open", opened)
        self.who.update(styled_content((say("Tunnels"), TextStyle.STRONG), "\n", (words, TextStyle.MUTED)))
        self._tell(from_top=False)
        if before != self._tunnels:
            self.refresh_bindings()

    def _tell(self, *, from_top: bool) -> None:
        tunnel = self.current_tunnel
        if tunnel is None and self._tunnels:
            self.pane.show(())  # the filter admits none
            return
        if tunnel is None:
            self.pane.show(no_tunnels_prose(read_only=say(NO_SESSIONS) if self.context.sessions is None else ""))
            return
        self.pane.show(
            tunnel_prose(tunnel, tunnel_node_name(self.context, tunnel), self.context.now()), from_top=from_top
        )

    def _cells(self, number: int) -> Mapping[str, Cell]:
        tunnel = self._tunnels.get(number)
        return tunnel_cells(tunnel, tunnel_node_name(self.context, tunnel), self.context.now()) if tunnel else {}


@named_screen("tunnels")
def tunnels_screen(context: AppContext, _request: ShowNamedScreen) -> TunnelsScreen:
    """The tunnels of this run."""
    return TunnelsScreen(context)
