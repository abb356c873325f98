"""Parse the Markdown of cause pages: paragraphs, lists and code, with emphasis, code and links in the text.

This is the part of CommonMark that the pages use, and a test compares it with a complete parser. Other marks stay
text.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

_FENCE = re.compile(r"(?P<indent> *)```(?P<language>[\w-]*) *")
_MARKER = re.compile(r" {0,3}(?:-|(?P<number>\d{1,9})\.) +(?=\S)")
_MARKED = re.compile(
    r"(?P<ticks>`+)(?P<code>.+?)(?<!`)(?P=ticks)(?!`)"
    r"|\*\*(?P<strong>[^\s*](?:[^*]*[^\s*])?)\*\*"
    r"|\*(?P<emphasis>[^\s*](?:[^*]*[^\s*])?)\*"
    r"|\[(?P<title>[^\[\]]+)\]\((?P<target>[^()\s]+)\)"
)


class Mark(Enum):
    """How a part of a text is marked."""

    NONE = ""
    STRONG = "strong"
    EMPHASIS = "emphasis"
    CODE = "code"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a text with one mark; `target` is the address of a link."""

    text: str
    mark: Mark = Mark.NONE
    target: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A text, without its line ends."""

    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """Lines of code; `language` is empty if it is not named."""

    language: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ItemList:
    """A list; `first` is the number of the first item, None in a list without numbers."""

    first: int | None
    items: tuple[tuple[MarkdownBlock, ...], ...]


MarkdownBlock = Paragraph | CodeBlock | ItemList


def parse_markdown(text: str) -> tuple[MarkdownBlock, ...]:
    """Return the blocks of a Markdown text."""
    return tuple(_blocks(text.split("\n")))


def _blocks(lines: Sequence[str]) -> Iterator[MarkdownBlock]:
    left = deque(lines)
    while left:
        if not left[0].strip():
            left.popleft()
        elif fence := _FENCE.fullmatch(left[0]):
            yield _code_block(left, fence)
        elif marker := _MARKER.match(left[0]):
            yield _item_list(left, marker)
        else:
            yield _paragraph(left)


def _code_block(left: deque[str], fence: re.Match[str]) -> CodeBlock:
    left.popleft()
    lines = []
    while left and (line := left.popleft()).strip() != "```":
        lines.append(line.removeprefix(fence["indent"]))
    return CodeBlock(fence["language"], tuple(lines))


def _item_list(left: deque[str], first: re.Match[str]) -> ItemList:
    number = first["number"]
    items = []
    while left and (marker := _MARKER.match(left[0])) and bool(marker["number"]) == bool(number):
        width = marker.end()
        lines = [left.popleft()[width:]]
        while left and (not left[0].strip() or left[0].startswith(" " * width)):
            lines.append(left.popleft()[width:])
        items.append(tuple(_blocks(lines)))
    return ItemList(int(number) if number else None, tuple(items))


def _paragraph(left: deque[str]) -> Paragraph:
    lines = [left.popleft()]
    while left and left[0].strip() and not _FENCE.fullmatch(left[0]) and not _MARKER.match(left[0]):
        lines.append(left.popleft())
    return Paragraph(tuple(_spans(" ".join(line.strip(" ") for line in lines))))


def _spans(text: str) -> Iterator[Span]:
    end = 0
    for match in _MARKED.finditer(text):
        if end < match.start():
            yield Span(text[end : match.start()])
        yield _marked(match)
        end = match.end()
    if end < len(text):
        yield Span(text[end:])


def _marked(match: re.Match[str]) -> Span:
    if match["code"]:
        code = match["code"]
        padded = code.strip() and code.startswith(" ") and code.endswith(" ")
        return Span(code[1:-1] if padded else code, Mark.CODE)
    if match["target"]:
        return Span(match["title"], Mark.LINK, match["target"])
    strong = match["strong"]
    return Span(strong, Mark.STRONG) if strong else Span(match["emphasis"], Mark.EMPHASIS)
