"""Show a table that asks for the cells of the visible rows only when it paints them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Generic, TypeAlias, TypeVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style as VisualStyle
from textual.widget import Widget

from ssmtui.language import translatable
from ssmtui.ui.text.filters import Column
from ssmtui.ui.text.styled_text import Cell, TextStyle, plain_text
from ssmtui.ui.widgets.column_layout import ColumnLayout, PlacedColumn
from ssmtui.ui.widgets.key_bindings import bind
from ssmtui.ui.widgets.text_pane import TextPane

StyleOf = Callable[[TextStyle], Style]


def row_strip(columns: Sequence[PlacedColumn], cells: Mapping[str, Cell], style_of: StyleOf, width: int) -> Strip:
    """Return a row: the cells by column key, each in its place."""
    blank = style_of(TextStyle.PLAIN)
    segments: list[Segment] = []
    for placed in columns:
        gap = placed.start - sum(segment.cell_length for segment in segments)
        if gap > 0:
            segments.append(Segment(" " * gap, blank))
        pieces = fitted(cells.get(placed.column.key, ()), placed.width, right=placed.column.numeric)
        segments.extend(Segment(text, style_of(text_style)) for text, text_style in pieces)
    return Strip(segments).adjust_cell_length(width, blank)


def header_strip(
    columns: Sequence[PlacedColumn], ordered_by: tuple[str, str], plain: Style, chosen: Style, width: int
) -> Strip:
    """Return the header: the titles of the columns, with an arrow at the sorting column (its key, the arrow)."""
    segments: list[Segment] = []
    reached = 0
    for placed in columns:
        segments.append(Segment(" " * (placed.start - reached), plain))
        is_chosen = placed.column.key == ordered_by[0]
        title = _title(placed.column.title, ordered_by[1] if is_chosen else "", placed.width)
        style = chosen if is_chosen else plain
        pieces = fitted(((title, TextStyle.PLAIN),), placed.width, right=placed.column.numeric)
        segments.extend(Segment(text, style) for text, _ in pieces)
        reached = placed.start + placed.width
    return Strip(segments).adjust_cell_length(width, plain)


def text_strip(text: str, style: Style, width: int) -> Strip:
    """Return a line of text, shown instead of rows."""
    pieces = fitted((("  " + text, TextStyle.PLAIN),), width)
    return Strip([Segment(piece, style) for piece, _ in pieces])


def fitted(pieces: Cell, width: int, *, right: bool = False) -> Cell:
    """Return pieces cut with an ellipsis, or padded with blanks, to exactly `width` cells."""
    if width <= 0:
        return ()
    taken = sum(cell_len(text) for text, _ in pieces)
    if taken <= width:
        fill = (" " * (width - taken), TextStyle.PLAIN)
        return (fill, *pieces) if right else (*pieces, fill)
    room, kept = width - 1, []
    for text, text_style in pieces:
        length = cell_len(text)
        if length >= room:
            kept.append((set_cell_size(text, room) + "…", text_style))
            break
        kept.append((text, text_style))
        room -= length
    return tuple(kept)


_MIN_TITLE_WIDTH = 3
"""In fewer cells, a title is its first letter: an ellipsis would leave no letter, or one."""


def _title(title: str, arrow: str, width: int) -> str:
    """Return a title with its arrow, cut with an ellipsis; in a very narrow column, its first letter."""
    room = width - len(arrow)
    if cell_len(title) > room and room < _MIN_TITLE_WIDTH:
        title = title[:1].upper()
    return plain_text(fitted(((title, TextStyle.PLAIN),), room)).rstrip() + arrow


@dataclass(eq=False)
class TableMessage(Message):
    """A message of a table."""

    table: Widget

    @property
    def control(self) -> Widget:
        """The table that sent the message."""
        return self.table


class CursorMoved(TableMessage):
    """The cursor is on another row."""


@dataclass(eq=False)
class RowOpened(TableMessage):
    """The user opened a row: the row under the cursor at that time, which may have moved since."""

    row: object


@dataclass(eq=False)
class HeaderClicked(TableMessage):
    """The header of a column was clicked."""

    column: str


RowKey = TypeVar("RowKey", bound=Hashable)


_SEARCH_DISTANCE = 100
"""The number of lines around the cursor that are searched first."""


class RowCursor(Generic[RowKey]):
    """A cursor that stays on its row while others come and go, after the user has moved it.

    Until then it stays on the first line, which shows the worst row when all have arrived. If its row is removed, it
    stays on its line.
    """

    def __init__(self) -> None:
        self._keys: Sequence[RowKey] = []
        self.line = 0
        self.is_pinned = False
        self._wanted: RowKey | None = None

    @property
    def keys(self) -> Sequence[RowKey]:
        """The rows, in order."""
        return self._keys

    @property
    def key(self) -> RowKey | None:
        """The row under the cursor; None if there are no rows."""
        return self._keys[self.line] if self._keys else None

    def line_of(self, key: RowKey) -> int | None:
        """Return the line of a row, if it exists. The search starts at the cursor: most requests are near it."""
        near = range(max(0, self.line - _SEARCH_DISTANCE), min(len(self._keys), self.line + _SEARCH_DISTANCE))
        for line in near:
            if self._keys[line] == key:
                return line
        return self._keys.index(key) if key in self._keys else None

    def hold(self) -> None:
        """Stay on the current row from now on."""
        self.is_pinned = True

    def want(self, key: RowKey) -> None:
        """Move to a row as soon as it exists, unless the user moves first."""
        self._wanted = key

    def restart(self) -> None:
        """Stay on the first line again, until the user moves."""
        self.line, self.is_pinned, self._wanted = 0, False, None

    def put(self, line: int) -> None:
        """Move to a line, or to the nearest one; stay on its row from now on."""
        self.is_pinned, self._wanted = True, None
        self.line = max(0, min(line, len(self._keys) - 1))

    def replace(self, keys: Sequence[RowKey]) -> bool:
        """Replace the rows; return whether another row is under the cursor than the one to stay on."""
        kept = self.key if self.is_pinned else None
        self._keys = keys
        if self._wanted is not None and self.line_of(self._wanted) is not None:
            kept, self.is_pinned, self._wanted = self._wanted, True, None
        found = self.line_of(kept) if kept is not None else None
        self.line = max(0, min(self.line if found is None else found, len(keys) - 1))
        return self.key != kept


SeenKey = TypeVar("SeenKey")


@dataclass(frozen=True, slots=True)
class VisibleRows(Generic[SeenKey]):
    """The rows on the screen from the top, and the place of the cursor among them."""

    rows: Sequence[SeenKey]
    cursor: int

    def unlike(self, before: VisibleRows[SeenKey]) -> Iterable[int]:
        """Yield the places that showed another row before, or the cursor."""
        if len(self.rows) != len(before.rows):
            return range(max(len(self.rows), len(before.rows)))
        pairs = enumerate(zip(before.rows, self.rows, strict=True))
        places = {place for place, (old, new) in pairs if old is not new and old != new}
        if self.cursor != before.cursor:
            places |= {self.cursor, before.cursor}
        return places


CURSOR = "line-table--cursor"
CURSOR_BLURRED = "line-table--cursor-blurred"
HOVER = "line-table--hover"
HEADER = "line-table--header"
SORTED = "line-table--sorted"
PLAIN = ""

_MAX_CACHED = 500
"""The most painted rows in the cache: some pages. Rows out of sight take no memory."""

_ON_CURSOR = {TextStyle.FAINT: TextStyle.MUTED, TextStyle.MUTED: TextStyle.PLAIN}
"""Quiet styles would be hard to read on the cursor's background."""


