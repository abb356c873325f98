"""Updates of SSM Agent by Run Command."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

# A node reports every five minutes; an update is downloaded, installed and rolled back within half an hour.
BEFORE, AFTER = timedelta(minutes=10), timedelta(hours=1)
"""How long before an update, and after it, a node that it silenced can have been heard of last."""


@dataclass(frozen=True, slots=True)
class AgentUpdate:
    """An update that was sent to a node: how it ended, in Run Command's words, and when it was sent (UTC)."""

    status: str
    sent: datetime

    @property
    def succeeded(self) -> bool:
        """Whether the node reported that it had succeeded."""
        return self.status == "Success"

    def may_have_silenced(self, last_ping: datetime) -> bool:
        """Whether a node that was last heard of then may have fallen silent by it."""
        return self.sent - BEFORE <= last_ping <= self.sent + AFTER
