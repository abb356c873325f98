"""Where the columns of a table stand now: it follows the room that there is, and the widest text that has come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ssmtui.ui.words.columns import Column, Placed, place


class ColumnLayout:
    """The columns of one table. A column never gets narrower for a text that goes: the eye has found it by then."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = tuple(columns)
        self._content: dict[str, int] = {}
        self.room = 0
        self.placed: tuple[Placed, ...] = ()

    def measure(self, content: Mapping[str, int]) -> bool:
        """How wide texts are, by their column's key; whether any is wider than all before."""
        if all(width <= self._content.get(key, 0) for key, width in content.items()):
            return False
        self._content |= {key: max(width, self._content.get(key, 0)) for key, width in content.items()}
        return True

    def show(self, columns: Sequence[Column]) -> bool:
        """Take these columns; whether they are others than before."""
        if tuple(columns) == self._columns:
            return False
        self._columns = tuple(columns)
        return True

    def fit(self, room: int) -> bool:
        """Lay them out in so many cells; whether anything stands elsewhere than before."""
        placed = place(self._columns, room, self._content)
        if (room, placed) == (self.room, self.placed):
            return False
        self.room, self.placed = room, placed
        return True
