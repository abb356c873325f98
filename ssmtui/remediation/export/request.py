"""The change request that is exported, and text that a script can hold unchanged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

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
