"""Preview a fix: ask for missing choices, request the plan, and open the change screen."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import events, on
from textual.app import App

from ssmtui.language import say
from ssmtui.model.choice import Choices
from ssmtui.ui.screens.screen_requests import (
    Complete,
    EndSessions,
    OpenPreferences,
    PreviewChanges,
    PreviewFix,
    ShowCompletion,
    ShowPlan,
)

if TYPE_CHECKING:
    from ssmtui.model.choice import Choice
    from ssmtui.model.plan import FixNotApplicable, Plan
    from ssmtui.ui.state.app_context import AppContext


class FixPreviewer(App[None]):
    """The part of the app that previews fixes."""

    context: AppContext

    async def on_event(self, event: events.Event) -> None:
        """Esc turns back from what has yet to be previewed, too: put up afterwards, it would come unasked."""
        if isinstance(event, events.Key) and event.key == "escape":
            self.workers.cancel_group(self, "preview")
        await super().on_event(event)

    @on(PreviewFix)
    def _preview(self, request: PreviewFix) -> None:
        self.run_worker(self._plan(request), exclusive=True, group="preview", exit_on_error=False)

    async def _plan(self, request: PreviewFix) -> None:
        from ssmtui.model.plan import Plan
        from ssmtui.remediation.apply.interrupted_changes import find_same_change

        answer = await self._asked(request, request.choices)
        if isinstance(answer, Plan):
            begun = (
                find_same_change(self.context.unfinished, answer) if self.context.change_service is not None else None
            )
            self.post_message(ShowPlan(answer) if begun is None else Complete(begun.id, answer))
        elif answer.steps is not None:
            from ssmtui.ui.screens.dialogs import StepsDialog

            self.push_screen(StepsDialog(answer.steps))
        elif (missing := _missing_choice(answer, request.choices)) is not None:
            self._choose(request, missing)
        elif answer.choices and not request.choices.values:
            # What is all optional is a form: the preferences screen is that form.
            self.post_message(OpenPreferences(request.scope, request.finding_id))
        else:
            self.notify(answer.why, title=say("Cannot be done here"), severity="warning", markup=False)

    @on(EndSessions)
    def _end_sessions(self, request: EndSessions) -> None:
        self.run_worker(self._plan_the_end(request), exclusive=True, group="preview", exit_on_error=False)

    async def _plan_the_end(self, request: EndSessions) -> None:
        if self.context.handle is None:
            return
        plans: list[Plan] = []
        for scope, sessions in request.sessions.items():
            ending = await asyncio.wrap_future(self.context.handle.plans_to_end(scope, sessions))
            plans += ending
        if len(plans) == 1:
            self.post_message(ShowPlan(plans[0]))
        elif plans:
            self.post_message(PreviewChanges(tuple(plans)))

    @on(Complete)
    def _complete(self, request: Complete) -> None:
        self.run_worker(self._plan_the_rest(request), exclusive=True, group="preview", exit_on_error=False)

    async def _plan_the_rest(self, request: Complete) -> None:
        from ssmtui.model.plan import Plan
        from ssmtui.remediation.apply.interrupted_changes import find_same_change
        from ssmtui.ui.state.app_context import find_change
        from ssmtui.ui.text.changes import result_sentence

        change_service = self.context.change_service
        if (
            change_service is None
            or (begun := find_change(self.context.fleet_view, change_service, request.change_id)) is None
        ):
            return
        scope, change = begun
        answer = await asyncio.wrap_future(change_service.completion(change.id))
        self.context.read_unfinished()
        if isinstance(answer, Plan):
            self.post_message(ShowCompletion(scope, change, answer))
        elif request.instead is not None and find_same_change(self.context.unfinished, request.instead) is None:
            self.post_message(ShowPlan(request.instead))
        else:
            # AWS shows that all of it was made, or nothing: the journal says so now.
            self.notify(result_sentence(change.title, answer), severity="warning", markup=False)

    def _choose(self, request: PreviewFix, choice: Choice) -> None:
        from ssmtui.model.plan import Plan
        from ssmtui.ui.screens.input_dialogs import ChoiceDialog

        def with_(value: str) -> Choices:
            return Choices((*request.choices.values, (choice.name, value)))

        async def validate(value: str) -> str:
            answer = await self._asked(request, with_(value))
            settled = isinstance(answer, Plan) or _missing_choice(answer, with_(value)) is not None
            return "" if settled or isinstance(answer, Plan) else answer.why

        def go_on(value: str | None) -> None:
            if value is not None:
                self.post_message(PreviewFix(request.scope, request.fix, request.finding_id, with_(value)))

        self.push_screen(ChoiceDialog(choice, validate), go_on)

    async def _asked(self, request: PreviewFix, choices: Choices) -> Plan | FixNotApplicable:
        try:
            return await asyncio.wrap_future(self.context.plan(request.scope, request.fix, request.finding_id, choices))
        except LookupError:
            from ssmtui.model.plan import FixNotApplicable

            return FixNotApplicable(request.fix, say("this Region could not be opened"))


def _missing_choice(answer: FixNotApplicable, choices: Choices) -> Choice | None:
    """The first choice that must still be made."""
    return next((each for each in answer.choices if not each.optional and choices.get(each.name) is None), None)
