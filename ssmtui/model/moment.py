"""The present as a fact, so that no check reads a clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Now:
    """When the diagnosis looks (UTC)."""

    at: datetime
