"""Preview a fix or an undo: ask for missing choices, request the plan, and open the change screen."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING

from textual.app import App

from ssmtui.language import say
from ssmtui.model.choice import Choices
from ssmtui.text.printable import printable
from ssmtui.ui.screens.screen_requests import (
    Complete,
    EndSessions,
    OpenPreferences,
    PreviewChanges,
    PreviewFix,
    RedoChange,
    ScreenRequest,
    ShowCompletion,
    ShowPlan,
    ShowUndo,
    UndoChange,
    create_screen,
)
from ssmtui.ui.state.app_context import AppContext, change_to_undo, find_change, last_redoable_change

if TYPE_CHECKING:
    from ssmtui.model.choice import Choice
    from ssmtui.model.plan import FixNotApplicable, Plan


class FixPreviews:
    """The previews that screens request; the newest request replaces one that is still being planned."""

    def __init__(self, app: App[None], context: AppContext) -> None:
        self._app = app
        self._context = context

    def cancel(self) -> None:
        """Cancel a preview that is still being planned, so that it does not appear after Esc."""
        self._app.workers.cancel_group(self._app, "preview")

    def preview(self, request: PreviewFix) -> None:
        """Show what a fix would change, after asking for missing choices."""
        self._run(self._plan(request))

    def end_sessions(self, request: EndSessions) -> None:
        """Show what ending sessions would do."""
        self._run(self._plan_the_end(request))

    def complete(self, request: Complete) -> None:
        """Show what is left of an interrupted change."""
        self._run(self._plan_the_rest(request))

    def undo(self, request: UndoChange) -> None:
        """Show what undoing a change would do."""
        service = self._context.change_service
        if service is None or (made := change_to_undo(self._context.fleet_view, service, request.change_id)) is None:
            return
        self._show(ShowUndo(*made))

    def redo(self, request: RedoChange) -> None:
        """Show what an undone change would do if it is made again."""
        self._run(self._plan_again(request))

    def _show(self, request: ScreenRequest) -> None:
        """Show a change in place of a change that was just made: Esc leads back to where that was requested."""
        screen = create_screen(self._context, request)
        if isinstance(self._app.screen, type(screen)):
            self._app.switch_screen(screen)
        else:
            self._app.push_screen(screen)

    def _run(self, work: Coroutine[None, None, None]) -> None:
        self._app.run_worker(work, exclusive=True, group="preview", exit_on_error=False)

    async def _plan(self, request: PreviewFix) -> None:
        from ssmtui.model.plan import Plan
        from ssmtui.remediation.apply.follow_up import find_same_change

        answer = await self._asked(request, request.choices)
        if isinstance(answer, Plan):
            begun = (
                find_same_change(self._context.unfinished, answer) if self._context.change_service is not None else None
            )
            self._app.post_message(ShowPlan(answer) if begun is None else Complete(begun.id, answer))
        elif answer.steps is not None:
            from ssmtui.ui.screens.dialogs import StepsDialog

            self._app.push_screen(StepsDialog(answer.steps))
        elif (missing := _missing_choice(answer, request.choices)) is not None:
            self._choose(request, missing)
        elif answer.choices and not request.choices.values:
            # If all choices are optional, the preferences screen is the form for them.
            self._app.post_message(OpenPreferences(request.scope, request.finding_id))
        else:
            self._app.notify(answer.why, title=say("Not available"), severity="warning", markup=False)

    async def _plan_again(self, request: RedoChange) -> None:
        """Plan an undone change again from the current facts; refuse if it would not be the same change now."""
        from ssmtui.model.plan import Plan

        service = self._context.change_service
        if service is None:
            return
        fleet_view, id_ = self._context.fleet_view, request.change_id
        undone = find_change(fleet_view, service, id_) if id_ else last_redoable_change(fleet_view, service)
        if undone is None:
            return
        scope, change = undone
        fix = PreviewFix(scope.name, change.fix, change.finding_id or None)
        answer = await self._asked(fix, change.choices)
        if isinstance(answer, Plan) and change.is_same_as(answer):
            self._show(ShowPlan(answer))
            return
        why = answer.why if not isinstance(answer, Plan) else say("the resource has changed since the undo")
        words = say("{title}: {why}. Preview the fix from its cause instead.", title=printable(change.title), why=why)
        self._app.notify(words, title=say("Cannot redo"), severity="warning", markup=False)

    async def _plan_the_end(self, request: EndSessions) -> None:
        if self._context.handle is None:
            return
        plans: list[Plan] = []
        for scope, sessions in request.sessions.items():
            ending = await asyncio.wrap_future(self._context.handle.plans_to_end(scope, sessions))
            plans += ending
        if len(plans) == 1:
            self._app.post_message(ShowPlan(plans[0]))
        elif plans:
            self._app.post_message(PreviewChanges(tuple(plans)))

    async def _plan_the_rest(self, request: Complete) -> None:
        from ssmtui.model.plan import Plan
        from ssmtui.remediation.apply.follow_up import find_same_change
        from ssmtui.ui.text.changes import result_sentence

        change_service = self._context.change_service
        if (
            change_service is None
            or (begun := find_change(self._context.fleet_view, change_service, request.change_id)) is None
        ):
            return
        scope, change = begun
        answer = await asyncio.wrap_future(change_service.completion(change.id))
        self._context.read_unfinished()
        if isinstance(answer, Plan):
            self._app.post_message(ShowCompletion(scope, change, answer))
        elif request.instead is not None and find_same_change(self._context.unfinished, request.instead) is None:
            self._app.post_message(ShowPlan(request.instead))
        else:
            # AWS shows that all calls were made, or none: the journal says so now.
            self._app.notify(result_sentence(change.title, answer), severity="warning", markup=False)

    def _choose(self, request: PreviewFix, choice: Choice) -> None:
        from ssmtui.model.plan import Plan
        from ssmtui.ui.screens.input_dialogs import ChoiceDialog

        def with_(value: str) -> Choices:
            return Choices((*request.choices.values, (choice.name, value)))

        async def validate(value: str) -> str:
            if not value:
                return say("a value is required")
            answer = await self._asked(request, with_(value))
            settled = isinstance(answer, Plan) or _missing_choice(answer, with_(value)) is not None
            return "" if settled or isinstance(answer, Plan) else answer.why

        def go_on(value: str | None) -> None:
            if value is not None:
                self._app.post_message(PreviewFix(request.scope, request.fix, request.finding_id, with_(value)))

        self._app.push_screen(ChoiceDialog(choice, validate), go_on)

    async def _asked(self, request: PreviewFix, choices: Choices) -> Plan | FixNotApplicable:
        try:
            return await asyncio.wrap_future(
                self._context.plan(request.scope, request.fix, request.finding_id, choices)
            )
        except LookupError:
            from ssmtui.model.plan import FixNotApplicable

            return FixNotApplicable(request.fix, say("this Region could not be opened"))


def _missing_choice(answer: FixNotApplicable, choices: Choices) -> Choice | None:
    """Return the first choice that must still be made."""
    return next((each for each in answer.choices if not each.optional and choices.get(each.name) is None), None)
