"""Left and right, as arrows and as `h` and `l`: from the rows into the text about one, and back, and back again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from ssmtui.language import marked
from ssmtui.ui.screens.spoken_keys import SpokenKeys
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.widgets.named_keys import NamedKeys
from ssmtui.ui.widgets.text_pane import TextPane


class SideSteps(NamedKeys, SpokenKeys[None]):
    """The part of a screen that has a left and a right."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l", "go_right", marked("Right"), show=False, tooltip=marked("Into what the cursor is on")),
        Binding("left,h", "go_left", marked("Left"), show=False, tooltip=marked("Back to the rows, then back")),
    ]

    def action_go_right(self) -> None:
        """From the rows into the text beside them; where there is none, open the row."""
        table = self.focused
        if isinstance(table, LineTable):
            pane = next(self._shown(TextPane), None)
            if pane is not None:
                self.set_focus(pane)
            else:
                table.action_open()

    async def action_go_left(self) -> None:
        """From the text to the rows; from these to the screen before."""
        rows = next(self._shown(LineTable), None)
        if rows is not None and isinstance(self.focused, TextPane):
            self.set_focus(rows)
        elif "escape" in self.active_bindings and len(self.app.screen_stack) > 1:
            binding = self.active_bindings["escape"].binding
            if binding.action in ("close", "back"):
                await self.run_action(binding.action)

    def _shown(self, kind: type[Widget]) -> Iterator[Widget]:
        return (each for each in self.query(kind) if each.display and each.is_attached)
