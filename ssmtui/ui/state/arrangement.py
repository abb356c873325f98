"""Which rows a table shows and in what order, kept up to date one changed row at a time."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

from ssmtui.ui.words.columns import Rank

K = TypeVar("K", bound=Hashable)


class Arrangement(Generic[K]):
    """The shown rows with what they are ordered by: `rank` for the chosen column, `base` where that is equal."""

    def __init__(self) -> None:
        self.descending = False
        self._ranks: dict[K, Rank] = {}
        self._bases: dict[K, Rank] = {}

    def __len__(self) -> int:
        return len(self._ranks)

    def __contains__(self, key: object) -> bool:
        return key in self._ranks

    def put(self, key: K, rank: Rank, base: Rank) -> bool:
        """Show a row; whether its place may have changed by that."""
        if self._ranks.get(key) == rank and self._bases.get(key) == base:
            return False
        self._ranks[key] = rank
        self._bases[key] = base
        return True

    def leave_out(self, key: K) -> bool:
        """Do not show a row; whether it was shown."""
        self._bases.pop(key, None)
        return self._ranks.pop(key, None) is not None

    def clear(self) -> None:
        """Show nothing."""
        self._ranks.clear()
        self._bases.clear()

    def ordered(self) -> list[K]:
        """The shown rows in order. Rows of equal rank stay in their base order, whichever the direction."""
        keys = sorted(self._ranks, key=self._bases.__getitem__)
        keys.sort(key=self._ranks.__getitem__, reverse=self.descending)
        return keys
