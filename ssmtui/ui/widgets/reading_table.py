"""A short table beside the text that it tells: the page keys scroll the text, and the cursor stays on its row."""

from __future__ import annotations

from collections.abc import Sequence

from ssmtui.ui.widgets.line_table import CellsOf, LineTable
from ssmtui.ui.widgets.row_cursor import K
from ssmtui.ui.widgets.text_pane import TextPane
from ssmtui.ui.words.columns import Column


class ReadingTable(LineTable[K]):
    """Rows whose text stands in a pane: whoever pages wants to read on, not another row."""

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

    def action_page(self, by: float) -> None:
        """Scroll the text by a page, or by half of one."""
        if abs(by) < 1:
            self._text.action_half_page(1 if by > 0 else -1)
        elif by > 0:
            self._text.action_page_down()
        else:
            self._text.action_page_up()
