"""Show the input line that filters rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass
from typing import ClassVar, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from ssmtui.language import say, translatable
from ssmtui.text.printable import printable
from ssmtui.ui.text.filters import (
    NO_FILTER,
    NO_SAVED_FILTERS,
    Fields,
    Filter,
    FilterError,
    SavedFilters,
    UnmatchedWord,
    filter_rows,
    parse_filter,
)
from ssmtui.ui.text.styled_text import TextStyle
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.widgets.text_pane import styled_content

RowKey = TypeVar("RowKey", bound=Hashable)

_HINT = "web   state:running   tag:Env=prod   cause:log-group-*   verdict:fail   !ping:Online"


_LOOK_GROWTH = 1.25
"""The factor by which the rows must grow before an unmatched word is checked again."""

FindUnmatchedWord = Callable[[str], UnmatchedWord | None]
"""A function that returns the word of a filter that no row matches, or None."""


class FilterLine(Horizontal):
    """`/` and an input. It is visible while the user types, and while it filters.

    `wrong_in` finds a mistyped value; `saved` holds the filters for `@name`: without it no filter can be saved.
    """

    DEFAULT_CSS = """
    FilterLine { height: 1; padding: 0 1; }
    FilterLine > Input { width: 1fr; }
    FilterLine > Static { width: auto; }
    FilterLine > #filter-said { padding-left: 2; max-width: 60%; text-wrap: nowrap; text-overflow: ellipsis; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "clear", translatable("No filter"), key_display="Esc", priority=True),
        Binding("down,up", "leave", translatable("To the rows"), key_display="↓"),
        Binding(
            "tab",
            "mend",
            translatable("Accept"),
            key_display="Tab",
            tooltip=translatable("Accept the suggestion"),
        ),
        Binding(
            "ctrl+s",
            "save",
            translatable("Save filter"),
            key_display="^s",
            tooltip=translatable("Save this filter under a name"),
        ),
    ]

    @dataclass(eq=False)
    class Changed(Message):
        """The filter has changed."""

        line: FilterLine
        wanted: Filter

    class Left(Message):
        """The user is done typing."""

    @dataclass(eq=False)
    class Save(Message):
        """A filter is to be saved under a name."""

        text: str

    def __init__(
        self,
        fields: Fields,
        first: str = "",
        *,
        hint: str = _HINT,
        find_unmatched: FindUnmatchedWord = lambda _text: None,
        saved: Callable[[], SavedFilters] | None = None,
    ) -> None:
        super().__init__()
        self._find_unmatched = find_unmatched
        self._saved = saved
        self._wrong: UnmatchedWord | None = None
        self._looked_among = 0
        self._mended = ""
        self._was_kept = False
        self._first = first
        self.fields = fields
        self.filter = NO_FILTER
        self.line = Input(placeholder=hint, compact=True, select_on_focus=False)
        self.line.cursor_blink = False
        self.said = Static(id="filter-said")
        self.display = False
        self._words = ""

    def compose(self) -> ComposeResult:
        """Compose the mark, the input, and the error or the number of matches."""
        yield Static(styled_content(("/ ", TextStyle.KEY)))
        yield self.line
        yield self.said

    @property
    def text(self) -> str:
        """The text of the line."""
        return self.line.value

    def open(self) -> None:
        """Show and focus the line; if it has a text, start a new word."""
        self.display = True
        if self.text and not self.text.endswith(" "):
            self.put(f"{self.text} ")
        # Focus now: the next key is typed here. A line that is not mounted is focused in on_mount.
        if self.is_attached:
            self.screen.set_focus(self.line)

    def on_mount(self) -> None:
        """Focus the line if it was opened before it was mounted; else apply the initial filter."""
        if self.display:
            self.screen.set_focus(self.line)
        elif self._first:
            self.put(self._first)

    def put(self, text: str) -> None:
        """Filter by a text, as if it had been typed."""
        self.line.value = text
        self.line.cursor_position = len(text)
        self.display = bool(text)

    def toggle(self, word: str) -> None:
        """Add a word to the filter, or remove it."""
        words = self.text.split()
        self.put(" ".join([each for each in words if each != word] if word in words else [*words, word]))

    @property
    def is_wrong(self) -> bool:
        """Whether the text is no valid filter: the previous filter stays in force."""
        return self.has_class("-wrong")

    @property
    def keeps(self) -> bool:
        """Whether the filters of this line can be saved."""
        return self._saved is not None

    @property
    def is_kept(self) -> bool:
        """Whether the text can be saved: a valid filter, in a line whose filters can be saved."""
        return self.keeps and bool(self.text.strip()) and not self.is_wrong

    def say(self, shown: int, of: int) -> None:
        """Show the number of matches, and a suggestion for a word that nothing matches."""
        if self.is_wrong:
            return
        # Without a negated word, rows that match need no hint: the look reads every row.
        if of > self._looked_among * _LOOK_GROWTH and self.text and (shown == 0 or "!" in self.text):
            self._looked_among = of
            self._wrong = self._find_unmatched(self.text)
        wrong = self._wrong if self._wrong and (shown == 0 or self._wrong.is_negated) else None
        self._offer(wrong.mended(self.text) if wrong else "")
        words = say("{shown} of {total}", shown=shown, total=of)
        more = _suggestion(wrong) if wrong else ""
        if words + more != self._words:
            self._words = words + more
            self.said.update(styled_content((more, TextStyle.WARN), (words, TextStyle.MUTED)))

    def show_filtered(self, table: LineTable[RowKey], rows: Collection[RowKey], when_none: str) -> None:
        """Show the rows whose cells match the filter; `when_none` is shown if none does."""
        table.show(filter_rows(self.filter, rows, table.cells_of))
        table.say_when_empty(when_none)
        self.say(len(table.keys), len(rows))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Hide the actions that are not possible: without a suggestion, or without saved filters."""
        if (action == "mend" and not self._mended) or (action == "save" and not self.keeps):
            return False
        return None if self.why_not_now(action) else super().check_action(action, parameters)

    def why_not_now(self, action: str) -> str:
        """Return why an action cannot be used now; empty if it can."""
        if action != "save" or self.is_kept:
            return ""
        return say("The filter is not valid.") if self.is_wrong else say("The filter is empty.")

    def action_mend(self) -> None:
        """Apply the suggestion."""
        self.put(self._mended)
        self.line.cursor_position = len(self.text)

    def action_save(self) -> None:
        """Save the filter under a name."""
        self.post_message(self.Save(self.text.strip()))

    def _offer(self, mended: str) -> None:
        if mended != self._mended or self.is_kept != self._was_kept:
            self._mended, self._was_kept = mended, self.is_kept
            self.screen.refresh_bindings()

    def action_clear(self) -> None:
        """Clear the filter."""
        self.put("")
        self.post_message(self.Left())

    def action_leave(self) -> None:
        """Focus the rows, and keep the filter."""
        self.display = bool(self.text)
        self.post_message(self.Left())

    @on(Input.Submitted)
    def _done(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_leave()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._looked_among, self._wrong = 0, None
        try:
            wanted = parse_filter(event.value, self.fields, self._saved() if self._saved else NO_SAVED_FILTERS)
        except FilterError as fault:
            self.add_class("-wrong")
            self._words = ""
            self._offer(UnmatchedWord(fault.wrong, fault.meant).mended(event.value))
            self.said.update(styled_content((printable(str(fault)), TextStyle.FAIL)))
            return
        self.remove_class("-wrong")
        self._offer("")
        self.filter = wanted
        self.post_message(self.Changed(self, wanted))


def _suggestion(wrong: UnmatchedWord) -> str:
    """Return the message about a word that no row matches."""
    if wrong.meant:
        return say("did you mean {meant}?  ", meant=printable(wrong.meant))
    return say("no match for {word}  ", word=printable(wrong.word.lstrip("!")))
