"""What is to be forwarded, asked of a person in three lines: the port, the host it is on, the port here."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from ssmtui.language import marked, say
from ssmtui.session.tunnels.forward import Forward, NoForward, forward_of
from ssmtui.ui.screens.spoken_keys import SpokenKeys
from ssmtui.ui.widgets.content import inked
from ssmtui.ui.widgets.key_bar import KeyBar
from ssmtui.ui.words.ink import Ink


class Line(Input):
    """A line to write in. Enter is its own key: as one of the screen it would outrun what is typed before it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "screen.take", marked("Open"), key_display="⏎", tooltip=marked("Open the tunnel")),
    ]


class TunnelForm(SpokenKeys[Forward | None], ModalScreen[Forward | None]):
    """The form; gives what is to be forwarded, or None where the person turns back. `port` stands there already."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab,down", "next", marked("Next line"), key_display="Tab"),
        Binding("shift+tab,up", "previous", marked("Line before"), show=False),
        Binding("escape", "close", marked("Back"), key_display="Esc", priority=True),
    ]

    def __init__(self, node: str, port: str = "") -> None:
        super().__init__()
        self._node = node
        self.port = _line("port", port, say("such as 5432; rdp for a remote desktop"))
        self.host = _line("host", "", say("the node itself"))
        self.local = _line("local", "", say("any that is free"))
        self.problem = Static(id="problem")

    def compose(self) -> ComposeResult:
        """The lines, each with its name."""
        with Vertical(id="forward"):
            yield Static(inked((say("The last two may be left empty."), Ink.MUTED)), classes="note")
            for name, line in (
                (say("port"), self.port),
                (say("on the host"), self.host),
                (say("port here"), self.local),
            ):
                yield Horizontal(Static(inked((name, Ink.MUTED))), line)
            yield self.problem
            yield KeyBar()

    def on_mount(self) -> None:
        """Ask for the port first."""
        self.query_one("#forward").border_title = inked(say("A tunnel through {node}", node=self._node))
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
        except NoForward as why:
            self.problem.update(inked((str(why), Ink.WARN)))
            return
        self.dismiss(forward)


def _line(name: str, value: str, hint: str) -> Line:
    line = Line(value, placeholder=hint, compact=True, select_on_focus=False, id=f"forward-{name}")
    line.cursor_blink = False
    return line
