"""Render the Markdown of a cause for a terminal."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator

from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import CodeBlock, Markdown
from rich.text import Text
from rich.theme import Theme

from ssmtui.text.printable import printable

_WIDEST = 100
"""Maximum width of a line of prose in cells: longer lines are hard to read."""

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


class _CauseText(Markdown):
    elements = {**Markdown.elements, "fence": _Code, "code_block": _Code}  # noqa: RUF012 - as rich has it


def code_lines(line: str, language: str, width: int) -> Iterator[str]:
    """Split a line of code into lines with the same meaning.

    The split is before an option; if there is none, between words, never inside quotation marks.
    """
    end = _CONTINUED.get(language, "")
    indent = line[: len(line) - len(line.lstrip())] + "  "
    while len(line) > width:
        places = [
            place
            for place, character in enumerate(line[: width - len(end) + 1])
            if character == " " and line[:place].strip() and _outside_quotes(line[:place])
        ]
        if not places:
            break
        place = next((each for each in reversed(places) if line[each + 1] == "-"), places[-1])
        yield line[:place] + end
        line = indent + line[place + 1 :]
    yield line


def _outside_quotes(before: str) -> bool:
    return before.count("'") % 2 == 0 and before.count('"') % 2 == 0


def markdown_lines(text: str, width: int) -> list[str]:
    """Return the lines of a Markdown text, rendered for this width.

    Links are clickable if the terminal supports links.
    """
    safe = "\n".join(printable(line) for line in text.expandtabs(4).split("\n"))
    lines = _rendered(_CauseText(safe), width)
    return lines[1:] if lines[:1] == [""] else lines


def heading(words: str, width: int) -> list[str]:
    """Return a heading."""
    return _rendered(Text(printable(words), style="bold"), width)


def _rendered(what: Markdown | Text, width: int) -> list[str]:
    drawn = io.StringIO()
    console = Console(
        file=drawn,
        width=min(width, _WIDEST),
        force_terminal=True,
        legacy_windows=False,
        highlight=False,
        theme=_THEME,
        # Without a color system, there is no bold text and no link: a dumb terminal supports neither.
        color_system=None if "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb" else "standard",
    )
    console.print(what)
    return [line.rstrip() for line in drawn.getvalue().split("\n")[:-1]]
