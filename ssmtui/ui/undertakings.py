"""The two undertakings that the change desk carries out: applying a plan, and taking the last change back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssmtui.fixes.preview import way_back_lines
from ssmtui.model.plan import Plan, Reach
from ssmtui.model.scope import Scope
from ssmtui.ui.board import Board
from ssmtui.ui.change_text import call_prose, change_prose, difference_prose
from ssmtui.ui.ink import Ink
from ssmtui.ui.prose import Prose, heading, paragraph
from ssmtui.ui.undertaking import Undertaking

if TYPE_CHECKING:
    from ssmtui.changes.change import Change
    from ssmtui.changes.desk import ChangeDesk


def applying(board: Board, desk: ChangeDesk, plan: Plan) -> Undertaking:
    """A plan about to be applied."""
    return Undertaking(
        title=plan.title,
        where=f"{plan.scope.region} · {plan.subject.kind.value} {plan.subject.name} · reaches {plan.reach.value}",
        scope=plan.scope.name,
        confirmation=plan.confirmation,
        make=lambda: desk.apply(plan),
        prose=lambda forecast: change_prose(board, plan, forecast),
        plan=plan,
    )


def taking_back(board: Board, desk: ChangeDesk) -> Undertaking | None:
    """The last change in a Region that is open, about to be taken back; None where there is none."""
    last = last_change(board, desk)
    if last is None:
        return None
    scope, change = last
    return Undertaking(
        title=f"Take back: {change.title}",
        where=" · ".join((scope.region, change.subject.name, f"made {change.at:%Y-%m-%d %H:%M} UTC")),
        scope=scope.name,
        confirmation="",
        make=lambda: desk.undo(change.id, scope),
        prose=lambda _forecast: _way_back_prose(change),
    )


def last_change(board: Board, desk: ChangeDesk) -> tuple[Scope, Change] | None:
    """The newest change that can be taken back, among the Regions that are open."""
    found = ((scope, desk.undoable(scope)) for scope in board.scopes)
    known = [(scope, change) for scope, change in found if change is not None]
    return max(known, key=lambda each: each[1].id, default=None)


def _way_back_prose(change: Change) -> Prose:
    opened = (paragraph(("Whether it was made is not known: that is read first.", Ink.WARN)),) if change.is_open else ()
    return (
        paragraph(change.undo),
        *opened,
        paragraph(("If somebody has changed it since, nothing is written.", Ink.MUTED)),
        heading("The difference"),
        *difference_prose(change.after, change.before),
        heading("The calls, exactly"),
        *call_prose(way_back_lines(_plan_of(change))),
    )


def _plan_of(change: Change) -> Plan:
    return Plan(
        fix=change.fix,
        title=change.title,
        scope=change.scope,
        subject=change.subject,
        calls=change.calls,
        before=change.before,
        after=change.after,
        guards=change.guards,
        way_back=change.way_back,
        reach=Reach.REGION,
        undo=change.undo,
        facts_after=(),
        stale=(),
    )
