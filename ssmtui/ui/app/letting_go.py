"""What was painted and written on a screen that is closed: it goes with the screen.

Textual keeps two colours of each `StylesCache` for later, and by them the cache itself, with every line that it has
painted: of the last thousand widgets, half a megabyte for each time that a screen is opened. And whatever watches the
app's theme is held, as a text area does with its text, until another theme is chosen.
"""

from __future__ import annotations

from functools import lru_cache

from textual._styles_cache import StylesCache
from textual.app import App
from textual.color import Color
from textual.dom import DOMNode
from textual.style import Style
from textual.widget import Widget


class LettingGo(App[None]):
    """The part of the app that keeps nothing of widgets that are gone."""

    def __init__(self) -> None:
        # Of the class: screens and scroll bars come in by no door of the app's.
        StylesCache.get_inner_outer = _inner_outer  # type: ignore[method-assign, assignment]
        super().__init__()

    def _register_child(self, parent: DOMNode, child: Widget, before: int | None, after: int | None) -> None:
        super()._register_child(parent, child, before, after)
        for watchers in getattr(self, "__watchers", {}).values():
            watchers[:] = [each for each in watchers if not each[0]._closing]


def _inner_outer(_cache: StylesCache, base_background: Color, background: Color) -> tuple[Style, Style]:
    return _colours(base_background, background)


@lru_cache(1024)
def _colours(base_background: Color, background: Color) -> tuple[Style, Style]:
    return Style(background=base_background + background), Style(background=base_background)
