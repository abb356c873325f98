"""Show dialogs: a text, a question, a choice of keys, a wait, and numbered steps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import Vertical
from textual.geometry import Offset
from textual.screen import ModalScreen, ScreenResultType
from textual.widget import Widget

from ssmtui.language import say, translatable
from ssmtui.text.printable import printable, printable_lines
from ssmtui.ui.screens.base_screen import (
    copy_and_notify,
    localized_bindings,
    place_toasts,
    place_toasts_after_resize,
    selectable_at,
    widget_to_focus,
)
from ssmtui.ui.text.styled_text import Block, Prose, TextStyle, item, lines_of, paragraph, unwrapped_text
from ssmtui.ui.textual_workarounds import bind_key
from ssmtui.ui.widgets.content import styled_content
from ssmtui.ui.widgets.key_bar import KeyBar
from ssmtui.ui.widgets.text_pane import TextPane

if TYPE_CHECKING:
    from ssmtui.model.plan import Step, Steps


class LocalizedDialog(ModalScreen[ScreenResultType]):
    """A dialog: its widgets in a frame with a title, and its keys below them. `frame` is the id of the frame."""

    def __init__(self, title: str, *widgets: Widget, frame: str) -> None:
        super().__init__()
        self.frame = Vertical(*widgets, KeyBar(), id=frame)
        self.frame.border_title = styled_content(title)

    def compose(self) -> ComposeResult:
        """The widgets in their frame."""
        yield self.frame

    def action_close(self) -> None:
        """Go back without a result."""
        self.dismiss(None)

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """The keys that work now, with their words said."""
        return localized_bindings(super().active_bindings, self.focused)

    def set_focus(self, widget: Widget | None, scroll_visible: bool = True, from_app_focus: bool = False) -> None:  # noqa: FBT001, FBT002
        """Give the keys to a widget; to none only where none can have them."""
        super().set_focus(widget_to_focus(self, widget), scroll_visible, from_app_focus)

    def get_widget_and_offset_at(self, x: int, y: int) -> tuple[Widget | None, Offset | None]:
        """Return what a click would begin to select."""
        return selectable_at(self, super().get_widget_and_offset_at(x, y))

    def on_descendant_focus(self) -> None:
        """Keep toasts off the line that is typed in, once it is known where that stands."""
        self.call_after_refresh(place_toasts, self)

    def on_resize(self) -> None:
        """Place the toasts again."""
        place_toasts_after_resize(self)


class TextDialog(LocalizedDialog[None]):
    """A text over the screen, with scrolling."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,y,i,at", "close", translatable("Close"), key_display="Esc"),
        Binding("c", "copy", translatable("Copy"), tooltip=translatable("Copy the whole text")),
    ]

    def __init__(self, title: str, prose: Prose) -> None:
        self._heading = title
        self._prose = prose
        self.pane = TextPane(prose)
        super().__init__(title, self.pane, frame="reading")

    def on_mount(self) -> None:
        """Read from the top."""
        self.pane.focus()

    def show(self, prose: Prose) -> None:
        """Show another text, also where nobody reads it any more."""
        self._prose = prose
        self.pane.show(prose)

    def action_copy(self) -> None:
        """Copy the text, through the terminal."""
        copy_and_notify(self, unwrapped_text(self._prose), self._heading)


def quit_during_change() -> tuple[str, Prose]:
    """The question to ask before the app is left in the middle of a change: its title, and what to read."""
    return say("A change is being written"), (
        paragraph(say("AWS is being asked. ssmtui ends once it has answered, and the journal says what became of it.")),
        paragraph(say("Leave?"), gap=True),
    )


def quit_with_edits(unsaved: str) -> tuple[str, Prose]:
    """The question to ask before edits are lost: its title, and what to read. `unsaved` says how many they are."""
    return say("Leave the form"), (paragraph(unsaved), paragraph(say("Leave without them?"), gap=True))


def quit_with_probes() -> tuple[str, Prose]:
    """The question to ask before probes are given up: its title, and what to read."""
    return say("A probe is under way"), (
        paragraph(say("Leaving gives it up, and ends its session.")),
        paragraph(say("Leave?"), gap=True),
    )


class ConfirmDialog(LocalizedDialog[bool]):
    """A question that is answered with y or n; n is what every other way out means."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", translatable("Yes")),
        Binding("n,escape,q", "answer(False)", translatable("No"), key_display="n"),
    ]

    def __init__(self, title: str, prose: Prose) -> None:
        self.pane = TextPane(prose)
        super().__init__(title, self.pane, frame="question")

    def on_mount(self) -> None:
        """Ask."""
        self.pane.focus()

    def action_answer(self, yes: bool) -> None:  # noqa: FBT001
        """Answer."""
        self.dismiss(yes)


@dataclass(frozen=True, slots=True)
class KeyOption:
    """A way to go on: the key, by Textual's name and as it is shown, and a marked sentence of a word or two."""

    key: str
    shown: str
    words: str


ENTER = "enter"


class KeyDialog(LocalizedDialog[str | None]):
    """A text and its ways on; gives the key of the one taken, None where the person turns back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "take('')", translatable("Back"), key_display="Esc"),
    ]

    def __init__(self, title: str, prose: Prose, options: tuple[KeyOption, ...]) -> None:
        self.pane = TextPane(prose)
        super().__init__(title, self.pane, frame="asking")
        for way in options:
            bind_key(self, way.key, f"take('{way.key}')", way.words, way.shown)

    def on_mount(self) -> None:
        """Ask."""
        self.pane.focus()

    def action_take(self, key: str) -> None:
        """Go that way."""
        self.dismiss(key or None)


class WaitingDialog(LocalizedDialog[None]):
    """A text that stands while something is waited for. Esc gives it up; `take_away` is for when it has come."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "give_up", translatable("Cancel"), key_display="Esc"),
    ]

    def __init__(self, title: str, prose: Prose) -> None:
        self.pane = TextPane(prose)
        super().__init__(title, self.pane, frame="asking")
        self._over = False

    def on_mount(self) -> None:
        """Say what is waited for."""
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


_CODE_INDENT = 3


class StepsDialog(TextDialog):
    """The steps, numbered. `c` puts the next text that can be copied on the clipboard, and begins again at the end."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "copy_next", translatable("Copy"), tooltip=translatable("Copy the next command")),
    ]

    def __init__(self, steps: Steps) -> None:
        super().__init__(printable(steps.title), steps_prose(steps))
        self._copyable = [(number, step) for number, step in enumerate(steps.steps, start=1) if step.copy]
        self._next = 0

    def action_copy_next(self) -> None:
        """Copy it, and say which step it belongs to."""
        if not self._copyable:
            self.notify(say("There is nothing to copy in these steps."), markup=False)
            return
        number, step = self._copyable[self._next % len(self._copyable)]
        self._next += 1
        self.app.copy_to_clipboard(step.copy)
        self.notify(say("What step {number} needs is on the clipboard.", number=number), markup=False)


def steps_prose(steps: Steps) -> Prose:
    """The steps as they are read, each with its command below."""
    blocks: list[Block] = []
    for number, step in enumerate(steps.steps, start=1):
        blocks += _step(number, step)
    blocks.append(paragraph((say("ssmtui carries out none of these."), TextStyle.MUTED), gap=True))
    return tuple(blocks)


def _step(number: int, step: Step) -> list[Block]:
    words = replace(item(f"{number}.", printable(step.text)), gap=True)
    code = "\n".join(printable_lines(step.copy))
    return [words, *lines_of(code, TextStyle.CODE, indent=_CODE_INDENT)]
