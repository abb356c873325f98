"""The lines below a table that tell the row under its cursor: two as a rule, and more where the words need them."""

from __future__ import annotations

from textual.app import RenderResult
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from ssmtui.ui.widgets.prose_layout import laid_out
from ssmtui.ui.words.prose import Prose

_LEAST, _MOST = 2, 4
"""Lines: as many for every short row, so that the table keeps its height; and no more than these for a long one."""


class RowLine(Widget):
    """What there is to say of one row. Its first block is told whole, each of the others as far as a line holds it."""

    DEFAULT_CSS = """
    RowLine { height: 2; padding: 0 1; }
    """

    class Grown(Message):
        """It takes more lines, or fewer."""

    def __init__(self) -> None:
        super().__init__(id="row-line")
        self._told: Prose = ()
        self._lines: list[Content] = []

    @property
    def text(self) -> str:
        """What it says, without colours."""
        return "\n".join(line.plain for line in self._lines)

    def tell(self, prose: Prose) -> None:
        """Say it, where that is something else."""
        if prose != self._told:
            self._told = prose
            self._lay_out()

    def on_resize(self) -> None:
        """Lay it out for the new width."""
        self._lay_out()

    def render(self) -> RenderResult:
        """The lines."""
        return Content("\n").join(self._lines)

    def _lay_out(self) -> None:
        width = self.content_size.width
        if width <= 0:
            return
        whole, rest = self._told[:1], self._told[1:]
        below = [line for block in rest for line in laid_out([block], 10_000)]
        lines = laid_out(whole, width)[: _MOST - len(below)]
        self._lines = [*lines, *(line.truncate(width, ellipsis=True) for line in below)]
        height = max(_LEAST, len(self._lines))
        if self.styles.height is None or self.styles.height.value != height:
            self.styles.height = height
            self.post_message(self.Grown())
        self.refresh()
