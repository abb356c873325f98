"""Several plans that are made together, one after the other, and the nodes that their forecasts name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ssmtui.model.node import NodeKey
from ssmtui.model.plan import Forecast, Plan
from ssmtui.model.scope import ScopeName


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


def affected(plan: Plan | None, forecast: Forecast | None) -> tuple[NodeKey, ...]:
    """The nodes that a forecast names, those that turn green first."""
    if plan is None or forecast is None:
        return ()
    ids = (*forecast.turn_green, *forecast.await_agent, *forecast.turn_warn, *forecast.turn_worse, *forecast.stay_red)
    return tuple(NodeKey(plan.scope.account, plan.scope.region, id_) for id_ in dict.fromkeys(ids))
