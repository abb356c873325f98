"""The export formats: their registry, the change request that they take, and texts for scripts."""

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
    """A plan to export. `finding` is the reason, `forecast` the expected effect; `names` are the names of nodes by ID.

    `at` is when it was written, `command` the command line that shows the change again; both can be missing.
    """

    plan: Plan
    finding: Finding | None = None
    forecast: Forecast | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    at: datetime | None = None
    command: str = ""


@dataclass(frozen=True, slots=True)
class NotExpressible:
    """A plan that a format cannot express, with the reason in a sentence."""

    why: str


_LONGEST_LINE = 100


def is_visible(text: str) -> bool:
    """Return whether a text can be shown unchanged: lines of printable characters that end with newlines."""
    return all(printable(line) == line for line in text.split("\n"))


def json_document(value: JSON) -> str:
    """Return a value as JSON with all invisible characters escaped; a short value is one line."""
    text = visible_json(value)
    return text if len(text) <= _LONGEST_LINE else visible_json(value, indent=2)


def credential_names(name: ScopeName) -> tuple[str | None, str | None]:
    """Return the profile and the role for a script. PowerShell cannot express invisible characters.

    Raises:
        NotExpressibleError: a name has an invisible character or several lines.

    """
    for word in filter(None, (name.profile, name.role)):
        if printable(word) != word:
            raise NotExpressibleError(
                say("a script cannot contain {word}: it has invisible characters.", word=printable(word))
            )
    return name.profile, name.role


Write = Callable[[ChangeRequest], str]
"""Writes a change as printable lines that end with newlines. Raises NotExpressibleError."""


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """A format. `name` is its name on the command line, `after` the name of the format before it in lists."""

    name: str
    sentence: str
    after: str
    write: Write

    @property
    def label(self) -> str:
        """Return the label in the current language."""
        return say(self.sentence)


_REGISTERED: dict[str, ExportFormat] = {}


class DuplicateExportFormat(TypeError):
    """Two formats with the same name."""


def export_format(name: str, *, label: str, after: str = "") -> Callable[[Write], Write]:
    """Register a function as the writer of a format. `label` is marked for translation."""

    def register(write: Write) -> Write:
        if name in _REGISTERED:
            raise DuplicateExportFormat(f"two formats are called {name}")
        _REGISTERED[name] = ExportFormat(name, label, after, write)
        return write

    return register


@cache
def all_formats() -> Mapping[str, ExportFormat]:
    """Return all formats by name, in display order.

    The first call imports all formats, and botocore with them.
    """
    for module in pkgutil.iter_modules(
        ssmtui.remediation.export.formats.__path__, f"{ssmtui.remediation.export.formats.__name__}."
    ):
        importlib.import_module(module.name)
    before = {name: (each.after,) if each.after else () for name, each in sorted(_REGISTERED.items())}
    return {name: _REGISTERED[name] for name in TopologicalSorter(before).static_order()}


def export_plan(request: ChangeRequest, as_: str) -> str | NotExpressible:
    """Return the plan in the format of that name, or why the format cannot express it."""
    try:
        return all_formats()[as_].write(request)
    except NotExpressibleError as reason:
        return NotExpressible(str(reason))
