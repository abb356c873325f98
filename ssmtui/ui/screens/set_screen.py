"""Several changes together: what they would do, made one after the other, and followed up until the checks settle."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType

from ssmtui.changes.afterwards import Afterwards, Effect, nodes_hoped_for, read_together
from ssmtui.changes.outcome import ChangeOutcome
from ssmtui.language import marked, say, say_many
from ssmtui.model.node import NodeKey
from ssmtui.model.plan import Forecast, Plan
from ssmtui.model.scope import Scope, ScopeName
from ssmtui.preview.lines import call_lines
from ssmtui.preview.plan_set import PlanSet
from ssmtui.ui.screens.confirmed_screen import ConfirmedScreen, keys_of_a_change
from ssmtui.ui.screens.putting_up import put_up_by
from ssmtui.ui.screens.wishes import HandOverPlans, PreviewTogether
from ssmtui.ui.state.bench import Bench
from ssmtui.ui.state.board import Changes
from ssmtui.ui.state.delays import Awaited
from ssmtui.ui.state.one_after_another import made_one_after_another
from ssmtui.ui.state.phase import Phase
from ssmtui.ui.words.aftermath import green_bar, nodes_now, still_to_show
from ssmtui.ui.words.copying import copied
from ssmtui.ui.words.ink import plain
from ssmtui.ui.words.prose import Prose
from ssmtui.ui.words.set_text import ending_prose, progress_prose, set_prose

if TYPE_CHECKING:
    from ssmtui.changes.desk import ChangeDesk


class SetScreen(ConfirmedScreen):
    """Changes that are previewed and confirmed together."""

    CRUMB = marked("Changes together")
    BINDINGS: ClassVar[list[BindingType]] = keys_of_a_change(marked("Make the changes (capital A)"))

    def __init__(self, bench: Bench, plans: tuple[Plan, ...]) -> None:
        self.plans = PlanSet(plans)
        self.desk = bench.desk_for(*(each.scope.name for each in plans))
        super().__init__(bench, self.plans.confirmation, "" if self.desk is None else say("apply"))
        self._forecasts: dict[ScopeName, Forecast] = {}
        self._outcomes: list[ChangeOutcome] = []
        self._after: list[Afterwards] = []
        self._awaited: list[tuple[Plan, Awaited]] = []

    def on_mount(self) -> None:
        """Show the preview, and have the forecasts made."""
        count = say_many("{count} change", "{count} changes together", count=len(self.plans.plans))
        regions = ", ".join(self.plans.regions)
        where = say("{regions} · made one after the other", regions=regions)
        self.begin(count, where)
        self.run_worker(self._foresee(), exit_on_error=False)

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
            self.painting.ask()

    def action_hand_over(self) -> None:
        """Show the changes as somebody else would make them."""
        self.post_message(HandOverPlans(self.plans.plans, self._forecasts))

    def action_recheck(self) -> None:
        """Check again now what the changes touched."""
        for name, kinds in read_together((each.scope, each.concerns) for each in self._after).items():
            self.bench.recheck(name, kinds)

    def make(self) -> None:
        """Make the changes."""
        if self.desk is None:
            return
        self.being_made()
        # The app's worker, not this screen's: what is being written is waited for, whatever is on screen.
        self.app.run_worker(self._wait(self.desk), exit_on_error=False, group="change")

    async def _wait(self, desk: ChangeDesk) -> None:
        try:
            made = made_one_after_another(self.plans, desk, self._hoped_for, self.bench.now)
            async for plan, outcome, after in made:
                self._outcomes.append(outcome)
                self._after.append(after)
                if awaited := self.bench.wait_for(after):
                    self._awaited.append((plan, awaited))
                self.paint()
        finally:
            self.no_longer_made()
            all_made = len(self._after) == len(self.plans.plans) and self._after[-1].effect is Effect.MADE
            self.phase = Phase.MADE if all_made else Phase.NOT_MADE
            # How far they came is told whatever else fails.
            self.tell_ending(" ".join(plain(each.pieces) for each in ending_prose(self.plans, self._outcomes)))
            self.paint()
            if self.is_mounted:
                self.text.scroll_home(animate=False)
                self.refresh_bindings()
        for name, kinds in read_together((each.scope, each.read_again) for each in self._after).items():
            self.bench.recheck(name, kinds)

    def _hoped_for(self, plan: Plan) -> tuple[NodeKey, ...]:
        """By the forecast for all plans of its scope together."""
        return nodes_hoped_for(plan, self._forecasts.get(plan.scope.name), self.bench.board.state)

    async def _foresee(self) -> None:
        if self.bench.inquiry is None:
            return
        for name, plans in self.plans.by_scope.items():
            self._forecasts[name] = await asyncio.wrap_future(self.bench.inquiry.forecast(*plans))
            self.paint()

    def count_down(self) -> None:
        """While a delay of AWS's runs, what remains of it changes."""
        if self._awaited:
            self.paint()

    def paint(self) -> None:
        """The preview, the attempts, or what came of them."""
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
