"""The time of one read, and how often it may fail."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Spending:
    """The seconds that one read is given for its attempts and for the pauses between them, and what is left of them."""

    given: float
    left: float = field(init=False)
    failures: int = 5
    """How often AWS may fail it while it asks to slow down: the SDK's own attempts are then used up by that."""

    def __post_init__(self) -> None:
        self.left = self.given
