"""Several changes made one after the other, each journalled on its own, until one is not made."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ssmtui.changes.outcome import Applied, ChangeOutcome
from ssmtui.model.change_delay import hoped_for
from ssmtui.model.node import NodeKey
from ssmtui.model.plan import Forecast, Plan
from ssmtui.model.scope import ScopeName
from ssmtui.preview.plan_set import PlanSet

if TYPE_CHECKING:
    from ssmtui.changes.desk import ChangeDesk


def hoped_for_of(plan: Plan, forecasts: Mapping[ScopeName, Forecast]) -> tuple[NodeKey, ...]:
    """The nodes that a plan is to get going, by the forecast for all plans of its scope; none without one."""
    forecast = forecasts.get(plan.scope.name)
    return hoped_for(plan, forecast) if forecast else ()


async def made_one_after_another(
    plans: PlanSet, desk: ChangeDesk, forecasts: Mapping[ScopeName, Forecast]
) -> AsyncIterator[tuple[Plan, ChangeOutcome]]:
    """Make the changes; each with what became of it, up to the first that was not made."""
    for plan in plans.plans:
        awaited_by = tuple(key.id for key in hoped_for_of(plan, forecasts))
        outcome = await asyncio.wrap_future(desk.apply(replace(plan, awaited_by=awaited_by)))
        yield plan, outcome
        if not isinstance(outcome, Applied):
            return
