"""Session documents besides the preferences: a session that names one takes its settings from there."""

from __future__ import annotations

from dataclasses import dataclass

from ssmtui.model.preferences import SessionPreferences


@dataclass(frozen=True, slots=True)
class SessionDocument:
    """A Session document of the account that opens a shell, and its settings."""

    name: str
    arn: str
    settings: SessionPreferences


@dataclass(frozen=True, slots=True)
class SessionDocuments:
    """Those of a Region, by name. `skipped` are those that are gone or cannot be read as settings."""

    shells: tuple[SessionDocument, ...]
    skipped: tuple[str, ...] = ()
