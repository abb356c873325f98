"""Small screens that lie over another: a text to read, or a question to answer."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from ssmtui.language import marked, say
from ssmtui.ui.screens.copying_out import copy_out
from ssmtui.ui.screens.spoken_keys import SpokenKeys
from ssmtui.ui.widgets.content import inked
from ssmtui.ui.widgets.key_bar import KeyBar
from ssmtui.ui.widgets.text_pane import TextPane
from ssmtui.ui.words.prose import Prose, paragraph, unwrapped


class TextDialog(SpokenKeys[None], ModalScreen[None]):
    """A text over the screen, with scrolling."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,y,i,at", "close", marked("Close"), key_display="Esc"),
        Binding("c", "copy", marked("Copy"), tooltip=marked("Copy the whole text")),
    ]

    def __init__(self, title: str, prose: Prose) -> None:
        super().__init__()
        self._heading = title
        self._prose = prose
        self.pane = TextPane(prose)
        self.frame = Vertical(self.pane, KeyBar(), id="reading")

    def compose(self) -> ComposeResult:
        """The text in a frame."""
        yield self.frame

    def on_mount(self) -> None:
        """Read from the top."""
        self.frame.border_title = inked(self._heading)
        self.pane.focus()

    def show(self, prose: Prose) -> None:
        """Show another text, also where nobody reads it any more."""
        self._prose = prose
        self.pane.show(prose)

    def action_close(self) -> None:
        """Go back."""
        self.dismiss()

    def action_copy(self) -> None:
        """Copy the text, through the terminal."""
        copy_out(self, unwrapped(self._prose), self._heading)


def leaving() -> tuple[str, Prose]:
    """The question to ask before the app is left in the middle of a change: its title, and what to read."""
    return say("A change is being written"), (
        paragraph(say("AWS is being asked. ssmtui ends once it has answered, and the journal says what became of it.")),
        paragraph(say("Leave?"), gap=True),
    )


def leaving_edits(unsaved: str) -> tuple[str, Prose]:
    """The question to ask before edits are lost: its title, and what to read. `unsaved` says how many they are."""
    return say("Leave the form"), (paragraph(unsaved), paragraph(say("Leave without them?"), gap=True))


def leaving_probes() -> tuple[str, Prose]:
    """The question to ask before probes are given up: its title, and what to read."""
    return say("A probe is under way"), (
        paragraph(say("Leaving gives it up, and ends its session.")),
        paragraph(say("Leave?"), gap=True),
    )


class YesOrNo(SpokenKeys[bool], ModalScreen[bool]):
    """A question that is answered with y or n; n is what every other way out means."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", marked("Yes")),
        Binding("n,escape,q", "answer(False)", marked("No"), key_display="n"),
    ]

    def __init__(self, title: str, prose: Prose) -> None:
        super().__init__()
        self._heading = title
        self.pane = TextPane(prose)
        self.frame = Vertical(self.pane, KeyBar(), id="question")

    def compose(self) -> ComposeResult:
        """The question in a frame."""
        yield self.frame

    def on_mount(self) -> None:
        """Ask."""
        self.frame.border_title = inked(self._heading)
        self.pane.focus()

    def action_answer(self, yes: bool) -> None:  # noqa: FBT001
        """Answer."""
        self.dismiss(yes)
