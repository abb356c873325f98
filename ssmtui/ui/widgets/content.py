"""Pieces of text as Textual shows them. Texts go into it as they are, and are never read for markup."""

from __future__ import annotations

from textual.content import Content, Span

from ssmtui.ui.words.ink import Ink, Piece, pieced, plain


def inked(*pieces: Piece | str) -> Content:
    """Content of pieces; every text in it is made fit to print, line by line."""
    shown = pieced(*pieces)
    spans: list[Span] = []
    place = 0
    for text, ink in shown:
        if ink is not Ink.PLAIN:
            spans.append(Span(place, place + len(text), ink.value))
        place += len(text)
    return Content(plain(shown), spans)
