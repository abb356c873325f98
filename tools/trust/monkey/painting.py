"""Painting less often than a terminal's app does: it takes half of what an event costs, and is the same each time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from textual._compositor import Compositor
from textual.app import App


class Painting:
    """How often is painted between two deeds: once in so many times that there is something to paint.

    What is left out stays to be painted: whatever is up is painted whole after each deed.
    """

    def __init__(self, one_in: int) -> None:
        self._one_in = one_in
        self._asked = 0

    @contextmanager
    def sparingly(self) -> Iterator[None]:
        """Paint no more often, for as long as the context lasts."""
        if self._one_in == 1:
            yield
            return
        render = Compositor.render_update

        def rendered(compositor: Compositor, *args: Any, **details: Any) -> object:
            self._asked += 1
            return None if self._asked % self._one_in else render(compositor, *args, **details)

        with patch.object(Compositor, "render_update", rendered):
            yield

    def paint(self, app: App[None]) -> None:
        """Paint what is up, whole."""
        if self._one_in > 1 and app.is_running and app.screen_stack:
            app.screen._compositor.render_full_update()
