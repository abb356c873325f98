"""The way here: the screens that lie below this one, each a click away, and last the one that is up."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.cells import cell_len
from textual import events
from textual.app import RenderResult
from textual.screen import Screen
from textual.widget import Widget

from ssmtui.language import say
from ssmtui.model.plain_text import printable
from ssmtui.ui.widgets.content import inked
from ssmtui.ui.words.ink import Ink, Piece

_BETWEEN = " › "
_LEFT_OUT = "…"


class Crumbs(Widget):
    """One line. A click on a place goes back there."""

    DEFAULT_CSS = "Crumbs { height: 1; padding: 0 1; background: $panel; pointer: pointer; }"
    ALLOW_SELECT = False

    def __init__(self, places: Callable[[], Sequence[str]]) -> None:
        super().__init__()
        self._places = places

    def on_mount(self) -> None:
        """Follow what the screen is about."""
        self.screen.bindings_updated_signal.subscribe(self, self._changed)

    def on_unmount(self) -> None:
        """Follow it no more."""
        self.screen.bindings_updated_signal.unsubscribe(self)

    def render(self) -> RenderResult:
        """The places, the last one bright; where they do not all fit, those in the middle are left out."""
        pieces: list[Piece] = []
        shown = fitting(self._places(), self.content_size.width)
        for number, (place, words) in enumerate(shown):
            pieces += [(_BETWEEN, Ink.FAINT)] if number else []
            here = number == len(shown) - 1
            pieces.append((words, Ink.STRONG if here else Ink.FAINT if place is None else Ink.LINK))
        return inked(*pieces)

    async def on_click(self, event: events.Click) -> None:
        """Go back to the place that was clicked."""
        place = self._place_at(event.x)
        if place is not None:
            event.stop()
            await self.run_action(f"app.back_along({place})")

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Say where a click leads."""
        place = self._place_at(event.x)
        self.tooltip = say("Back to {place}", place=printable(self._places()[place])) if place is not None else None

    def _place_at(self, x: int) -> int | None:
        """The place under a cell of the line, counted from the first screen; None on the one that is up."""
        shown = fitting(self._places(), self.content_size.width)
        begin = self.gutter.left
        for place, words in shown[:-1]:
            end = begin + cell_len(words)
            if begin <= x < end:
                return place
            begin = end + cell_len(_BETWEEN)
        return None

    def _changed(self, screen: Screen[object]) -> None:
        if self.is_attached and screen is self.screen:
            self.refresh()


def fitting(places: Sequence[str], room: int) -> list[tuple[int | None, str]]:
    """The places that there is room for, with their numbers: the first and the last always, then those nearest here.

    What is left out is told by one sign without a number.
    """
    every: list[tuple[int | None, str]] = [(place, printable(words)) for place, words in enumerate(places)]
    for first_kept in range(1, len(every)):
        shown = every if first_kept == 1 else [every[0], (None, _LEFT_OUT), *every[first_kept:]]
        if _width(shown) <= room:
            return shown
    return every[-1:] if len(every) < 3 or _width(every[:1]) > room else [every[0], (None, _LEFT_OUT), every[-1]]


def _width(places: Sequence[tuple[int | None, str]]) -> int:
    return sum(cell_len(words) for _, words in places) + cell_len(_BETWEEN) * max(0, len(places) - 1)
