"""A check as data: the function that judges, where on the path it stands, and what it needs."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import ssmtui.checks
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
    what it is about, worked out from facts like the check itself. `rank` orders the checks of a link: a session meets
    a lower one first. A `last_resort` finding only counts where no other failing finding explains the node.
    """

    name: str
    title: str
    link: Link
    rank: int
    causes: tuple[str, ...]
    judge: Judge
    needs: tuple[Need, ...]
    subject: SubjectOf
    subject_needs: tuple[Need, ...]
    last_resort: bool


_REGISTERED: dict[str, Check] = {}


class DuplicateCheck(TypeError):
    """Two checks of one name."""


def check(
    *, link: Link, causes: tuple[str, ...], subject: SubjectOf, rank: int = 50, last_resort: bool = False
) -> Callable[[Judge], Judge]:
    """Make a function a check. Its name and the first line of its docstring become the check's name and title."""

    def register(judge: Judge) -> Judge:
        name = judge.__name__.replace("_", "-")
        if name in _REGISTERED:
            raise DuplicateCheck(f"two checks are called {name}")
        title = (inspect.getdoc(judge) or "").partition("\n")[0].rstrip(".")
        _REGISTERED[name] = Check(
            name, title, link, rank, causes, judge, needs_of(judge), subject, needs_of(subject), last_resort
        )
        return judge

    return register


@cache
def all_checks() -> tuple[Check, ...]:
    """Every check of the package, in the order in which a session meets them."""
    for module in pkgutil.walk_packages(ssmtui.checks.__path__, f"{ssmtui.checks.__name__}."):
        importlib.import_module(module.name)
    return tuple(sorted(_REGISTERED.values(), key=lambda each: (each.link.position, each.rank, each.name)))
