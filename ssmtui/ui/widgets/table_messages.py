"""What a table tells its screen."""

from __future__ import annotations

from textual.message import Message
from textual.widget import Widget


class Told(Message):
    """Something that a table tells of itself."""

    def __init__(self, table: Widget) -> None:
        super().__init__()
        self.table = table

    @property
    def control(self) -> Widget:
        """The table."""
        return self.table


class Moved(Told):
    """The cursor is on another row."""


class Opened(Told):
    """A row is to be opened: the one that was under the cursor then, which may have moved on since."""

    def __init__(self, table: Widget, row: object) -> None:
        super().__init__(table)
        self.row = row


class HeaderPressed(Told):
    """The header of a column was clicked."""

    def __init__(self, table: Widget, column: str) -> None:
        super().__init__(table)
        self.column = column
