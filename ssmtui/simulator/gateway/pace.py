"""How fast the simulated agents are: AWS's own pauses would make tests slow, and none at all a strange demo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(slots=True)
class Pace:
    """`factor` is what AWS's pauses are multiplied by, `handshake_seconds` how long an agent waits for each answer.

    `demands_signature` says that an upgrade without a signature is refused, which old plugins send.
    """

    factor: float = 0.3
    handshake_seconds: float = 15
    demands_signature: bool = False

    def reset(self) -> None:
        """Be as patient and as lenient as at first, and as fast as now."""
        self.handshake_seconds = 15
        self.demands_signature = False


pace: Final = Pace()
