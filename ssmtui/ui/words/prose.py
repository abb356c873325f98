"""Text for reading: blocks with their indents and markers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ssmtui.ui.words.ink import Cell, Ink, Piece, pieced, plain


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph. `marker` stands before its first line (`1.`, `•`); the other lines hang under the text.

    `gap` says that an empty line goes before it; `solid` that it is cut at the width instead of wrapped at words.
    """

    pieces: Cell
    indent: int = 0
    marker: str = ""
    marker_ink: Ink = Ink.MUTED
    gap: bool = False
    solid: bool = False


Prose = tuple[Block, ...]


def heading(text: str) -> Block:
    """The heading of a section."""
    return Block(pieced((text, Ink.HEADING)), gap=True)


def paragraph(*pieces: Piece | str, indent: int = 0, gap: bool = False) -> Block:
    """A paragraph of pieces."""
    return Block(pieced(*pieces), indent=indent, gap=gap)


def item(marker: str, *pieces: Piece | str, indent: int = 0, ink: Ink = Ink.MUTED) -> Block:
    """A paragraph with a marker before it."""
    return Block(pieced(*pieces), indent=indent, marker=marker, marker_ink=ink)


def lines_of(text: str, ink: Ink = Ink.PLAIN, indent: int = 0) -> Prose:
    """The lines of a text as they are."""
    return tuple(Block(pieced((line, ink)), indent=indent, solid=True) for line in text.expandtabs(4).splitlines())


def indented(blocks: Iterable[Block], by: int) -> Prose:
    """The same blocks, further in."""
    return tuple(replace(block, indent=block.indent + by) for block in blocks)


def unwrapped(blocks: Iterable[Block]) -> str:
    """The text of blocks as it is copied: each on lines of its own, however wide."""
    lines: list[str] = []
    for block in blocks:
        marker = f"{block.marker} " if block.marker else ""
        lines += [""] if block.gap and lines else []
        lines.append(f"{' ' * block.indent}{marker}{plain(block.pieces)}")
    return "\n".join(lines)
