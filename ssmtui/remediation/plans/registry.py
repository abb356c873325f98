"""The registry of fixes and of steps that a person follows by hand."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, wraps
from types import MappingProxyType
from typing import ParamSpec

import ssmtui.remediation.plans
from ssmtui.model.choice import Choices
from ssmtui.model.fact import Need, needs_of
from ssmtui.model.plan import FixNotApplicable, Plan, Steps

P = ParamSpec("P")
Draft = Plan | FixNotApplicable | str
"""The result of a fix function: a plan, or why there is none, which can be only a sentence."""


@dataclass(frozen=True, slots=True)
class Fix:
    """A fix of the catalogue. `stale` are the kinds of fact to read again after it is applied or undone.

    A fix with `whole_region` changes a setting of the Region that affects every node: smaller fixes are offered before
    it.
    """

    slug: str
    draft: Callable[..., Plan | FixNotApplicable]
    needs: tuple[Need, ...]
    stale: tuple[type, ...]
    whole_region: bool = False

    @property
    def chooses(self) -> bool:
        """Return whether the fix takes choices of a person."""
        return any(need.kind is Choices for need in self.needs)


_FIXES: dict[str, Fix] = {}


class DuplicateFix(TypeError):
    """Two fixes with the same slug."""


def fix(
    *, slug: str, stale: tuple[type, ...], whole_region: bool = False
) -> Callable[[Callable[P, Draft]], Callable[P, Plan | FixNotApplicable]]:
    """Register a function from facts to a plan as a fix. Its parameters are its needs, found by their annotations.

    The slug and `stale` are added to the result of the function.
    """

    def register(draft: Callable[P, Draft]) -> Callable[P, Plan | FixNotApplicable]:
        @wraps(draft)
        def complete(*arguments: P.args, **named: P.kwargs) -> Plan | FixNotApplicable:
            match draft(*arguments, **named):
                case str() as why:
                    return FixNotApplicable(slug, why)
                case Plan() as plan:
                    return replace(plan, fix=slug, stale=stale)
                case found:
                    return replace(found, fix=slug)

        if slug in _FIXES:
            raise DuplicateFix(f"two fixes are called {slug}")
        _FIXES[slug] = Fix(slug, complete, needs_of(draft), stale, whole_region)
        return complete

    return register


@cache
def all_fixes() -> Mapping[str, Fix]:
    """Return all fixes by slug."""
    _import_plans()
    return MappingProxyType(_FIXES)


def _import_plans() -> None:
    for module in pkgutil.walk_packages(ssmtui.remediation.plans.__path__, f"{ssmtui.remediation.plans.__name__}."):
        importlib.import_module(module.name)


def makes_stale(slug: str, kind: type) -> bool:
    """Return whether a fix changes the source of facts of this kind."""
    fix = all_fixes().get(slug)
    return fix is not None and kind in fix.stale


def stale_after(slug: str) -> tuple[type, ...]:
    """Return the kinds of fact to read again after a fix is applied or undone; empty means all."""
    known = all_fixes().get(slug)
    return known.stale if known is not None else ()


StepsDraft = Callable[..., Steps | FixNotApplicable]


@dataclass(frozen=True, slots=True)
class ManualSteps:
    """A list of steps of the catalogue."""

    slug: str
    draft: StepsDraft
    needs: tuple[Need, ...]


_STEPS: dict[str, ManualSteps] = {}


class DuplicateSteps(TypeError):
    """Two lists of steps with the same slug."""


def manual_steps(slug: str) -> Callable[[StepsDraft], StepsDraft]:
    """Register a function from facts to steps. Its parameters are its needs, as for a fix."""

    def register(draft: StepsDraft) -> StepsDraft:
        if slug in _STEPS:
            raise DuplicateSteps(f"two lists of steps are called {slug}")
        _STEPS[slug] = ManualSteps(slug, draft, needs_of(draft))
        return draft

    return register


@cache
def all_steps() -> Mapping[str, ManualSteps]:
    """Return all lists of steps by slug."""
    _import_plans()
    return MappingProxyType(_STEPS)
