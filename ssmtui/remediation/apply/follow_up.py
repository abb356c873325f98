"""What follows an attempt to change something: facts to read again, delays, and interrupted changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING

from ssmtui.model.fact import end_of_delay
from ssmtui.model.node import NodeKey
from ssmtui.model.plan import Call, ChangeDelay, Expected, Plan, awaited_nodes, delay_of
from ssmtui.model.scope import Scope
from ssmtui.remediation.apply.change import (
    AppliedOutcome,
    Change,
    ChangeOutcome,
    ChangeState,
    DefectOutcome,
    EditConflict,
    FailedOutcome,
    NodeFailureOutcome,
    RefusedOutcome,
    UnsureOutcome,
)
from ssmtui.remediation.apply.journal import Journal, JournalUnusable
from ssmtui.remediation.plans.registry import stale_after

if TYPE_CHECKING:
    from ssmtui.diagnosis.fleet_state import FleetState
    from ssmtui.model.finding import Subject
    from ssmtui.model.plan import Forecast
    from ssmtui.model.scope import ScopeName


_MAY_SHOW = (ChangeState.APPLIED, ChangeState.UNSURE, ChangeState.PLANNED)


def running_delays(journal: Journal, scope: Scope, now: datetime) -> tuple[Expected, ...]:
    """Return the current delays of a scope's changes, newest first; none if the journal cannot be read.

    An undone change has no delay, and neither has a change with a time in the future (a wrong clock).
    """
    try:
        changes = journal.changes()
    except JournalUnusable:
        return ()
    delays = ((change, delay_of_change(change)) for change in changes if change.is_of(scope))
    return tuple(
        Expected(tuple(NodeKey(scope.account, scope.region, id_) for id_ in change.awaited_by), delay)
        for change, delay in delays
        if delay is not None and end_of_delay(delay.made, delay.until - delay.made, now) is not None
    )


def delay_of_change(change: Change) -> ChangeDelay | None:
    """Return the delay of a change that was made, perhaps in part; None if no delay is documented."""
    if change.settles_within is None or change.state not in _MAY_SHOW:
        return None
    return ChangeDelay(change.fix, change.title, change.at, change.at + change.settles_within, change.id)


Kinds = tuple[type, ...]
"""Kinds of fact; an empty tuple means all kinds."""


class Effect(Enum):
    """The effect of an attempt on the resource."""

    MADE = "made"
    IN_PART = "made in part"
    PERHAPS = "perhaps made"
    NONE = "not made"


@dataclass(frozen=True, slots=True)
class PendingDelay:
    """A delay of AWS that is running, and the nodes on which the effect must still show.

    `is_undo`: a change was undone, and its effect on these nodes must still end.
    """

    nodes: tuple[NodeKey, ...]
    delay: ChangeDelay
    is_undo: bool = False


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What follows an attempt in a scope.

    `affected_facts` are the kinds of fact that the change is about; `read_again` are those that can be outdated, or
    None. `waits` is None if there is no delay. `ended_delay` is the journal's ID of the undone change, whose delay has
    ended; empty if none was undone.
    """

    scope: ScopeName
    effect: Effect
    affected_facts: Kinds
    read_again: Kinds | None
    waits: PendingDelay | None = None
    ended_delay: str = ""


def follow_up_of_apply(
    plan: Plan, outcome: ChangeOutcome, expected_nodes: tuple[NodeKey, ...], now: datetime
) -> FollowUp:
    """Return what follows an attempt to apply a plan; `expected_nodes` are the nodes that it should fix."""
    waits = None
    # A change that may have been made can show late as well: until then, a red node proves nothing.
    if isinstance(outcome, AppliedOutcome | UnsureOutcome | DefectOutcome) and outcome.change is not None:
        delay = delay_of(plan, now, outcome.change.id)
        waits = PendingDelay(expected_nodes, delay) if delay else None
    read_again = plan.stale if _is_stale(outcome) else None
    return FollowUp(plan.scope.name, effect_of(outcome), plan.stale, read_again, waits)


def follow_up_of_undo(change: Change, scope: ScopeName, outcome: ChangeOutcome, now: datetime) -> FollowUp:
    """Return what follows an attempt to undo a change, in the scope that shows it."""
    affected_facts = stale_after(change.fix)
    read_again = affected_facts if _is_stale(outcome) else None
    if not isinstance(outcome, AppliedOutcome):
        return FollowUp(scope, effect_of(outcome), affected_facts, read_again)
    waits = None
    if change.settles_within is not None:
        # The effect of the change on a node does not end at once either.
        nodes = tuple(NodeKey(change.scope.account, change.scope.region, id_) for id_ in change.awaited_by)
        until = now + change.settles_within
        delay = ChangeDelay(change.fix, outcome.change.title, now, until, outcome.change.id)
        waits = PendingDelay(nodes, delay, is_undo=True)
    return FollowUp(scope, Effect.MADE, affected_facts, read_again, waits, change.id)


