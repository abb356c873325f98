"""Just-in-time node access: sessions that somebody has to ask for."""

from __future__ import annotations

from dataclasses import dataclass

KEY_TAG = "SystemsManagerJustInTimeNodeAccessManaged"
"""The tag that a key must carry with the value `true` (docs/facts/sessions.md §6)."""


@dataclass(frozen=True, slots=True)
class JustInTimeAccess:
    """Just-in-time node access is in use in the Region. `policies` are the names of its approval policies."""

    policies: tuple[str, ...]
