"""A text with ways to go on from it, a key each; and a text that stands while something is waited for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from ssmtui.language import marked
from ssmtui.ui.screens.spoken_keys import SpokenKeys
from ssmtui.ui.widgets.content import inked
from ssmtui.ui.widgets.key_bar import KeyBar
from ssmtui.ui.widgets.text_pane import TextPane
from ssmtui.ui.words.prose import Prose


@dataclass(frozen=True, slots=True)
class Way:
    """A way to go on: the key, by Textual's name and as it is shown, and a marked sentence of a word or two."""

    key: str
    shown: str
    words: str


ENTER = "enter"


class KeyDialog(SpokenKeys[str | None], ModalScreen[str | None]):
    """A text and its ways on; gives the key of the one taken, None where the person turns back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "take('')", marked("Back"), key_display="Esc"),
    ]

    def __init__(self, title: str, prose: Prose, ways: tuple[Way, ...]) -> None:
        super().__init__()
        self._heading = title
        self.pane = TextPane(prose)
        self.frame = Vertical(self.pane, KeyBar(), id="asking")
        for way in ways:
            self._bindings.bind(way.key, f"take('{way.key}')", way.words, key_display=way.shown)

    def compose(self) -> ComposeResult:
        """The text in a frame."""
        yield self.frame

    def on_mount(self) -> None:
        """Ask."""
        self.frame.border_title = inked(self._heading)
        self.pane.focus()

    def action_take(self, key: str) -> None:
        """Go that way."""
        self.dismiss(key or None)


class WaitingDialog(SpokenKeys[None], ModalScreen[None]):
    """A text that stands while something is waited for. Esc gives it up; `take_away` is for when it has come."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "give_up", marked("Cancel"), key_display="Esc"),
    ]

    def __init__(self, title: str, prose: Prose) -> None:
        super().__init__()
        self._heading = title
        self.pane = TextPane(prose)
        self.frame = Vertical(self.pane, KeyBar(), id="asking")
        self._over = False

    def compose(self) -> ComposeResult:
        """The text in a frame."""
        yield self.frame

    def on_mount(self) -> None:
        """Say what is waited for."""
        self.frame.border_title = inked(self._heading)
        self.pane.focus()

    def on_screen_resume(self) -> None:
        """It may have come while something else lay above."""
        self._go_if_over()

    def action_give_up(self) -> None:
        """Wait no more."""
        self._over = True
        self._go_if_over()

    def take_away(self) -> None:
        """It has come: go, as soon as nothing lies above."""
        self._over = True
        self._go_if_over()

    def _go_if_over(self) -> None:
        # What is current may lie below a dialog that is seen through: that would be closed in this one's place.
        if self._over and self.is_active:
            self.dismiss()
