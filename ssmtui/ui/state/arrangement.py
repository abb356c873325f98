"""Which rows a table shows and in what order, kept up to date one changed row at a time.

Every row has its place, shown or not: filtering compares nothing, and a row that changes is moved alone.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable
from operator import attrgetter
from typing import Generic, TypeVar

from ssmtui.ui.words.columns import Rank

K = TypeVar("K", bound=Hashable)

_MANY = 4
"""Where one row in so many has moved, all are sorted: that is quicker then."""

_ASCENDING = attrgetter("rank", "base")
_BY_RANK = attrgetter("rank")
_BY_BASE = attrgetter("base")


class _Row(Generic[K]):
    """A row with what it is ordered by; `placed` says that it stands where that puts it."""

    __slots__ = ("base", "key", "placed", "rank", "shown")

    def __init__(self, key: K, rank: Rank, base: Rank, *, shown: bool) -> None:
        self.key = key
        self.rank = rank
        self.base = base
        self.shown = shown
        self.placed = False


class _Reversed:
    """A rank that comes before lower ones."""

    __slots__ = ("rank",)

    def __init__(self, rank: Rank) -> None:
        self.rank = rank

    def __lt__(self, other: _Reversed) -> bool:
        return other.rank < self.rank

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Reversed) and other.rank == self.rank

    __hash__ = None  # type: ignore[assignment]


class Arrangement(Generic[K]):
    """The rows with what they are ordered by: `rank` for the chosen column, `base` where that is equal."""

    def __init__(self) -> None:
        self._descending = False
        self._rows: dict[K, _Row[K]] = {}
        self._order: list[_Row[K]] = []
        self._by_base: list[_Row[K]] = []
        self._moved: list[_Row[K]] = []
        self._keys: list[K] | None = []
        self._shown = 0

    def __len__(self) -> int:
        return self._shown

    def __contains__(self, key: object) -> bool:
        row = self._rows.get(key)  # type: ignore[arg-type]
        return row is not None and row.shown

    @property
    def descending(self) -> bool:
        """Whether the order is reversed; rows of equal rank stay in their base order all the same."""
        return self._descending

    def put(self, key: K, rank: Rank, base: Rank | None = None, *, shown: bool = True) -> bool:
        """Have a row, which is new or may have changed; whether what is shown, or its order, may have by that.

        Without a `base`, that is as it was.
        """
        row = self._rows.get(key)
        moved = False
        if row is None:
            row = self._rows[key] = _Row(key, rank, base or (), shown=False)
            self._moved.append(row)
            self._by_base.append(row)
        elif row.rank != rank or (base is not None and row.base != base):
            row.rank = rank
            row.base = row.base if base is None else base
            if row.placed:
                row.placed = False
                self._moved.append(row)
            if moved := row.shown:
                self._keys = None
        if row.shown is not shown:
            self._show(row, shown=shown)
            return True
        return moved

    def leave_out(self, key: K) -> bool:
        """Have a row no more; whether it was shown."""
        row = self._rows.pop(key, None)
        if row is None:
            return False
        was_shown, row.placed = row.shown, False
        if was_shown:
            self._show(row, shown=False)
        return was_shown

    def show_where(self, is_shown: Callable[[K], bool]) -> None:
        """Show other rows of those there are: where they stand is not asked."""
        for row in self._rows.values():
            if row.shown is not (shown := is_shown(row.key)):
                self._show(row, shown=shown)

    def order_by(self, rank_of: Callable[[K], Rank], *, descending: bool) -> None:
        """Order by something else."""
        self._descending = descending
        for row in self._rows.values():
            row.rank = rank_of(row.key)
        self._sort()

    def clear(self) -> None:
        """Have no row."""
        self._rows.clear()
        for rows in (self._order, self._by_base, self._moved):
            rows.clear()
        self._keys, self._shown = None, 0

    def ordered(self) -> list[K]:
        """The shown rows in order. Nobody may change the list; it is another one after a change."""
        if self._keys is None:
            self._place()
            self._keys = [row.key for row in self._order if row.shown]
        return self._keys

    def _show(self, row: _Row[K], *, shown: bool) -> None:
        row.shown = shown
        self._shown += 1 if shown else -1
        self._keys = None

    def _place(self) -> None:
        """Move what has moved, and let go of what is gone."""
        moved = [row for row in self._moved if self._is_there(row)]
        if len(moved) * _MANY > len(self._rows):
            self._sort()
            return
        kept = [row for row in self._order if row.placed]
        self._moved.clear()
        if len(self._by_base) > 2 * len(self._rows):
            self._by_base = [row for row in self._by_base if self._is_there(row)]
        self._order = self._merged(kept, self._sorted(moved)) if moved else kept

    def _merged(self, kept: list[_Row[K]], moved: Iterable[_Row[K]]) -> list[_Row[K]]:
        key: Callable[[_Row[K]], tuple[object, ...]] = self._reversed if self._descending else _ASCENDING
        merged: list[_Row[K]] = []
        begin = 0
        for row in moved:
            end = bisect_left(kept, key(row), begin, key=key)
            merged += kept[begin:end]
            merged.append(row)
            row.placed = True
            begin = end
        merged += kept[begin:]
        return merged

    def _sort(self) -> None:
        """Put all in order; by their base they nearly are, from the last time."""
        self._by_base = [row for row in self._by_base if self._is_there(row)]
        self._order = self._sorted(self._by_base)
        for row in self._order:
            row.placed = True
        self._moved.clear()
        self._keys = None

    def _sorted(self, rows: list[_Row[K]]) -> list[_Row[K]]:
        rows.sort(key=_BY_BASE)
        return sorted(rows, key=_BY_RANK, reverse=self._descending)

    def _is_there(self, row: _Row[K]) -> bool:
        return self._rows.get(row.key) is row

    @staticmethod
    def _reversed(row: _Row[K]) -> tuple[object, ...]:
        return _Reversed(row.rank), row.base
