"""Provide the base class of all screens and dialogs: localized keys, focus, and toasts that cover no keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from textual.binding import ActiveBinding
from textual.geometry import Offset
from textual.screen import Screen, ScreenResultType
from textual.widget import Widget
from textual.widgets import Input
from textual.widgets._toast import ToastRack

from ssmtui.language import say, say_many


def largest_free_block(height: int, taken: Iterable[Sequence[int]]) -> tuple[int, int]:
    """The first line of the largest room between those that are taken, and the line behind its last.

    `taken` are such pairs, in any order; of rooms alike, the lowest. All of it, where nothing is left.
    """
    edges = sorted((max(0, top), min(height, bottom)) for top, bottom in taken if top < bottom)
    free, begun = [(0, 0)], 0
    for top, bottom in (*edges, (height, height)):
        free.append((begun, top))
        begun = max(begun, bottom)
    start, end = max(free, key=lambda room: (room[1] - room[0], room[0]))
    return (start, end) if start < end else (0, height)


_UNKNOWN_TO_TEXTUAL = frozenset({"slash", "backslash"})
"""Keys that write a character, which Textual does not know: it says that they work where they are typed."""

_KEPT_CLEAR = "KeyBar, RowLine, ConfirmLine"
"""What notices are kept off, besides the line that is typed in."""


class LocalizedScreen(Screen[ScreenResultType]):
    """What every screen of ssmtui is made of: the footer, the help and the palette take their words from here."""

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """The keys that work now, with their words said."""
        typing = accepts_text(self.focused)
        return {
            key: _localized(active)
            for key, active in super().active_bindings.items()
            if not (typing and key in _UNKNOWN_TO_TEXTUAL)
        }

    def set_focus(self, widget: Widget | None, scroll_visible: bool = True, from_app_focus: bool = False) -> None:  # noqa: FBT001, FBT002
        """Give the keys to a widget. Nobody takes them away while there is somebody to have them.

        Textual does: where the pointer is on nothing, as before a screen is laid out, and where who has them is hidden.
        """
        if widget is None and self.app.app_focus:
            can_have = self.focus_chain
            widget = self.focused if self.focused in can_have else next(iter(can_have), None)
        super().set_focus(widget, scroll_visible, from_app_focus)

    def get_widget_and_offset_at(self, x: int, y: int) -> tuple[Widget | None, Offset | None]:
        """What a click would begin to select: nothing where what is painted there was just taken away.

        Textual asks what it stands in, and that is none any more.
        """
        widget, offset = super().get_widget_and_offset_at(x, y)
        return (widget, offset) if widget is self or (widget and widget.parent) else (None, None)

    def on_descendant_focus(self) -> None:
        """Keep notices off the line that is typed in, once it is known where that stands."""
        self.call_after_refresh(self.place_notices)

    def on_resize(self) -> None:
        """What is to be kept clear has moved; and there may be room again for somebody to have the keys."""
        self.call_after_refresh(self.place_notices)
        if self.focused is None:
            self.call_after_refresh(self.set_focus, None)

    def place_notices(self) -> None:
        """Put notices where they lie over nothing that is typed in, over no key, and not over what tells the row."""
        kept = [each for each in self.query(_KEPT_CLEAR) if each.display]
        if self.focused is not None and accepts_text(self.focused):
            kept.append(self.focused)
        start, end = largest_free_block(self.size.height, ((each.region.y, each.region.bottom) for each in kept))
        for rack in self.query(ToastRack):
            rack.styles.margin = (0, 0, self.size.height - end, 0)
            rack.styles.max_height = end - start


def accepts_text(widget: Widget | None) -> bool:
    """Whether a widget takes text: by its name, as TextArea is costly to import, and not on the first screen."""
    return isinstance(widget, Input) or any(each.__name__ == "TextArea" for each in type(widget).__mro__)


def _localized(active: ActiveBinding) -> ActiveBinding:
    binding = active.binding
    group = binding.group and replace(binding.group, description=say(binding.group.description))
    spoken = replace(binding, description=say(binding.description), tooltip=say(binding.tooltip), group=group)
    return active._replace(binding=spoken, tooltip=say(active.tooltip))


_MAX_TERMINAL_BYTES = 74_994
"""Bytes that any terminal takes which takes any: 100,000 as they are sent, less what the sequence needs."""


def copy_and_notify(widget: Widget, text: str, told: str = "") -> None:
    """Copy a text; `told` is what it is called, its first line where that is left out.

    Nobody knows whether a terminal has taken it: of one that is longer than some take, that is said.
    """
    widget.app.copy_to_clipboard(text)
    first, *rest = text.splitlines() or [""]
    more = say_many(" … and {count} line more", " … and {count} lines more", count=len(rest)) if rest else ""
    size = len(text.encode(errors="replace"))
    if size > _MAX_TERMINAL_BYTES:
        words = say("{size} kB: not every terminal takes so much at once", size=size // 1000)
        widget.notify(words, title=say("Copied: {what}", what=told or first), severity="warning", markup=False)
    else:
        widget.notify(told or f"{first}{more}", title=say("Copied"), timeout=3, markup=False)
