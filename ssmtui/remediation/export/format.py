"""The registry of export formats."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter

import ssmtui.remediation.export.formats
from ssmtui.language import say
from ssmtui.remediation.export.request import ChangeRequest, NotExpressible
from ssmtui.remediation.operations.resource_forms import NotExpressibleError

Write = Callable[[ChangeRequest], str]
"""Writes a change, its lines ended by newlines and fit to print. Raises CannotExpress."""


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """A format. `name` is what the command line takes, `after` the name of the one that stands before it."""

    name: str
    sentence: str
    after: str
    write: Write

    @property
    def label(self) -> str:
        """What a person calls it, in the language in force."""
        return say(self.sentence)


_REGISTERED: dict[str, ExportFormat] = {}


class DuplicateExportFormat(TypeError):
    """Two formats of one name."""


def export_format(name: str, *, label: str, after: str = "") -> Callable[[Write], Write]:
    """Make a function the writer of a format. `label` is marked for the translators."""

    def register(write: Write) -> Write:
        if name in _REGISTERED:
            raise DuplicateExportFormat(f"two formats are called {name}")
        _REGISTERED[name] = ExportFormat(name, label, after, write)
        return write

    return register


@cache
def all_formats() -> Mapping[str, ExportFormat]:
    """Every format by its name, in the order in which they are offered.

    The first call loads them all, and botocore with them.
    """
    for module in pkgutil.iter_modules(
        ssmtui.remediation.export.formats.__path__, f"{ssmtui.remediation.export.formats.__name__}."
    ):
        importlib.import_module(module.name)
    before = {name: (each.after,) if each.after else () for name, each in sorted(_REGISTERED.items())}
    return {name: _REGISTERED[name] for name in TopologicalSorter(before).static_order()}


def export_plan(request: ChangeRequest, as_: str) -> str | NotExpressible:
    """The plan in the format of that name; or why that format has no words for it."""
    try:
        return all_formats()[as_].write(request)
    except NotExpressibleError as reason:
        return NotExpressible(str(reason))
