"""The time of one read."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Spending:
    """The seconds that one read is given for its attempts and for the pauses between them, and what is left of them."""

    given: float
    left: float = field(init=False)

    def __post_init__(self) -> None:
        self.left = self.given
