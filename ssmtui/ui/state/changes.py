"""Hold changes as the screens use them: pending changes, batches, and the history of the journal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING

from ssmtui.language import say
from ssmtui.model.finding import Subject, SubjectKind
from ssmtui.model.node import NodeKey
from ssmtui.model.plan import Forecast, Plan
from ssmtui.model.scope import Scope, ScopeName
from ssmtui.remediation.apply.change import Change, ChangeOutcome
from ssmtui.remediation.apply.follow_up import Effect, FollowUp, follow_up_of_apply, follow_up_of_undo
from ssmtui.remediation.apply.journal import Journal, JournalUnusable, made_elsewhere
from ssmtui.remediation.preview import PlanSet, call_lines, undo_lines
from ssmtui.ui.state.app_context import scope_of_change
from ssmtui.ui.state.fleet_view import FleetView
from ssmtui.ui.text.changes import call_prose, change_prose, difference_prose
from ssmtui.ui.text.styled_text import Prose, TextStyle, heading, paragraph

if TYPE_CHECKING:
    from ssmtui.remediation.apply.change_service import ChangeService


class ChangePhase(Enum):
    """Where a change stands."""

    PREVIEW = "preview"
    MAKING = "making"
    MADE = "made"
    NOT_MADE = "not made"


@dataclass(frozen=True, slots=True)
class PendingChange:
    """What is about to be done, and how.

    `prose` tells of it, with the forecast once there is one. `confirmation` is the word to type, empty where a key is
    enough. `make` is told the ids of the nodes that await it. `plan` is what a forecast can be made for: None where
    something is taken back. `subject` is what changes.
    `afterwards` tells what follows its outcome, for the nodes that await it. Without `make` it can only be read, and
    handed over. `verb` is what confirming does, in a word; `has_way_back` whether a key then takes it back.
    """

    title: str
    where: str
    scope: ScopeName
    confirmation: str
    verb: str
    make: Callable[[tuple[str, ...]], Future[ChangeOutcome]] | None
    prose: Callable[[Forecast | None], Prose]
    subject: Subject
    afterwards: Callable[[ChangeOutcome, tuple[NodeKey, ...], datetime], FollowUp]
    plan: Plan | None = None
    has_way_back: bool = False


_REGIONAL_SUBJECTS = (SubjectKind.DOCUMENT, SubjectKind.SERVICE_SETTING, SubjectKind.REGION)
"""What a Region has one of, for all of its nodes."""


def pending_apply(fleet_view: FleetView, change_service: ChangeService | None, plan: Plan) -> PendingChange:
    """A plan about to be applied; only to be read, where there is no desk."""
    return PendingChange(
        title=plan.title,
        where=say(
            "{region} · reaches {reach} · {kind} {subject}",
            region=plan.scope.region,
            kind=say(plan.subject.kind.value),
            subject=plan.subject.name,
            reach=say(plan.reach.value),
        ),
        scope=plan.scope.name,
        confirmation=plan.confirmation,
        verb=say("apply"),
        make=(lambda awaited_by: change_service.apply(replace(plan, awaited_by=awaited_by)))
        if change_service is not None
        else None,
        prose=lambda forecast: change_prose(fleet_view, plan, forecast),
        subject=plan.subject,
        afterwards=partial(follow_up_of_apply, plan),
        plan=plan,
        has_way_back=bool(plan.way_back.calls),
    )


def pending_undo(change_service: ChangeService | None, scope: Scope, change: Change) -> PendingChange:
    """A change about to be taken back, in the open scope that it was made in."""
    return PendingChange(
        title=say("Take back: {title}", title=change.title),
        where=" · ".join((scope.region, change.subject.name, say("made {at:%Y-%m-%d %H:%M} UTC", at=change.at))),
        scope=scope.name,
        # What reached a whole Region reaches it again on its way back, and is as deliberate.
        confirmation=scope.region if change.subject.kind in _REGIONAL_SUBJECTS else "",
        verb=say("take it back"),
        make=(lambda _awaited_by: change_service.undo(change.id, scope)) if change_service is not None else None,
        prose=lambda _forecast: _undo_prose(change),
        subject=change.subject,
        afterwards=lambda outcome, _hoped, now: follow_up_of_undo(change, scope.name, outcome, now),
    )


def completing(change_service: ChangeService | None, scope: Scope, change: Change, plan: Plan) -> PendingChange:
    """What is left of a change that was interrupted, about to be made, in the open scope that it was begun in."""
    return PendingChange(
        title=plan.title,
        where=" · ".join((scope.region, change.subject.name, say("begun {at:%Y-%m-%d %H:%M} UTC", at=change.at))),
        scope=scope.name,
        confirmation=scope.region if change.subject.kind in _REGIONAL_SUBJECTS else "",
        verb=say("complete it"),
        make=(lambda _awaited_by: change_service.complete(change.id)) if change_service is not None else None,
        prose=lambda _forecast: _completion_prose(change, plan),
        subject=change.subject,
        afterwards=lambda outcome, hoped, now: follow_up_of_apply(replace(plan, scope=scope), outcome, hoped, now),
        has_way_back=bool(change.way_back.calls),
    )


def _completion_prose(change: Change, plan: Plan) -> Prose:
    left, number = len(plan.calls), len(change.calls)
    made = say("{made} of {number} calls were made before it was interrupted", made=number - left, number=number)
    return (
        paragraph(made),
        paragraph((say("If somebody has changed it since, nothing is written."), TextStyle.MUTED)),
        heading(say("The calls that are left, exactly")),
        *call_prose(call_lines(plan)),
        heading(say("The difference")),
        *difference_prose(change.before, change.after),
        heading(say("Way back")),
        paragraph(change.undo, indent=2),
    )


def _undo_prose(change: Change) -> Prose:
    opened = (
        (paragraph((say("Whether it was made is not known: that is read first."), TextStyle.WARN)),)
        if change.is_open
        else ()
    )
    return (
        paragraph(change.undo),
        *opened,
        paragraph((say("If somebody has changed it since, nothing is written."), TextStyle.MUTED)),
        heading(say("The difference")),
        *difference_prose(change.after, change.before),
        heading(say("The calls, exactly")),
        *call_prose(undo_lines(change)),
    )


async def apply_in_order(
    plans: PlanSet,
    change_service: ChangeService,
    hoped: Callable[[Plan], tuple[NodeKey, ...]],
    now: Callable[[], datetime],
) -> AsyncIterator[tuple[Plan, ChangeOutcome, FollowUp]]:
    """Make the changes; each with what became of it and what follows, up to the first that was not made.

    `hoped` tells the nodes that a change is to get going.
    """
    for plan in plans.plans:
        nodes = hoped(plan)
        outcome = await asyncio.wrap_future(
            change_service.apply(replace(plan, awaited_by=tuple(key.id for key in nodes)))
        )
        after = follow_up_of_apply(plan, outcome, nodes, now())
        yield plan, outcome, after
        if after.effect is not Effect.MADE:
            return


@dataclass(frozen=True, slots=True)
class ChangeHistory:
    """The changes, newest first; `damaged` are lines that could not be understood, `problem` why there are none.

    `under_way` are the ids of the changes that another run of ssmtui is making.
    """

    changes: tuple[Change, ...] = ()
    damaged: tuple[int, ...] = ()
    problem: str = ""
    under_way: frozenset[str] = frozenset()


def read_history(journal: Journal | None) -> ChangeHistory:
    """What a journal tells now; nothing, where there is none."""
    if journal is None:
        return ChangeHistory()
    try:
        reading = journal.read()
    except JournalUnusable as unusable:
        return ChangeHistory(problem=str(unusable))
    under_way = frozenset(each.id for each in reading.changes if each.is_open and journal.is_made_elsewhere(each))
    return ChangeHistory(reading.changes, reading.damaged, under_way=under_way)


def change_to_go_back(history: ChangeHistory, change: Change) -> Change:
    """The change that is meant by taking one back: of an undo that was interrupted, the one that it takes back."""
    taken_back = next((each for each in history.changes if each.id == change.undoes), change)
    return taken_back if change.is_open else change


def why_not_completed(fleet_view: FleetView, history: ChangeHistory, change: Change) -> str:
    """Why a change cannot be completed from here; empty where it can."""
    if change.id in history.under_way:
        return made_elsewhere(change.id)
    if not change.is_open:
        return say("it was not interrupted")
    if change.undoes:
        return say("it takes another change back: z takes that one back to the end")
    return _why_not_here(fleet_view, change, say("ssmtui fix --complete {id} completes it", id=change.id))


def why_not_undoable(fleet_view: FleetView, history: ChangeHistory, change: Change) -> str:
    """Why a change cannot be taken back from here; empty where it can."""
    at_it = {change.id, *(each.id for each in history.changes if each.undoes == change.id)} & history.under_way
    if at_it:
        return made_elsewhere(min(at_it))
    return change.why_it_stays or _why_not_here(fleet_view, change, say("ssmtui undo {id} takes it back", id=change.id))


def _why_not_here(fleet_view: FleetView, change: Change, elsewhere: str) -> str:
    if scope_of_change(fleet_view, change) is None:
        return say(
            "{region} of {account} is not open here: {command}",
            region=change.scope.region,
            account=change.scope.account,
            command=elsewhere,
        )
    return ""
