"""From the wish to preview a fix to the change screen: what the fix must be told is asked first."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import events, on
from textual.app import App

from ssmtui.language import say
from ssmtui.model.choice import Choices
from ssmtui.ui.screens.wishes import (
    Complete,
    EndSessions,
    OpenPreferences,
    Preview,
    PreviewTogether,
    ReadCompletion,
    ReadPlan,
)

if TYPE_CHECKING:
    from ssmtui.model.choice import Choice
    from ssmtui.model.plan import NotApplicable, Plan
    from ssmtui.ui.state.bench import Bench


class Previews(App[None]):
    """The part of the app that previews fixes."""

    bench: Bench

    async def on_event(self, event: events.Event) -> None:
        """Esc turns back from what has yet to be previewed, too: put up afterwards, it would come unasked."""
        if isinstance(event, events.Key) and event.key == "escape":
            self.workers.cancel_group(self, "preview")
        await super().on_event(event)

    @on(Preview)
    def _preview(self, wish: Preview) -> None:
        self.run_worker(self._plan(wish), exclusive=True, group="preview", exit_on_error=False)

    async def _plan(self, wish: Preview) -> None:
        from ssmtui.changes.unfinished import begun_by
        from ssmtui.model.plan import Plan

        answer = await self._asked(wish, wish.choices)
        if isinstance(answer, Plan):
            begun = begun_by(self.bench.unfinished, answer) if self.bench.desk is not None else None
            self.post_message(ReadPlan(answer) if begun is None else Complete(begun.id, answer))
        elif answer.steps is not None:
            from ssmtui.ui.screens.steps_dialog import StepsDialog

            self.push_screen(StepsDialog(answer.steps))
        elif (missing := _missing(answer, wish.choices)) is not None:
            self._choose(wish, missing)
        elif answer.choices and not wish.choices.values:
            # What is all optional is a form: the preferences screen is that form.
            self.post_message(OpenPreferences(wish.scope, wish.finding_id))
        else:
            self.notify(answer.why, title=say("Cannot be done here"), severity="warning", markup=False)

    @on(EndSessions)
    def _end_sessions(self, wish: EndSessions) -> None:
        self.run_worker(self._plan_the_end(wish), exclusive=True, group="preview", exit_on_error=False)

    async def _plan_the_end(self, wish: EndSessions) -> None:
        if self.bench.inquiry is None:
            return
        plans: list[Plan] = []
        for scope, sessions in wish.sessions.items():
            ending = await asyncio.wrap_future(self.bench.inquiry.plans_to_end(scope, sessions))
            plans += ending
        if len(plans) == 1:
            self.post_message(ReadPlan(plans[0]))
        elif plans:
            self.post_message(PreviewTogether(tuple(plans)))

    @on(Complete)
    def _complete(self, wish: Complete) -> None:
        self.run_worker(self._plan_the_rest(wish), exclusive=True, group="preview", exit_on_error=False)

    async def _plan_the_rest(self, wish: Complete) -> None:
        from ssmtui.changes.unfinished import begun_by
        from ssmtui.model.plan import Plan
        from ssmtui.ui.state.made_changes import change_named
        from ssmtui.ui.words.aftermath import ended

        desk = self.bench.desk
        if desk is None or (begun := change_named(self.bench.board, desk, wish.change_id)) is None:
            return
        scope, change = begun
        answer = await asyncio.wrap_future(desk.completion(change.id))
        self.bench.read_unfinished()
        if isinstance(answer, Plan):
            self.post_message(ReadCompletion(scope, change, answer))
        elif wish.instead is not None and begun_by(self.bench.unfinished, wish.instead) is None:
            self.post_message(ReadPlan(wish.instead))
        else:
            # AWS shows that all of it was made, or nothing: the journal says so now.
            self.notify(ended(change.title, answer), severity="warning", markup=False)

    def _choose(self, wish: Preview, choice: Choice) -> None:
        from ssmtui.model.plan import Plan
        from ssmtui.ui.screens.choice_dialog import ChoiceDialog

        def with_(value: str) -> Choices:
            return Choices((*wish.choices.values, (choice.name, value)))

        async def judge(value: str) -> str:
            answer = await self._asked(wish, with_(value))
            settled = isinstance(answer, Plan) or _missing(answer, with_(value)) is not None
            return "" if settled or isinstance(answer, Plan) else answer.why

        def go_on(value: str | None) -> None:
            if value is not None:
                self.post_message(Preview(wish.scope, wish.fix, wish.finding_id, with_(value)))

        self.push_screen(ChoiceDialog(choice, judge), go_on)

    async def _asked(self, wish: Preview, choices: Choices) -> Plan | NotApplicable:
        try:
            return await asyncio.wrap_future(self.bench.plan(wish.scope, wish.fix, wish.finding_id, choices))
        except LookupError:
            from ssmtui.model.plan import NotApplicable

            return NotApplicable(wish.fix, say("this Region could not be opened"))


def _missing(answer: NotApplicable, choices: Choices) -> Choice | None:
    """The first choice that must still be made."""
    return next((each for each in answer.choices if not each.optional and choices.get(each.name) is None), None)
