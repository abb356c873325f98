"""The lines of a table as they were painted last, so that a line is painted once until it changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Generic

from rich.style import Style
from textual.strip import Strip
from textual.style import Style as VisualStyle
from textual.widget import Widget

from ssmtui.ui.widgets.column_layout import Placed
from ssmtui.ui.widgets.line_painting import row_strip
from ssmtui.ui.widgets.row_cursor import K
from ssmtui.ui.words.ink import Cell, Ink

CURSOR = "line-table--cursor"
CURSOR_BLURRED = "line-table--cursor-blurred"
HOVER = "line-table--hover"
HEADER = "line-table--header"
SORTED = "line-table--sorted"
PLAIN = ""

_KEPT = 500
"""Rows that are kept as they were painted: some pages of them. What nobody sees any more takes no room."""

_ON_CURSOR = {Ink.FAINT: Ink.MUTED, Ink.MUTED: Ink.PLAIN}
"""Quiet inks would be hard to read on the cursor's ground."""


class PaintedRows(Generic[K]):
    """The rows of one table, painted in each of the ways that a row can look."""

    def __init__(self, table: Widget) -> None:
        self._table = table
        self._strips: dict[K, dict[str, Strip]] = {}
        self._styles: dict[tuple[str, Ink], Style] = {}

    def __len__(self) -> int:
        return len(self._strips)

    def row(
        self, key: K, look: str, cells_of: Callable[[K], Mapping[str, Cell]], columns: Sequence[Placed], width: int
    ) -> Strip:
        """A row in one of its looks; its cells are asked for only where it has to be painted."""
        if key not in self._strips and len(self._strips) >= _KEPT:
            self._strips.clear()
        strips = self._strips.setdefault(key, {})
        strip = strips.get(look)
        if strip is None:
            strip = strips[look] = row_strip(columns, cells_of(key), partial(self.style, look), width)
        return strip

    def style(self, look: str, ink: Ink) -> Style:
        """An ink on the ground of a look, by the table's stylesheet."""
        style = self._styles.get((look, ink))
        if style is None:
            table = self._table
            ground = self._ground(look) if look else table.visual_style
            shown = _ON_CURSOR.get(ink, ink) if look in (CURSOR, CURSOR_BLURRED) else ink
            whole = ground + table.app.stylesheet.parse_style(shown.value) if shown.value else ground
            style = self._styles[look, ink] = whole.rich_style
        return style

    def _ground(self, look: str) -> VisualStyle:
        """Textual leaves out of a component's style whether it is reversed."""
        reversed_ = self._table.get_component_styles(look).text_style.reverse
        return self._table.get_visual_style(look) + VisualStyle(reverse=reversed_)

    def forget(self, key: K) -> bool:
        """A row has changed; whether it was painted since it last had."""
        return self._strips.pop(key, None) is not None

    def forget_rows(self) -> None:
        """Every row may have changed, or its columns."""
        self._strips.clear()

    def forget_all(self) -> None:
        """The theme has changed."""
        self._strips.clear()
        self._styles.clear()
