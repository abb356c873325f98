"""Ask for a value: one line, a candidate from a list, or several lines."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from ssmtui.language import say, translatable
from ssmtui.model.choice import Candidate, Choice
from ssmtui.ui.screens.dialogs import LocalizedDialog
from ssmtui.ui.text.filters import Column
from ssmtui.ui.text.styled_text import Block, Cell, Prose, TextStyle, cell, lines_of, paragraph
from ssmtui.ui.widgets.key_bindings import bind
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.widgets.text_pane import TextPane, styled_content

ValidateValue = Callable[[str], Awaitable[str]]
"""Return why a value is not valid, after asking AWS if needed; empty if it is valid."""

_CANDIDATE_COLUMNS = (
    Column("sign", "", 1, 1, 0),
    Column("name", translatable("name"), 12, 40, 2),
    Column("about", translatable("description"), 12, 30, 1),
    Column("why", translatable("problem"), 10, None, 3),
)


class CandidateTable(LineTable[str]):
    """The candidates."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bind("enter", "open", translatable("Accept"), translatable("Accept the selected value"), display="⏎"),
    ]


class ValueInput(Input):
    """The input of the value."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter", "submit", translatable("Accept"), key_display="⏎", tooltip=translatable("Accept the typed value")
        ),
    ]


class ChoiceDialog(LocalizedDialog[str | None]):
    """A choice; returns the value, or None if the user goes back."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", translatable("Back"), key_display="Esc"),
        Binding("tab", "other", translatable("Type or select"), key_display="Tab"),
        Binding("down", "pick", translatable("Select"), show=False),
    ]

    def __init__(self, choice: Choice, validate: ValidateValue, value: str = "") -> None:
        self._choice = choice
        self._judge = validate
        self._problem = ""
        self._asking = False
        hint = say("type a value and press Enter")
        self.typed = ValueInput(value, placeholder=hint, compact=True, select_on_focus=False, id="typed")
        self.typed.cursor_blink = False
        self.offered = CandidateTable(_CANDIDATE_COLUMNS, self._cells, header=False, id="candidates")
        self.said = TextPane(id="candidate")
        widgets: list[Widget] = []
        if choice.note:
            widgets.append(Static(styled_content((choice.note, TextStyle.MUTED)), classes="note"))
        if choice.free:
            widgets.append(self.typed)
        if choice.candidates:
            widgets.append(self.offered)
        super().__init__(choice.meaning, *widgets, self.said, frame="choice")

    def on_mount(self) -> None:
        """Show the candidates; if there are none, ask for the value."""
        candidates = self._choice.candidates
        self.frame.set_class(bool(candidates), "-offers")
        self.offered.measure(
            {
                "name": max((len(_candidate_name(each)) for each in candidates), default=0),
                "about": max((len(each.about) for each in candidates), default=0),
            }
        )
        self.offered.show([each.value for each in candidates])
        self.offered.go_to(self.typed.value)
        # An existing value is edited; without one, the user picks a candidate.
        (self.offered if candidates and not self.typed.value else self.typed).focus()
        self._say()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Hide the switch between line and candidates if there is only one of them."""
        return action not in ("other", "pick") or bool(self._choice.free and self._choice.candidates)

    def action_other(self) -> None:
        """Switch between the line and the candidates."""
        (self.offered if self.typed.has_focus else self.typed).focus()

    def action_pick(self) -> None:
        """Go from the line to the candidates below it."""
        self.offered.focus()

    def on_key(self, event: events.Key) -> None:
        """Send typed characters to the line while the candidates have the focus."""
        bound = event.key in self.active_bindings
        if self._choice.free and self.offered.has_focus and event.is_printable and event.character and not bound:
            event.stop()
            # Typing would replace a selection, and with it this first character.
            self.typed.select_on_focus = False
            self.set_focus(self.typed)
            self.typed.insert_text_at_cursor(event.character)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._tell_problem("")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._take(event.value.strip())

    @on(LineTable.Moved, "#candidates")
    def _moved(self) -> None:
        self._tell_problem("")

    @on(LineTable.Opened, "#candidates")
    def _picked(self, event: LineTable.Opened) -> None:
        candidate = self._candidate(str(event.row))
        if candidate is not None and candidate.why_not:
            self._tell_problem(say("Cannot be used: {why}.", why=candidate.why_not))
        elif candidate is not None:
            self._take(candidate.value)

    def _take(self, value: str) -> None:
        if not self._asking:
            self._asking = True
            self._tell_problem(say("Checking…"))
            self.run_worker(self._judged(value), exclusive=True, exit_on_error=False)

    async def _judged(self, value: str) -> None:
        try:
            why = await self._judge(value)
        finally:
            self._asking = False
        if not why:
            self.dismiss(value)
        elif self.is_mounted:
            self._tell_problem(why)

    def _tell_problem(self, problem: str) -> None:
        self._problem = problem
        self._say()

    def _say(self) -> None:
        blocks: list[Block] = [paragraph((self._problem, TextStyle.WARN))] if self._problem else []
        candidate = self._candidate(self.offered.cursor or "") if self._choice.candidates else None
        if candidate is not None:
            blocks += _candidate_prose(candidate, told=bool(self._problem))
        self.said.show(tuple(blocks))

    def _candidate(self, value: str) -> Candidate | None:
        return next((each for each in self._choice.candidates if each.value == value), None)

    def _cells(self, value: str) -> Mapping[str, Cell]:
        candidate = self._candidate(value)
        if candidate is None:
            return {}
        text_style = TextStyle.FAINT if candidate.why_not else TextStyle.PLAIN
        return {
            "sign": cell("✖", TextStyle.FAINT) if candidate.why_not else cell("●", TextStyle.OK),
            "name": cell(_candidate_name(candidate), text_style),
            "about": cell(candidate.about, TextStyle.FAINT if candidate.why_not else TextStyle.MUTED),
            "why": cell(candidate.why_not, TextStyle.FAINT),
        }


def _candidate_name(candidate: Candidate) -> str:
    """Return the last part of an ARN: the rest is the same for all candidates."""
    return candidate.value.rpartition("/")[2] if candidate.value.startswith("arn:") else candidate.value


def _candidate_prose(candidate: Candidate, *, told: bool) -> Prose:
    """Return the complete candidate, and why it is not valid, unless `told` says that already."""
    blocks = [paragraph((candidate.value, TextStyle.STRONG), gap=True)]
    if candidate.about:
        blocks.append(paragraph((candidate.about, TextStyle.MUTED)))
    if candidate.why_not and not told:
        blocks.append(paragraph((say("Cannot be used: {why}.", why=candidate.why_not), TextStyle.WARN)))
    if candidate.remedy:
        blocks.append(paragraph(say("To make it usable, add this:"), gap=True))
        blocks += lines_of(candidate.remedy, TextStyle.CODE, indent=2)
    return tuple(blocks)


class MultilineDialog(LocalizedDialog[str | None]):
    """An input of several lines; returns them, or None if the user goes back."""

    AUTO_FOCUS = "TextArea"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", translatable("Back"), key_display="Esc", priority=True),
        Binding("ctrl+s", "take", translatable("Accept"), key_display="^s", priority=True),
    ]

    def __init__(self, title: str, validate: ValidateValue, value: str) -> None:
        self._judge = validate
        self.commands = TextArea(value, id="commands", compact=True)
        self.commands.cursor_blink = False
        self.problem = Static(id="problem")
        hint = (
            say("Ctrl+S accepts the commands. If the field is empty, sessions start without commands."),
            TextStyle.MUTED,
        )
        note = Static(styled_content(hint), classes="note")
        super().__init__(title, note, self.commands, self.problem, frame="choice")

    @on(TextArea.Changed)
    def _changed(self) -> None:
        self.problem.update("")

    def action_take(self) -> None:
        """Accept the lines if they are valid."""
        self.run_worker(self._judged(self.commands.text), exclusive=True, exit_on_error=False)

    async def _judged(self, value: str) -> None:
        why = await self._judge(value)
        if not why:
            self.dismiss(value)
        elif self.is_mounted:
            self.problem.update(styled_content((why, TextStyle.WARN)))
