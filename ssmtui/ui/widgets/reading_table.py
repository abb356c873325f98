"""A short table beside the text that it tells: the page keys scroll the text, and the cursor stays on its row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from ssmtui.language import marked
from ssmtui.ui.widgets.line_table import CellsOf, LineTable
from ssmtui.ui.widgets.row_cursor import K
from ssmtui.ui.widgets.text_pane import TextPane
from ssmtui.ui.words.columns import Column


class ReadingTable(LineTable[K]):
    """Rows whose text stands in a pane: whoever pages wants to read on, not another row."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pagedown,ctrl+f", "read(1)", marked("Text down"), show=False),
        Binding("pageup,ctrl+b", "read(-1)", marked("Text up"), show=False),
        Binding("ctrl+d", "read_half(1)", marked("Half a page of the text down"), show=False),
        Binding("ctrl+u", "read_half(-1)", marked("Half a page of the text up"), show=False),
    ]

    def __init__(
        self,
        columns: Sequence[Column],
        cells_of: CellsOf[K],
        text: TextPane,
        *,
        header: bool = True,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(columns, cells_of, header=header, id=id)
        self._text = text

    def action_read(self, by: int) -> None:
        """Scroll the text by a page."""
        (self._text.action_page_down if by > 0 else self._text.action_page_up)()

    def action_read_half(self, by: int) -> None:
        """Scroll the text by half a page."""
        self._text.action_half_page(by)
