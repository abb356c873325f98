"""Preview changes, confirm them by a key or a typed word, and follow their effect."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from ssmtui.language import say, say_many, translatable
from ssmtui.model.finding import VerdictStatus
from ssmtui.model.node import NodeKey
from ssmtui.model.plan import Forecast, Plan
from ssmtui.model.scope import Scope, ScopeName
from ssmtui.remediation.apply.change import AppliedOutcome, ChangeOutcome
from ssmtui.remediation.apply.follow_up import (
    Effect,
    FollowUp,
    effect_of,
    facts_by_scope,
    nodes_about,
    nodes_expected_to_change,
)
from ssmtui.remediation.preview import PlanSet, affected, call_lines
from ssmtui.text.printable import printable
from ssmtui.ui.screens.base_screen import REDO_KEY, UNDO_KEY, BaseScreen
from ssmtui.ui.screens.screen_requests import (
    ExportPlans,
    PreviewChanges,
    ShowCompletion,
    ShowPlan,
    ShowUndo,
    screen_for_request,
)
from ssmtui.ui.state.app_context import READ_ONLY, READ_ONLY_PROFILE, AppContext
from ssmtui.ui.state.changes import ChangePhase, PendingChange, apply_in_order, completing, pending_apply, pending_undo
from ssmtui.ui.state.fleet_view import FleetChanges
from ssmtui.ui.state.scheduling import DelayedChange, ThrottledWork
from ssmtui.ui.text.cause_rows import text_to_copy
from ssmtui.ui.text.changes import (
    AppliedChange,
    change_set_progress,
    change_set_prose,
    change_set_result,
    delay_prose,
    failure_prose,
    follow_up_prose,
    green_nodes_prose,
    in_progress_prose,
    node_status_prose,
    result_sentence,
)
from ssmtui.ui.text.styled_text import Prose, TextStyle, plain_text
from ssmtui.ui.widgets.key_bindings import bind, key_of_action
from ssmtui.ui.widgets.text_pane import TextPane, styled_content

if TYPE_CHECKING:
    from ssmtui.remediation.apply.change_service import ChangeService


_MAX_QUOTED = 20
"""The most characters of a wrong word that the reply quotes."""


class ConfirmInput(Input):
    """The input of the confirmation word. A key that cannot be part of the word keeps its normal function.

    For example, `?` shows the help, and `h` exports while nothing is typed yet, unless the word begins with it.
    """

    def __init__(self, word: str) -> None:
        super().__init__(compact=True, placeholder=say("confirmation"))
        self.cursor_blink = False
        self._word = word

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Return whether a key writes."""
        passes = character == "?" or (character == "h" and not self.value and not self._word.startswith("h"))
        return not passes and super().check_consume_key(key, character)

    def on_key(self, event: events.Key) -> None:
        """Leave all other keys to the screen."""
        if event.is_printable and not self.check_consume_key(event.key, event.character):
            event.prevent_default()


