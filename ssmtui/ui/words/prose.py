"""Text for reading: blocks with their indents and markers, laid out to a width."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len
from textual.content import Content, Span

from ssmtui.ui.words.ink import Ink, Piece, inked

_ADDRESS = re.compile(r"https://[\w.,:/#?&=%+~-]+", re.ASCII)
"""An address that can stand in a style: nothing in it ends the quotation there."""

_LEAST = 12
"""Cells that a text keeps, however deep its indent in however narrow a pane."""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph. `marker` stands before its first line (`1.`, `•`); the other lines hang under the text.

    `gap` says that an empty line goes before it; `solid` that it is cut at the width instead of wrapped at words.
    """

    content: Content
    indent: int = 0
    marker: str = ""
    marker_ink: Ink = Ink.MUTED
    gap: bool = False
    solid: bool = False


Prose = tuple[Block, ...]


def heading(text: str) -> Block:
    """The heading of a section."""
    return Block(inked((text, Ink.HEADING)), gap=True)


def paragraph(*pieces: Piece | str, indent: int = 0, gap: bool = False) -> Block:
    """A paragraph of pieces."""
    return Block(inked(*pieces), indent=indent, gap=gap)


def item(marker: str, *pieces: Piece | str, indent: int = 0, ink: Ink = Ink.MUTED) -> Block:
    """A paragraph with a marker before it."""
    return Block(inked(*pieces), indent=indent, marker=marker, marker_ink=ink)


def lines_of(text: str, ink: Ink = Ink.PLAIN, indent: int = 0) -> Prose:
    """The lines of a text as they are."""
    return tuple(Block(inked((line, ink)), indent=indent, solid=True) for line in text.expandtabs(4).splitlines())


def indented(blocks: Iterable[Block], by: int) -> Prose:
    """The same blocks, further in."""
    return tuple(replace(block, indent=block.indent + by) for block in blocks)


def unwrapped(blocks: Iterable[Block]) -> str:
    """The text of blocks as it is copied: each on lines of its own, however wide."""
    lines: list[str] = []
    for block in blocks:
        marker = f"{block.marker} " if block.marker else ""
        lines += [""] if block.gap and lines else []
        lines.append(f"{' ' * block.indent}{marker}{block.content.plain}")
    return "\n".join(lines)


def laid_out(blocks: Sequence[Block], width: int) -> list[Content]:
    """The lines of blocks, none wider than `width` (but where even the narrowest text does not fit)."""
    lines: list[Content] = []
    for block in blocks:
        if block.gap and lines:
            lines.append(Content(""))
        lines.extend(_lines(block, width))
    return lines


def _with_links(content: Content) -> Content:
    """Addresses made links for the terminal (OSC 8): one that goes over several lines is followed all the same."""
    if not any(span.style == Ink.LINK.value for span in content.spans):
        return content
    return Content(content.plain, [_with_link(span, content.plain) for span in content.spans])


def _with_link(span: Span, text: str) -> Span:
    address = text[span.start : span.end].strip(" ()")
    if span.style != Ink.LINK.value or not _ADDRESS.fullmatch(address):
        return span
    return Span(span.start, span.end, f"{Ink.LINK.value} link='{address}'")


def _lines(block: Block, width: int) -> list[Content]:
    hang = cell_len(block.marker) + 1 if block.marker else 0
    room = max(_LEAST, width - block.indent - hang)
    content = _with_links(block.content)
    wrapped = content.fold(room) if block.solid else content.wrap(room)
    first = Content(" " * block.indent)
    if block.marker:
        first = first + inked((block.marker, block.marker_ink)) + " "
    rest = " " * (block.indent + hang)
    return [
        (first if number == 0 else Content(rest)) + line.rstrip()
        for number, line in enumerate(wrapped or [Content("")])
    ]
