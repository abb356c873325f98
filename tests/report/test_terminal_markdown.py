"""Cause pages on a terminal: the same as rich's Markdown, which takes a third of the time of `ssmtui explain`."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest
from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import CodeBlock, ListItem, Markdown, Paragraph
from rich.segment import Segment
from rich.text import Text
from rich.theme import Theme

from ssmtui.causes.catalogue import Cause, catalogue
from ssmtui.language import Language
from ssmtui.report.terminal_markdown import code_lines, line_starts, markdown_lines
from ssmtui.text.markdown import CodeBlock as ParsedCode
from ssmtui.text.markdown import ItemList, Mark, MarkdownBlock, Span, parse_markdown
from ssmtui.text.markdown import Paragraph as ParsedText


class _Code(CodeBlock):
    """Code in the terminal's own colors, split where a command can be split."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Text("")
        for line in str(self.text).rstrip().split("\n"):
            for piece in code_lines(line, self.lexer_name, options.max_width - 2):
                yield Text(f"  {piece}", style="cyan", no_wrap=True, overflow="ignore")
        yield Text("")


class _Text(Paragraph):
    """A paragraph that breaks only between words."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in self.text.divide(line_starts(self.text.plain, options.max_width)):
            line.rstrip()
            line.no_wrap, line.overflow = True, "ignore"
            yield line


class _Item(ListItem):
    """An item whose long words stay whole."""

    def render_bullet(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from self._rendered(console, options, " • ")

    def render_number(self, console: Console, options: ConsoleOptions, number: int, last_number: int) -> RenderResult:
        yield from self._rendered(console, options, f"{number}. ".rjust(len(str(last_number - 1)) + 2))

    def _rendered(self, console: Console, options: ConsoleOptions, marker: str) -> RenderResult:
        inner = options.update(width=options.max_width - len(marker))
        for line in Segment.split_lines(console.render(self.elements, inner)):
            yield Segment(marker)
            yield from line
            yield Segment.line()
            marker = " " * len(marker)


class _Page(Markdown):
    elements = {  # noqa: RUF012 - as rich has it
        **Markdown.elements,
        "fence": _Code,
        "list_item_open": _Item,
        "paragraph_open": _Text,
    }


def rendered_by_rich(text: str, width: int | None) -> list[str]:
    """Return the lines of a Markdown text as rich renders them; several empty lines count as one."""
    drawn = io.StringIO()
    console = Console(
        file=drawn,
        width=width or 100,
        force_terminal=True,
        legacy_windows=False,
        highlight=False,
        theme=Theme({"markdown.code": "bold cyan"}),
        color_system=None if width is None else "standard",
    )
    console.print(_Page(text, hyperlinks=width is not None), crop=False)
    lines = "\n".join(line.rstrip() for line in drawn.getvalue().split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n").split("\n")


_CELL = re.compile(r"\x1b\[(?P<color>[0-9;]*)m|\x1b\]8;[^;]*;(?P<link>[^\x1b]*)\x1b\\|(?P<text>.)")


def cells(line: str) -> list[tuple[str, str, str]]:
    """Return the characters of a line as a terminal shows them, each with its color and its link."""
    shown, color, link = [], "", ""
    for found in _CELL.finditer(line):
        if found["text"]:
            shown.append((found["text"], color, link))
        elif found["color"] is not None:
            color = found["color"].removeprefix("0")
        else:
            link = found["link"]
    return shown


def sections(cause: Cause) -> Iterator[str]:
    """Yield the sections of a page."""
    return filter(None, (cause.what_is_wrong, cause.how_to_resolve, cause.to_know))


@pytest.mark.long
@pytest.mark.heavy
@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("width", [*(pytest.param(each, marks=pytest.mark.long) for each in (30, 80)), 100, None])
def test_every_page_looks_as_rich_renders_it(
    width: int | None, language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    different = [
        (slug, shown, expected)
        for slug, cause in catalogue(language).items()
        for section in sections(cause)
        for shown, expected in [(markdown_lines(section, width), rendered_by_rich(section, width))]
        if list(map(cells, shown)) != list(map(cells, expected))
    ]
    assert different == []


def text(*spans: Span | str) -> MarkdownBlock:
    """Return a paragraph."""
    return ParsedText(tuple(Span(each) if isinstance(each, str) else each for each in spans))


CODE, STRONG, EMPHASIS = Span("a b", Mark.CODE), Span("a b", Mark.STRONG), Span("a b", Mark.EMPHASIS)


@pytest.mark.parametrize(
    ("markdown", "blocks"),
    [
        ("One\ntwo\n\nthree\n", [text("One two"), text("three")]),
        ("`a b`, **a b** and *a b*", [text(CODE, ", ", STRONG, " and ", EMPHASIS)]),
        ("**a\nb**", [text(STRONG)]),
        ("`` a`b ``", [text(Span("a`b", Mark.CODE))]),
        ("`a*` and `b*`", [text(Span("a*", Mark.CODE), " and ", Span("b*", Mark.CODE))]),
        ("2 * 3 * 4", [text("2 * 3 * 4")]),
        ("[a](https://b)!", [text(Span("a", Mark.LINK, "https://b"), "!")]),
        ("[a] (b)", [text("[a] (b)")]),
        ("```sh\n a\n\nb\n```", [ParsedCode("sh", (" a", "", "b"))]),
        ("- a\n  b\n- c", [ItemList(None, ((text("a b"),), (text("c"),)))]),
        ("3. a\n\n   b\n4. c\n\nd", [ItemList(3, ((text("a"), text("b")), (text("c"),))), text("d")]),
        ("1. a\n   - b\n", [ItemList(1, ((text("a"), ItemList(None, ((text("b"),),))),))]),
        ("1. a\n\n   ```\n   b\n     c\n   ```\n", [ItemList(1, ((text("a"), ParsedCode("", ("b", "  c"))),))]),
        ("", []),
    ],
)
def test_markdown_is_parsed(markdown: str, blocks: list[MarkdownBlock]) -> None:
    assert list(parse_markdown(markdown)) == blocks


@pytest.mark.parametrize("left_open", ["**a", "`a", "[a](b", "```sh\na", "*a", "| a |\n|---|"])
def test_text_with_other_marks_is_shown(left_open: str) -> None:
    assert "a" in "".join(markdown_lines(left_open, None))
