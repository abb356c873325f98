"""Text with its colours, as plain values: never markup, so that no text from AWS can become any."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from ssmtui.model.plain_text import printable


class Ink(Enum):
    """What a piece of text means; the value is the style that the theme gives it."""

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


WORN = {each.name.removeprefix("ON_").lower(): each for each in Ink if each.name.startswith("ON_")}
"""The inks that tell accounts apart, by the colour that the configuration names: the same in every theme."""


Piece = tuple[str, Ink]
"""A text and its ink."""

Cell = tuple[Piece, ...]
"""One line of pieces."""


def cell(text: str, ink: Ink = Ink.PLAIN) -> Cell:
    """A cell of one piece; the text may come from anywhere."""
    return ((printable(text), ink),)


def pieced(*pieces: Piece | str) -> Cell:
    """Pieces of a text, plain where no ink is said; every text in them is made fit to print, line by line."""
    inked = ((piece, Ink.PLAIN) if isinstance(piece, str) else piece for piece in pieces)
    return tuple(("\n".join(printable(line) for line in text.split("\n")), ink) for text, ink in inked)


def plain(pieces: Cell) -> str:
    """The text of pieces, without their inks."""
    return "".join(text for text, _ in pieces)


def changed_cells(cells: Mapping[str, Cell], columns: frozenset[str]) -> Mapping[str, Cell]:
    """The cells of a row, those of these columns marked as changed: by a colour, and by a line below them."""
    return (
        {**cells, **{key: ((plain(cells[key]), Ink.CHANGED),) for key in columns & cells.keys()}} if columns else cells
    )
