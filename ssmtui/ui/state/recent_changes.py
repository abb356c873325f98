"""What has just changed of rows that were known before: marked for a while, then as quiet as the rest."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)

LASTS = timedelta(seconds=8)
"""How long a change is marked: long enough to be found by an eye that was elsewhere."""

_AT_ONCE = 200
"""Rows whose marks end at one look: where thousands changed together, their lines are painted by and by."""


class RecentChanges(Generic[K]):
    """Which columns of which rows have changed lately. It has no timer: who looks, says when."""

    def __init__(self) -> None:
        self._columns: dict[K, tuple[frozenset[str], datetime]] = {}
        self._now: datetime | None = None

    def __len__(self) -> int:
        return len(self._columns)

    def note(self, row: K, *columns: str) -> None:
        """These columns of a row have changed now. What changes before anybody has looked is no change."""
        if self._now is not None and columns:
            before = self._columns.pop(row, None)
            told = frozenset(columns) | (before[0] if before else frozenset())
            self._columns[row] = (told, self._now + LASTS)

    def forget(self, row: K) -> None:
        """The row is there no more."""
        self._columns.pop(row, None)

    def columns_of(self, row: K) -> frozenset[str]:
        """The columns of a row that are marked."""
        marked = self._columns.get(row)
        return marked[0] if marked else frozenset()

    def look(self, now: datetime) -> tuple[K, ...]:
        """Go on to that time; the rows whose marks end by it."""
        self._now = now
        ended: list[K] = []
        # The oldest stand first: what changes again goes to the end.
        for row, (_, until) in self._columns.items():
            if until > now or len(ended) == _AT_ONCE:
                break
            ended.append(row)
        for row in ended:
            del self._columns[row]
        return tuple(ended)
