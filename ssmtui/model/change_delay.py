"""A change that was made from here and has yet to show on a node, as AWS and SSM Agent take their time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ssmtui.model.node import NodeKey
from ssmtui.model.plan import Forecast, Plan


@dataclass(frozen=True, slots=True)
class ChangeDelay:
    """The fix that was made, what it is called, when, and when the longest documented delay has passed.

    `change` is the journal's name for it: empty where it is not known.
    """

    fix: str
    title: str
    made: datetime
    until: datetime
    change: str = ""


@dataclass(frozen=True, slots=True)
class Expected:
    """A delay that runs, and the nodes that the change has yet to show on."""

    nodes: tuple[NodeKey, ...]
    delay: ChangeDelay


def delay_of(plan: Plan, made: datetime, change: str = "") -> ChangeDelay | None:
    """How long a plan that was made then takes to show; None where no delay is documented."""
    if plan.settles_within is None:
        return None
    return ChangeDelay(plan.fix, plan.title, made, made + plan.settles_within, change)


def hoped_for(plan: Plan, forecast: Forecast) -> tuple[NodeKey, ...]:
    """The nodes that a change is to get going, at once or when their agent is back."""
    ids = (*forecast.turn_green, *forecast.await_agent, *forecast.turn_warn)
    return tuple(NodeKey(plan.scope.account, plan.scope.region, id_) for id_ in dict.fromkeys(ids))
