"""Show styled text: as content of widgets, in a scrollable pane, and in the lines about the row under the cursor."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style as RichStyle
from textual.app import RenderResult
from textual.binding import BindingType
from textual.content import Content, Span
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.style import Style
from textual.widget import Widget

from ssmtui.language import translatable
from ssmtui.ui.text.styled_text import Block, Piece, Prose, TextStyle, plain_text, to_pieces
from ssmtui.ui.widgets.key_bindings import bind


def styled_content(*pieces: Piece | str) -> Content:
    """Return content from pieces; every text in it is made safe to print, line by line."""
    shown = to_pieces(*pieces)
    spans: list[Span] = []
    place = 0
    for text, text_style in shown:
        if text_style is not TextStyle.PLAIN:
            spans.append(Span(place, place + len(text), text_style.value))
        place += len(text)
    return Content(plain_text(shown), spans)


_URL = re.compile(r"https://[\w.,:/#?&=%+~-]+", re.ASCII)
"""An address that can stand in a style: no character in it ends the quotation."""

_MAX_WIDTH = 110
"""The most cells of a line: after a longer line, the eye does not find the next. Code can be wider."""

_MIN_WIDTH = 12
"""The fewest cells for a text, at any indentation and in any pane."""


def wrap_prose(blocks: Sequence[Block], width: int) -> list[Content]:
    """Return the lines of blocks, none wider than `width` (unless not even the narrowest text fits)."""
    lines: list[Content] = []
    for block in blocks:
        if block.gap and lines:
            lines.append(Content(""))
        lines.extend(_lines(block, width))
    return lines


def _with_links(content: Content) -> Content:
    """Return the content with addresses as terminal links (OSC 8): a link can continue over several lines."""
    if not any(span.style == TextStyle.LINK.value for span in content.spans):
        return content
    return Content(content.plain, [_with_link(span, content.plain) for span in content.spans])


def _with_link(span: Span, text: str) -> Span:
    address = text[span.start : span.end].strip(" ()")
    if span.style != TextStyle.LINK.value or not _URL.fullmatch(address):
        return span
    return Span(span.start, span.end, f"{TextStyle.LINK.value} link='{address}'")


def _cut_lines(content: Content, room: int) -> list[Content]:
    """Return its lines, each cut at the width: Textual cuts only at the width, and would paint line ends."""
    return [piece for line in content.split("\n", allow_blank=True) for piece in line.fold(room) or [line]]


@lru_cache(256)
def _lines(block: Block, width: int) -> tuple[Content, ...]:
    """Return the lines of a block. A text is laid out again as it changes, and most of its blocks are as before."""
    hang = cell_len(block.marker) + 1 if block.marker else 0
    room = max(_MIN_WIDTH, width - block.indent - hang)
    content = _with_links(styled_content(*block.pieces))
    wrapped = _cut_lines(content, room) if block.solid else content.wrap(min(room, _MAX_WIDTH))
    first = Content(" " * block.indent)
    if block.marker:
        first = first + styled_content((block.marker, block.marker_style)) + " "
    rest = " " * (block.indent + hang)
    return tuple(
        (first if number == 0 else Content(rest)) + line.rstrip()
        for number, line in enumerate(wrapped or [Content("")])
    )


class TextPane(ScrollView, can_focus=True):
    """Prose, with the scroll keys of the tables. Its text can be selected with the mouse."""

    DEFAULT_CSS = """
    TextPane { height: 1fr; overflow-x: hidden; scrollbar-size-vertical: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        bind("down,j", "scroll_down", translatable("Down"), shown=False),
        bind("up,k", "scroll_up", translatable("Up"), shown=False),
        bind("pagedown,ctrl+f,space", "page_down", translatable("Page down"), shown=False),
        bind("pageup,ctrl+b", "page_up", translatable("Page up"), shown=False),
        bind("ctrl+d", "half_page(1)", translatable("Half a page down"), shown=False),
        bind("ctrl+u", "half_page(-1)", translatable("Half a page up"), shown=False),
        bind("home,g", "scroll_home", translatable("Top"), shown=False),
        bind("end,G", "scroll_end", translatable("End"), shown=False),
    ]

    def __init__(self, prose: Prose = (), *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._prose = prose
        self._lines: list[Content] = []
        self._room = 0
        self._styles: dict[str, Style] = {}

    @property
    def text(self) -> str:
        """The text as laid out, without colours."""
        return "\n".join(line.plain for line in self._lines)

    def show(self, prose: Prose, *, from_top: bool = False) -> None:
        """Show another text; keep the scroll position, unless the text starts at its top."""
        if prose != self._prose:
            self._prose = prose
            self._lay_out()
        if from_top:
            self.scroll_to(y=0, animate=False)

    def action_half_page(self, by: int) -> None:
        """Scroll by half pages."""
        self.scroll_to(y=round(self.scroll_y) + by * max(1, self.size.height // 2), animate=False)

    def action_scroll_down(self) -> None:
        """Scroll a line down."""
        self.scroll_to(y=round(self.scroll_y) + 1, animate=False)

    def action_scroll_up(self) -> None:
        """Scroll a line up."""
        self.scroll_to(y=round(self.scroll_y) - 1, animate=False)

    def action_page_down(self) -> None:
        """Scroll a page down."""
        self.scroll_to(y=round(self.scroll_y) + self.size.height - 1, animate=False)

    def action_page_up(self) -> None:
        """Scroll a page up."""
        self.scroll_to(y=round(self.scroll_y) - self.size.height + 1, animate=False)

    def action_scroll_home(self) -> None:
        """Scroll to the top."""
        self.scroll_to(y=0, animate=False)

    def action_scroll_end(self) -> None:
        """Scroll to the end."""
        self.scroll_to(y=self.max_scroll_y, animate=False)

    def on_resize(self) -> None:
        """Lay the text out in the new width."""
        if self.scrollable_content_region.width != self._room:
            self._lay_out()

    def notify_style_update(self) -> None:
        """Drop the styles: the theme has changed."""
        super().notify_style_update()
        self._styles.clear()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the lines of the widget; lay out first if its width has changed since."""
        if self.scrollable_content_region.width != self._room:
            self._lay_out()
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Return one line of the widget."""
        line = round(self.scroll_y) + y
        ground = self.visual_style
        width = self.size.width
        if line >= len(self._lines):
            return Strip.blank(width, ground.rich_style)
        content = self._lines[line]
        if (selection := self.text_selection) and (span := selection.get_span(line)) is not None:
            start, end = span
            content = content.stylize(
                self.screen.get_visual_style("screen--selection"), start, len(content) if end == -1 else end
            )
        pieces = content.render(ground, end="", parse_style=self._parsed)
        strip = Strip([Segment(text, _to_rich_style(ground + style)) for text, style in pieces])
        return strip.apply_offsets(0, line).adjust_cell_length(width, ground.rich_style)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return the text selected with the mouse."""
        return selection.extract(self.text), "\n"

    def selection_updated(self, selection: Selection | None) -> None:  # noqa: ARG002
        """Paint the selection."""
        self.refresh()

    def _parsed(self, style: str | Style) -> Style:
        if isinstance(style, Style):
            return style
        parsed = self._styles.get(style)
        if parsed is None:
            parsed = self._styles[style] = self.app.stylesheet.parse_style(style)
        return parsed

    def _lay_out(self) -> None:
        before = (self._room, len(self._lines))
        self._room = self.scrollable_content_region.width
        if self._room <= 0:
            return
        shown, self._lines = self._lines, wrap_prose(self._prose, self._room)
        self.virtual_size = Size(self._room, len(self._lines))
        if before != (self._room, len(self._lines)):
            self.refresh()
            return
        top, height = round(self.scroll_y), self.size.height
        changed = [y for y, pair in enumerate(zip(shown, self._lines, strict=True)) if not pair[0].is_same(pair[1])]
        if visible := [Region(0, y - top, self._room, 1) for y in changed if top <= y < top + height]:
            self.refresh(*visible)


def _to_rich_style(style: Style) -> RichStyle:
    return style.rich_style


_MIN_LINES, _MAX_LINES = 2, 4
"""The least and the most lines: the same for every short row, so that the table keeps its height."""


class RowLine(Widget):
    """The details of one row: the lines of the first block, as far as there is room, and one line of each other."""

    DEFAULT_CSS = """
    RowLine { height: 2; padding: 0 1; }
    """

    class Grown(Message):
        """The number of lines has changed."""

    def __init__(self) -> None:
        super().__init__(id="row-line")
        self._prose: Prose = ()
        self._lines: list[Content] = []

    @property
    def text(self) -> str:
        """The text, without colours."""
        return "\n".join(line.plain for line in self._lines)

    def tell(self, prose: Prose) -> None:
        """Show a text, if it has changed."""
        if prose != self._prose:
            self._prose = prose
            self._lay_out()

    def on_resize(self) -> None:
        """Lay the text out in the new width."""
        self._lay_out()

    def render(self) -> RenderResult:
        """Return the lines."""
        return Content("\n").join(self._lines)

    def _lay_out(self) -> None:
        width = self.content_size.width
        if width <= 0:
            return
        whole, rest = self._prose[:1], self._prose[1:]
        below = [line for block in rest for line in wrap_prose([block], 10_000)]
        lines = _first_lines(wrap_prose(whole, width), max(1, _MAX_LINES - len(below)), width)
        self._lines = [*lines, *(line.truncate(width, ellipsis=True) for line in below)]
        height = max(_MIN_LINES, len(self._lines))
        if self.styles.height is None or self.styles.height.value != height:
            self.styles.height = height
            self.post_message(self.Grown())
        self.refresh()


def _first_lines(lines: Sequence[Content], count: int, width: int) -> Sequence[Content]:
    """Return the first lines; if there are more, the last of these ends with an ellipsis."""
    if len(lines) <= count:
        return lines
    *kept, last = lines[:count]
    return [*kept, last.truncate(width - 1) + "…"]
