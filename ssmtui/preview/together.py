"""Changes that are previewed and made together: whether each stays as it was previewed, and the facts after them all.

Two changes of one fact (two security groups of a Region) are merged as versions of a text are: what only one of them
changes is as that one leaves it. What both change differently cannot be told, and they are not made together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass, replace

from ssmtui.language import say
from ssmtui.model.plan import FactChange, Plan


class NotMergeable(ValueError):
    """Two versions of a fact that differ in the same place."""


def why_not_together(one: Plan, other: Plan) -> str:
    """Why two changes cannot be made one after the other as they were previewed; empty where they can.

    The second one would find what it guards changed by the first, or what both leave behind cannot be told.
    """
    if one.scope != other.scope:
        return ""
    try:
        facts_after((one, other))
    except NotMergeable:
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
    raise NotMergeable(type(base).__name__)
