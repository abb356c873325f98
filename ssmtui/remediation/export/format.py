"""The export formats: their registry, the change request that they take, and text that a script can hold."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from graphlib import TopologicalSorter

import ssmtui.remediation.export.formats
from ssmtui.language import say
from ssmtui.model.finding import Finding
from ssmtui.model.plan import JSON, Forecast, Plan
from ssmtui.model.scope import ScopeName
from ssmtui.remediation.operations.resource_forms import NotExpressibleError
from ssmtui.text.json_text import visible_json
from ssmtui.text.printable import printable


@dataclass(frozen=True, slots=True)
class ChangeRequest:
    """A plan to hand over. `finding` is why, `forecast` what it would do; `names` are the names of nodes by id.

    `at` is when it was written, `command` the command line that shows the change again; both may be missing.
    """

    plan: Plan
    finding: Finding | None = None
    forecast: Forecast | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    at: datetime | None = None
    command: str = ""


@dataclass(frozen=True, slots=True)
class NotExpressible:
    """A plan that a format has no words for, and why in a sentence."""

    why: str


_LONGEST_LINE = 100


def is_visible(text: str) -> bool:
    """Whether a text can be shown as it is: lines of printable characters, ended by newlines."""
    return all(printable(line) == line for line in text.split("\n"))


def json_document(value: JSON) -> str:
    """A value as JSON in which every character that cannot be seen is escaped: one line where it is short."""
    text = visible_json(value)
    return text if len(text) <= _LONGEST_LINE else visible_json(value, indent=2)


def credential_names(name: ScopeName) -> tuple[str | None, str | None]:
    """The profile and the role that a script goes by: no form of PowerShell holds one that cannot be seen.

    Raises:
        CannotExpress: one has a character that cannot be seen, or several lines.

    """
    for word in filter(None, (name.profile, name.role)):
        if printable(word) != word:
            raise NotExpressibleError(
                say("{word} cannot stand in a script: it could not be shown as it is.", word=printable(word))
            )
    return name.profile, name.role


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
