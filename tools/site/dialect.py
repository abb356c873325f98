"""Convert the Markdown of the pages into the dialect of the site's builder.

CommonMark indents a list item's content to its text; Python-Markdown wants four columns for any marker, and an empty
line before a list (https://python-markdown.github.io/#differences). A bar in a table's code needs a backslash on
GitHub, and would show it here. A code block without a language gets a class, so that it can be wrapped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_ITEM = re.compile(r"(?P<before> *)(?P<marker>[-*]|\d+\.) +(?=\S)")
_FENCE = re.compile(r" *(`{3,}|~{3,})")
_CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")
_TEXT = re.compile(r"( *`{3,})text$")
_COLUMNS = 4


def for_the_site(text: str) -> str:
    """Return the page with its lists in the dialect of the site's builder."""
    return "\n".join(_as_here(line) for line in _lines(text.split("\n")))


def _lines(lines: list[str]) -> Iterator[str]:
    items: list[int] = []  # the columns at which the text of each open list item begins
    fence, before = "", ""
    for line in lines:
        if fence:
            yield _moved(line, items)
            fence = "" if line.strip() == fence else fence
            continue
        indent, within = len(line) - len(line.lstrip(" ")), bool(items)
        if line.strip() and (before == "" or _ITEM.match(line) or indent == 0):
            while items and indent < items[-1]:
                items.pop()
        opened, item = _FENCE.match(line), _ITEM.match(line)
        if item and before and not within:
            yield ""
        yield _moved(line, items)
        if item:
            items.append(item.end())
        fence = opened.group(1) if opened else ""
        before = line


def _as_here(line: str) -> str:
    if line.startswith("|"):
        return _CODE.sub(lambda found: found.group().replace(r"\|", "|"), line)
    return _TEXT.sub(r"\1 { .text .said }", line)


def _moved(line: str, items: list[int]) -> str:
    if not items or not line.strip():
        return line
    inside = line[min(items[-1], len(line) - len(line.lstrip(" "))) :]
    return " " * (_COLUMNS * len(items)) + inside
