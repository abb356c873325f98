"""The Markdown of the causes' files as prose. Only what these files use: paragraphs, lists, code, emphasis, links."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from ssmtui.ui.words.ink import Ink, Piece, pieced
from ssmtui.ui.words.prose import Block, Prose, item, lines_of

if TYPE_CHECKING:
    from markdown_it.token import Token


@lru_cache(maxsize=500)  # as many resolutions are told of every node that is looked at
def prose_of(markdown: str) -> Prose:
    """The blocks of a Markdown text."""
    # Imported here: it is not needed for the first paint.
    from markdown_it import MarkdownIt  # noqa: PLC0415

    return tuple(_Reader().read(MarkdownIt("commonmark").parse(markdown)))


class _Reader:
    """Walks the tokens of a text; holds how deep in lists it is."""

    def __init__(self) -> None:
        self._lists: list[int | None] = []
        self._marker = ""

    def read(self, tokens: Sequence[Token]) -> list[Block]:
        blocks: list[Block] = []
        for token in tokens:
            match token.type:
                case "ordered_list_open":
                    self._lists.append(int(token.attrGet("start") or 1))
                case "bullet_list_open":
                    self._lists.append(None)
                case "ordered_list_close" | "bullet_list_close":
                    self._lists.pop()
                case "list_item_open":
                    self._marker = self._next_marker()
                case "inline":
                    pieces = _pieces(token.children or ())
                    blocks.append(self._paragraph(pieces, first=not blocks))
                case "fence" | "code_block":
                    indent = self._indent() + (3 if self._lists else 2)
                    blocks.extend(lines_of(token.content.rstrip(), Ink.CODE, indent=indent))
                case _:
                    pass
        return blocks

    def _paragraph(self, pieces: Sequence[Piece], *, first: bool) -> Block:
        marker, self._marker = self._marker, ""
        if not self._lists:
            return Block(pieced(*pieces), gap=not first)
        indent = self._indent()
        hanging = indent + (0 if marker else 3)
        return item(marker, *pieces, indent=hanging)

    def _indent(self) -> int:
        return 3 * max(0, len(self._lists) - 1)

    def _next_marker(self) -> str:
        number = self._lists[-1]
        if number is None:
            return "•"
        self._lists[-1] = number + 1
        return f"{number}."


def _pieces(tokens: Sequence[Token]) -> list[Piece]:
    pieces: list[Piece] = []
    bold = 0
    target = ""
    for token in tokens:
        text = token.content
        match token.type:
            case "strong_open" | "em_open":
                bold += 1
            case "strong_close" | "em_close":
                bold -= 1
            case "link_open":
                target = str(token.attrGet("href") or "")
            case "link_close":
                pieces.append((f" ({target})", Ink.LINK))
            case "code_inline":
                pieces.append((text, Ink.CODE))
            case "softbreak" | "hardbreak":
                pieces.append((" ", Ink.PLAIN))
            case "text":
                pieces.append((text, Ink.STRONG if bold else Ink.PLAIN))
            case _:
                pass
    return pieces
