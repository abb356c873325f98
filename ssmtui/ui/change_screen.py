"""A change: read, confirmed with a deliberate key, made, and followed up on screen until the checks have settled."""

from __future__ import annotations

import asyncio
from enum import Enum
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Footer, Input, Static

from ssmtui.changes.outcome import Applied, ChangeOutcome, Unsure
from ssmtui.model.node import NodeKey
from ssmtui.model.plan import Forecast
from ssmtui.model.scope import Scope
from ssmtui.ui.aftermath import followed_up, not_done, under_way
from ssmtui.ui.bench import Bench
from ssmtui.ui.board import Changes
from ssmtui.ui.ink import Ink, inked
from ssmtui.ui.screen import BenchScreen
from ssmtui.ui.text_pane import TextPane
from ssmtui.ui.undertaking import Undertaking, affected


class Phase(Enum):
    """Where a change stands."""

    PREVIEW = "preview"
    MAKING = "making"
    MADE = "made"
    NOT_MADE = "not made"


class ChangeScreen(BenchScreen):
    """One undertaking, from its preview to its outcome."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Back", key_display="Esc"),
        Binding("A", "apply", "Apply", key_display="A", tooltip="Make the change (capital A)"),
        Binding("z", "undo", "Undo", tooltip="Take back the last change"),
        Binding("tab", "other_pane", "Other pane", show=False),
    ]

    def __init__(self, bench: Bench, undertaking: Undertaking) -> None:
        super().__init__(bench)
        self.undertaking = undertaking
        self.phase = Phase.PREVIEW
        self._forecast: Forecast | None = None
        self._outcome: ChangeOutcome | None = None
        self.who = Static(id="who")
        self.text = TextPane(id="change")
        self.confirm = Horizontal(id="confirm")
        self.question = Static(id="ask")
        self.word = Input(compact=True, placeholder=undertaking.confirmation)
        self.word.cursor_blink = False

    def compose(self) -> ComposeResult:
        """What is changed, the preview, and the line that confirms it."""
        yield self.who
        yield self.text
        with self.confirm:
            yield self.question
            if self.undertaking.confirmation:
                yield self.word
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Show the preview, and have the forecast made."""
        self.who.update(inked((self.undertaking.title, Ink.STRONG), "\n", (self.undertaking.where, Ink.MUTED)))
        self._paint()
        if self.undertaking.confirmation:
            self.word.focus()
        else:
            self.text.focus()
        if self.undertaking.plan is not None and self.bench.inquiry is not None:
            self.run_worker(self._foresee(), exit_on_error=False)

    @property
    def scope_here(self) -> Scope | None:
        """The scope that is changed."""
        return self.bench.board.state.scopes.get(self.undertaking.scope)

    @property
    def followed(self) -> tuple[NodeKey, ...]:
        """The nodes that are followed up: those the forecast names, else all of the Region."""
        named = affected(self.undertaking.plan, self._forecast)
        if named:
            return named
        state = self.bench.board.state
        return tuple(key for key, scope in state.scope_of.items() if scope.name == self.undertaking.scope)

    def board_changed(self, changes: Changes) -> None:  # noqa: ARG002
        """Follow the nodes while the checks run again."""
        if self.is_mounted and self.phase is Phase.MADE:
            self._paint()
            self.refresh_keys()

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        """What can be done depends on where the change stands."""
        match action:
            case "apply" if self.phase is not Phase.PREVIEW:
                return "it has been asked for already"
            case "apply" if self.undertaking.confirmation:
                return f"type {self.undertaking.confirmation} and press Enter: this is not made by one key"
            case "close" if self.phase is Phase.MAKING:
                return "the change is being written: it takes a moment"
            case "undo" if self.phase in (Phase.PREVIEW, Phase.MAKING):
                return "nothing has been written yet"
            case _:
                return super().why_not(action, parameters)

    def action_close(self) -> None:
        """Go back."""
        self.dismiss()

    def action_other_pane(self) -> None:
        """Move between the preview and the line that confirms."""
        self.focus_next()

    def action_apply(self) -> None:
        """Make the change."""
        self._make()

    @on(Input.Submitted)
    def _typed(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip() == self.undertaking.confirmation:
            self._make()
        else:
            self._ask(wrong=bool(event.value.strip()))

    def _make(self) -> None:
        if self.phase is not Phase.PREVIEW:
            return
        self.phase = Phase.MAKING
        self.bench.writing = True
        self._paint()
        self.text.focus()
        self.refresh_bindings()
        # The app's worker, not this screen's: a change that is being written is waited for, whatever is on screen.
        self.app.run_worker(self._wait(), exit_on_error=False, group="change")

    async def _wait(self) -> None:
        try:
            self._outcome = await asyncio.wrap_future(self.undertaking.make())
        finally:
            self.bench.writing = False
        self.phase = Phase.MADE if isinstance(self._outcome, Applied) else Phase.NOT_MADE
        if isinstance(self._outcome, Applied | Unsure):
            self.bench.recheck(self.undertaking.scope, self._outcome.stale)
        if self.is_mounted:
            self._paint()
            self.text.scroll_home(animate=False)
            self.refresh_bindings()

    async def _foresee(self) -> None:
        if self.undertaking.plan is None or self.bench.inquiry is None:
            return
        self._forecast = await asyncio.wrap_future(self.bench.inquiry.forecast(self.undertaking.plan))
        self._paint()

    def _paint(self) -> None:
        board = self.bench.board
        match self._outcome:
            case None if self.phase is Phase.PREVIEW:
                prose = self.undertaking.prose(self._forecast)
            case None:
                prose = under_way(self.undertaking)
            case Applied() as applied:
                prose = followed_up(board, self.undertaking, applied, self.followed)
            case outcome:
                prose = not_done(outcome)
        self.text.show(prose)
        self.confirm.display = self.phase is Phase.PREVIEW
        self._ask(wrong=False)

    def _ask(self, *, wrong: bool) -> None:
        word = self.undertaking.confirmation
        verb = self.undertaking.verb
        if word:
            pieces = (("Type ", Ink.PLAIN), (word, Ink.KEY), (f" and press Enter to {verb}: ", Ink.PLAIN))
        else:
            pieces = (("Press ", Ink.PLAIN), ("A", Ink.KEY), (f" to {verb}", Ink.PLAIN))
        self.question.update(inked(*pieces))
        self.confirm.set_class(wrong, "-wrong")
