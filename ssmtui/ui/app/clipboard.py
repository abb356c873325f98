"""The way to the clipboard, which is the terminal's (OSC 52): for what is copied by a key, and for what is selected."""

from __future__ import annotations

from textual.app import App
from textual.widget import Widget
from textual.widgets import Input

from ssmtui.model.plain_text import pasteable
from ssmtui.ui.screens.copying_out import copy_out
from ssmtui.ui.screens.spoken_keys import is_typed_in


class Clipboard(App[None]):
    """The part of the app that copies."""

    def copy_to_clipboard(self, text: str) -> None:
        """Copy a text; nothing in it would be a key where it is pasted."""
        super().copy_to_clipboard(pasteable(text))

    def copy_selection(self) -> bool:
        """Copy what is selected, and select it no more; False where nothing is."""
        selected = _selected_in(self.focused) or self.screen.get_selected_text()
        if not selected:
            return False
        copy_out(self.screen, selected)
        self.screen.clear_selection()
        _select_nothing_in(self.focused)
        return True


def _selected_in(widget: Widget | None) -> str:
    return str(getattr(widget, "selected_text", "")) if is_typed_in(widget) else ""


def _select_nothing_in(widget: Widget | None) -> None:
    if isinstance(widget, Input):
        widget.cursor_position = widget.cursor_position
    elif is_typed_in(widget):
        from textual.widgets import TextArea

        if isinstance(widget, TextArea):
            widget.move_cursor(widget.cursor_location)
