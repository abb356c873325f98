"""Text with its colours, as every widget here shows it: never markup, so that no text from AWS can become any."""

from __future__ import annotations

from enum import Enum

from textual.content import Content, Span

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
    CODE = "$accent"
    LINK = "$text-primary underline"
    ADDED = "$text-success on $success-muted"
    REMOVED = "$text-error on $error-muted"


Piece = tuple[str, Ink]
"""A text and its ink."""

Cell = tuple[Piece, ...]
"""One line of pieces."""


def cell(text: str, ink: Ink = Ink.PLAIN) -> Cell:
    """A cell of one piece; the text may come from anywhere."""
    return ((printable(text), ink),)


def inked(*pieces: Piece | str) -> Content:
    """Content of pieces; every text in it is made fit to print, line by line."""
    texts: list[str] = []
    spans: list[Span] = []
    place = 0
    for piece in pieces:
        text, ink = (piece, Ink.PLAIN) if isinstance(piece, str) else piece
        shown = "\n".join(printable(line) for line in text.split("\n"))
        if ink is not Ink.PLAIN:
            spans.append(Span(place, place + len(shown), ink.value))
        texts.append(shown)
        place += len(shown)
    return Content("".join(texts), spans)
