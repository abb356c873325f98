"""Updates of SSM Agent by Run Command."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AgentUpdate:
    """The last update that was sent to a node: how it ended, in Run Command's words, and when it was sent (UTC)."""

    status: str
    sent: datetime

    @property
    def succeeded(self) -> bool:
        """Whether the node reported that it had succeeded."""
        return self.status == "Success"
