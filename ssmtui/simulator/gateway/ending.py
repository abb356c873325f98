"""How a session ends."""

from __future__ import annotations

from dataclasses import dataclass

IDLE = "Your session timed out due to inactivity and has been terminated."
"""AWS's own text (amazon-ssm-agent#261)."""

TOO_LONG = "Your session has reached its maximum session duration and has been terminated."
"""Made up: AWS's text is in no public place (docs/facts/failure-texts.md)."""


@dataclass(frozen=True, slots=True)
class Ending:
    """`text` is what the client is told, empty where there is nothing to tell; `status` is DescribeSessions' word."""

    text: str = ""
    status: str = "Terminated"


class SessionStopped(Exception):
    """The agent ends a session that did not come about; the text says why."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text
