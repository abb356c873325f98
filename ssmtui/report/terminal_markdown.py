"""Render the Markdown of a cause for a terminal, and as plain text for a pipe."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from itertools import pairwise

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.markdown import CodeBlock, ListItem, Markdown, Paragraph
from rich.segment import Segment
from rich.text import Text
from rich.theme import Theme

from ssmtui.text.printable import printable

_WIDEST = 100
"""Maximum width of a line of prose in cells: longer lines are hard to read. Plain text has this width."""

_WORD = re.compile(r"[^ \n]+[ \n]*")
"""A word and the spaces after it. A non-breaking space is part of its word."""

_THEME = Theme({"markdown.code": "bold cyan"})
"""Without rich's background of code, which is black even on a white terminal."""

_CONTINUED = {"powershell": " `", "sh": " \\"}
"""The line continuations of commands, by language."""


class _Code(CodeBlock):
    """Code in the terminal's own colors: the background of a theme can differ from the terminal's."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Text("")
        for line in str(self.text).rstrip().split("\n"):
            for piece in code_lines(line, self.lexer_name, options.max_width - 2):
                yield Text(f"  {piece}", style="cyan", no_wrap=True, overflow="ignore")
        yield Text("")


class _Paragraph(Paragraph):
    """A paragraph that breaks only between words: rich would break a word that is wider than the line."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for text in self.text.split("\n", allow_blank=True):
            yield from _lines(text, options.max_width)


def _lines(text: Text, width: int) -> Iterator[Text]:
    for line in text.divide(_line_starts(text.plain, width)):
        line.rstrip()
        line.no_wrap, line.overflow = True, "ignore"
        yield line


def _line_starts(text: str, width: int) -> list[int]:
    """Return where the second and each later line of a text starts."""
    starts: list[int] = []
    filled = 0
    for word in _WORD.finditer(text):
        if filled and filled + cell_len(word[0].rstrip()) > width:
            starts.append(word.start())
            filled = 0
        filled += cell_len(word[0])
    return starts


class _Item(ListItem):
    """An item whose long words stay whole: rich would cut the lines at the width."""

    def render_bullet(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from self._rendered(console, options, " • ")

    def render_number(self, console: Console, options: ConsoleOptions, number: int, last_number: int) -> RenderResult:
        yield from self._rendered(console, options, f"{number}. ".rjust(len(str(last_number - 1)) + 2))

    def _rendered(self, console: Console, options: ConsoleOptions, marker: str) -> RenderResult:
        inner = options.update(width=options.max_width - len(marker))
        lines = Segment.split_lines(Segment.apply_style(console.render(self.elements, inner), self.style))
        for line in lines:
            yield Segment(marker)
            yield from line
            yield Segment.line()
            marker = " " * len(marker)


class _CauseText(Markdown):
    elements = {  # noqa: RUF012 - as rich has it
        **Markdown.elements,
        "fence": _Code,
        "code_block": _Code,
        "list_item_open": _Item,
        "paragraph_open": _Paragraph,
    }


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


def markdown_lines(text: str, width: int | None) -> list[str]:
    """Return the lines of a Markdown text, rendered for this width. A word that is wider stays whole.

    Links are clickable if the terminal supports links. Without a width, the text is plain, for a pipe or a file, with
    the addresses of its links.
    """
    safe = "\n".join(printable(line) for line in text.expandtabs(4).split("\n"))
    lines = _rendered(_CauseText(safe, hyperlinks=width is not None), width)
    # Between a paragraph and code, rich and the code each have an empty line.
    shown = [line for before, line in pairwise(["", *lines]) if before or line]
    return shown[:-1] if shown[-1:] == [""] else shown


def heading(words: str, width: int | None) -> list[str]:
    """Return a heading."""
    return _rendered(Group(*_lines(Text(printable(words), style="bold"), min(width or _WIDEST, _WIDEST))), width)


def _rendered(what: Markdown | Group, width: int | None) -> list[str]:
    drawn = io.StringIO()
    is_plain = width is None or "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb"
    console = Console(
        file=drawn,
        width=min(width or _WIDEST, _WIDEST),
        force_terminal=True,
        legacy_windows=False,
        highlight=False,
        theme=_THEME,
        # Without a color system, there is no bold text and no link: a dumb terminal supports neither.
        color_system=None if is_plain else "standard",
    )
    console.print(what, crop=False)
    return [line.rstrip() for line in drawn.getvalue().split("\n")[:-1]]
