"""Show the tunnels of this run, and ask for the ports of a new tunnel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Input, Static

from ssmtui.language import say, say_many, translatable
from ssmtui.model.scope import Scope
from ssmtui.model.sessions import Tunnel, TunnelState
from ssmtui.session.tunnels.forward import Forward, InvalidForward, forward_of, local_address
from ssmtui.ui.screens.base_screen import BACK_KEY, FILTER_KEY, OTHER_PANE_KEY, BaseScreen
from ssmtui.ui.screens.dialogs import LocalizedDialog
from ssmtui.ui.screens.screen_requests import ShowNamedScreen, named_screen
from ssmtui.ui.state.app_context import NO_SESSIONS, AppContext, all_tunnels, tunnel_node_name
from ssmtui.ui.text.filters import fields_of_columns
from ssmtui.ui.text.probes import TUNNEL_COLUMNS, is_alive, no_tunnels_prose, tunnel_cells, tunnel_prose, tunnel_widths
from ssmtui.ui.text.styled_text import Cell, TextStyle
from ssmtui.ui.widgets.filter_line import FilterLine
from ssmtui.ui.widgets.key_bindings import bind
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.widgets.text_pane import TextPane, styled_content


class TunnelInput(Input):
    """An input line. It binds Enter itself: a screen's binding would run before the typed text arrives."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "screen.take", translatable("Open"), key_display="⏎", tooltip=translatable("Open the tunnel")),
    ]


class TunnelForm(LocalizedDialog[Forward | None]):
    """The form; returns what to forward, or None if the user goes back. `port` is the initial port."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab,down", "next", translatable("Next field"), key_display="Tab"),
        Binding("shift+tab,up", "previous", translatable("Previous field"), show=False),
        Binding("escape", "close", translatable("Back"), key_display="Esc", priority=True),
    ]

    def __init__(self, node: str, port: str = "") -> None:
        self.port = _labelled_input("port", port, say("for example 5432; rdp for Remote Desktop"))
        self.host = _labelled_input("host", "", say("the node itself"))
        self.local = _labelled_input("local", "", say("any free port"))
        self.problem = Static(id="problem")
        note = Static(styled_content((say("The last two fields are optional."), TextStyle.MUTED)), classes="note")
        lines = ((say("port"), self.port), (say("remote host"), self.host), (say("local port"), self.local))
        rows = (Horizontal(Static(styled_content((name, TextStyle.MUTED))), line) for name, line in lines)
        super().__init__(say("Tunnel through {node}", node=node), note, *rows, self.problem, frame="forward")

    def on_mount(self) -> None:
        """Focus the port first."""
        self.port.focus()

    @on(Input.Changed)
    def _changed(self) -> None:
        self.problem.update("")

    def action_next(self) -> None:
        """Go to the next line."""
        self.focus_next()

    def action_previous(self) -> None:
        """Go to the previous line."""
        self.focus_previous()

    def action_take(self) -> None:
        """Accept the input if it is valid."""
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
"""Seconds between two checks of the tunnels' states."""


class TunnelsScreen(BaseScreen):
    """The tunnels of this run, the newest first."""

    BREADCRUMB = translatable("Tunnels")
    KEEPS_POSITION = True
    filter_line: FilterLine
    BINDINGS: ClassVar[list[BindingType]] = [
        BACK_KEY,
        FILTER_KEY,
        bind("r", "reopen", translatable("Reopen"), translatable("Open a new session for the selected tunnel")),
        bind("d,delete", "end", translatable("Close"), translatable("Close the tunnel"), display="d"),
        OTHER_PANE_KEY,
        bind("T", "close", translatable("Back"), translatable("Back"), shown=False),
    ]

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self._tunnels: dict[int, Tunnel] = {}
        self.filter_line = FilterLine(fields_of_columns(TUNNEL_COLUMNS), hint=say("5432   state:open   there:db"))
        self.rows = LineTable[int](TUNNEL_COLUMNS, self._cells, id="tunnels")
        self.pane = TextPane(id="tunnel")
        self.body = (self.filter_line, self.rows, self.pane)

    def on_mount(self) -> None:
        """Show the tunnels, and update them regularly."""
        self.show_rows()
        (self.rows if self._tunnels else self.pane).focus()
        self.set_interval(_POLL_SECONDS, self.show_rows)

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
        """The local address of the tunnel under the cursor."""
        return local_address(self.current_tunnel) if self.current_tunnel else ""

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        """Return why a tunnel cannot be closed: it is closed already."""
        match action:
            case "reopen" | "end" if self.context.sessions is None:
                return say(NO_SESSIONS)
            case "reopen" | "end" if self.current_tunnel is None:
                return say("no tunnel is selected")
            case "end" if self.current_tunnel is not None and not is_alive(self.current_tunnel):
                return say("this tunnel is closed")
            case _:
                return super().why_not(action, parameters)

    def action_reopen(self) -> None:
        """Open a new session for the tunnel under the cursor."""
        if self.context.sessions is not None and self.current_tunnel is not None:
            self.context.sessions.reopen_tunnel(self.current_tunnel.number)

    def action_end(self) -> None:
        """Close the tunnel under the cursor, and end its session."""
        if self.context.sessions is not None and self.current_tunnel is not None:
            self.context.sessions.close_tunnel(self.current_tunnel.number)

    def row_moved(self) -> None:
        """Show the tunnel under the cursor."""
        self._tell(from_top=True)
        self.refresh_bindings()

    def show_rows(self) -> None:
        """Show the current tunnels."""
        before = self._tunnels
        self._tunnels = {each.number: each for each in reversed(all_tunnels(self.context))}
        for number, each in self._tunnels.items():
            self.rows.measure(tunnel_widths(each, tunnel_node_name(self.context, each)))
            self.rows.touch(number)
        when_none = say("No tunnel matches the filter. Esc clears it.")
        self.filter_line.show_filtered(self.rows, self._tunnels, when_none)
        self.rows.display = bool(self._tunnels)
        opened = sum(each.state is TunnelState.OPEN for each in self._tunnels.values())
        words = say_many("{count} open", "{count} open", opened)
        self.show_title(say("Tunnels"), words)
        self._tell(from_top=False)
        if before != self._tunnels:
            self.refresh_bindings()

    def _tell(self, *, from_top: bool) -> None:
        tunnel = self.current_tunnel
        if tunnel is None and self._tunnels:
            self.pane.show(())  # no tunnel matches the filter
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
    """Return the screen of this run's tunnels."""
    return TunnelsScreen(context)
