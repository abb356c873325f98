"""The rows of a table in their order, and the cursor on one of them."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


_NEAR = 100
"""Lines around the cursor that are looked at first."""


class RowCursor(Generic[K]):
    """It keeps to its row while others come and go, once a person has moved it.

    Until then it stays on the first line, so that the worst is under it when all have come. Where its row goes, it
    keeps to its line.
    """

    def __init__(self) -> None:
        self._keys: Sequence[K] = []
        self.line = 0
        self.held = False
        self._wanted: K | None = None

    @property
    def keys(self) -> Sequence[K]:
        """The rows, in order."""
        return self._keys

    @property
    def key(self) -> K | None:
        """The row that it is on; None where there are no rows."""
        return self._keys[self.line] if self._keys else None

    def line_of(self, key: K) -> int | None:
        """The line of a row, if it is among them: sought from the cursor on, as most that is asked for is near it."""
        near = range(max(0, self.line - _NEAR), min(len(self._keys), self.line + _NEAR))
        for line in near:
            if self._keys[line] == key:
                return line
        return self._keys.index(key) if key in self._keys else None

    def hold(self) -> None:
        """Keep to the row from now on."""
        self.held = True

    def want(self, key: K) -> None:
        """Move to a row as soon as it is among them, unless somebody has moved by then."""
        self._wanted = key

    def put(self, line: int) -> None:
        """Move to a line, or to the nearest that there is; and keep to its row from now on."""
        self.held, self._wanted = True, None
        self.line = max(0, min(line, len(self._keys) - 1))

    def replace(self, keys: Sequence[K]) -> bool:
        """Take other rows; whether another one is under the cursor now than the one that is kept to."""
        kept = self.key if self.held else None
        self._keys = keys
        if self._wanted is not None and self.line_of(self._wanted) is not None:
            kept, self.held, self._wanted = self._wanted, True, None
        found = self.line_of(kept) if kept is not None else None
        self.line = max(0, min(self.line if found is None else found, len(keys) - 1))
        return self.key != kept
