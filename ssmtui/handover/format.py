"""The formats that a change is handed over in: what `--as` takes and the hand-over screen goes through.

A format is a module in `formats/` with one function, told apart by its name, that writes a change request:

    @handed_over("terraform", label=marked("Terraform"), after="powershell")
    def configuration(request: ChangeRequest) -> str: …

The command line, its help and the screen find it there.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter

import ssmtui.handover.formats
from ssmtui.handover.request import CannotExpress, ChangeRequest, NotExpressible
from ssmtui.language import say

Write = Callable[[ChangeRequest], str]
"""Writes a change, its lines ended by newlines and fit to print. Raises CannotExpress."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format. `name` is what the command line takes, `after` the name of the one that stands before it."""

    name: str
    sentence: str
    after: str
    write: Write

    @property
    def label(self) -> str:
        """What a person calls it, in the language in force."""
        return say(self.sentence)


_REGISTERED: dict[str, Format] = {}


class DuplicateFormat(TypeError):
    """Two formats of one name."""


def handed_over(name: str, *, label: str, after: str = "") -> Callable[[Write], Write]:
    """Make a function the writer of a format. `label` is marked for the translators."""

    def register(write: Write) -> Write:
        if name in _REGISTERED:
            raise DuplicateFormat(f"two formats are called {name}")
        _REGISTERED[name] = Format(name, label, after, write)
        return write

    return register


@cache
def all_formats() -> Mapping[str, Format]:
    """Every format by its name, in the order in which they are offered.

    The first call loads them all, and botocore with them.
    """
    for module in pkgutil.iter_modules(ssmtui.handover.formats.__path__, f"{ssmtui.handover.formats.__name__}."):
        importlib.import_module(module.name)
    before = {name: (each.after,) if each.after else () for name, each in sorted(_REGISTERED.items())}
    return {name: _REGISTERED[name] for name in TopologicalSorter(before).static_order()}


def hand_over(request: ChangeRequest, as_: str) -> str | NotExpressible:
    """The plan in the format of that name; or why that format has no words for it."""
    try:
        return all_formats()[as_].write(request)
    except CannotExpress as reason:
        return NotExpressible(str(reason))
