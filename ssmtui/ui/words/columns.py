"""A column of a table: its heading, and how wide it may be."""

from __future__ import annotations

from dataclasses import dataclass

from ssmtui.language import say

Rank = tuple[object, ...]
"""What rows are ordered by; ranks of one column compare with each other."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column. It takes `least` cells at least and `most` at most; of two, the one with the lower `rank` stays longer.

    `most` is None where it takes whatever room is left. One that is `whole` is not there rather than cut; one that is
    `spare` is there only where no other is cut for it.
    """

    key: str
    label: str
    least: int
    most: int | None
    rank: int
    numeric: bool = False
    whole: bool = False
    spare: bool = False

    @property
    def title(self) -> str:
        """What stands above it, in the language in force."""
        return say(self.label)
