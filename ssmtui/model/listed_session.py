"""Sessions as a screen lists them: those that are open, and those of the last 30 days that have ended."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class SessionState(Enum):
    """Which sessions DescribeSessions lists; the value is AWS's own."""

    ACTIVE = "Active"
    HISTORY = "History"


class SessionStatus(Enum):
    """How a session is, or was; the value is AWS's own."""

    CONNECTED = "Connected"
    CONNECTING = "Connecting"
    DISCONNECTED = "Disconnected"
    TERMINATED = "Terminated"
    TERMINATING = "Terminating"
    FAILED = "Failed"


@dataclass(frozen=True, slots=True)
class ListedSession:
    """A session as DescribeSessions tells of it.

    `owner` is the ARN of who opened it; `ended` is None while it is open. `reason` is what its owner said that it was
    for, `longest` the minutes after which it is ended whatever happens in it, None where there is no such limit.
    `just_in_time` says that it was opened by an approved access request.
    """

    id: str
    target: str
    status: SessionStatus
    owner: str
    started: datetime
    ended: datetime | None = None
    document: str = ""
    reason: str = ""
    longest: int | None = None
    just_in_time: bool = False

    @property
    def owner_name(self) -> str:
        """The owner without the account: `role/session`, or the user's name."""
        return self.owner.rpartition(":")[2].partition("/")[2] or self.owner

    @property
    def by_a_program(self) -> bool:
        """Whether its owner is called as programs are, and people are not: a guess, by the name alone."""
        return _A_PROGRAM.search(self.owner_name) is not None


# The session names that SDKs, EC2, GitHub's action and Automation choose where nobody gives one.
_A_PROGRAM = re.compile(
    r"/(?:botocore-session-\d+|aws-(?:sdk|go-sdk|cli)-[\w-]+|i-[0-9a-f]{8,17}|GitHubActions|AutomationExecution"
    r"|[0-9a-f]{8}-[0-9a-f-]{27}|\d{9,})$|(?:^|/)AWSServiceRoleFor",
)
