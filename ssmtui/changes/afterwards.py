"""What follows an attempt to change something, whoever made it: what is read again, and what is waited for.

Screens and commands carry it out and show it; none of them decides it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING

from ssmtui.changes.outcome import (
    Applied,
    ChangeOutcome,
    Defective,
    Disagreement,
    Failed,
    FailedOnNode,
    Refused,
    Unsure,
)
from ssmtui.fixes.frame.fix import stale_after
from ssmtui.model.change_delay import ChangeDelay, delay_of, hoped_for
from ssmtui.model.node import NodeKey

if TYPE_CHECKING:
    from ssmtui.changes.change import Change
    from ssmtui.diagnosis.fleet_state import FleetState
    from ssmtui.model.plan import Forecast, Plan
    from ssmtui.model.scope import ScopeName
    from ssmtui.model.subject import Subject

Kinds = tuple[type, ...]
"""Kinds of fact; none named means all."""


class Effect(Enum):
    """What an attempt did to what it was to change."""

    MADE = "made"
    IN_PART = "made in part"
    PERHAPS = "perhaps made"
    NONE = "not made"


@dataclass(frozen=True, slots=True)
class Waited:
    """A delay of AWS's that runs, and the nodes that it has yet to pass for.

    Where it `goes_back`, a change was taken back, and what it did for these nodes has yet to end.
    """

    nodes: tuple[NodeKey, ...]
    delay: ChangeDelay
    goes_back: bool = False


@dataclass(frozen=True, slots=True)
class Afterwards:
    """What follows an attempt in a scope.

    `concerns` are the kinds of fact that the change is about, and `read_again` those of them that may be otherwise than
    they were read: None where nothing is. `waits` is None where nothing is waited for. `waits_no_more` is the journal's
    name of the change that was taken back: nothing has yet to show of it. Empty where none was.
    """

    scope: ScopeName
    effect: Effect
    concerns: Kinds
    read_again: Kinds | None
    waits: Waited | None = None
    waits_no_more: str = ""


def after_applying(plan: Plan, outcome: ChangeOutcome, hoped: tuple[NodeKey, ...], now: datetime) -> Afterwards:
    """What follows an attempt to make a change that these nodes are to get going by (`nodes_hoped_for`)."""
    waits = None
    # What may have been made may show late as well: till then red proves nothing.
    if isinstance(outcome, Applied | Unsure | Defective) and outcome.change is not None:
        delay = delay_of(plan, now, outcome.change.id)
        waits = Waited(hoped, delay) if delay else None
    read_again = plan.stale if _is_out_of_date(outcome) else None
    return Afterwards(plan.scope.name, effect_of(outcome), plan.stale, read_again, waits)


def after_taking_back(change: Change, scope: ScopeName, outcome: ChangeOutcome, now: datetime) -> Afterwards:
    """What follows an attempt to take a change back, in the scope that it is seen by."""
    concerns = stale_after(change.fix)
    read_again = concerns if _is_out_of_date(outcome) else None
    if not isinstance(outcome, Applied):
        return Afterwards(scope, effect_of(outcome), concerns, read_again)
    waits = None
    if change.settles_within is not None:
        # What it did for a node does not end at once either.
        nodes = tuple(NodeKey(change.scope.account, change.scope.region, id_) for id_ in change.awaited_by)
        until = now + change.settles_within
        delay = ChangeDelay(change.fix, outcome.change.title, now, until, outcome.change.id)
        waits = Waited(nodes, delay, goes_back=True)
    return Afterwards(scope, Effect.MADE, concerns, read_again, waits, change.id)


def effect_of(outcome: ChangeOutcome) -> Effect:
    """What an attempt did."""
    match outcome:
        case Applied():
            return Effect.MADE
        case FailedOnNode():
            return Effect.IN_PART
        case Unsure():
            return Effect.PERHAPS
        case Defective(change=change):
            return Effect.PERHAPS if change is not None else Effect.NONE
        case Refused() | Failed():
            return Effect.NONE


def _is_out_of_date(outcome: ChangeOutcome) -> bool:
    """Whether what was read before the attempt may be otherwise now: by it, or by somebody who was here before it."""
    match outcome:
        case Refused(disagreement=Disagreement()):
            return True
        case _:
            return effect_of(outcome) is not Effect.NONE


def read_together(rows: Iterable[tuple[ScopeName, Kinds | None]]) -> Mapping[ScopeName, Kinds]:
    """The kinds of fact of several attempts by scope, so that each scope is read again once."""
    found: dict[ScopeName, Kinds] = {}
    for scope, kinds in rows:
        if kinds is None:
            continue
        known = found.get(scope, kinds)
        found[scope] = tuple(dict.fromkeys((*known, *kinds))) if known and kinds else ()
    return found


def nodes_hoped_for(plan: Plan, forecast: Forecast | None, state: FleetState) -> tuple[NodeKey, ...]:
    """The nodes that a change is to get going: those of its forecast; before there is one, those that it is about."""
    return hoped_for(plan, forecast) if forecast else nodes_about(state, plan.subject, plan.scope.name)


def nodes_about(state: FleetState, subject: Subject, scope: ScopeName) -> tuple[NodeKey, ...]:
    """The nodes of a scope that have findings about what is changed."""
    held = (each for each in state.findings.values() if each.finding.subject == subject and each.scope.name == scope)
    about = {key for each in held for key in each.nodes}
    return tuple(key for key, of in state.scope_of.items() if key in about and of.name == scope)
