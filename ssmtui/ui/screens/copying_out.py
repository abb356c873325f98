"""A text copied through the terminal, and the notice that says so."""

from __future__ import annotations

from textual.widget import Widget

from ssmtui.language import say, say_many

_TERMINALS_TAKE = 74_994
"""Bytes that any terminal takes which takes any: 100,000 as they are sent, less what the sequence needs."""


def copy_out(widget: Widget, text: str, told: str = "") -> None:
    """Copy a text; `told` is what it is called, its first line where that is left out.

    Nobody knows whether a terminal has taken it: of one that is longer than some take, that is said.
    """
    widget.app.copy_to_clipboard(text)
    first, *rest = text.splitlines() or [""]
    more = say_many(" … and {count} line more", " … and {count} lines more", count=len(rest)) if rest else ""
    size = len(text.encode(errors="replace"))
    if size > _TERMINALS_TAKE:
        words = say("{size} kB: not every terminal takes so much at once", size=size // 1000)
        widget.notify(words, title=say("Copied: {what}", what=told or first), severity="warning", markup=False)
    else:
        widget.notify(told or f"{first}{more}", title=say("Copied"), timeout=3, markup=False)
