"""Convert styled text and prose to Textual content."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content, Span

from ssmtui.ui.text.styled_text import Block, Piece, TextStyle, plain_text, to_pieces


def styled_content(*pieces: Piece | str) -> Content:
    """Content of pieces; every text in it is made fit to print, line by line."""
    shown = to_pieces(*pieces)
    spans: list[Span] = []
    place = 0
    for text, text_style in shown:
        if text_style is not TextStyle.PLAIN:
            spans.append(Span(place, place + len(text), text_style.value))
        place += len(text)
    return Content(plain_text(shown), spans)


_URL = re.compile(r"https://[\w.,:/#?&=%+~-]+", re.ASCII)
"""An address that can stand in a style: nothing in it ends the quotation there."""

_MAX_WIDTH = 110
"""Cells of a line that is read: the eye does not find the next one after a longer one. Code may take more."""

_MIN_WIDTH = 12
"""Cells that a text keeps, however deep its indent in however narrow a pane."""


def wrap_prose(blocks: Sequence[Block], width: int) -> list[Content]:
    """The lines of blocks, none wider than `width` (but where even the narrowest text does not fit)."""
    lines: list[Content] = []
    for block in blocks:
        if block.gap and lines:
            lines.append(Content(""))
        lines.extend(_lines(block, width))
    return lines


def _with_links(content: Content) -> Content:
    """Addresses made links for the terminal (OSC 8): one that goes over several lines is followed all the same."""
    if not any(span.style == TextStyle.LINK.value for span in content.spans):
        return content
    return Content(content.plain, [_with_link(span, content.plain) for span in content.spans])


def _with_link(span: Span, text: str) -> Span:
    address = text[span.start : span.end].strip(" ()")
    if span.style != TextStyle.LINK.value or not _URL.fullmatch(address):
        return span
    return Span(span.start, span.end, f"{TextStyle.LINK.value} link='{address}'")


def _cut_lines(content: Content, room: int) -> list[Content]:
    """Its lines, each cut at the width: Textual cuts at that alone, and would paint what ends a line."""
    return [piece for line in content.split("\n", allow_blank=True) for piece in line.fold(room) or [line]]


def _lines(block: Block, width: int) -> list[Content]:
    hang = cell_len(block.marker) + 1 if block.marker else 0
    room = max(_MIN_WIDTH, width - block.indent - hang)
    content = _with_links(styled_content(*block.pieces))
    wrapped = _cut_lines(content, room) if block.solid else content.wrap(min(room, _MAX_WIDTH))
    first = Content(" " * block.indent)
    if block.marker:
        first = first + styled_content((block.marker, block.marker_style)) + " "
    rest = " " * (block.indent + hang)
    return [
        (first if number == 0 else Content(rest)) + line.rstrip()
        for number, line in enumerate(wrapped or [Content("")])
    ]
