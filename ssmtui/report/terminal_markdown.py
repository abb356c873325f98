"""Render the Markdown of a cause for a terminal, and as plain text for a pipe."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, pairwise

from rich.cells import cell_len

from ssmtui.text.markdown import CodeBlock, ItemList, Mark, MarkdownBlock, Paragraph, Span, parse_markdown
from ssmtui.text.printable import printable

_WIDEST = 100
"""Maximum width of a line of prose in cells: longer lines are hard to read. Plain text has this width."""

_WORD = re.compile(r"[^ ]+ *")
"""A word and the spaces after it. A non-breaking space is part of its word."""

_COLORS: Mapping[Mark, str] = {Mark.STRONG: "1", Mark.EMPHASIS: "3", Mark.CODE: "1;36", Mark.LINK: "4;34"}
"""The parameters of SGR: the terminal's own colors, because the background of a theme can differ."""
_CODE_BLOCK = "36"

_CONTINUED = {"powershell": " `", "sh": " \\"}
"""The line continuations of commands, by language."""


def line_starts(text: str, width: int) -> list[int]:
    """Return where the second and each later line of a text starts. Lines break only between words."""
    starts: list[int] = []
    filled = 0
    for word in _WORD.finditer(text):
        if filled and filled + cell_len(word[0].rstrip()) > width:
            starts.append(word.start())
            filled = 0
        filled += cell_len(word[0])
    return starts


def code_lines(line: str, language: str, width: int) -> Iterator[str]:
    """Split a line of code into lines with the same meaning.

    The split is before an option; if there is none, between words, never inside quotation marks. A word that is wider
    stays whole.
    """
    end = _CONTINUED.get(language, "")
    indent = line[: len(line) - len(line.lstrip())] + "  "
    while len(line) > width:
        every = [
            place
            for place, character in enumerate(line)
            if character == " " and line[:place].strip() and line[place:].strip(end) and _outside_quotes(line[:place])
        ]
        places = [place for place in every if place <= width - len(end)] or every[:1]
        if not places:
            break
        place = next((each for each in reversed(places) if line[each + 1] == "-"), places[-1])
        yield line[:place] + end
        line = indent + line[place + 1 :]
    yield line


def _outside_quotes(before: str) -> bool:
    return before.count("'") % 2 == 0 and before.count('"') % 2 == 0


class _Page:
    """How a page is rendered: without colors or not, and with the addresses of its links or with clickable titles."""

    def __init__(self, width: int | None) -> None:
        self.width = min(width or _WIDEST, _WIDEST)
        # A dumb terminal supports neither colors nor links.
        self._is_plain = width is None or "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb"
        self._shows_addresses = width is None

    def lines(self, blocks: Sequence[MarkdownBlock], width: int) -> Iterator[str]:
        """Yield the lines of blocks."""
        for block in blocks:
            match block:
                case Paragraph():
                    yield from self.text_lines(block.spans, width)
                case CodeBlock():
                    yield from self._code(block, width)
                case ItemList():
                    yield from self._items(block, width)

    def text_lines(self, spans: Sequence[Span], width: int) -> Iterator[str]:
        """Yield the lines of a text. A word that is wider than a line stays whole."""
        if self._shows_addresses:
            spans = [Span(f"{each.text} ({each.target})") if each.target else each for each in spans]
        text = "".join(each.text for each in spans)
        starts = [0, *line_starts(text, width), len(text)]
        for start, end in pairwise(starts):
            yield "".join(self._pieces(spans, start, start + len(text[start:end].rstrip())))

    def _pieces(self, spans: Sequence[Span], start: int, end: int) -> Iterator[str]:
        """Yield the pieces of a text between two places."""
        at = 0
        for span in spans:
            piece = span.text[max(start - at, 0) : max(end - at, 0)]
            if piece:
                yield self._linked(self._painted(piece, _COLORS.get(span.mark, "")), span.target)
            at += len(span.text)

    def _painted(self, text: str, color: str) -> str:
        return text if self._is_plain or not color else f"\x1b[{color}m{text}\x1b[0m"

    def _linked(self, text: str, target: str) -> str:
        # The ID makes one link of its parts on several lines.
        return text if self._is_plain or not target else f"\x1b]8;id=1;{target}\x1b\\{text}\x1b]8;;\x1b\\"

    def _code(self, block: CodeBlock, width: int) -> Iterator[str]:
        yield ""
        for line in block.lines:
            for piece in code_lines(line, block.language, width - 2):
                yield self._painted(f"  {piece}", _CODE_BLOCK)
        yield ""

    def _items(self, block: ItemList, width: int) -> Iterator[str]:
        first = block.first or 1
        last = first + len(block.items) - 1
        for number, item in enumerate(block.items, first):
            marker = " • " if block.first is None else f"{number}. ".rjust(len(str(last)) + 2)
            for line in self.lines(item, width - len(marker)):
                yield marker + line
                marker = " " * len(marker)


def markdown_lines(text: str, width: int | None) -> list[str]:
    """Return the lines of a Markdown text, rendered for this width. A word that is wider stays whole.

    Links are clickable if the terminal supports links. Without a width, the text is plain, for a pipe or a file, with
    the addresses of its links.
    """
    safe = "\n".join(printable(line) for line in text.expandtabs(4).split("\n"))
    page = _Page(width)
    blocks = (chain(page.lines([block], page.width), [""]) for block in parse_markdown(safe))
    lines = [line.rstrip() for line in chain.from_iterable(blocks)]
    # A block of code has an empty line at both ends.
    shown = [line for before, line in pairwise(["", *lines]) if before or line]
    return shown[:-1] if shown[-1:] == [""] else shown


def heading(words: str, width: int | None) -> list[str]:
    """Return a heading."""
    page = _Page(width)
    return list(page.text_lines([Span(printable(words), Mark.STRONG)], page.width))
