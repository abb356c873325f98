"""Which columns of a table are shown, and in which order: being chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """All columns in the order in which they would stand, by their keys, and those of them that are shown."""

    order: tuple[str, ...]
    shown: frozenset[str]

    @classmethod
    def of(cls, known: Sequence[str], chosen: Sequence[str]) -> ColumnChoice:
        """As it was chosen, of the columns there are; where nothing was, all of them as they stand by themselves."""
        there = tuple(key for key in dict.fromkeys(chosen) if key in known) or tuple(known)
        return cls((*there, *(key for key in known if key not in there)), frozenset(there))

    @property
    def chosen(self) -> tuple[str, ...]:
        """The keys of those shown, in their order."""
        return tuple(key for key in self.order if key in self.shown)

    def toggled(self, key: str) -> ColumnChoice:
        """A column is shown, or no more; one at least stays."""
        shown = self.shown ^ {key}
        return replace(self, shown=shown) if shown else self

    def moved(self, key: str, by: int) -> ColumnChoice:
        """A column stands so many places further on."""
        others = [each for each in self.order if each != key]
        others.insert(min(max(0, self.order.index(key) + by), len(others)), key)
        return replace(self, order=tuple(others))
