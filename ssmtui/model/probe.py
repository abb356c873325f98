"""A probe: a real session, gone through stage by stage, that sends no input and is ended at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from ssmtui.language import marked
from ssmtui.model.node import NodeKey


class ProbeKind(Enum):
    """Which session is opened: a port session skips the session key, the logging checks and Run As."""

    SHELL = "shell"
    PORT = "port"


class ProbeStage(Enum):
    """The stages of a session, in order; the value is what people read."""

    START = marked("StartSession")
    SOCKET = marked("websocket")
    TOKEN = marked("token")
    HANDSHAKE = marked("handshake")
    KEY = marked("session key")
    CHALLENGE = marked("encryption challenge")
    CHECKS = marked("logging checks")
    OUTPUT = marked("first output")


class StageState(Enum):
    """How far a stage is."""

    UNDER_WAY = "under way"
    PASSED = "passed"
    SKIPPED = "skipped"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class StageTold:
    """A stage as it is now. `seconds` is how long it took, or has taken; `words` what is to be said of it, if any."""

    stage: ProbeStage
    state: StageState
    seconds: float
    words: str = ""


class ProbeEnd(Enum):
    """How a probe ended."""

    OPENED = "opened"
    REFUSED = "refused"
    STOPPED = "stopped"
    LOST = "lost"
    SILENT = "silent"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class ProbeOutcome:
    """What a probe met.

    `REFUSED`: StartSession said no. `STOPPED`: the other side ended it, with `text`. `LOST`: the network did. `SILENT`:
    the deadline passed at the last of `stages`. `cause` is the likeliest cause's slug by `text`, None where there is
    none. `session_id` is empty where no session was opened; `terminated` says that it is no longer active.
    """

    node: NodeKey
    kind: ProbeKind
    at: datetime
    stages: tuple[StageTold, ...]
    end: ProbeEnd
    text: str = ""
    cause: str | None = None
    agent_version: str = ""
    session_id: str = ""
    terminated: bool = True

    @property
    def opened(self) -> bool:
        """Whether there was a shell (or, of a port session, a way to the port)."""
        return self.end is ProbeEnd.OPENED

    @property
    def stopped_at(self) -> ProbeStage | None:
        """The stage at which it came to its end, where it did not open."""
        return None if self.opened or not self.stages else self.stages[-1].stage
