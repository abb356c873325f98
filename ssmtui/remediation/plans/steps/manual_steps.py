"""The registry of steps that a person follows by hand."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import ssmtui.remediation.plans.steps
from ssmtui.model.fact import Need, needs_of
from ssmtui.model.plan import FixNotApplicable, Steps

StepsDraft = Callable[..., Steps | FixNotApplicable]


@dataclass(frozen=True, slots=True)
class ManualSteps:
    """Steps of the catalogue."""

    slug: str
    draft: StepsDraft
    needs: tuple[Need, ...]


_REGISTERED: dict[str, ManualSteps] = {}


class DuplicateSteps(TypeError):
    """Two lists of steps of one slug."""


def manual_steps(slug: str) -> Callable[[StepsDraft], StepsDraft]:
    """Make a function from facts to steps part of the catalogue. Its parameters are its needs, as a fix's are."""

    def register(draft: StepsDraft) -> StepsDraft:
        if slug in _REGISTERED:
            raise DuplicateSteps(f"two lists of steps are called {slug}")
        _REGISTERED[slug] = ManualSteps(slug, draft, needs_of(draft))
        return draft

    return register


@cache
def all_steps() -> Mapping[str, ManualSteps]:
    """Every list of steps, by its slug."""
    for module in pkgutil.iter_modules(
        ssmtui.remediation.plans.steps.__path__, f"{ssmtui.remediation.plans.steps.__name__}."
    ):
        importlib.import_module(module.name)
    return MappingProxyType(_REGISTERED)
