"""The rows that a person has marked, in the order in which they were."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import Generic, TypeVar

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