def effect_of(outcome: ChangeOutcome) -> Effect:
    """Return the effect of an attempt."""
    match outcome:
        case AppliedOutcome():
            return Effect.MADE
        case NodeFailureOutcome():
            return Effect.IN_PART
        case UnsureOutcome():
            return Effect.PERHAPS
        case DefectOutcome(change=change):
            return Effect.PERHAPS if change is not None else Effect.NONE
        case RefusedOutcome() | FailedOutcome():
            return Effect.NONE


def _is_stale(outcome: ChangeOutcome) -> bool:
    """Return whether the facts from before the attempt can be outdated: through the attempt or somebody else's edit."""
    match outcome:
        case RefusedOutcome(edit_conflict=EditConflict()):
            return True
        case _:
            return effect_of(outcome) is not Effect.NONE


def facts_by_scope(rows: Iterable[tuple[ScopeName, Kinds | None]]) -> Mapping[ScopeName, Kinds]:
    """Merge the kinds of fact of several attempts by scope, so that each scope is read again once."""
    found: dict[ScopeName, Kinds] = {}
    for scope, kinds in rows:
        if kinds is None:
            continue
        known = found.get(scope, kinds)
        found[scope] = tuple(dict.fromkeys((*known, *kinds))) if known and kinds else ()
    return found


def nodes_expected_to_change(plan: Plan, forecast: Forecast | None, state: FleetState) -> tuple[NodeKey, ...]:
    """Return the nodes that a change should fix: those of its forecast; without a forecast, those of its subject."""
    return awaited_nodes(plan, forecast) if forecast else nodes_about(state, plan.subject, plan.scope.name)


def nodes_about(state: FleetState, subject: Subject, scope: ScopeName) -> tuple[NodeKey, ...]:
    """Return the nodes of a scope that have findings about the subject."""
    held = (each for each in state.findings.values() if each.finding.subject == subject and each.scope.name == scope)
    about = {key for each in held for key in each.nodes}
    return tuple(key for key, of in state.scope_of.items() if key in about and of.name == scope)


def interrupted_changes(journal: Journal) -> tuple[Change, ...]:
    """Return the changes left planned or unsure, newest first; of a change and its undo, only the undo.

    A change is left out if a later change of the same fix and subject was made, or if a process is still making it.

    Raises:
        JournalUnusable: the journal cannot be read.

    """
    return tuple(each for each in _unfinished(journal.changes()) if not journal.is_being_made(each))


def made_beside(journal: Journal, plan: Plan) -> Change | None:
    """Return the change of a plan's subject that another ssmtui process is making at the moment, or None.

    Raises:
        JournalUnusable: the journal cannot be read.

    """
    return next(
        (
            each
            for each in journal.changes()
            if each.subject == plan.subject and each.is_of(plan.scope) and journal.is_made_elsewhere(each)
        ),
        None,
    )


def find_same_change(left: Sequence[Change], plan: Plan) -> Change | None:
    """Return the change whose calls include all calls of a plan of the same fix, or None.

    A plan with other choices has other calls: it is a different change.
    """
    return next((each for each in left if not each.undoes and _is_rest_of(each, plan)), None)


def _is_rest_of(change: Change, plan: Plan) -> bool:
    alike = (change.fix, change.subject) == (plan.fix, plan.subject) and change.is_of(plan.scope)
    made = [_without_mark(call) for call in change.calls]
    return alike and all(_without_mark(call) in made for call in plan.calls)


def _without_mark(call: Call) -> tuple[object, ...]:
    """Return a call without the tags that identify its change: they differ if the same fix is started again."""
    parameters = {name: value for name, value in call.parameters.items() if name != "TagSpecifications"}
    return call.service, call.operation, parameters


def _unfinished(changes: Sequence[Change]) -> Iterator[Change]:
    made_since: set[tuple[object, ...]] = set()
    going_back = {each.undoes for each in changes if each.undoes and each.is_open}
    for change in changes:
        what = (change.scope.account, change.scope.region, change.fix, change.subject, bool(change.undoes))
        if change.is_open and change.id not in going_back and what not in made_since:
            yield change
        elif change.state is ChangeState.APPLIED:
            made_since.add(what)
