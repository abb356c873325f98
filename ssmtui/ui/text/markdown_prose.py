"""Prose from the Markdown of cause pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from ssmtui.text.markdown import CodeBlock, ItemList, Mark, MarkdownBlock, Paragraph, Span, parse_markdown
from ssmtui.ui.text.styled_text import Block, Piece, Prose, TextStyle, item, lines_of, to_pieces

_MARK_STYLES = {Mark.STRONG: TextStyle.STRONG, Mark.EMPHASIS: TextStyle.STRONG, Mark.CODE: TextStyle.CODE}
_ITEM_INDENT = 3


@lru_cache(maxsize=500)  # about as many resolutions as all nodes together show
def prose_from_markdown(markdown: str) -> Prose:
    """Return the blocks of a Markdown text."""
    return tuple(_prose(parse_markdown(markdown)))


def _prose(blocks: Sequence[MarkdownBlock]) -> Iterator[Block]:
    for at, block in enumerate(blocks):
        match block:
            case Paragraph():
                yield Block(to_pieces(*_pieces(block.spans)), gap=at > 0)
            case CodeBlock():
                yield from _code(block, 2)
            case ItemList():
                yield from _items(block, 0)


def _items(items: ItemList, indent: int) -> Iterator[Block]:
    for number, blocks in enumerate(items.items, items.first or 1):
        marker = "•" if items.first is None else f"{number}."
        for block in blocks:
            match block:
                case Paragraph():
                    yield item(marker, *_pieces(block.spans), indent=indent if marker else indent + _ITEM_INDENT)
                    marker = ""
                case CodeBlock():
                    yield from _code(block, indent + _ITEM_INDENT)
                case ItemList():
                    yield from _items(block, indent + _ITEM_INDENT)


def _code(block: CodeBlock, indent: int) -> Prose:
    return lines_of("\n".join(block.lines), TextStyle.CODE, indent=indent)


def _pieces(spans: Iterable[Span]) -> Iterator[Piece]:
    for span in spans:
        yield span.text, _MARK_STYLES.get(span.mark, TextStyle.PLAIN)
        if span.target:
            yield f" ({span.target})", TextStyle.LINK
