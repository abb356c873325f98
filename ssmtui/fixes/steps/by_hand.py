"""A list of steps as data: the function that drafts it, and what it needs."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import ssmtui.fixes.steps
from ssmtui.model.need import Need, needs_of
from ssmtui.model.plan import NotApplicable
from ssmtui.model.steps import Steps

StepsDraft = Callable[..., Steps | NotApplicable]


@dataclass(frozen=True, slots=True)
class ByHand:
    """Steps of the catalogue."""

    slug: str
    draft: StepsDraft
    needs: tuple[Need, ...]


_REGISTERED: dict[str, ByHand] = {}


class DuplicateSteps(TypeError):
    """Two lists of steps of one slug."""


def by_hand(slug: str) -> Callable[[StepsDraft], StepsDraft]:
    """Make a function from facts to steps part of the catalogue. Its parameters are its needs, as a fix's are."""

    def register(draft: StepsDraft) -> StepsDraft:
        if slug in _REGISTERED:
            raise DuplicateSteps(f"two lists of steps are called {slug}")
        _REGISTERED[slug] = ByHand(slug, draft, needs_of(draft))
        return draft

    return register


@cache
def all_steps() -> Mapping[str, ByHand]:
    """Every list of steps, by its slug."""
    for module in pkgutil.iter_modules(ssmtui.fixes.steps.__path__, f"{ssmtui.fixes.steps.__name__}."):
        importlib.import_module(module.name)
    return MappingProxyType(_REGISTERED)
