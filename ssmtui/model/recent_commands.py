"""The commands that a node was lately sent by Run Command."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

UPDATE_AGENT = "AWS-UpdateSSMAgent"


@dataclass(frozen=True, slots=True)
class RecentCommand:
    """One command: the document, when it was asked for (UTC), and how it stands, in Run Command's own words.

    `output` is what the update of the agent wrote, where it failed; of no other command is it read.
    """

    id: str
    document: str
    sent: datetime
    status: str
    output: str = ""

    @property
    def failed(self) -> bool:
        """Whether it ended without success."""
        return self.status in {"Failed", "TimedOut", "Cancelled"}


@dataclass(frozen=True, slots=True)
class RecentCommands:
    """The newest first; `complete` is False where there were more of them than were looked at."""

    commands: tuple[RecentCommand, ...]
    complete: bool = True

    @property
    def last_update(self) -> RecentCommand | None:
        """The last update of the agent that has ended."""
        ended = (each for each in self.commands if each.document == UPDATE_AGENT)
        return next((each for each in ended if each.failed or each.status == "Success"), None)
