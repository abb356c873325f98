"""Several changes that are made together: one after the other, each journalled on its own, until one is not made."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ssmtui.changes.outcome import Applied, ChangeOutcome
from ssmtui.model.change_delay import hoped_for
from ssmtui.model.node import NodeKey
from ssmtui.model.plan import Forecast, Plan
from ssmtui.model.scope import ScopeName
from ssmtui.ui.state.undertaking import affected

if TYPE_CHECKING:
    from ssmtui.changes.desk import ChangeDesk


@dataclass(frozen=True, slots=True)
class PlanSet:
    """Plans in the order in which they are made."""

    plans: tuple[Plan, ...]

    @property
    def by_scope(self) -> Mapping[ScopeName, tuple[Plan, ...]]:
        """The plans of each scope: a forecast is made for those of one together."""
        found: dict[ScopeName, tuple[Plan, ...]] = {}
        for plan in self.plans:
            found[plan.scope.name] = (*found.get(plan.scope.name, ()), plan)
        return found

    @property
    def regions(self) -> tuple[str, ...]:
        """The Regions that are changed."""
        return tuple(dict.fromkeys(plan.scope.region for plan in self.plans))

    @property
    def confirmation(self) -> str:
        """What must be typed: what each of the plans asks for, once."""
        return " ".join(dict.fromkeys(plan.confirmation for plan in self.plans if plan.confirmation))

    def followed(self, forecasts: Mapping[ScopeName, Forecast]) -> tuple[NodeKey, ...]:
        """The nodes that the forecasts name, those that turn green first."""
        keys = (affected(plans[0], forecasts.get(name)) for name, plans in self.by_scope.items())
        return tuple(dict.fromkeys(key for of_scope in keys for key in of_scope))


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
