"""Lines made to fit a terminal: folded at words, or cut with an ellipsis."""

from __future__ import annotations

import re

from rich.cells import cell_len, set_cell_size

ELLIPSIS = "…"

_PAINTED = re.compile(r"(?P<begin>(?:\x1b\[[0-9;]*m)+)(?P<text>[^\x1b]*)(?P<end>\x1b\[0m)")
_LABEL = re.compile(r"\s*(?:\d+\. |[-✖▲●■◌?i·] |\S{1,40}(?: \S{1,12})?:? {2,}|\S{1,12}(?: \S{1,12})?: )")
_INDENT = re.compile(r"\s*")
_NAMED = re.compile(r"\s*\S+: ")
_HANGS = 2
"""Cells that what follows a long name stands further in than the name."""


class Verbatim(str):
    """A line that somebody copies as it stands, such as a command: it is never folded."""

    __slots__ = ()


def folded(line: str, width: int | None) -> list[str]:
    """A line as several, none wider than that, those behind the first below its text: behind its label or number.

    A word that is wider by itself (an ARN, a URL) stays whole, so that it can be copied. A colour of the whole line
    becomes that of each.
    """
    if width is None or isinstance(line, Verbatim):
        return [line]
    painted = _PAINTED.fullmatch(line)
    if painted is not None:
        return [f"{painted['begin']}{each}{painted['end']}" for each in folded(painted["text"], width)]
    if cell_len(line) <= width:
        return [line]
    hanging = " " * _hangs(line, width)
    lines, words = [], line[len(_indent(line)) :].split(" ")
    current, filled = _indent(line), False
    for word in words:
        longer = f"{current} {word}" if filled else f"{current}{word}"
        # A mark, such as the sign of a difference, never stands alone.
        if filled and len(current.strip()) > 1 and cell_len(longer) > width:
            lines.append(current.rstrip())
            current, filled = hanging + word, bool(word)
        else:
            current, filled = longer, True
    return [*lines, current.rstrip()]


def cut(text: str, width: int) -> str:
    """A text that fills so many cells: longer, it ends in an ellipsis; shorter, in spaces."""
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(text, max(width - 1, 0)) + ELLIPSIS


def _hangs(line: str, width: int) -> int:
    indent = len(_indent(line))
    label = _LABEL.match(line)
    if label is not None and cell_len(label.group()) <= width // 2:
        return cell_len(label.group())
    return indent + _HANGS if label is not None or _NAMED.match(line) else indent


def _indent(line: str) -> str:
    found = _INDENT.match(line)
    return found.group() if found is not None else ""
