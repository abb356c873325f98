"""A change: read, confirmed with a deliberate key, made, and followed up on screen until the checks have settled."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import ClassVar

from textual.binding import BindingType

from ssmtui.changes.afterwards import Afterwards, Effect, effect_of, nodes_about, nodes_hoped_for
from ssmtui.changes.outcome import Applied, ChangeOutcome
from ssmtui.language import marked, say
from ssmtui.model.fleet import VerdictStatus
from ssmtui.model.node import NodeKey
from ssmtui.model.plan import Forecast
from ssmtui.model.scope import Scope
from ssmtui.preview.lines import call_lines
from ssmtui.preview.plan_set import affected
from ssmtui.ui.screens.confirmed_screen import ConfirmedScreen, keys_of_a_change
from ssmtui.ui.screens.putting_up import put_up_by
from ssmtui.ui.screens.wishes import HandOverPlans, ReadCompletion, ReadPlan, ReadTakingBack
from ssmtui.ui.state.bench import Bench
from ssmtui.ui.state.board import Changes
from ssmtui.ui.state.delays import Awaited
from ssmtui.ui.state.phase import Phase
from ssmtui.ui.state.undertaking import Undertaking
from ssmtui.ui.state.undertakings import applying, completing, taking_back
from ssmtui.ui.words.aftermath import Done, ended, followed_up, not_done, still_to_show, under_way
from ssmtui.ui.words.copying import copied
from ssmtui.ui.words.prose import Prose


class ChangeScreen(ConfirmedScreen):
    """One undertaking, from its preview to its outcome."""

    CRUMB = marked("Change")
    BINDINGS: ClassVar[list[BindingType]] = keys_of_a_change(marked("Make the change (capital A)"))

    def __init__(self, bench: Bench, undertaking: Undertaking) -> None:
        super().__init__(bench, undertaking.confirmation, undertaking.verb if undertaking.make is not None else "")
        self.undertaking = undertaking
        self._forecast: Forecast | None = None
        self._outcome: ChangeOutcome | None = None
        self._after: Afterwards | None = None
        self._awaited: Awaited | None = None
        self._stood: Mapping[NodeKey, VerdictStatus] = {}
        self._hoped: tuple[NodeKey, ...] = ()

    def on_mount(self) -> None:
        """Show the preview, and have the forecast made."""
        self.begin(self.undertaking.title, self.undertaking.where)
        if self.undertaking.plan is not None and self.bench.inquiry is not None:
            self.run_worker(self._foresee(), exit_on_error=False)

    @property
    def scope_here(self) -> Scope | None:
        """The scope that is changed."""
        return self.bench.board.state.scopes.get(self.undertaking.scope)

    @property
    def followed(self) -> tuple[NodeKey, ...]:
        """The nodes that are followed up: those the forecast names, else those that the change has been seen on."""
        return affected(self.undertaking.plan, self._forecast) or self._touched()

    @property
    def to_copy(self) -> str:
        """The calls of the change."""
        plan = self.undertaking.plan
        return copied((f"# {plan.title}", *call_lines(plan))) if plan else ""

    def _touched(self) -> tuple[NodeKey, ...]:
        """The nodes that stand otherwise than before it was made, or have findings about what it changed."""
        board, scope_name = self.bench.board, self.undertaking.scope
        about = set(nodes_about(board.state, self.undertaking.subject, scope_name))
        return tuple(
            key
            for key, scope in board.state.scope_of.items()
            if scope.name == scope_name
            and (key in about or board.verdict(key).status is not self._stood.get(key, board.verdict(key).status))
        )

    def board_changed(self, changes: Changes) -> None:  # noqa: ARG002
        """Follow the nodes while the checks run again."""
        if self.is_mounted and self.phase is Phase.MADE:
            self.painting.ask()
            self.refresh_keys()

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        """What can be done depends on where the change stands."""
        if action == "hand_over" and self.undertaking.plan is None:
            return say("what is taken back is not handed over: Z shows its calls")
        return super().why_not(action, parameters)

    def action_hand_over(self) -> None:
        """Show the change as somebody else would make it."""
        if plan := self.undertaking.plan:
            forecasts = {plan.scope.name: self._forecast} if self._forecast else {}
            self.post_message(HandOverPlans((plan,), forecasts))

    def action_recheck(self) -> None:
        """Check again now what the change touched."""
        if self._after is not None:
            self.bench.recheck(self._after.scope, self._after.concerns)

    def make(self) -> None:
        """Make the change."""
        if self.undertaking.make is None:
            return
        self._stood = {key: self.bench.board.verdict(key).status for key in self.bench.board.state.nodes}
        plan = self.undertaking.plan
        self._hoped = nodes_hoped_for(plan, self._forecast, self.bench.board.state) if plan else ()
        self.being_made()
        # The app's worker, not this screen's: a change that is being written is waited for, whatever is on screen.
        self.app.run_worker(self._wait(self.undertaking.make), exit_on_error=False, group="change")

    async def _wait(self, make: Callable[[tuple[str, ...]], Future[ChangeOutcome]]) -> None:
        try:
            self._outcome = outcome = await asyncio.wrap_future(make(tuple(key.id for key in self._hoped)))
        finally:
            self.no_longer_made()
        self.phase = Phase.MADE if effect_of(outcome) is Effect.MADE else Phase.NOT_MADE
        try:
            self._follow(self.undertaking.afterwards(outcome, self._hoped, self.bench.now()))
        finally:
            # How it ended is told whatever else fails.
            self.tell_ending(ended(self.undertaking.title, outcome))
            if self.is_mounted:
                self.paint()
                self.text.scroll_home(animate=False)
                self.refresh_bindings()

    def _follow(self, after: Afterwards) -> None:
        self._after = after
        self._awaited = self.bench.wait_for(after)
        if after.read_again is not None:
            self.bench.recheck(after.scope, after.read_again)

    def count_down(self) -> None:
        """While AWS's delay runs, what remains of it changes."""
        if self._awaited is not None:
            self.paint()

    async def _foresee(self) -> None:
        if self.undertaking.plan is None or self.bench.inquiry is None:
            return
        self._forecast = await asyncio.wrap_future(self.bench.inquiry.forecast(self.undertaking.plan))
        self.paint()

    def paint(self) -> None:
        """The preview, the attempt, or what came of it."""
        match self._outcome:
            case None if self.phase is Phase.PREVIEW:
                prose = self.undertaking.prose(self._forecast)
            case None:
                prose = under_way(self.undertaking.title)
            case Applied() as applied:
                doing = self.undertaking
                done = Done(doing.title, doing.scope, applied.notes, doing.has_way_back)
                prose = followed_up(self.bench.board, done, self.followed, self._waiting())
            case outcome:
                prose = not_done(outcome)
        self.text.show(prose)
        self.confirm.display = self.phase is Phase.PREVIEW

    def _waiting(self) -> Prose:
        plan = self.undertaking.plan
        if plan is None or self._awaited is None or not self._awaited.outstanding(self.bench.board):
            return ()
        return still_to_show(plan.delay, self._awaited.until, self.bench.now())


@put_up_by(ReadPlan)
def plan(bench: Bench, wish: ReadPlan) -> ChangeScreen:
    """A change that could be made."""
    return ChangeScreen(bench, applying(bench.board, bench.desk_for(wish.plan.scope.name), wish.plan))


@put_up_by(ReadCompletion)
def completion(bench: Bench, wish: ReadCompletion) -> ChangeScreen:
    """What is left of a change that was interrupted."""
    return ChangeScreen(bench, completing(bench.desk_for(wish.scope.name), wish.scope, wish.change, wish.plan))


@put_up_by(ReadTakingBack)
def change_back(bench: Bench, wish: ReadTakingBack) -> ChangeScreen:
    """A change about to be taken back."""
    return ChangeScreen(bench, taking_back(bench.desk_for(wish.scope.name), wish.scope, wish.change))
