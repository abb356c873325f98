"""What of a table is on the screen, and which of its lines show something else than before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class SeenRows(Generic[K]):
    """The rows on the screen from the top, and at which of these places the cursor is."""

    rows: Sequence[K]
    cursor: int

    def unlike(self, before: SeenRows[K]) -> Iterable[int]:
        """The places that showed another row before, or the cursor."""
        if len(self.rows) != len(before.rows):
            return range(max(len(self.rows), len(before.rows)))
        pairs = enumerate(zip(before.rows, self.rows, strict=True))
        places = {place for place, (old, new) in pairs if old is not new and old != new}
        if self.cursor != before.cursor:
            places |= {self.cursor, before.cursor}
        return places
