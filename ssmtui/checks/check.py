"""A check as data: the function that judges, where on the path it stands, and what it needs."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import ssmtui.checks
from ssmtui.checks.order import in_order
from ssmtui.model.finding import Findings
from ssmtui.model.need import Need, needs_of
from ssmtui.model.path import Link
from ssmtui.model.subject import Subject

Judge = Callable[..., Findings]
SubjectOf = Callable[..., Subject]


@dataclass(frozen=True, slots=True)
class Check:
    """One question about one link of the path.

    `causes` are the slugs that it can name, the one first that stands for it while it cannot be told. `subject` is
    what it is about, worked out from facts like the check itself. `after` names the checks of its link that a session
    meets first: where one of them fails as well, that one is why. A `last_resort` finding only
    counts where no other failing finding explains the node. `without` are facts that it can do without and that never
    allow what it tells to be denied, each with why; those that may allow are in `overruling`.
    """

    name: str
    title: str
    link: Link
    after: tuple[str, ...]
    causes: tuple[str, ...]
    judge: Judge
    needs: tuple[Need, ...]
    subject: SubjectOf
    subject_needs: tuple[Need, ...]
    last_resort: bool
    without: Mapping[type, str]


_REGISTERED: dict[str, Check] = {}


class DuplicateCheck(TypeError):
    """Two checks of one name."""


def check(
    *,
    link: Link,
    causes: tuple[str, ...],
    subject: SubjectOf,
    after: tuple[str, ...] = (),
    last_resort: bool = False,
    without: Mapping[type, str] = MappingProxyType({}),
) -> Callable[[Judge], Judge]:
    """Make a function a check. Its name and the first line of its docstring become the check's name and title."""

    def register(judge: Judge) -> Judge:
        name = judge.__name__.replace("_", "-")
        if name in _REGISTERED:
            raise DuplicateCheck(f"two checks are called {name}")
        title = (inspect.getdoc(judge) or "").partition("\n")[0].rstrip(".")
        _REGISTERED[name] = Check(
            name, title, link, after, causes, judge, needs_of(judge), subject, needs_of(subject), last_resort, without
        )
        return judge

    return register


@cache
def all_checks() -> tuple[Check, ...]:
    """Every check of the package, in the order in which a session meets them.

    Raises:
        UnknownCheck: a check names one that its link does not have.
        CircleOfChecks: checks come after each other.

    """
    for module in pkgutil.walk_packages(ssmtui.checks.__path__, f"{ssmtui.checks.__name__}."):
        importlib.import_module(module.name)
    return in_order(_REGISTERED.values())
