"""Build styled text as plain values: text styles, cells, signs, prose blocks and durations.

The values are never markup, so that no text from AWS is read as markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum

from ssmtui.language import say, translatable
from ssmtui.model.finding import (
    GLYPHS,
    VERDICT_ORDER,
    Confidence,
    LinkState,
    Status,
    Verdict,
    VerdictStatus,
    status_word,
)
from ssmtui.text.printable import printable


class TextStyle(Enum):
    """The meaning of a piece of text; the value is the style that the theme gives it."""

    PLAIN = ""
    STRONG = "bold"
    MUTED = "$text-muted"
    FAINT = "$text-disabled"
    OK = "$text-success"
    WARN = "$text-warning"
    FAIL = "$text-error"
    FAIL_STRONG = "$text-error bold"
    UNKNOWN = "$text-secondary"
    ACCENT = "$text-accent"
    HEADING = "$text-primary bold"
    KEY = "$text-accent bold"
    CODE = "$text-code"
    LINK = "$text-primary underline"
    ADDED = "$text-success on $success-muted"
    REMOVED = "$text-error on $error-muted"
    CHANGED = "$text-accent on $accent-muted underline"
    ON_RED = "bold #ffffff on #a3121f"
    ON_YELLOW = "bold #000000 on #e5c000"
    ON_GREEN = "bold #ffffff on #1b6e34"
    ON_BLUE = "bold #ffffff on #1f4fa8"
    ON_MAGENTA = "bold #ffffff on #7d2a8c"
    ON_CYAN = "bold #000000 on #2bb5c4"


SCOPE_COLOURS = {each.name.removeprefix("ON_").lower(): each for each in TextStyle if each.name.startswith("ON_")}
"""The styles that distinguish accounts, by the colour's name in the configuration: the same in every theme."""


Piece = tuple[str, TextStyle]
"""A text and its style."""

Cell = tuple[Piece, ...]
"""One line of pieces."""


def cell(text: str, text_style: TextStyle = TextStyle.PLAIN) -> Cell:
    """Return a cell of one piece; the text can come from anywhere."""
    return ((printable(text), text_style),)


def to_pieces(*pieces: Piece | str) -> Cell:
    """Pieces of a text, plain if no style is given; every text in them is made fit to print, line by line."""
    styled = ((piece, TextStyle.PLAIN) if isinstance(piece, str) else piece for piece in pieces)
    return tuple(("\n".join(printable(line) for line in text.split("\n")), text_style) for text, text_style in styled)


def plain_text(pieces: Cell) -> str:
    """Return the text of pieces, without their styles."""
    return "".join(text for text, _ in pieces)


def mark_changed_cells(cells: Mapping[str, Cell], columns: frozenset[str]) -> Mapping[str, Cell]:
    """Return the cells of a row, with these columns marked as changed: by a colour, and by underlining."""
    return (
        {**cells, **{key: ((plain_text(cells[key]), TextStyle.CHANGED),) for key in columns & cells.keys()}}
        if columns
        else cells
    )


@dataclass(frozen=True, slots=True, eq=False)
class Sign:
    """A glyph of one cell, its style, and the word that says the same. Each is made once, and is itself alone."""

    glyph: str
    text_style: TextStyle
    sentence: str

    @property
    def word(self) -> str:
        """The word, in the current language."""
        return say(self.sentence)


_VERDICT_STYLES = {
    VerdictStatus.FAIL: TextStyle.FAIL,
    VerdictStatus.UNKNOWN: TextStyle.UNKNOWN,
    VerdictStatus.WARN: TextStyle.WARN,
    VerdictStatus.OK: TextStyle.OK,
    VerdictStatus.STOPPED: TextStyle.FAINT,
    VerdictStatus.RESTRICTED: TextStyle.FAINT,
}
VERDICTS = {status: Sign(GLYPHS[status.value], _VERDICT_STYLES[status], status.value) for status in VERDICT_ORDER}
"""The verdicts, in the order in which nodes are listed."""

_STATUS_OF_SIGN = {sign: status for status, sign in VERDICTS.items()}


def word_behind(count: int, sign: Sign) -> str:
    """Return the word of a sign that is shown behind a number: the status of nodes has a plural in French."""
    status = _STATUS_OF_SIGN.get(sign)
    return sign.word if status is None else status_word(status, count)


PRESUMED = Sign("◐", TextStyle.OK, translatable("presumed ok"))
"""A node whose connection was not checked, but whose peer's was: half full until its own result arrives."""

