"""Fit text to a terminal: fold lines at words, cut them, and lay out tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

ELLIPSIS = "…"

_PAINTED = re.compile(r"(?P<begin>(?:\x1b\[[0-9;]*m)+)(?P<text>[^\x1b]*)(?P<end>\x1b\[0m)")
_LABEL = re.compile(r"\s*(?:\d+\. |[-✖▲●■?i·] |\S{1,40}(?: \S{1,12})?:? {2,}|\S{1,12}(?: \S{1,12})?: )")
_INDENT = re.compile(r"\s*")
_NAMED = re.compile(r"\s*\S+: ")
_HANGS = 2
"""Indentation in cells of the text after a long name."""


class Verbatim(str):
    """A line to copy unchanged, such as a command: it is never folded."""

    __slots__ = ()


def folded(line: str, width: int | None) -> list[str]:
    """Fold a line at this width, with a hanging indent behind its label or number.

    A word that is wider than the line (an ARN, a URL) stays whole, so that it can be copied. A color of the whole line
    applies to each new line.
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
        # A mark, such as the sign of a difference, is never alone on a line.
        if filled and len(current.strip()) > 1 and cell_len(longer) > width:
            lines.append(current.rstrip())
            current, filled = hanging + word, bool(word)
        else:
            current, filled = longer, True
    return [*lines, current.rstrip()]


def cut(text: str, width: int) -> str:
    """Return a text of exactly this width: cut with an ellipsis, or filled with spaces."""
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


_GAP = "  "
_BARE = 8
"""Width of a column in cells if the terminal has no room even for the minimum."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column with its title and layout.

    A column can be cut to `least` cells. A column that `yields` is left out if there is no room: the lowest number
    first, after the columns in which all cells are the same; those go as soon as another column has less than it
    `likes`.
    """

    title: str
    least: int | None = None
    yields: int | None = None
    likes: int = 0


def table_rows(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int | None) -> Iterator[str]:
    """Yield the titles, and a line for each row."""
    lines = [[column.title for column in columns], *rows]
    wanted = [max(cell_len(line[place]) for line in lines) for place in range(len(columns))]
    least = [
        each if column.least is None else min(each, column.least) for column, each in zip(columns, wanted, strict=True)
    ]
    liked = [max(each, min(column.likes, most)) for column, each, most in zip(columns, least, wanted, strict=True)]
    shown = _shown(columns, rows, (least, liked), width)
    given = _given([wanted[place] for place in shown], [least[place] for place in shown], width)
    for line in lines:
        cells = [cut(line[place], cells) for place, cells in zip(shown, given, strict=True)]
        yield _GAP.join(cells).rstrip()


def _shown(
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    least_and_liked: tuple[Sequence[int], Sequence[int]],
    width: int | None,
) -> list[int]:
    """Return the indexes of the columns for which there is room."""
    least, liked = least_and_liked
    shown = list(range(len(columns)))
    if width is None:
        return shown

    def yielding(place: int) -> tuple[bool, int]:
        return len({row[place] for row in rows}) > 1, columns[place].yields or 0

    for place in sorted((place for place in shown if columns[place].yields is not None), key=yielding):
        tells, _ = yielding(place)
        if _total([(least if tells else liked)[each] for each in shown]) > width:
            shown.remove(place)
    return shown


def _given(wanted: Sequence[int], least: Sequence[int], width: int | None) -> list[int]:
    """Return the width of each column: the cells above the minimum go to the first column that needs them."""
    if width is None:
        return list(wanted)
    given, left = list(least), width - _total(least)
    if left < 0:
        widest = given.index(max(given))
        given[widest] = max(given[widest] + left, _BARE)
    for place, each in enumerate(wanted):
        more = min(max(left, 0), each - given[place])
        given[place] += more
        left -= more
    return given


def _total(cells: Sequence[int]) -> int:
    return sum(cells) + len(_GAP) * (len(cells) - 1)