class PaintedRowCache(Generic[RowKey]):
    """The rows of one table, painted in each of their looks."""

    def __init__(self, table: Widget) -> None:
        self._table = table
        self._strips: dict[RowKey, dict[str, Strip]] = {}
        self._styles: dict[tuple[str, TextStyle], Style] = {}

    def __len__(self) -> int:
        return len(self._strips)

    def row(
        self,
        key: RowKey,
        look: str,
        cells_of: Callable[[RowKey], Mapping[str, Cell]],
        columns: Sequence[PlacedColumn],
        width: int,
    ) -> Strip:
        """Return a row in one look; its cells are requested only if it must be painted."""
        if key not in self._strips and len(self._strips) >= _MAX_CACHED:
            self._strips.clear()
        strips = self._strips.setdefault(key, {})
        strip = strips.get(look)
        if strip is None:
            strip = strips[look] = row_strip(columns, cells_of(key), partial(self.style, look), width)
        return strip

    def style(self, look: str, text_style: TextStyle) -> Style:
        """Return a text style on the background of a look, from the table's stylesheet."""
        style = self._styles.get((look, text_style))
        if style is None:
            table = self._table
            ground = self._ground(look) if look else table.visual_style
            shown = _ON_CURSOR.get(text_style, text_style) if look in (CURSOR, CURSOR_BLURRED) else text_style
            whole = ground + table.app.stylesheet.parse_style(shown.value) if shown.value else ground
            style = self._styles[look, text_style] = whole.rich_style
        return style

    def _ground(self, look: str) -> VisualStyle:
        """Return the background of a look. Textual leaves out of a component's style whether it is reversed."""
        reversed_ = self._table.get_component_styles(look).text_style.reverse
        return self._table.get_visual_style(look) + VisualStyle(reverse=reversed_)

    def forget(self, key: RowKey) -> bool:
        """Drop a changed row; return whether it was painted since its last change."""
        return self._strips.pop(key, None) is not None

    def forget_rows(self) -> None:
        """Drop all rows: they or the columns may have changed."""
        self._strips.clear()

    def forget_all(self) -> None:
        """Drop rows and styles: the theme has changed."""
        self._strips.clear()
        self._styles.clear()


