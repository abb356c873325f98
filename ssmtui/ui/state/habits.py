"""What a person has chosen in the app and finds again at its next start: colours, columns, filters, places."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ssmtui.model.scope import ScopeName

MOST_RECENT_FILTERS = 20
"""Filters that were typed last, of which no more are kept."""

MOST_SCOPES = 200
"""Scopes that were looked at last: more are an organization, which is not asked for name by name."""


@dataclass(frozen=True, slots=True)
class Order:
    """By which column the rows of the fleet are ordered."""

    column: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Habits:
    """What was chosen last; None or empty where nothing was.

    `columns` are the keys of the fleet's columns in their order. `filters` are those saved, each with its name, by
    name; `recent_filters` those typed last, the newest first. `scopes` are what was chosen to be looked at.
    """

    theme: str | None = None
    columns: tuple[str, ...] = ()
    order: Order | None = None
    filters: tuple[tuple[str, str], ...] = ()
    recent_filters: tuple[str, ...] = ()
    scopes: tuple[ScopeName, ...] = ()

    def with_filter(self, name: str, text: str) -> Habits:
        """A filter is saved under a name, which may have been another's before."""
        return replace(self, filters=tuple(sorted({**dict(self.filters), name: text}.items())))

    def without_filter(self, name: str) -> Habits:
        """A saved filter is no more."""
        return replace(self, filters=tuple(each for each in self.filters if each[0] != name))

    def after_filtering(self, text: str) -> Habits:
        """A filter was typed."""
        recent = tuple(dict.fromkeys((text, *self.recent_filters)))
        return replace(self, recent_filters=recent[:MOST_RECENT_FILTERS])

    def after_looking_at(self, scopes: tuple[ScopeName, ...]) -> Habits:
        """Scopes were chosen to be looked at."""
        return replace(self, scopes=scopes[:MOST_SCOPES])
