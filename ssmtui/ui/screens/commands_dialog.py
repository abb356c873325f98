"""A text of several lines asked of a person: the commands that a shell profile holds."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static, TextArea

from ssmtui.language import marked, say
from ssmtui.ui.screens.choice_dialog import JudgeChoice
from ssmtui.ui.screens.spoken_keys import SpokenKeys
from ssmtui.ui.widgets.content import inked
from ssmtui.ui.widgets.key_bar import KeyBar
from ssmtui.ui.words.ink import Ink


class CommandsDialog(SpokenKeys[str | None], ModalScreen[str | None]):
    """Lines to write; gives them, or None where the person turns back."""

    AUTO_FOCUS = "TextArea"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", marked("Back"), key_display="Esc", priority=True),
        Binding("ctrl+s", "take", marked("Take"), key_display="^s", priority=True),
    ]

    def __init__(self, title: str, judge: JudgeChoice, value: str) -> None:
        super().__init__()
        self._heading = title
        self._judge = judge
        self.commands = TextArea(value, id="commands", compact=True)
        self.commands.cursor_blink = False
        self.problem = Static(id="problem")

    def compose(self) -> ComposeResult:
        """The lines in a frame."""
        with Vertical(id="choice"):
            yield Static(inked((say("Ctrl+S takes it; empty, nothing is run first."), Ink.MUTED)), classes="note")
            yield self.commands
            yield self.problem
            yield KeyBar()

    def on_mount(self) -> None:
        """Say what it is for."""
        self.query_one("#choice").border_title = inked(self._heading)

    @on(TextArea.Changed)
    def _changed(self) -> None:
        self.problem.update("")

    def action_close(self) -> None:
        """Turn back."""
        self.dismiss(None)

    def action_take(self) -> None:
        """Take the lines, where they will do."""
        self.run_worker(self._judged(self.commands.text), exclusive=True, exit_on_error=False)

    async def _judged(self, value: str) -> None:
        why = await self._judge(value)
        if not why:
            self.dismiss(value)
        elif self.is_mounted:
            self.problem.update(inked((why, Ink.WARN)))