class ConfirmLine(Horizontal):
    """The line that asks for the word, or names the key.

    `word` is empty if a key is enough; `verb` says what confirming does. Without a verb the change cannot be made: the
    preview can be read or exported. While the word is typed, the arrows and the page keys scroll `preview`.
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
        """Compose the question and the input of the word."""
        yield self._question
        if self._word:
            yield self._input

    def on_mount(self) -> None:
        """Show the question."""
        if self._word:
            self._ask(say("Type {word} and press Enter to {verb}: ", word="\0", verb=self._verb))
            return
        if not self._verb:
            before, after = say("Read-only: changes cannot be applied. {key} exports the change", key="\0").split("\0")
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
        """Show a sentence in which the word replaces a NUL."""
        before, after = sentence.split("\0")
        self._question.update(
            styled_content((before, TextStyle.PLAIN), (self._word, TextStyle.KEY), (after, TextStyle.PLAIN))
        )

    def take_keys(self) -> None:
        """Focus the input."""
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
            self._ask(say("“{typed}” does not match. Type {word}, then Enter: ", typed=printable(short), word="\0"))
        else:
            self._ask(say("Type {word}, then Enter: ", word="\0"))

    @on(Input.Changed)
    def _typing(self, event: Input.Changed) -> None:
        event.stop()
        if self.has_class("-wrong"):
            self.remove_class("-wrong")
            self.on_mount()
        self.screen.refresh_bindings()  # after the first character, other keys work


WRITE_IN_PROGRESS = translatable("another change is in progress: wait until it completes")

_NOTICE_SECONDS = 15
"""Seconds that a notice of a result stays: long enough for a user who looks elsewhere."""


def change_bindings(apply_help: str) -> list[BindingType]:
    """Return the keys of a change screen; `apply_help` is a sentence marked for translation."""
    return [
        bind("escape", "close", translatable("Back"), display="Esc"),
        bind("A", "apply", translatable("Apply"), apply_help, display="A"),
        bind("h", "hand_over", translatable("Export"), translatable("Export as commands, code or a change request")),
        UNDO_KEY,
        REDO_KEY,
        bind("r", "recheck", translatable("Re-check"), translatable("Check again now")),
        bind("tab", "other_pane", translatable("Other pane"), translatable("Text or line"), display="Tab"),
    ]


class Confirmation:
    """The preview of a change, the line that confirms it, and the actions of each phase.

    `word` is the word to type, empty if a key is enough; `verb` is empty if the change cannot be made. `paint` shows
    the status of the change.
    """

    def __init__(self, screen: BaseScreen, word: str, verb: str, paint: Callable[[], None]) -> None:
        self._screen = screen
        self._context = screen.context
        self._word = word
        self._can_make = bool(verb)
        self._paint = paint
        self.phase = ChangePhase.PREVIEW
        self.text = TextPane(id="change")
        self.line = ConfirmLine(word, verb, self.text)
        self.painting = ThrottledWork(paint, screen.set_timer)

    @property
    def is_typed(self) -> bool:
        """Whether a word must be typed now."""
        return self.line.asks and self.phase is ChangePhase.PREVIEW

    def begin(self, title: str, where: str) -> None:
        """Show the preview, with the focus on the confirmation."""
        self._screen.show_title(title, where)
        self._paint()
        if self.line.asks:
            self.line.take_keys()
        else:
            self.text.focus()

    def show(self, prose: Prose) -> None:
        """Show the status of the change; the line stays until it is confirmed."""
        self.text.show(prose)
        self.line.display = self.phase is ChangePhase.PREVIEW

    def why_not(self, action: str) -> str:
        """Return why an action cannot be used in this phase; empty if it can."""
        match action:
            case "apply" if not self._can_make:
                return say(READ_ONLY if self._context.read_only else READ_ONLY_PROFILE)
            case "apply" if self.phase is not ChangePhase.PREVIEW:
                return say("this change was already submitted")
            case "apply" if self._context.writing:
                return say(WRITE_IN_PROGRESS)
            case "apply" if self._word:
                return say("type {confirmation} and press Enter to confirm", confirmation=self._word)
            case "undo" | "redo" | "recheck" if self.phase in (ChangePhase.PREVIEW, ChangePhase.MAKING):
                return say("nothing has been changed yet")
            case _:
                return ""

    def apply(self, make: Callable[[], None]) -> None:
        """Make the change, if no other change is being made."""
        if self.phase is not ChangePhase.PREVIEW or not self._can_make:
            return
        if self._context.writing:
            self._screen.notify(say(WRITE_IN_PROGRESS), severity="warning", markup=False)
            return
        make()

    def begin_write(self) -> None:
        """Start the write phase: no other change can be made, and no key can cancel."""
        self.phase = ChangePhase.MAKING
        self._context.writing = True
        self._paint()
        self.text.focus()
        self._screen.refresh_bindings()

    def end_write(self) -> None:
        """End the write phase, with or without an answer of AWS: any screen can make the next change."""
        self._context.writing = False
        self._context.read_unfinished()
        for screen in self._screen.app.screen_stack[-1:]:  # there is no screen if the app has ended meanwhile
            screen.refresh_bindings()

    def end(self, words: str, *, is_made: bool) -> None:
        """Show the result; if the user has left the screen, show a notice."""
        self.phase = ChangePhase.MADE if is_made else ChangePhase.NOT_MADE
        app = self._screen.app
        if self._screen not in app.screen_stack:
            app.notify(words, severity="information" if is_made else "warning", timeout=_NOTICE_SECONDS, markup=False)
        if self._screen.is_mounted:
            self._paint()
            self.text.scroll_home(animate=False)
            self._screen.refresh_bindings()

    def leave(self) -> None:
        """Leave the screen: a running write continues."""
        if self.phase is ChangePhase.MAKING:
            words = say("The change continues. Its result is shown here and in the journal (Z).")
            self._screen.app.notify(words, markup=False)
        self._screen.dismiss()


class _ConfirmationScreen(BaseScreen):
    """A screen with one confirmation. `word` and `verb` are as for `Confirmation`."""

    def __init__(self, context: AppContext, word: str, verb: str) -> None:
        super().__init__(context)
        self.confirmation = Confirmation(self, word, verb, self.paint)
        self.body = (self.confirmation.text, self.confirmation.line)

    def paint(self) -> None:
        """Show the status of the change."""
        raise NotImplementedError

    def make(self) -> None:
        """Make the change, which is confirmed."""
        raise NotImplementedError

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        """Return why an action is not possible in the current phase."""
        return self.confirmation.why_not(action) or super().why_not(action, parameters)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Hide "other pane" if no word is typed: there is no other pane."""
        if action == "other_pane" and not self.confirmation.is_typed:
            return False
        return super().check_action(action, parameters)

    def leave_screen(self) -> None:
        """Go back."""
        self.confirmation.leave()

    def action_other_pane(self) -> None:
        """Move between the preview and the line that confirms."""
        self.focus_next()

    @on(ConfirmLine.Confirmed)
    def action_apply(self) -> None:
        """Make the change."""
        self.confirmation.apply(self.make)


