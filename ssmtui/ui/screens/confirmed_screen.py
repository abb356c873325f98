"""What the screens have in common that show what would be changed, have it confirmed, and follow it up."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from ssmtui.language import marked, say
from ssmtui.ui.screens.pace import PacedWork
from ssmtui.ui.screens.screen import BenchScreen
from ssmtui.ui.state.bench import READ_ONLY, READ_ONLY_PROFILE, Bench
from ssmtui.ui.state.phase import Phase
from ssmtui.ui.widgets.confirm_line import ConfirmLine
from ssmtui.ui.widgets.content import inked
from ssmtui.ui.widgets.key_bar import KeyBar
from ssmtui.ui.widgets.text_pane import TextPane
from ssmtui.ui.words.ink import Ink

BEING_WRITTEN = marked("another change is being written: wait until it is done")

_TO_BE_READ = 15
"""Seconds that a notice of an ending stays: long enough to be read by who looks elsewhere."""


def keys_of_a_change(apply_told: str) -> list[BindingType]:
    """The keys of such a screen; `apply_told` is a marked sentence."""
    return [
        Binding("escape", "close", marked("Back"), key_display="Esc"),
        Binding("A", "apply", marked("Apply"), key_display="A", tooltip=apply_told),
        Binding("h", "hand_over", marked("Hand over"), tooltip=marked("As commands, code or a change request")),
        Binding("z", "undo", marked("Undo"), tooltip=marked("Take back the last change")),
        Binding("r", "recheck", marked("Recheck"), tooltip=marked("Check again now")),
        Binding("tab", "other_pane", marked("Other pane"), key_display="Tab", tooltip=marked("Text or line")),
    ]


class ConfirmedScreen(BenchScreen):
    """A preview, and the line that confirms it.

    `confirmation` is what must be typed, empty where a key is enough; `verb` is empty where nothing can be made.
    """

    def __init__(self, bench: Bench, confirmation: str, verb: str) -> None:
        super().__init__(bench)
        self.phase = Phase.PREVIEW
        self._word = confirmation
        self._can_make = bool(verb)
        self.who = Static(id="who")
        self.text = TextPane(id="change")
        self.confirm = ConfirmLine(confirmation, verb, self.text)
        self.painting = PacedWork(self.paint, self.set_timer)

    def compose(self) -> ComposeResult:
        """What is changed, the preview, and the line that confirms it."""
        yield self.crumbs
        yield self.who
        yield self.text
        yield self.confirm
        yield KeyBar()

    def begin(self, title: str, where: str) -> None:
        """Show the preview, with the keys where it is confirmed."""
        self.who.update(inked((title, Ink.STRONG), "\n", (where, Ink.MUTED)))
        self.paint()
        if self.confirm.asks:
            self.confirm.take_keys()
        else:
            self.text.focus()
        self.set_interval(1, self.count_down)

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        """What can be done depends on where the change stands."""
        match action:
            case "apply" if not self._can_make:
                return say(READ_ONLY if self.bench.read_only else READ_ONLY_PROFILE)
            case "apply" if self.phase is not Phase.PREVIEW:
                return say("it has been asked for already")
            case "apply" if self.bench.writing:
                return say(BEING_WRITTEN)
            case "apply" if self._word:
                return say("type {confirmation} and press Enter: this is not made by one key", confirmation=self._word)
            case "undo" | "recheck" if self.phase in (Phase.PREVIEW, Phase.MAKING):
                return say("nothing has been written yet")
            case _:
                return super().why_not(action, parameters)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Where no word is typed, there is no other pane to go to."""
        if action == "other_pane" and not (self.confirm.asks and self.phase is Phase.PREVIEW):
            return False
        return super().check_action(action, parameters)

    def action_close(self) -> None:
        """Go back: what is being written goes on."""
        if self.phase is Phase.MAKING:
            self.app.notify(say("It goes on. How it ends is told here, and Z shows it."), markup=False)
        self.dismiss()

    def action_other_pane(self) -> None:
        """Move between the preview and the line that confirms."""
        self.focus_next()

    def action_apply(self) -> None:
        """Make it, where nothing else is being made."""
        if self.phase is not Phase.PREVIEW or not self._can_make:
            return
        if self.bench.writing:
            self.notify(say(BEING_WRITTEN), severity="warning", markup=False)
            return
        self.make()

    @on(ConfirmLine.Confirmed)
    def _confirmed(self) -> None:
        self.action_apply()

    def make(self) -> None:
        """Have it made; told once, and only where it can be."""
        raise NotImplementedError

    def paint(self) -> None:
        """Show how it stands."""
        raise NotImplementedError

    def count_down(self) -> None:
        """A second has passed."""
        raise NotImplementedError

    def being_made(self) -> None:
        """From here on it is written: nothing else is, and no key takes it back."""
        self.phase = Phase.MAKING
        self.bench.writing = True
        self.paint()
        self.text.focus()
        self.refresh_bindings()

    def no_longer_made(self) -> None:
        """What was written has been answered, or will not be: something else can be made now, on whatever screen."""
        self.bench.writing = False
        self.bench.read_unfinished()
        for screen in self.app.screen_stack[-1:]:  # none is there where the app has ended meanwhile
            screen.refresh_bindings()

    def tell_ending(self, words: str) -> None:
        """Say how it ended to somebody who has left this screen meanwhile."""
        if self not in self.app.screen_stack:
            made = self.phase is Phase.MADE
            self.app.notify(words, severity="information" if made else "warning", timeout=_TO_BE_READ, markup=False)
