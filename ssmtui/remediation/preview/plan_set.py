"""Plans that are applied together: whether they can be combined, and the facts after all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace

from ssmtui.language import say
from ssmtui.model.node import NodeKey
from ssmtui.model.plan import FactChange, Forecast, Plan
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


class MergeConflictError(ValueError):
    """Two versions of a fact that differ in the same place."""


def combination_conflict(one: Plan, other: Plan) -> str:
    """Why two changes cannot be made one after the other as they were previewed; empty where they can.

    The second one would find what it guards changed by the first, or what both leave behind cannot be told.
    """
    if one.scope != other.scope:
        return ""
    try:
        facts_after((one, other))
    except MergeConflictError:
        mergeable = False
    else:
        mergeable = True
    if mergeable and not _guard_the_same(one, other):
        return ""
    return say("“{title}” changes the same thing: one at a time", title=other.title)


def facts_after(plans: Iterable[Plan]) -> tuple[FactChange, ...]:
    """The facts as they would be after all of these plans of one scope. Raises NotMergeable."""
    merged: list[FactChange] = []
    for change in (change for plan in plans for change in plan.facts_after):
        same = next((each for each in merged if _of_one_fact(each, change)), None)
        if same is None:
            merged.append(change)
        else:
            merged[merged.index(same)] = replace(same, value=_merged(change.replaces, same.value, change.value))
    return tuple(merged)


def _of_one_fact(one: FactChange, other: FactChange) -> bool:
    return one.kind is other.kind and (one.replaces, one.node) == (other.replaces, other.node)


def _guard_the_same(one: Plan, other: Plan) -> bool:
    return any(
        (guard.service, guard.operation, guard.path) == (theirs.service, theirs.operation, theirs.path)
        and guard.parameters == theirs.parameters
        for guard in one.guards
        for theirs in other.guards
    )


def _merged(base: object, one: object, other: object) -> object:
    if other in (base, one):
        return one
    if one == base:
        return other
    match base, one, other:
        case tuple(), tuple(), tuple() if len(base) == len(one) == len(other):
            return tuple(_merged(*versions) for versions in zip(base, one, other, strict=True))
        case Mapping(), Mapping(), Mapping() if base.keys() == one.keys() == other.keys():
            return {key: _merged(base[key], one[key], other[key]) for key in base}
        case frozenset(), frozenset(), frozenset():
            return (one & other) | (one - base) | (other - base)
    if is_dataclass(base) and not isinstance(base, type) and type(base) is type(one) is type(other):
        names = [each.name for each in fields(base) if each.init]
        versions = {name: _merged(*(getattr(each, name) for each in (base, one, other))) for name in names}
        return replace(base, **versions)
    raise MergeConflictError(type(base).__name__)
