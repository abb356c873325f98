"""A table that owns no cells: it paints the lines in view, and asks for their cells when it does.

One changed row costs one line. Textual's DataTable repaints every visible cell for it, which is 30 ms against less than
one (docs/facts/libraries.md §1).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Generic, TypeAlias

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from ssmtui.language import marked
from ssmtui.ui.widgets import table_messages
from ssmtui.ui.widgets.column_layout import ColumnLayout, Placed
from ssmtui.ui.widgets.line_painting import header_strip, text_strip
from ssmtui.ui.widgets.named_keys import NamedKeys
from ssmtui.ui.widgets.painted_rows import CURSOR, CURSOR_BLURRED, HEADER, HOVER, PLAIN, SORTED, PaintedRows
from ssmtui.ui.widgets.row_cursor import K, RowCursor
from ssmtui.ui.widgets.seen_rows import SeenRows
from ssmtui.ui.words.columns import Column
from ssmtui.ui.words.ink import Cell, Ink

CellsOf = Callable[[K], Mapping[str, Cell]]
"""The cells of a row, by the key of their column."""


class LineTable(NamedKeys, ScrollView, Generic[K], can_focus=True):
    """A table of rows with keys. It keeps its cursor on a row, and that row on its line, while others come and go."""

    DEFAULT_CSS = "LineTable { height: 1fr; overflow-x: hidden; scrollbar-size-vertical: 1; }"
    COMPONENT_CLASSES: ClassVar[set[str]] = {HEADER, SORTED, CURSOR, CURSOR_BLURRED, HOVER}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", marked("Down"), show=False),
        Binding("up,k", "move(-1)", marked("Up"), show=False),
        Binding("pagedown,ctrl+f", "page(1)", marked("Page down"), show=False),
        Binding("pageup,ctrl+b", "page(-1)", marked("Page up"), show=False),
        Binding("ctrl+d", "page(0.5)", marked("Half a page down"), show=False),
        Binding("ctrl+u", "page(-0.5)", marked("Half a page up"), show=False),
        Binding("home,g", "go_first", marked("First"), show=False),
        Binding("end,G", "go_last", marked("Last"), show=False),
        Binding("enter", "open", marked("Open"), key_display="⏎", tooltip=marked("Open what the cursor is on")),
    ]

    Moved: TypeAlias = table_messages.Moved
    Opened: TypeAlias = table_messages.Opened
    HeaderPressed: TypeAlias = table_messages.HeaderPressed

    def __init__(
        self,
        columns: Sequence[Column],
        cells_of: CellsOf[K],
        *,
        header: bool = True,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id)
        self._columns = ColumnLayout(columns)
        self._cells_of = cells_of
        self._header = 1 if header else 0
        self._rows = RowCursor[K]()
        self._hover: int | None = None
        self._painted = PaintedRows[K](self)
        self._sorted: tuple[str, str] = ("", "")
        self._when_empty = ""
        self._quiet = False

    @property
    def cursor(self) -> K | None:
        """The row under the cursor; None in an empty table."""
        return self._rows.key

    @property
    def keys(self) -> Sequence[K]:
        """The rows shown, in order."""
        return self._rows.keys

    @property
    def is_held(self) -> bool:
        """Whether a person has moved the cursor."""
        return self._rows.held

    @property
    def in_view(self) -> Sequence[K]:
        """The rows on screen now."""
        top = round(self.scroll_y)
        return self._rows.keys[top : top + self._page()]

    @property
    def placed(self) -> tuple[Placed, ...]:
        """The columns as they are laid out now."""
        return self._columns.placed

    def show(self, keys: Sequence[K]) -> None:
        """Show these rows; the row under the cursor stays where it is on the screen. Only other lines are painted."""
        if keys is self._rows.keys or keys == self._rows.keys:
            return
        before, top, line = self._seen, round(self.scroll_y), self._rows.line
        is_on_another = self._rows.replace(keys)
        self._quiet = True
        self._resize()
        if self._rows.held:
            self.scroll_to(y=self._rows.line - line + top, animate=False)
        self._keep_in_view()
        self._quiet = False
        if self._hover is not None:
            self._hover += round(self.scroll_y) - top
        for place in self._seen.unlike(before):
            self._paint_again(place + round(self.scroll_y))
        if is_on_another:
            self.post_message(self.Moved(self))

    @property
    def _seen(self) -> SeenRows[K]:
        return SeenRows(self.in_view, self._rows.line - round(self.scroll_y))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Follow the scrollbar; where the rows move with it, their lines show what they did."""
        if not self._quiet:
            super().watch_scroll_y(old_value, new_value)
        elif self.show_vertical_scrollbar:
            self.vertical_scrollbar.position = new_value

    def go_to(self, key: K) -> None:
        """Put the cursor on a row: once it is shown, where it is not, unless somebody moves before."""
        line = self._rows.line_of(key)
        self._rows.want(key) if line is None else self._move_to(line)

    def say_when_empty(self, words: str) -> None:
        """What stands in the place of the rows where there are none."""
        if words != self._when_empty:
            self._when_empty = words
            self.refresh()

    def touch(self, key: K) -> None:
        """A row has changed: paint it again, if it is in view."""
        if self._painted.forget(key) and key in (seen := self.in_view):
            self._paint_again(round(self.scroll_y) + seen.index(key))

    def touch_all(self) -> None:
        """Everything may have changed."""
        self._painted.forget_rows()
        self.refresh()

    def measure(self, content: Mapping[str, int]) -> None:
        """How wide the texts of columns are; the layout follows where one has grown."""
        if self._columns.measure(content):
            self._lay_out()

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Show other columns."""
        if self._columns.show(columns):
            self._lay_out()

    def sorted_by(self, column: str, arrow: str) -> None:
        """Mark the column that orders the rows."""
        self._sorted = (column, arrow)
        self.refresh()

    def action_move(self, by: int) -> None:
        """Move the cursor by lines."""
        self._move_to(self._rows.line + by)

    def action_page(self, by: float) -> None:
        """Move the cursor by pages; a line stays in view."""
        self._move_to(self._rows.line + round(by * max(2, self._page() - 1)))

    def action_go_first(self) -> None:
        """Move the cursor to the first row."""
        self._move_to(0)

    def action_go_last(self) -> None:
        """Move the cursor to the last row."""
        self._move_to(len(self._rows.keys) - 1)

    def action_open(self) -> None:
        """Open the row under the cursor."""
        if (row := self._rows.key) is not None:
            self._rows.hold()
            self.post_message(self.Opened(self, row))

    def on_resize(self) -> None:
        """Lay the columns out for the new width."""
        self._lay_out()
        self._keep_in_view()

    def notify_style_update(self) -> None:
        """Forget painted lines: the theme or the focus has changed."""
        super().notify_style_update()
        self._painted.forget_all()

    def on_focus(self) -> None:
        """Show the cursor strongly; without the focus, weakly."""
        self._paint_again(self._rows.line)

    on_blur = on_focus

    def on_click(self, event: events.Click) -> None:
        """Move to the row clicked, open it at the second click; order by the header clicked."""
        if event.y < self._header:
            for placed in self._columns.placed:
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
        if self.scrollable_content_region.width != self._columns.room:
            self._lay_out()
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """One line of the widget: the header, or a row."""
        width = self.size.width
        if y < self._header:
            return self._header_strip(width)
        line = round(self.scroll_y) + y - self._header
        if not self._rows.keys and line == 1 and self._when_empty:
            return text_strip(self._when_empty, self._painted.style(PLAIN, Ink.MUTED), width)
        if line >= len(self._rows.keys):
            return Strip.blank(width, self.rich_style)
        return self._painted.row(self._rows.keys[line], self._look(line), self._cells_of, self._columns.placed, width)

    def _look(self, line: int) -> str:
        if line == self._rows.line:
            return CURSOR if self.has_focus else CURSOR_BLURRED
        return HOVER if line == self._hover else PLAIN

    def _header_strip(self, width: int) -> Strip:
        plain, chosen = (self._painted.style(look, Ink.PLAIN) for look in (HEADER, SORTED))
        return header_strip(self._columns.placed, self._sorted, plain, chosen, width)

    def _page(self) -> int:
        return max(1, self.size.height - self._header)

    def _line_at(self, y: int) -> int | None:
        line = round(self.scroll_y) + y - self._header
        return line if y >= self._header and line < len(self._rows.keys) else None

    def _hover_over(self, line: int | None) -> None:
        changed, self._hover = {self._hover, line}, line
        for each in changed if len(changed) > 1 else ():
            if each is not None:
                self._paint_again(each)

    def _move_to(self, line: int) -> None:
        old = self._rows.line
        self._rows.put(line)
        if old == self._rows.line:
            return
        self._keep_in_view()
        self._paint_again(old)
        self._paint_again(self._rows.line)
        self.post_message(self.Moved(self))

    def _keep_in_view(self) -> None:
        top, page = round(self.scroll_y), self._page()
        if self._rows.line < top:
            self.scroll_to(y=self._rows.line, animate=False)
        elif self._rows.line >= top + page:
            self.scroll_to(y=self._rows.line - page + 1, animate=False)

    def _paint_again(self, line: int) -> None:
        y = line - round(self.scroll_y) + self._header
        if self._header <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def _resize(self) -> None:
        size, height = Size(self.size.width, len(self._rows.keys) + self._header), self.size.height
        if self.show_vertical_scrollbar and self.virtual_size.height > height < size.height:
            # Rows that do not all fit, now as before: the screen need not be laid out for the scrollbar's length.
            self.set_reactive(Widget.virtual_size, size)
            self.vertical_scrollbar.window_virtual_size = size.height
            self.scroll_y = self.validate_scroll_y(self.scroll_y)
        else:
            self.virtual_size = size

    def _lay_out(self) -> None:
        self._resize()
        if self._columns.fit(self.scrollable_content_region.width):
            self.touch_all()