class ChangeScreen(_ConfirmationScreen):
    """A change, from its preview to its result."""

    BREADCRUMB = translatable("Change")
    BINDINGS: ClassVar[list[BindingType]] = change_bindings(translatable("Apply the change (capital A)"))

    def __init__(self, context: AppContext, pending_change: PendingChange) -> None:
        verb = pending_change.verb if pending_change.make is not None else ""
        super().__init__(context, pending_change.confirmation, verb)
        self.pending_change = pending_change
        self._forecast: Forecast | None = None
        self._outcome: ChangeOutcome | None = None
        self._after: FollowUp | None = None
        self._delayed_change: DelayedChange | None = None
        self._stood: Mapping[NodeKey, VerdictStatus] = {}
        self._hoped: tuple[NodeKey, ...] = ()

    def on_mount(self) -> None:
        """Show the preview, and compute the forecast."""
        self.confirmation.begin(self.pending_change.title, self.pending_change.where)
        self.set_interval(1, self._count_down)
        if self.context.handle is not None:
            self.run_worker(self._request_forecasts(), exit_on_error=False)

    @property
    def current_scope(self) -> Scope | None:
        """The scope of the change."""
        return self.context.fleet_view.state.scopes.get(self.pending_change.scope)

    @property
    def followed(self) -> tuple[NodeKey, ...]:
        """The nodes to follow up: those of the forecast, else those on which the change has shown."""
        return affected(self.pending_change.plan, self._forecast) or self._touched()

    @property
    def to_copy(self) -> str:
        """The calls of the change."""
        plan = self.pending_change.plan
        return text_to_copy((f"# {plan.title}", *call_lines(plan))) if plan else ""

    def _touched(self) -> tuple[NodeKey, ...]:
        """Return the nodes whose status has changed since, or that have findings about the changed subject."""
        fleet_view, scope_name = self.context.fleet_view, self.pending_change.scope
        about = set(nodes_about(fleet_view.state, self.pending_change.subject, scope_name))
        return tuple(
            key
            for key, scope in fleet_view.state.scope_of.items()
            if scope.name == scope_name
            and (
                key in about
                or fleet_view.verdict(key).status is not self._stood.get(key, fleet_view.verdict(key).status)
            )
        )

    def fleet_changed(self, changes: FleetChanges) -> None:  # noqa: ARG002
        """Follow the nodes while the checks run again."""
        if self.is_mounted and self.confirmation.phase is ChangePhase.MADE:
            self.confirmation.painting.ask()
            self.refresh_keys()

    def why_not(self, action: str, parameters: tuple[object, ...]) -> str:
        """Return why an action is not possible in the current phase."""
        if action == "hand_over" and self.pending_change.plan is None:
            return say("an undo cannot be exported: Z shows its calls")
        return super().why_not(action, parameters)

    def action_hand_over(self) -> None:
        """Export the change for another person."""
        if plan := self.pending_change.plan:
            forecasts = {plan.scope.name: self._forecast} if self._forecast else {}
            self.post_message(ExportPlans((plan,), forecasts))

    def action_recheck(self) -> None:
        """Check now what the change affects."""
        if self._after is not None:
            self.context.recheck(self._after.scope, self._after.affected_facts)

    def make(self) -> None:
        """Make the change."""
        if self.pending_change.make is None:
            return
        self._stood = {key: self.context.fleet_view.verdict(key).status for key in self.context.fleet_view.state.nodes}
        plan = self.pending_change.plan
        self._hoped = nodes_expected_to_change(plan, self._forecast, self.context.fleet_view.state) if plan else ()
        self.confirmation.begin_write()
        # A worker of the app, not of this screen: the app waits for a running write on any screen.
        self.app.run_worker(self._wait(self.pending_change.make), exit_on_error=False, group="change")

    async def _wait(self, make: Callable[[tuple[str, ...]], Future[ChangeOutcome]]) -> None:
        try:
            self._outcome = outcome = await asyncio.wrap_future(make(tuple(key.id for key in self._hoped)))
        finally:
            self.confirmation.end_write()
        try:
            self._follow(self.pending_change.afterwards(outcome, self._hoped, self.context.now()))
        finally:
            # The result is shown even if everything else fails.
            words = result_sentence(self.pending_change.title, outcome)
            self.confirmation.end(words, is_made=effect_of(outcome) is Effect.MADE)

    def _follow(self, after: FollowUp) -> None:
        self._after = after
        self._delayed_change = self.context.wait_for(after)
        if after.read_again is not None:
            self.context.recheck(after.scope, after.read_again)

    def _count_down(self) -> None:
        if self._delayed_change is not None:
            self.paint()

    async def _request_forecasts(self) -> None:
        handle, change = self.context.handle, self.pending_change
        if handle is not None and change.plan is not None:
            self._forecast = await asyncio.wrap_future(handle.forecast(change.plan))
            self.paint()
        elif handle is not None and change.foresee is not None:
            self._forecast = await change.foresee(handle)
            self.paint()

    def paint(self) -> None:
        """Show the preview, the attempt, or the result."""
        match self._outcome:
            case None if self.confirmation.phase is ChangePhase.PREVIEW:
                prose = self.pending_change.prose(self._forecast)
            case None:
                prose = in_progress_prose(self.pending_change.title)
            case AppliedOutcome() as applied:
                doing = self.pending_change
                done = AppliedChange(doing.title, doing.scope, applied.notes, doing.has_way_back)
                prose = follow_up_prose(self.context.fleet_view, done, self.followed, self._waiting())
            case outcome:
                prose = failure_prose(outcome)
        self.confirmation.show(prose)

    def _waiting(self) -> Prose:
        plan = self.pending_change.plan
        if (
            plan is None
            or self._delayed_change is None
            or not self._delayed_change.outstanding(self.context.fleet_view)
        ):
            return ()
        return delay_prose(plan.delay, self._delayed_change.until, self.context.now())


