"""Steps that a person follows by hand, over the screen: to read, and to copy one after the other."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual.binding import Binding, BindingType

from ssmtui.language import marked, say
from ssmtui.model.plain_text import printable, printable_lines
from ssmtui.model.steps import Step, Steps
from ssmtui.ui.screens.dialog import TextDialog
from ssmtui.ui.words.ink import Ink
from ssmtui.ui.words.prose import Block, Prose, item, lines_of, paragraph

_CODE_INDENT = 3


class StepsDialog(TextDialog):
    """The steps, numbered. `c` puts the next text that can be copied on the clipboard, and begins again at the end."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "copy_next", marked("Copy"), tooltip=marked("Copy the next command")),
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
    blocks.append(paragraph((say("ssmtui carries out none of these."), Ink.MUTED), gap=True))
    return tuple(blocks)


def _step(number: int, step: Step) -> list[Block]:
    words = replace(item(f"{number}.", printable(step.text)), gap=True)
    code = "\n".join(printable_lines(step.copy))
    return [words, *lines_of(code, Ink.CODE, indent=_CODE_INDENT)]