CHECKING = Sign("·", TextStyle.FAINT, translatable("checking"))

NODE_SIGNS = tuple(
    sign
    for status in VERDICT_ORDER
    for sign in ((CHECKING, PRESUMED) if status is VerdictStatus.OK else ()) + (VERDICTS[status],)
)
"""All signs of nodes, in the order in which nodes are listed."""

CHANGED = Sign("Δ", TextStyle.CHANGED, translatable("just changed"))

MARKED = Sign("◆", TextStyle.KEY, translatable("marked"))

LINKS = {
    LinkState.OK: Sign("●", TextStyle.OK, translatable("ok")),
    LinkState.WARN: Sign("▲", TextStyle.WARN, translatable("warning")),
    LinkState.FAIL: Sign("✖", TextStyle.FAIL, translatable("failure")),
    LinkState.UNKNOWN: Sign("?", TextStyle.UNKNOWN, translatable("unknown")),
    LinkState.PENDING: Sign("·", TextStyle.FAINT, translatable("checking…")),
    LinkState.NOT_CHECKED: Sign("–", TextStyle.FAINT, translatable("not checked")),
}

_STATUS_STYLES = {
    Status.FAIL: TextStyle.FAIL,
    Status.UNKNOWN: TextStyle.UNKNOWN,
    Status.WARN: TextStyle.WARN,
    Status.INFO: TextStyle.MUTED,
}
STATUSES = {status: Sign(GLYPHS[status.value], style, status.value) for status, style in _STATUS_STYLES.items()}
"""The signs, worst first."""


def sign_of(verdict: Verdict) -> Sign:
    """Return the sign of a node: its verdict's, or "checking" while nothing bad is known yet."""
    if not verdict.settled and verdict.status is VerdictStatus.UNKNOWN:
        return CHECKING
    if verdict.status is VerdictStatus.OK and verdict.confidence is Confidence.POSSIBLE:
        return PRESUMED
    return VERDICTS[verdict.status]


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph. `marker` stands before its first line (`1.`, `•`); the other lines are indented to the text.

    `gap` adds an empty line before it; `solid` cuts it at the width instead of wrapping it at words.
    """

    pieces: Cell
    indent: int = 0
    marker: str = ""
    marker_style: TextStyle = TextStyle.MUTED
    gap: bool = False
    solid: bool = False


Prose = tuple[Block, ...]


def heading(text: str) -> Block:
    """Return the heading of a section."""
    return Block(to_pieces((text, TextStyle.HEADING)), gap=True)


def paragraph(*pieces: Piece | str, indent: int = 0, gap: bool = False) -> Block:
    """Return a paragraph of pieces."""
    return Block(to_pieces(*pieces), indent=indent, gap=gap)


def item(marker: str, *pieces: Piece | str, indent: int = 0, text_style: TextStyle = TextStyle.MUTED) -> Block:
    """Return a paragraph with a marker before it."""
    return Block(to_pieces(*pieces), indent=indent, marker=marker, marker_style=text_style)


def lines_of(text: str, text_style: TextStyle = TextStyle.PLAIN, indent: int = 0) -> Prose:
    """Return the lines of a text unchanged."""
    return tuple(
        Block(to_pieces((line, text_style)), indent=indent, solid=True) for line in text.expandtabs(4).splitlines()
    )


def indented(blocks: Iterable[Block], by: int) -> Prose:
    """Return the blocks with more indentation."""
    return tuple(replace(block, indent=block.indent + by) for block in blocks)


def unwrapped_text(blocks: Iterable[Block]) -> str:
    """Return the text of blocks for copying: each on its own lines, without wrapping."""
    lines: list[str] = []
    for block in blocks:
        marker = f"{block.marker} " if block.marker else ""
        lines += [""] if block.gap and lines else []
        lines.append(f"{' ' * block.indent}{marker}{plain_text(block.pieces)}")
    return "\n".join(lines)


_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def short_duration(duration: timedelta) -> str:
    """Return a duration in words, rounded down to whole seconds; negative durations count as zero."""
    seconds = max(0, int(duration.total_seconds()))
    if seconds < _MINUTE:
        return say("{seconds} s", seconds=seconds)
    if seconds < _HOUR:
        return say("{minutes} min", minutes=seconds // _MINUTE)
    if seconds < _DAY:
        return say("{hours} h {minutes:02d}", hours=seconds // _HOUR, minutes=seconds % _HOUR // _MINUTE)
    return say("{days} d {hours} h", days=seconds // _DAY, hours=seconds % _DAY // _HOUR)
