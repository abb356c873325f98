"""Show a letter over each panel of a screen; the letter moves the focus to the panel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.errors import NoWidget
from textual.geometry import NULL_REGION
from textual.screen import ModalScreen, Screen
from textual.widget import Widget
from textual.widgets import Static

from ssmtui.language import translatable
from ssmtui.ui.screens.screen_behaviour import localized_bindings
from ssmtui.ui.widgets.screen_frame import KeyBar

_LETTERS = "asdfghjklqwertyuiopzxcvbnm"


def panels_by_letter(panels: Sequence[Widget]) -> Mapping[str, Widget]:
    """Return the panels by their letters, column by column from the left; the letters of the home row are first."""
    in_order = sorted(panels, key=lambda panel: (panel.region.x, panel.region.y))
    return dict(zip(_LETTERS, in_order, strict=False))


class _PanelLabel(Static):
    """The letter of a panel. A click chooses the panel, as the letter does."""

    DEFAULT_CSS = """
    _PanelLabel { position: absolute; width: 3; height: 1; background: $accent; color: $background; text-style: bold; }
    _PanelLabel:ansi, _PanelLabel:nocolor { text-style: bold reverse; }
    """

    def __init__(self, letter: str, panel: Widget) -> None:
        super().__init__(f" {letter} ", markup=False)
        self.panel = panel

    def on_click(self) -> None:
        """Choose the panel."""
        if isinstance(self.screen, PanelJump):
            self.screen.leave(self.panel)


class PanelJump(ModalScreen[Widget | None]):
    """The letters over a screen; returns the chosen panel."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", translatable("Back"), key_display="Esc")]

    def __init__(self, beneath: Screen[None]) -> None:
        super().__init__()
        self._beneath = beneath
        self._panels = panels_by_letter(beneath.focus_chain)
        self._is_placed = False

    def compose(self) -> ComposeResult:
        """Compose the letters and the key bar."""
        for letter, panel in self._panels.items():
            yield _PanelLabel(letter, panel)
        yield KeyBar()

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """The keys that work now, with their words translated."""
        return localized_bindings(super().active_bindings, self.focused)

    def on_resize(self, event: events.Resize) -> None:
        """Place the letters; if the terminal has another size, go back, because the panels move."""
        if event.size != self._beneath.size or self._is_placed:
            self.leave(None)
        else:
            self._is_placed = True
            self._place()

    def on_key(self, event: events.Key) -> None:
        """Choose the panel of a letter."""
        if (panel := self._panels.get(event.key)) is not None:
            event.stop()
            self.leave(panel)

    def action_close(self) -> None:
        """Go back without moving the focus."""
        self.leave(None)

    def leave(self, panel: Widget | None) -> None:
        """Go back with the chosen panel, once: a second resize must not close the screen beneath."""
        if self.is_current:
            self.dismiss(panel)

    def _place(self) -> None:
        """Place each letter at the first visible cell of its panel; hide the letters of panels out of view."""
        for label in self.query(_PanelLabel):
            try:
                region = self._beneath.find_widget(label.panel).visible_region
            except NoWidget:
                region = NULL_REGION  # hidden since the letters were given
            label.display = bool(region)
            label.styles.offset = (region.x, region.y)
