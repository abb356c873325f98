"""Provide what screens and dialogs share: translated keys, the focus, the place of toasts, and copying."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from textual.app import App
from textual.binding import ActiveBinding, Binding
from textual.css.scalar import Scalar
from textual.geometry import Offset, Spacing
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

from ssmtui.language import Language, current_language, say, say_many
from ssmtui.session.external_programs import copy_with_programs


def largest_free_block(height: int, taken: Iterable[Sequence[int]]) -> tuple[int, int]:
    """Return the first line of the largest free block, and the line after its last.

    `taken` holds such pairs for the taken blocks, in any order. Of free blocks of equal size, return the lowest. If
    nothing is free, return everything.
    """
    edges = sorted((max(0, top), min(height, bottom)) for top, bottom in taken if top < bottom)
    free, begun = [(0, 0)], 0
    for top, bottom in (*edges, (height, height)):
        free.append((begun, top))
        begun = max(begun, bottom)
    start, end = max(free, key=lambda room: (room[1] - room[0], room[0]))
    return (start, end) if start < end else (0, height)


_UNKNOWN_TO_TEXTUAL = frozenset({"slash", "backslash", "at"})
"""Keys for characters that Textual does not know: it would say that they work while a text is typed."""

_KEPT_CLEAR = "KeyBar, RowLine, ConfirmLine"
"""Widgets that toasts never cover, besides the input line with the focus."""


def localized_bindings(bindings: Mapping[str, ActiveBinding], focused: Widget | None) -> dict[str, ActiveBinding]:
    """Return the active bindings with their words in the current language."""
    typing = accepts_text(focused)
    return {key: _localized(active) for key, active in bindings.items() if not (typing and key in _UNKNOWN_TO_TEXTUAL)}


def widget_to_focus(screen: Screen[Any], widget: Widget | None) -> Widget | None:
    """Return the widget to focus: instead of None the focused one, or the first that can have the focus.

    Textual removes the focus if the pointer is on no widget, as before a screen is laid out, and if the focused widget
    is hidden.
    """
    if widget is not None or not screen.app.app_focus:
        return widget
    can_have = screen.focus_chain
    return screen.focused if screen.focused in can_have else next(iter(can_have), None)


def selectable_at(
    screen: Screen[Any], found: tuple[Widget | None, Offset | None]
) -> tuple[Widget | None, Offset | None]:
    """Return where a click begins a selection: nothing if its widget was just removed, as Textual would fail."""
    widget, _ = found
    return found if widget is screen or (widget and widget.parent) else (None, None)


def place_toasts(screen: Screen[Any]) -> None:
    """Put toasts where they cover no key, no input line with the focus, and not the details of the row."""
    kept = [each for each in screen.query(_KEPT_CLEAR) if each.display]
    if screen.focused is not None and accepts_text(screen.focused):
        kept.append(screen.focused)
    start, end = largest_free_block(screen.size.height, ((each.region.y, each.region.bottom) for each in kept))
    for rack in screen.query("ToastRack"):
        margin = rack.styles.set_rule("margin", Spacing(0, 0, screen.size.height - end, 0))
        height = rack.styles.set_rule("max_height", Scalar.from_number(end - start))
        if rack.display and (margin or height):
            rack.refresh(layout=True)


def place_toasts_after_resize(screen: Screen[Any]) -> None:
    """Place the toasts again after the screen is laid out; a widget may now have room to get the focus."""
    screen.call_after_refresh(place_toasts, screen)
    if screen.focused is None:
        screen.call_after_refresh(screen.set_focus, None)


def accepts_text(widget: Widget | None) -> bool:
    """Return whether a widget takes text: by class name, because TextArea is slow to import and rarely needed."""
    return isinstance(widget, Input) or any(each.__name__ == "TextArea" for each in type(widget).__mro__)


def _localized(active: ActiveBinding) -> ActiveBinding:
    binding = _localized_binding(active.binding, current_language())
    return active._replace(binding=binding, tooltip=binding.tooltip)


@lru_cache(1024)
def _localized_binding(binding: Binding, _language: Language) -> Binding:
    """Return a binding with its words translated. Every key press reads all bindings of its screen."""
    group = binding.group and replace(binding.group, description=say(binding.group.description))
    return replace(binding, description=say(binding.description), tooltip=say(binding.tooltip), group=group)


_MAX_TERMINAL_BYTES = 74_994
"""Bytes that every terminal with clipboard support accepts: 100,000 as sent, less the bytes of the sequence."""


def copy_and_notify(app: App[Any], text: str, name: str = "", seconds: float = 3) -> None:
    """Copy a text through the terminal and the clipboard programs, and notify the user with `name` or its first line.

    A terminal does not confirm a copy. The notice says "Copied" only if a program has confirmed it.
    """
    app.copy_to_clipboard(text)
    # In a thread: a program can take a while.
    app.run_worker(
        lambda: _copy_with_programs(app, app.clipboard, name, seconds),
        thread=True,
        group="copy",
        name="copy",
        exit_on_error=False,
    )


def _copy_with_programs(app: App[Any], text: str, name: str, seconds: float) -> None:
    is_copied = copy_with_programs(text, os.environ)
    first, *rest = text.splitlines() or [""]
    more = say_many(" … and {count} more line", " … and {count} more lines", count=len(rest)) if rest else ""
    words = name or f"{first}{more}"
    severity: SeverityLevel = "information"
    size = len(text.encode(errors="replace"))
    if size > _MAX_TERMINAL_BYTES and not is_copied:
        too_long = say("{size} kB: some terminals do not copy texts of this size", size=size // 1000)
        words, severity = f"{words}\n{too_long}", "warning"
    title = say("Copied") if is_copied else say("Sent to the terminal")
    app.call_from_thread(app.notify, words, title=title, severity=severity, timeout=seconds, markup=False)
