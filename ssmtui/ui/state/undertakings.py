"""The two undertakings that the change desk carries out: applying a plan, and taking the last change back."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from ssmtui.changes.afterwards import after_applying, after_taking_back
from ssmtui.language import say
from ssmtui.model.plan import Plan
from ssmtui.model.scope import Scope
from ssmtui.model.subject import SubjectKind
from ssmtui.preview.lines import call_lines, way_back_lines
from ssmtui.ui.state.board import Board
from ssmtui.ui.state.undertaking import Undertaking
from ssmtui.ui.words.change_text import call_prose, change_prose, difference_prose
from ssmtui.ui.words.ink import Ink
from ssmtui.ui.words.prose import Prose, heading, paragraph

_OF_A_REGION = (SubjectKind.DOCUMENT, SubjectKind.SERVICE_SETTING, SubjectKind.REGION)
"""What a Region has one of, for all of its nodes."""

if TYPE_CHECKING:
    from ssmtui.changes.change import Change
    from ssmtui.changes.desk import ChangeDesk


def applying(board: Board, desk: ChangeDesk | None, plan: Plan) -> Undertaking:
    """A plan about to be applied; only to be read, where there is no desk."""
    return Undertaking(
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
        make=(lambda awaited_by: desk.apply(replace(plan, awaited_by=awaited_by))) if desk is not None else None,
        prose=lambda forecast: change_prose(board, plan, forecast),
        subject=plan.subject,
        afterwards=partial(after_applying, plan),
        plan=plan,
        has_way_back=bool(plan.way_back.calls),
    )


def taking_back(desk: ChangeDesk | None, scope: Scope, change: Change) -> Undertaking:
    """A change about to be taken back, in the open scope that it was made in."""
    return Undertaking(
        title=say("Take back: {title}", title=change.title),
        where=" · ".join((scope.region, change.subject.name, say("made {at:%Y-%m-%d %H:%M} UTC", at=change.at))),
        scope=scope.name,
        # What reached a whole Region reaches it again on its way back, and is as deliberate.
        confirmation=scope.region if change.subject.kind in _OF_A_REGION else "",
        verb=say("take it back"),
        make=(lambda _awaited_by: desk.undo(change.id, scope)) if desk is not None else None,
        prose=lambda _forecast: _way_back_prose(change),
        subject=change.subject,
        afterwards=lambda outcome, _hoped, now: after_taking_back(change, scope.name, outcome, now),
    )


def completing(desk: ChangeDesk | None, scope: Scope, change: Change, plan: Plan) -> Undertaking:
    """What is left of a change that was interrupted, about to be made, in the open scope that it was begun in."""
    return Undertaking(
        title=plan.title,
        where=" · ".join((scope.region, change.subject.name, say("begun {at:%Y-%m-%d %H:%M} UTC", at=change.at))),
        scope=scope.name,
        confirmation=scope.region if change.subject.kind in _OF_A_REGION else "",
        verb=say("complete it"),
        make=(lambda _awaited_by: desk.complete(change.id)) if desk is not None else None,
        prose=lambda _forecast: _completion_prose(change, plan),
        subject=change.subject,
        afterwards=lambda outcome, hoped, now: after_applying(replace(plan, scope=scope), outcome, hoped, now),
        has_way_back=bool(change.way_back.calls),
    )


def _completion_prose(change: Change, plan: Plan) -> Prose:
    left, number = len(plan.calls), len(change.calls)
    made = say("{made} of {number} calls were made before it was interrupted", made=number - left, number=number)
    return (
        paragraph(made),
        paragraph((say("If somebody has changed it since, nothing is written."), Ink.MUTED)),
        heading(say("The calls that are left, exactly")),
        *call_prose(call_lines(plan)),
        heading(say("The difference")),
        *difference_prose(change.before, change.after),
        heading(say("Way back")),
        paragraph(change.undo, indent=2),
    )


def _way_back_prose(change: Change) -> Prose:
    opened = (
        (paragraph((say("Whether it was made is not known: that is read first."), Ink.WARN)),) if change.is_open else ()
    )
    return (
        paragraph(change.undo),
        *opened,
        paragraph((say("If somebody has changed it since, nothing is written."), Ink.MUTED)),
        heading(say("The difference")),
        *difference_prose(change.after, change.before),
        heading(say("The calls, exactly")),
        *call_prose(way_back_lines(change)),
    )
