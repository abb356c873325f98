"""Show the line that confirms a change, by a key or by a typed word."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from ssmtui.language import say, translatable
from ssmtui.text.printable import printable
from ssmtui.ui.text.styled_text import TextStyle
from ssmtui.ui.widgets.content import styled_content
from ssmtui.ui.widgets.key_bindings import key_of_action
from ssmtui.ui.widgets.text_pane import TextPane

_MAX_QUOTED = 20
"""Characters of a wrong word that its answer quotes."""


class ConfirmInput(Input):
    """The place of the word. A key that no such word has is nobody's to type: it does what it does elsewhere.

    So `?` helps, and `h` hands over while nothing is typed yet, unless the word begins with it.
    """

    def __init__(self, word: str) -> None:
        super().__init__(compact=True, placeholder=say("type it"))
        self.cursor_blink = False
        self._word = word

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Whether a key writes."""
        passes = character == "?" or (character == "h" and not self.value and not self._word.startswith("h"))
        return not passes and super().check_consume_key(key, character)

    def on_key(self, event: events.Key) -> None:
        """Leave to the screen what does not write."""
        if event.is_printable and not self.check_consume_key(event.key, event.character):
            event.prevent_default()


class ConfirmLine(Horizontal):
    """Asks for the word, or names the key. `word` is empty where a key is enough, `verb` what confirming does.

    Without a verb nothing can be made: the preview is read, or handed over. While the word is typed, the arrows and
    the page keys go through `preview`, which is what is confirmed.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "read(1)", translatable("Down"), show=False),
        Binding("up", "read(-1)", translatable("Up"), show=False),
        Binding("pagedown", "read_page(1)", translatable("Page down"), show=False),
        Binding("pageup", "read_page(-1)", translatable("Page up"), show=False),
    ]

    class Confirmed(Message):
        """The word was typed."""

    def __init__(self, word: str, verb: str, preview: TextPane) -> None:
        super().__init__(id="confirm")
        self._preview = preview
        self._word = word if verb else ""
        self._verb = verb
        self._question = Static(id="ask")
        self._input = ConfirmInput(self._word)

    @property
    def asks(self) -> bool:
        """Whether a word must be typed."""
        return bool(self._word)

    def compose(self) -> ComposeResult:
        """The question, and the place of the word."""
        yield self._question
        if self._word:
            yield self._input

    def on_mount(self) -> None:
        """Ask."""
        if self._word:
            self._ask(say("Type {word} and press Enter to {verb}: ", word="\0", verb=self._verb))
            return
        if not self._verb:
            before, after = say("Read-only: nothing is made here. {key} hands it over", key="\0").split("\0")
            pieces = (
                (before, TextStyle.WARN),
                (key_of_action(self.app, "hand_over", "h"), TextStyle.KEY),
                (after, TextStyle.WARN),
            )
        else:
            before, after = say("Press {key} to {verb}", key="\0", verb=self._verb).split("\0")
            pieces = (
                (before, TextStyle.PLAIN),
                (key_of_action(self.app, "apply", "A"), TextStyle.KEY),
                (after, TextStyle.PLAIN),
            )
        self._question.update(styled_content(*pieces))

    def _ask(self, sentence: str) -> None:
        """Ask by a sentence, in which the word stands where it has a NUL."""
        before, after = sentence.split("\0")
        self._question.update(
            styled_content((before, TextStyle.PLAIN), (self._word, TextStyle.KEY), (after, TextStyle.PLAIN))
        )

    def take_keys(self) -> None:
        """Type here."""
        self._input.focus()

    def action_read(self, by: int) -> None:
        """Scroll the preview by a line."""
        (self._preview.action_scroll_down if by > 0 else self._preview.action_scroll_up)()

    def action_read_page(self, by: int) -> None:
        """Scroll the preview by a page."""
        (self._preview.action_page_down if by > 0 else self._preview.action_page_up)()

    @on(Input.Submitted)
    def _typed(self, event: Input.Submitted) -> None:
        event.stop()
        typed = event.value.strip()
        if typed == self._word:
            self.post_message(self.Confirmed())
            return
        self.add_class("-wrong")
        if typed:
            short = typed if len(typed) <= _MAX_QUOTED else f"{typed[:_MAX_QUOTED]}…"
            self._ask(
                say("“{typed}” is not {word}: type it as it stands, then Enter: ", typed=printable(short), word="\0")
            )
        else:
            self._ask(say("Nothing is typed yet: type {word}, then Enter: ", word="\0"))

    @on(Input.Changed)
    def _typing(self, event: Input.Changed) -> None:
        event.stop()
        if self.has_class("-wrong"):
            self.remove_class("-wrong")
            self.on_mount()
        self.screen.refresh_bindings()  # the first character makes others of the keys
