"""The line that filters rows while it is typed."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from ssmtui.language import marked, say
from ssmtui.ui.widgets.content import inked
from ssmtui.ui.words.filtering import Fields, Filter, FilterFault, parse_filter
from ssmtui.ui.words.ink import Ink

_HINT = "web   state:running   tag:Env=prod   cause:log-group-*   verdict:fail   !ping:Online"


class FilterLine(Horizontal):
    """`/` and an input. It is there while it is typed in, and while it filters."""

    DEFAULT_CSS = """
    FilterLine { height: 1; padding: 0 1; }
    FilterLine > Input { width: 1fr; }
    FilterLine > Static { width: auto; }
    FilterLine > #filter-said { padding-left: 2; max-width: 60%; text-wrap: nowrap; text-overflow: ellipsis; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "clear", marked("No filter"), key_display="Esc", priority=True),
        Binding("down,up", "leave", marked("To the rows"), key_display="↓"),
    ]

    class Changed(Message):
        """Another filter is wanted."""

        def __init__(self, line: FilterLine, wanted: Filter) -> None:
            super().__init__()
            self.line = line
            self.wanted = wanted

    class Left(Message):
        """The person is done typing."""

    def __init__(self, fields: Fields, first: str = "", *, hint: str = _HINT) -> None:
        super().__init__()
        self._first = first
        self.fields = fields
        self.line = Input(placeholder=hint, compact=True, select_on_focus=False)
        self.line.cursor_blink = False
        self.said = Static(id="filter-said")
        self.display = False
        self._told = ""

    def compose(self) -> ComposeResult:
        """The mark, the input, and what is wrong with it or how much it admits."""
        yield Static(inked(("/ ", Ink.KEY)))
        yield self.line
        yield self.said

    @property
    def text(self) -> str:
        """What stands in the line."""
        return self.line.value

    def open(self) -> None:
        """Show the line, and type in it."""
        self.display = True
        # At once: the key that comes next is typed here. A line that is not there yet is typed in once it is.
        if self.is_attached:
            self.screen.set_focus(self.line)

    def on_mount(self) -> None:
        """It may have been opened before it was there; else it filters by what is to be filtered by at first."""
        if self.display:
            self.screen.set_focus(self.line)
        elif self._first:
            self.put(self._first)

    def put(self, text: str) -> None:
        """Filter by a text, as if it had been typed."""
        self.line.value = text
        self.display = bool(text)

    def toggle(self, word: str) -> None:
        """Filter by a word as well; no more, where it is there."""
        words = self.text.split()
        self.put(" ".join([each for each in words if each != word] if word in words else [*words, word]))

    def say(self, shown: int, of: int) -> None:
        """Say how much the filter admits."""
        words = say("{shown} of {total}", shown=shown, total=of)
        if not self.has_class("-wrong") and words != self._told:
            self._told = words
            self.said.update(inked((words, Ink.MUTED)))

    def action_clear(self) -> None:
        """Filter no more."""
        self.put("")
        self.post_message(self.Left())

    def action_leave(self) -> None:
        """Go to the rows, with the filter in force."""
        self.display = bool(self.text)
        self.post_message(self.Left())

    @on(Input.Submitted)
    def _done(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_leave()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        try:
            wanted = parse_filter(event.value, self.fields)
        except FilterFault as fault:
            self.add_class("-wrong")
            self._told = ""
            self.said.update(inked((str(fault), Ink.FAIL)))
            return
        self.remove_class("-wrong")
        self.post_message(self.Changed(self, wanted))
