"""Where a screen stands among those that lead to it, and where on it somebody was when it was left."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual.await_complete import AwaitComplete
from textual.widget import Widget

from ssmtui.language import say
from ssmtui.ui.screens.spoken_keys import SpokenKeys
from ssmtui.ui.state.places import Place
from ssmtui.ui.widgets.crumbs import Crumbs
from ssmtui.ui.widgets.filter_line import FilterLine
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.widgets.text_pane import TextPane

if TYPE_CHECKING:
    from ssmtui.ui.state.bench import Bench

W = TypeVar("W", bound=Widget)


class WayHere(SpokenKeys[None]):
    """The part of a screen that has a name, the way to it, and a place that is come back to."""

    CRUMB: ClassVar[str] = ""
    """What the screen is called, marked."""
    bench: Bench

    def __init__(self) -> None:
        super().__init__()
        self.crumbs = Crumbs(self._way)

    @property
    def crumb(self) -> str:
        """What stands for the screen on the way to others."""
        return say(self.CRUMB)

    @property
    def about(self) -> Hashable:
        """What the screen is about: whoever comes back to that comes back to the place; None where nobody does."""
        return None

    def _way(self) -> Sequence[str]:
        stack = self.app.screen_stack
        below = stack[: stack.index(self) + 1] if self in stack else [self]
        return tuple(each.crumb for each in below if isinstance(each, WayHere))

    def on_mount(self) -> None:
        """Come back to where somebody was."""
        if self.about is not None:
            self._go_back_to(self.bench.places.of(self.about))

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Leave the screen; where somebody was on it is kept."""
        if self.about is not None:
            self.bench.places.keep(self.about, self._place())
        return super().dismiss(result)

    def _place(self) -> Place:
        tables, panes = self._tables(), self._own(TextPane)
        cursors = {each.id or "": each.cursor for each in tables if each.is_held and each.cursor is not None}
        scrolled = {each.id or "": round(each.scroll_y) for each in (*tables, *panes) if each.scroll_y}
        filters = [each.text for each in self._own(FilterLine)]
        return Place(cursors, scrolled, next(iter(filters), ""))

    def _go_back_to(self, place: Place) -> None:
        for line in self._own(FilterLine)[:1] if place.filter else ():
            line.put(place.filter)
        for table in self._tables():
            if (row := place.cursors.get(table.id or "")) is not None:
                table.go_to(row)
        self.call_after_refresh(self._scroll_back_to, place)

    def _scroll_back_to(self, place: Place) -> None:
        for each in (*self._tables(), *self._own(TextPane)):
            if down := place.scrolled.get(each.id or ""):
                each.scroll_to(y=down, animate=False)

    def _tables(self) -> list[LineTable[Any]]:
        return self._own(LineTable)

    def _own(self, kind: type[W]) -> list[W]:
        """The widgets of a kind."""
        return list(self.query(kind))
