"""A table that owns no cells: it paints the lines in view, and asks for their cells when it does.

One changed row costs one line. Textual's DataTable repaints every visible cell for it, which is 30 ms against less than
one (facts/textual-practice.md §1).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from typing import ClassVar, Generic, TypeVar

from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from ssmtui.language import marked
from ssmtui.ui.columns import Column, Placed, place
from ssmtui.ui.ink import Cell, Ink
from ssmtui.ui.line_painting import header_strip, row_strip, text_strip

K = TypeVar("K", bound=Hashable)

CellsOf = Callable[[K], Mapping[str, Cell]]
"""The cells of a row, by the key of their column."""


class LineTable(ScrollView, Generic[K], can_focus=True):
    """A table of rows with keys. It keeps its cursor on a row, and that row on its line, while others come and go."""

    DEFAULT_CSS = """
    LineTable { height: 1fr; overflow-x: hidden; scrollbar-size-vertical: 1; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "line-table--header",
        "line-table--sorted",
        "line-table--cursor",
        "line-table--cursor-blurred",
        "line-table--hover",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", marked("Down"), show=False),
        Binding("up,k", "move(-1)", marked("Up"), show=False),
        Binding("pagedown,ctrl+f", "page(1)", marked("Page down"), show=False),
        Binding("pageup,ctrl+b", "page(-1)", marked("Page up"), show=False),
        Binding("ctrl+d", "half_page(1)", marked("Half a page down"), show=False),
        Binding("ctrl+u", "half_page(-1)", marked("Half a page up"), show=False),
        Binding("home,g", "go_first", marked("First"), show=False),
        Binding("end,G", "go_last", marked("Last"), show=False),
        Binding("enter", "open", marked("Open"), key_display="⏎", tooltip=marked("Open what the cursor is on")),
    ]

    class Moved(Message):
        """The cursor is on another row."""

        def __init__(self, table: Widget) -> None:
            super().__init__()
            self.table = table

        @property
        def control(self) -> Widget:
            """The table."""
            return self.table

    class Opened(Message):
        """A row is to be opened: the one that was under the cursor then, which may have moved on since."""

        def __init__(self, table: Widget, row: object) -> None:
            super().__init__()
            self.table = table
            self.row = row

        @property
        def control(self) -> Widget:
            """The table."""
            return self.table

    class HeaderPressed(Message):
        """The header of a column was clicked."""

        def __init__(self, table: Widget, column: str) -> None:
            super().__init__()
            self.table = table
            self.column = column

        @property
        def control(self) -> Widget:
            """The table."""
            return self.table

    def __init__(
        self,
        columns: Sequence[Column],
        cells_of: CellsOf[K],
        *,
        header: bool = True,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id)
        self._columns = tuple(columns)
        self._cells_of = cells_of
        self._header = 1 if header else 0
        self._keys: list[K] = []
        self._lines: dict[K, int] = {}
        self._cursor = 0
        self._held = False
        self._hover: int | None = None
        self._content: dict[str, int] = {}
        self._room = 0
        self._placed: tuple[Placed, ...] = ()
        self._strips: dict[tuple[K, str], Strip] = {}
        self._styles: dict[tuple[str, Ink], Style] = {}
        self._sorted: tuple[str, str] = ("", "")
        self._when_empty = ""

    @property
    def cursor(self) -> K | None:
        """The row under the cursor; None in an empty table."""
        return self._keys[self._cursor] if self._keys else None

    @property
    def keys(self) -> Sequence[K]:
        """The rows shown, in order."""
        return self._keys

    @property
    def in_view(self) -> Sequence[K]:
        """The rows on screen now."""
        top = round(self.scroll_y)
        return self._keys[top : top + self._page()]

    @property
    def placed(self) -> tuple[Placed, ...]:
        """The columns as they are laid out now."""
        return self._placed

    def show(self, keys: list[K]) -> None:
        """Show these rows, the cursor where it was: on its row, or on its line where the row is gone.

        Until the person first moves, it stays on the first line, so that the worst is under it when all have come.
        """
        if keys == self._keys:
            return
        kept = self.cursor if self._held else None
        line = self._cursor - round(self.scroll_y)
        self._keys = keys
        self._lines = {key: place for place, key in enumerate(keys)}
        self._resize()
        moved_to = self._lines.get(kept, self._cursor) if kept is not None else self._cursor
        self._cursor = max(0, min(moved_to, len(keys) - 1))
        if self._held:
            self.scroll_to(y=self._cursor - line, animate=False)
        self._keep_in_view()
        self.refresh()
        if self.cursor != kept:
            self.post_message(self.Moved(self))

    def go_to(self, key: K) -> None:
        """Put the cursor on a row, if it is shown."""
        if key in self._lines:
            self._move_to(self._lines[key])

    def say_when_empty(self, words: str) -> None:
        """What stands in the place of the rows where there are none."""
        if words != self._when_empty:
            self._when_empty = words
            self.refresh()

    def touch(self, key: K) -> None:
        """A row has changed: paint it again, if it is in view."""
        for kind in _KINDS:
            self._strips.pop((key, kind), None)
        line = self._lines.get(key)
        if line is not None:
            self._paint_again(line)

    def touch_all(self) -> None:
        """Everything may have changed."""
        self._strips.clear()
        self.refresh()

    def measure(self, content: Mapping[str, int]) -> None:
        """How wide the texts of columns are; the layout follows where one has grown."""
        if any(width > self._content.get(key, 0) for key, width in content.items()):
            self._content = {key: max(width, self._content.get(key, 0)) for key, width in content.items()}
            self._lay_out()

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Show other columns."""
        if tuple(columns) != self._columns:
            self._columns = tuple(columns)
            self._lay_out()

    def sorted_by(self, column: str, arrow: str) -> None:
        """Mark the column that orders the rows."""
        self._sorted = (column, arrow)
        self.refresh()

    def action_move(self, by: int) -> None:
        """Move the cursor by lines."""
        self._move_to(self._cursor + by)

    def action_page(self, by: int) -> None:
        """Move the cursor by pages."""
        self._move_to(self._cursor + by * max(1, self._page() - 1))

    def action_half_page(self, by: int) -> None:
        """Move the cursor by half pages."""
        self._move_to(self._cursor + by * max(1, self._page() // 2))

    def action_go_first(self) -> None:
        """Move the cursor to the first row."""
        self._move_to(0)

    def action_go_last(self) -> None:
        """Move the cursor to the last row."""
        self._move_to(len(self._keys) - 1)

    def action_open(self) -> None:
        """Open the row under the cursor."""
        if self._keys:
            self._held = True
            self.post_message(self.Opened(self, self._keys[self._cursor]))

    def on_resize(self) -> None:
        """Lay the columns out for the new width."""
        self._lay_out()
        self._keep_in_view()

    def notify_style_update(self) -> None:
        """Forget painted lines: the theme or the focus has changed."""
        super().notify_style_update()
        self._styles.clear()
        self._strips.clear()

    def on_focus(self) -> None:
        """Show the cursor strongly."""
        self._paint_again(self._cursor)

    def on_blur(self) -> None:
        """Show the cursor weakly."""
        self._paint_again(self._cursor)

    def on_click(self, event: events.Click) -> None:
        """Move to the row clicked, open it at the second click; order by the header clicked."""
        if event.y < self._header:
            for placed in self._placed:
                if placed.start <= event.x < placed.start + placed.width:
                    self.post_message(self.HeaderPressed(self, placed.column.key))
            return
        line = self._line_at(event.y)
        if line is not None:
            self._move_to(line)
            if event.chain == 2:
                self.action_open()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Mark the row under the mouse."""
        self._hover_over(self._line_at(event.y))

    def on_leave(self) -> None:
        """No row is under the mouse."""
        self._hover_over(None)

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines of the widget; laid out again first where a scrollbar has come or gone since."""
        if self.scrollable_content_region.width != self._room:
            self._lay_out()
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """One line of the widget: the header, or a row."""
        width = self.size.width
        if y < self._header:
            return self._header_strip(width)
        line = round(self.scroll_y) + y - self._header
        if not self._keys and line == 1 and self._when_empty:
            return text_strip(self._when_empty, self._style("", Ink.MUTED), width)
        if line >= len(self._keys):
            return Strip.blank(width, self.rich_style)
        key, kind = self._keys[line], self._kind(line)
        strip = self._strips.get((key, kind))
        if strip is None:
            strip = self._strips[key, kind] = self._row_strip(self._cells_of(key), kind, width)
        return strip

    def _kind(self, line: int) -> str:
        if line == self._cursor:
            return "line-table--cursor" if self.has_focus else "line-table--cursor-blurred"
        return "line-table--hover" if line == self._hover else ""

    def _row_strip(self, cells: Mapping[str, Cell], kind: str, width: int) -> Strip:
        return row_strip(self._placed, cells, partial(self._style, kind), width)

    def _header_strip(self, width: int) -> Strip:
        return header_strip(
            self._placed,
            self._sorted,
            self._style("line-table--header", Ink.PLAIN),
            self._style("line-table--sorted", Ink.PLAIN),
            width,
        )

    def _style(self, kind: str, ink: Ink) -> Style:
        style = self._styles.get((kind, ink))
        if style is None:
            ground = self.get_visual_style(kind) if kind else self.visual_style
            shown = _ON_CURSOR.get(ink, ink) if kind in _CURSORS else ink
            whole = ground + self.app.stylesheet.parse_style(shown.value) if shown.value else ground
            style = self._styles[kind, ink] = whole.rich_style
        return style

    def _page(self) -> int:
        return max(1, self.size.height - self._header)

    def _line_at(self, y: int) -> int | None:
        line = round(self.scroll_y) + y - self._header
        return line if y >= self._header and line < len(self._keys) else None

    def _hover_over(self, line: int | None) -> None:
        if line != self._hover:
            old, self._hover = self._hover, line
            for each in (old, line):
                if each is not None:
                    self._paint_again(each)

    def _move_to(self, line: int) -> None:
        self._held = True
        line = max(0, min(line, len(self._keys) - 1))
        if line == self._cursor:
            return
        old, self._cursor = self._cursor, line
        self._keep_in_view()
        self._paint_again(old)
        self._paint_again(line)
        self.post_message(self.Moved(self))

    def _keep_in_view(self) -> None:
        top, page = round(self.scroll_y), self._page()
        if self._cursor < top:
            self.scroll_to(y=self._cursor, animate=False)
        elif self._cursor >= top + page:
            self.scroll_to(y=self._cursor - page + 1, animate=False)

    def _paint_again(self, line: int) -> None:
        y = line - round(self.scroll_y) + self._header
        if self._header <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def _resize(self) -> None:
        self.virtual_size = Size(self.size.width, len(self._keys) + self._header)

    def _lay_out(self) -> None:
        self._resize()
        room = self.scrollable_content_region.width
        placed = place(self._columns, room, self._content)
        if (room, placed) == (self._room, self._placed):
            return
        self._room, self._placed = room, placed
        self._strips.clear()
        self.refresh()


_CURSORS = frozenset({"line-table--cursor", "line-table--cursor-blurred"})
_ON_CURSOR = {Ink.FAINT: Ink.MUTED, Ink.MUTED: Ink.PLAIN}
"""Quiet inks would be hard to read on the cursor's ground."""

_KINDS = ("", "line-table--cursor", "line-table--cursor-blurred", "line-table--hover")