@screen_for_request(ShowPlan)
def plan_screen(context: AppContext, request: ShowPlan) -> ChangeScreen:
    """Return the screen of a change that can be made."""
    return ChangeScreen(
        context, pending_apply(context.fleet_view, context.change_service_for(request.plan.scope.name), request.plan)
    )


@screen_for_request(ShowCompletion)
def completion(context: AppContext, request: ShowCompletion) -> ChangeScreen:
    """Return the screen of the rest of an interrupted change."""
    return ChangeScreen(
        context, completing(context.change_service_for(request.scope.name), request.scope, request.change, request.plan)
    )


@screen_for_request(ShowUndo)
def undo_screen(context: AppContext, request: ShowUndo) -> ChangeScreen:
    """Return the screen of a change to undo."""
    return ChangeScreen(
        context,
        pending_undo(context.fleet_view, context.change_service_for(request.scope.name), request.scope, request.change),
    )


class ChangeSetScreen(_ConfirmationScreen):
    """Changes that are previewed and confirmed together."""

    BREADCRUMB = translatable("Combined changes")
    BINDINGS: ClassVar[list[BindingType]] = change_bindings(translatable("Apply the changes (capital A)"))

    def __init__(self, context: AppContext, plans: tuple[Plan, ...]) -> None:
        self.plans = PlanSet(plans)
        self.change_service = context.change_service_for(*(each.scope.name for each in plans))
        super().__init__(context, self.plans.confirmation, "" if self.change_service is None else say("apply"))
        self._forecasts: dict[ScopeName, Forecast] = {}
        self._outcomes: list[ChangeOutcome] = []
        self._after: list[FollowUp] = []
        self._delayed_change: list[tuple[Plan, DelayedChange]] = []

    def on_mount(self) -> None:
        """Show the preview, and compute the forecasts."""
        count = say_many("{count} change", "{count} changes", count=len(self.plans.plans))
        regions = ", ".join(self.plans.regions)
        where = say("{regions} · applied one after the other", regions=regions)
        self.confirmation.begin(count, where)
        self.set_interval(1, self._count_down)
        self.run_worker(self._request_forecasts(), exit_on_error=False)

    @property
    def current_scope(self) -> Scope | None:
        """The scope of the first change."""
        return self.plans.plans[0].scope

    @property
    def to_copy(self) -> str:
        """The calls of all the changes."""
        return text_to_copy(line for plan in self.plans.plans for line in (f"# {plan.title}", *call_lines(plan)))

    def fleet_changed(self, changes: FleetChanges) -> None:  # noqa: ARG002
        """Follow the nodes while the checks run again."""
        if self.is_mounted and self.confirmation.phase in (ChangePhase.MADE, ChangePhase.NOT_MADE):
            self.confirmation.painting.ask()

    def action_hand_over(self) -> None:
        """Export the changes for another person."""
        self.post_message(ExportPlans(self.plans.plans, self._forecasts))

    def action_recheck(self) -> None:
        """Check now what the changes affect."""
        for name, kinds in facts_by_scope((each.scope, each.affected_facts) for each in self._after).items():
            self.context.recheck(name, kinds)

    def make(self) -> None:
        """Make the changes."""
        if self.change_service is None:
            return
        self.confirmation.begin_write()
        # A worker of the app, not of this screen: the app waits for a running write on any screen.
        self.app.run_worker(self._wait(self.change_service), exit_on_error=False, group="change")

    async def _wait(self, change_service: ChangeService) -> None:
        try:
            made = apply_in_order(self.plans, change_service, self._hoped_for, self.context.now)
            async for plan, outcome, after in made:
                self._outcomes.append(outcome)
                self._after.append(after)
                if awaited := self.context.wait_for(after):
                    self._delayed_change.append((plan, awaited))
                self.paint()
        finally:
            self.confirmation.end_write()
            all_made = len(self._after) == len(self.plans.plans) and self._after[-1].effect is Effect.MADE
            # The result is shown even if everything else fails.
            result = change_set_result(self.plans, self._outcomes)
            self.confirmation.end(" ".join(plain_text(each.pieces) for each in result), is_made=all_made)
        for name, kinds in facts_by_scope((each.scope, each.read_again) for each in self._after).items():
            self.context.recheck(name, kinds)

    def _hoped_for(self, plan: Plan) -> tuple[NodeKey, ...]:
        """Return the nodes that the forecast for all plans of the scope together names."""
        return nodes_expected_to_change(plan, self._forecasts.get(plan.scope.name), self.context.fleet_view.state)

    async def _request_forecasts(self) -> None:
        if self.context.handle is None:
            return
        for name, plans in self.plans.by_scope.items():
            self._forecasts[name] = await asyncio.wrap_future(self.context.handle.forecast(*plans))
            self.paint()

    def _count_down(self) -> None:
        if self._delayed_change:
            self.paint()

    def paint(self) -> None:
        """Show the preview, the attempts, or the results."""
        if not self.is_mounted:
            return
        fleet_view = self.context.fleet_view
        match self.confirmation.phase:
            case ChangePhase.PREVIEW:
                prose = change_set_prose(fleet_view, self.plans, self._forecasts)
            case ChangePhase.MAKING:
                prose = change_set_progress(self.plans, self._outcomes, under_way=True)
            case _:
                nodes = self.plans.followed(self._forecasts)
                prose = (
                    *change_set_result(self.plans, self._outcomes),
                    green_nodes_prose(fleet_view, nodes),
                    *self._waiting(),
                    *change_set_progress(self.plans, self._outcomes, under_way=False),
                    *node_status_prose(fleet_view, nodes),
                )
        self.confirmation.show(prose)

    def _waiting(self) -> Prose:
        """Return the longest of the delays that are still running."""
        fleet_view, now = self.context.fleet_view, self.context.now()
        left = [(plan, awaited) for plan, awaited in self._delayed_change if awaited.outstanding(fleet_view)]
        if not left:
            return ()
        plan, awaited = max(left, key=lambda each: each[1].until)
        return delay_prose(plan.delay, awaited.until, now)


@screen_for_request(PreviewChanges)
def change_set_screen(context: AppContext, request: PreviewChanges) -> ChangeSetScreen:
    """Return the screen of several changes with one preview."""
    return ChangeSetScreen(context, request.plans)