CellsOf = Callable[[RowKey], Mapping[str, Cell]]
"""A function that returns the cells of a row by column key."""


class LineTable(ScrollView, Generic[RowKey], can_focus=True):
    """A table of rows with keys. The cursor stays on its row, and the row on its line, while other rows come and go.

    If it `pages` a pane with the text of its rows, the page keys scroll that pane: the user wants to read on.
    """

    DEFAULT_CSS = "LineTable { height: 1fr; overflow-x: hidden; scrollbar-size-vertical: 1; }"
    COMPONENT_CLASSES: ClassVar[set[str]] = {HEADER, SORTED, CURSOR, CURSOR_BLURRED, HOVER}
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("down,j", "move(1)", translatable("Down"), shown=False),
        bind("up,k", "move(-1)", translatable("Up"), shown=False),
        bind("pagedown,ctrl+f", "page(1)", translatable("Page down"), shown=False),
        bind("pageup,ctrl+b", "page(-1)", translatable("Page up"), shown=False),
        bind("ctrl+d", "page(0.5)", translatable("Half a page down"), shown=False),
        bind("ctrl+u", "page(-0.5)", translatable("Half a page up"), shown=False),
        bind("home,g", "go_first", translatable("First"), shown=False),
        bind("end,G", "go_last", translatable("Last"), shown=False),
        bind("enter", "open", translatable("Open"), translatable("Open the selected row"), display="⏎"),
    ]

    Moved: TypeAlias = CursorMoved
    Opened: TypeAlias = RowOpened
    HeaderPressed: TypeAlias = HeaderClicked

    def __init__(
        self,
        columns: Sequence[Column],
        cells_of: CellsOf[RowKey],
        *,
        header: bool = True,
        pages: TextPane | None = None,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id)
        self._columns = ColumnLayout(columns)
        self.cells_of = cells_of
        self._header = 1 if header else 0
        self._pages = pages
        self._rows = RowCursor[RowKey]()
        self._hover: int | None = None
        self._painted = PaintedRowCache[RowKey](self)
        self._sorted: tuple[str, str] = ("", "")
        self._when_empty = ""
        self._quiet = False

    @property
    def cursor(self) -> RowKey | None:
        """The row under the cursor; None in an empty table."""
        return self._rows.key

    @property
    def keys(self) -> Sequence[RowKey]:
        """The rows shown, in order."""
        return self._rows.keys

    @property
    def has_moved_cursor(self) -> bool:
        """Whether the user has moved the cursor."""
        return self._rows.is_pinned

    @property
    def in_view(self) -> Sequence[RowKey]:
        """The visible rows."""
        top = round(self.scroll_y)
        return self._rows.keys[top : top + self._page()]

    @property
    def placed(self) -> tuple[PlacedColumn, ...]:
        """The current layout of the columns."""
        return self._columns.placed

    def show(self, keys: Sequence[RowKey]) -> None:
        """Show these rows; the row under the cursor stays at its place. Only changed lines are painted."""
        if keys is self._rows.keys or keys == self._rows.keys:
            return
        before, top, line = self._seen, round(self.scroll_y), self._rows.line
        is_on_another = self._rows.replace(keys)
        self._quiet = True
        self._resize()
        if self._rows.is_pinned:
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
    def _seen(self) -> VisibleRows[RowKey]:
        return VisibleRows(self.in_view, self._rows.line - round(self.scroll_y))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Follow the scrollbar; if the rows move with it, no line changes and nothing is repainted."""
        if not self._quiet:
            super().watch_scroll_y(old_value, new_value)
        elif self.show_vertical_scrollbar:
            self.vertical_scrollbar.position = new_value

    def go_to(self, key: RowKey) -> None:
        """Move the cursor to a row, as soon as it is shown, unless the user moves first."""
        line = self._rows.line_of(key)
        self._rows.want(key) if line is None else self._move_to(line)

    def rows_from(self, key: RowKey) -> Sequence[RowKey]:
        """Return the rows from this row to the cursor, in order; none if this row is not shown."""
        line = self._rows.line_of(key)
        return self._rows.keys[min(line, self._rows.line) : max(line, self._rows.line) + 1] if line is not None else ()

    def hold_cursor(self) -> None:
        """Keep the cursor on its row from now on, as after a move."""
        self._rows.hold()

    def restart(self) -> None:
        """Move the cursor to the first row; stay on the first line until the user moves."""
        self._rows.restart()
        self.scroll_to(y=0, animate=False)
        self.refresh()

    def say_when_empty(self, words: str) -> None:
        """Set the text that is shown if there are no rows."""
        if words != self._when_empty:
            self._when_empty = words
            self.refresh()

    def touch(self, key: RowKey) -> None:
        """Repaint a changed row if it is visible."""
        if self._painted.forget(key) and key in (seen := self.in_view):
            self._paint_again(round(self.scroll_y) + seen.index(key))

    def touch_all(self) -> None:
        """Repaint everything."""
        self._painted.forget_rows()
        self.refresh()

    def measure(self, content: Mapping[str, int]) -> None:
        """Record the text widths of columns; lay out again if one has grown."""
        if self._columns.measure(content):
            self._lay_out()

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Show other columns."""
        if self._columns.show(columns):
            self._lay_out()

    def sorted_by(self, column: str, arrow: str) -> None:
        """Mark the column that sorts the rows."""
        self._sorted = (column, arrow)
        self.refresh()

    def action_move(self, by: int) -> None:
        """Move the cursor by lines."""
        self._move_to(self._rows.line + by)

    def action_page(self, by: float) -> None:
        """Move the cursor by a page less one line; or scroll the pane by a page, or by half a page."""
        if self._pages is None:
            self._move_to(self._rows.line + round(by * max(2, self._page() - 1)))
        elif abs(by) < 1:
            self._pages.action_half_page(1 if by > 0 else -1)
        elif by > 0:
            self._pages.action_page_down()
        else:
            self._pages.action_page_up()

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
        """Highlight the cursor strongly; without the focus, weakly."""
        self._paint_again(self._rows.line)

    on_blur = on_focus

    def on_click(self, event: events.Click) -> None:
        """Move to the clicked row; open it at the second click; sort by the clicked header."""
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
        """Highlight the row under the mouse."""
        self._hover_over(self._line_at(event.y))

    def on_leave(self) -> None:
        """Remove the highlight of the row under the mouse."""
        self._hover_over(None)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the lines of the widget; lay out first if a scrollbar has appeared or gone since."""
        if self.scrollable_content_region.width != self._columns.room:
            self._lay_out()
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Return one line of the widget: the header, or a row."""
        width = self.size.width
        if y < self._header:
            return self._header_strip(width)
        line = round(self.scroll_y) + y - self._header
        if not self._rows.keys and line == 1 and self._when_empty:
            return text_strip(self._when_empty, self._painted.style(PLAIN, TextStyle.MUTED), width)
        if line >= len(self._rows.keys):
            return Strip.blank(width, self.rich_style)
        return self._painted.row(self._rows.keys[line], self._look(line), self.cells_of, self._columns.placed, width)

    def _look(self, line: int) -> str:
        if line == self._rows.line:
            return CURSOR if self.has_focus else CURSOR_BLURRED
        return HOVER if line == self._hover else PLAIN

    def _header_strip(self, width: int) -> Strip:
        plain, chosen = (self._painted.style(look, TextStyle.PLAIN) for look in (HEADER, SORTED))
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
            # The rows do not all fit, as before: the scrollbar's new length needs no new layout of the screen.
            self.set_reactive(Widget.virtual_size, size)
            self.vertical_scrollbar.window_virtual_size = size.height
            self.scroll_y = self.validate_scroll_y(self.scroll_y)
        else:
            self.virtual_size = size

    def _lay_out(self) -> None:
        self._resize()
        if self._columns.fit(self.scrollable_content_region.width):
            self.touch_all()
