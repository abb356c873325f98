"""Several changes together: what they would do, made one after the other, and followed up until the checks settle."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from ssmtui.changes.afterwards import Afterwards, Effect, nodes_hoped_for, read_together
from ssmtui.changes.outcome import ChangeOutcome
from ssmtui.language import marked, say, say_many
from ssmtui.model.node import NodeKey
from ssmtui.model.plan import Forecast, Plan
from ssmtui.model.scope import Scope, ScopeName
from ssmtui.preview.lines import call_lines
from ssmtui.preview.plan_set import PlanSet
from ssmtui.ui.screens.putting_up import put_up_by
from ssmtui.ui.screens.screen import BenchScreen
from ssmtui.ui.screens.wishes import HandOverPlans, PreviewTogether
from ssmtui.ui.state.bench import READ_ONLY, Bench
from ssmtui.ui.state.board import Changes
from ssmtui.ui.state.delays import Awaited
from ssmtui.ui.state.one_after_another import made_one_after_another
from ssmtui.ui.state.phase import Phase
from ssmtui.ui.widgets.confirm_line import ConfirmLine
from ssmtui.ui.widgets.content import inked
from ssmtui.ui.widgets.key_bar import KeyBar
from ssmtui.ui.widgets.text_pane import TextPane
from ssmtui.ui.words.aftermath import green_bar, nodes_now, still_to_show
from ssmtui.ui.words.copying import copied
from ssmtui.ui.words.ink import Ink
from ssmtui.ui.words.prose import Prose
from ssmtui.ui.words.set_text import ending_prose, progress_prose, set_prose

if TYPE_CHECKING:
    from ssmtui.changes.desk import ChangeDesk


class SetScreen(BenchScreen):
    """Changes that are previewed and confirmed together."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", marked("Back"), key_display="Esc"),
        Binding("A", "apply", marked("Apply"), key_display="A", tooltip=marked("Make the changes (capital A)")),
        Binding("h", "hand_over", marked("Hand over"), tooltip=marked("As commands, code or a change request")),
        Binding("z", "undo", marked("Undo"), tooltip=marked("Take back the last change")),
        Binding("r", "recheck", marked("Recheck"), tooltip=marked("Check again now")),
        Binding("tab", "other_pane", marked("Other pane"), key_display="Tab", tooltip=marked("Text or line")),
    ]

    def __init__(self, bench: Bench, plans: tuple[Plan, ...]) -> None:
        super().__init__(bench)
        self.plans = PlanSet(plans)
        self.phase = Phase.PREVIEW
        self._forecasts: dict[ScopeName, Forecast] = {}
        self._outcomes: list[ChangeOutcome] = []
        self._after: list[Afterwards] = []
        self._awaited: list[tuple[Plan, Awaited]] = []
        self.who = Static(id="who")
        self.text = TextPane(id="change")
        self.confirm = ConfirmLine(self.plans.confirmation, "" if bench.desk is None else say("apply"), self.text)

    def compose(self) -> ComposeResult:
        """What is changed, the preview, and the line that confirms it."""
        yield self.who
        yield self.text
        yield self.confirm
        yield KeyBar()

    def on_mount(self) -> None:
        """Show the preview, and have the forecasts made."""
        count = say_many("{count} change", "{count} changes together", count=len(self.plans.plans))
        regions = ", ".join(self.plans.regions)
        where = say("{regions} · made one after the other", regions=regions)
        self.who.update(inked((count, Ink.STRONG), "\n", (where, Ink.MUTED)))
        self._paint()
        if self.confirm.asks:
            self.confirm.take_keys()
        else:
            self.text.focus()
        self.run_worker(self._foresee(), exit_on_error=False)
        self.set_interval(1, self._count_down)

    @property
    def scope_here(self) -> Scope | None:
        """The scope of the first change."""
        return self.plans.plans[0].scope

    @property
    def to_copy(self) -> str:
        """The calls of all the changes."""
        return copied(line for plan in self.plans.plans for line in (f"# {plan.title}", *call_lines(plan)))

    def board_changed(self, changes: Changes) -> None:  # noqa: ARG002
        """Follow the nodes while the checks run again."""
        if self.is_mounted and self.phase in (Phase.MADE, Phase.NOT_MADE):
            self._paint()

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        """What can be done depends on where the changes stand."""
        match action:
            case "apply" if self.bench.desk is None:
                return say(READ_ONLY)
            case "apply" if self.phase is not Phase.PREVIEW:
                return say("it has been asked for already")
            case "apply" if self.confirm.asks:
                return say(
                    "type {confirmation} and press Enter: this is not made by one key",
                    confirmation=self.plans.confirmation,
                )
            case "close" if self.phase is Phase.MAKING:
                return say("the change is being written: it takes a moment")
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
        """Go back."""
        self.dismiss()

    def action_other_pane(self) -> None:
        """Move between the preview and the line that confirms."""
        self.focus_next()

    def action_apply(self) -> None:
        """Make the changes."""
        self._make()

    def action_hand_over(self) -> None:
        """Show the changes as somebody else would make them."""
        self.post_message(HandOverPlans(self.plans.plans, self._forecasts))

    def action_recheck(self) -> None:
        """Check again now what the changes touched."""
        for name, kinds in read_together((each.scope, each.concerns) for each in self._after).items():
            self.bench.recheck(name, kinds)

    @on(ConfirmLine.Confirmed)
    def _confirmed(self) -> None:
        self._make()

    def _make(self) -> None:
        if self.phase is not Phase.PREVIEW or self.bench.desk is None:
            return
        self.phase = Phase.MAKING
        self.bench.writing = True
        self._paint()
        self.text.focus()
        self.refresh_bindings()
        # The app's worker, not this screen's: what is being written is waited for, whatever is on screen.
        self.app.run_worker(self._wait(self.bench.desk), exit_on_error=False, group="change")

    async def _wait(self, desk: ChangeDesk) -> None:
        try:
            made = made_one_after_another(self.plans, desk, self._hoped_for, self.bench.now)
            async for plan, outcome, after in made:
                self._outcomes.append(outcome)
                self._after.append(after)
                if awaited := self.bench.wait_for(after):
                    self._awaited.append((plan, awaited))
                self._paint()
        finally:
            self.bench.writing = False
        all_made = len(self._after) == len(self.plans.plans) and self._after[-1].effect is Effect.MADE
        self.phase = Phase.MADE if all_made else Phase.NOT_MADE
        for name, kinds in read_together((each.scope, each.read_again) for each in self._after).items():
            self.bench.recheck(name, kinds)
        self._paint()
        if self.is_mounted:
            self.text.scroll_home(animate=False)
            self.refresh_bindings()

    def _hoped_for(self, plan: Plan) -> tuple[NodeKey, ...]:
        """By the forecast for all plans of its scope together."""
        return nodes_hoped_for(plan, self._forecasts.get(plan.scope.name), self.bench.board.state)

    async def _foresee(self) -> None:
        if self.bench.inquiry is None:
            return
        for name, plans in self.plans.by_scope.items():
            self._forecasts[name] = await asyncio.wrap_future(self.bench.inquiry.forecast(*plans))
            self._paint()

    def _count_down(self) -> None:
        if self._awaited:
            self._paint()

    def _paint(self) -> None:
        if not self.is_mounted:
            return
        board = self.bench.board
        match self.phase:
            case Phase.PREVIEW:
                prose = set_prose(board, self.plans, self._forecasts)
            case Phase.MAKING:
                prose = progress_prose(self.plans, self._outcomes, under_way=True)
            case _:
                nodes = self.plans.followed(self._forecasts)
                prose = (
                    *ending_prose(self.plans, self._outcomes),
                    green_bar(board, nodes),
                    *self._waiting(),
                    *progress_prose(self.plans, self._outcomes, under_way=False),
                    *nodes_now(board, nodes),
                )
        self.text.show(prose)
        self.confirm.display = self.phase is Phase.PREVIEW

    def _waiting(self) -> Prose:
        """The longest of the delays that have yet to pass."""
        board, now = self.bench.board, self.bench.now()
        left = [(plan, awaited) for plan, awaited in self._awaited if awaited.outstanding(board)]
        if not left:
            return ()
        plan, awaited = max(left, key=lambda each: each[1].until)
        return still_to_show(plan.delay, awaited.until, now)


@put_up_by(PreviewTogether)
def together(bench: Bench, wish: PreviewTogether) -> SetScreen:
    """Several changes, previewed together."""
    return SetScreen(bench, wish.plans)
