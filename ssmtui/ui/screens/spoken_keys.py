"""Keys in the language in force: bindings are written once, as classes are, and said wherever they are shown."""

from __future__ import annotations

from dataclasses import replace

from textual.binding import ActiveBinding
from textual.screen import Screen, ScreenResultType
from textual.widget import Widget
from textual.widgets import Input
from textual.widgets._toast import ToastRack

from ssmtui.language import say

_UNKNOWN_TO_TEXTUAL = frozenset({"slash", "backslash"})
"""Keys that write a character, which Textual does not know: it says that they work where they are typed."""


class SpokenKeys(Screen[ScreenResultType]):
    """What every screen of ssmtui is made of: the footer, the help and the palette take their words from here."""

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """The keys that work now, with their words said."""
        typing = is_typed_in(self.focused)
        return {
            key: _said(active)
            for key, active in super().active_bindings.items()
            if not (typing and key in _UNKNOWN_TO_TEXTUAL)
        }

    def on_descendant_focus(self) -> None:
        """Keep notices off the line that is typed in, once it is known where that stands."""
        self.call_after_refresh(self._place_notices)

    def on_resize(self) -> None:
        """The line has moved."""
        self.call_after_refresh(self._place_notices)

    def _place_notices(self) -> None:
        """Put notices above or below what is typed in, where there is more room, and no higher than that."""
        typed = self.focused.region if self.focused and is_typed_in(self.focused) else None
        above = typed is not None and typed.y > self.size.height - typed.bottom
        room = self.size.height if typed is None else max(typed.y, self.size.height - typed.bottom - 1)
        for rack in self.query(ToastRack):
            rack.styles.dock = "top" if above else "bottom"
            rack.styles.align_vertical = "top" if above else "bottom"
            rack.styles.max_height = max(room, 1)


def is_typed_in(widget: Widget | None) -> bool:
    """Whether a widget takes text: by its name, as TextArea is costly to import, and not on the first screen."""
    return isinstance(widget, Input) or any(each.__name__ == "TextArea" for each in type(widget).__mro__)


def _said(active: ActiveBinding) -> ActiveBinding:
    binding = active.binding
    group = binding.group and replace(binding.group, description=say(binding.group.description))
    spoken = replace(binding, description=say(binding.description), tooltip=say(binding.tooltip), group=group)
    return active._replace(binding=spoken, tooltip=say(active.tooltip))
