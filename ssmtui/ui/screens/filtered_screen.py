"""`/` on a screen of rows: a line to type in that narrows them, and Esc, which takes that back before it leaves."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widgets import Input

from ssmtui.language import marked
from ssmtui.ui.screens.screen import BenchScreen
from ssmtui.ui.widgets.filter_line import FilterLine
from ssmtui.ui.words.filtering import Filter


class FilteredScreen(BenchScreen):
    """A screen with a line that filters what its table shows: it says which rows these are, and where they stand."""

    FILTER: ClassVar[list[BindingType]] = [
        # Of priority, so that it is done before the next key is given to anybody: that is the filter's first.
        Binding("slash", "filter", marked("Filter"), key_display="/", tooltip=marked("Filter the rows"), priority=True),
    ]
    filter_line: FilterLine

    def filter_by(self, line: FilterLine, wanted: Filter) -> None:
        """Show what a filter admits."""
        raise NotImplementedError

    def focus_rows(self) -> None:
        """Give the keys to the rows."""
        raise NotImplementedError

    def action_filter(self) -> None:
        """Type a filter."""
        self.filter_line.open()

    def action_close(self) -> None:
        """Filter no more; else go back."""
        if self.filter_line.text:
            self.filter_line.put("")
        else:
            self.leave_screen()

    def leave_screen(self) -> None:
        """Go back."""
        self.dismiss()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Where a text is typed, a slash is a part of it."""
        if action == "filter" and isinstance(self.focused, Input):
            return False
        return super().check_action(action, parameters)

    @on(FilterLine.Changed)
    def _narrowed(self, event: FilterLine.Changed) -> None:
        self.filter_by(event.line, event.wanted)

    @on(FilterLine.Left)
    def _done_filtering(self) -> None:
        self.focus_rows()
