"""What is handed over: a plan, and what is known of why and for whom it would be made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ssmtui.model.finding import Finding
from ssmtui.model.plan import Forecast, Plan


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


class CannotExpress(ValueError):
    """One call that a format has no words for; the message is the sentence that says why."""
