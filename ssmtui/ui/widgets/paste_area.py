"""The place where a text is pasted: many lines, shown without what could move the terminal's cursor."""

from __future__ import annotations

import unicodedata
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widgets import TextArea

from ssmtui.causes.unwrapping import without_control_sequences
from ssmtui.language import marked
from ssmtui.model.plain_text import printable

_INVISIBLE = frozenset({"Cc", "Cf"})


class PasteArea(TextArea):
    """A text area that is left with Esc or Tab."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", marked("Done"), key_display="Esc", tooltip=marked("Leave the text")),
        Binding("ctrl+l", "empty", marked("Clear"), tooltip=marked("Clear the text")),
    ]

    class Left(Message):
        """The person is done with the text."""

    def __init__(self, *, placeholder: str, id: str | None = None) -> None:  # noqa: A002
        super().__init__(compact=True, highlight_cursor_line=False, placeholder=placeholder, id=id)
        self.cursor_blink = False

    def put(self, text: str) -> None:
        """Show a text, as if it had been pasted."""
        self.load_text(_shown(text))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Where there is no text, there is none to clear."""
        return action != "empty" or bool(self.text)

    def action_leave(self) -> None:
        """Give the keys back."""
        self.post_message(self.Left())

    def action_empty(self) -> None:
        """Show nothing."""
        self.load_text("")

    def render_line(self, y: int) -> Strip:
        """A line of it; nothing where there is no room for a letter: Textual would fold its hint to that, and fail."""
        return super().render_line(y) if self.content_size.width > 0 else Strip.blank(self.size.width)

    async def _on_paste(self, event: events.Paste) -> None:
        # Textual's own handler comes after this one, and puts in what it finds here.
        event.text = _shown(event.text)


def _shown(text: str) -> str:
    """A paste as it is shown. What nobody sees, and what colours a terminal, goes: no text is known by it either."""
    lines = without_control_sequences(text).expandtabs(4).splitlines()
    return "\n".join(printable("".join(each for each in line if not _is_invisible(each))) for line in lines)


def _is_invisible(character: str) -> bool:
    return unicodedata.category(character) in _INVISIBLE
