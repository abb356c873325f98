"""Hold the UI state of a user: theme, columns, filters, scopes, marked rows, and cursor positions."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from ssmtui.model.scope import ScopeName

MOST_RECENT_FILTERS = 20
"""Filters that were typed last, of which no more are kept."""

MOST_SCOPES = 200
"""Scopes that were looked at last: more are an organization, which is not asked for name by name."""


@dataclass(frozen=True, slots=True)
class SortOrder:
    """By which column the rows of the fleet are ordered."""

    column: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class UiState:
    """What was chosen last; None or empty where nothing was.

    `columns` are the keys of the fleet's columns in their order. `filters` are those saved, each with its name, by
    name; `recent_filters` those typed last, the newest first. `scopes` are what was chosen to be looked at.
    """

    theme: str | None = None
    columns: tuple[str, ...] = ()
    order: SortOrder | None = None
    filters: tuple[tuple[str, str], ...] = ()
    recent_filters: tuple[str, ...] = ()
    scopes: tuple[ScopeName, ...] = ()

    def with_filter(self, name: str, text: str) -> UiState:
        """A filter is saved under a name, which may have been another's before."""
        return replace(self, filters=tuple(sorted({**dict(self.filters), name: text}.items())))

    def without_filter(self, name: str) -> UiState:
        """A saved filter is no more."""
        return replace(self, filters=tuple(each for each in self.filters if each[0] != name))

    def after_filtering(self, text: str) -> UiState:
        """A filter was typed."""
        recent = tuple(dict.fromkeys((text, *self.recent_filters)))
        return replace(self, recent_filters=recent[:MOST_RECENT_FILTERS])

    def after_looking_at(self, scopes: tuple[ScopeName, ...]) -> UiState:
        """Scopes were chosen to be looked at."""
        return replace(self, scopes=scopes[:MOST_SCOPES])


@dataclass(frozen=True, slots=True)
class ColumnSelection:
    """All columns in the order in which they would stand, by their keys, and those of them that are shown."""

    order: tuple[str, ...]
    shown: frozenset[str]

    @classmethod
    def of(cls, known: Sequence[str], chosen: Sequence[str]) -> ColumnSelection:
        """As it was chosen, of the columns there are; where nothing was, all of them as they stand by themselves."""
        there = tuple(key for key in dict.fromkeys(chosen) if key in known) or tuple(known)
        return cls((*there, *(key for key in known if key not in there)), frozenset(there))

    @property
    def chosen(self) -> tuple[str, ...]:
        """The keys of those shown, in their order."""
        return tuple(key for key in self.order if key in self.shown)

    def toggled(self, key: str) -> ColumnSelection:
        """A column is shown, or no more; one at least stays."""
        shown = self.shown ^ {key}
        return replace(self, shown=shown) if shown else self

    def moved(self, key: str, by: int) -> ColumnSelection:
        """A column stands so many places further on."""
        others = [each for each in self.order if each != key]
        others.insert(min(max(0, self.order.index(key) + by), len(others)), key)
        return replace(self, order=tuple(others))


K = TypeVar("K", bound=Hashable)


class Marks(Generic[K]):
    """Marked rows by their keys. They stay marked while a filter hides them."""

    def __init__(self) -> None:
        self._marked: dict[K, None] = {}

    def __len__(self) -> int:
        return len(self._marked)

    def __contains__(self, key: object) -> bool:
        return key in self._marked

    def __iter__(self) -> Iterator[K]:
        return iter(tuple(self._marked))

    def toggle(self, keys: Iterable[K]) -> None:
        """Mark what is not marked of these, and the other way round."""
        for key in keys:
            if key in self._marked:
                del self._marked[key]
            else:
                self._marked[key] = None

    def mark_all(self, keys: Iterable[K]) -> None:
        """Mark all of these; where all of them are marked already, none of them."""
        wanted = tuple(keys)
        if all(key in self._marked for key in wanted):
            self.toggle(wanted)
        else:
            self._marked.update(dict.fromkeys(wanted))

    def clear(self) -> None:
        """Mark nothing."""
        self._marked.clear()

    def keep(self, keys: Iterable[K]) -> None:
        """Forget the marks of rows that are there no more."""
        there = set(keys)
        self._marked = {key: None for key in self._marked if key in there}


_MAX_POSITIONS = 200
"""Places that are kept: of more, the one left longest ago is forgotten."""


@dataclass(frozen=True, slots=True)
class ScreenPosition:
    """The rows that the cursors were on, how far down it was scrolled, by the ids of widgets; and the filter."""

    cursors: Mapping[str, Hashable] = field(default_factory=dict)
    scrolled: Mapping[str, int] = field(default_factory=dict)
    filter: str = ""


class ScreenPositions:
    """The places of one run, by what the screen was about."""

    def __init__(self) -> None:
        self._places: dict[Hashable, ScreenPosition] = {}

    def keep(self, about: Hashable, place: ScreenPosition) -> None:
        """Keep where somebody was."""
        self._places.pop(about, None)
        self._places[about] = place
        while len(self._places) > _MAX_POSITIONS:
            del self._places[next(iter(self._places))]

    def of(self, about: Hashable) -> ScreenPosition:
        """Where somebody was; at the beginning, where nobody was before."""
        return self._places.get(about, ScreenPosition())
