"""A probe: a real session that passes each stage, has a shell answer one line, and is ended at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from ssmtui.language import translatable
from ssmtui.model.node import NodeKey

PROBE_REASON = "ssmtui probe"
"""The reason of a probe's session, which CloudTrail and the session history show."""


PROBE_LINE = 'echo ssmtui-pro"b"e'
"""The line that a probe types into a shell. It only prints a word, in every shell and in PowerShell."""

PROBE_ANSWER = "ssmtui-probe"
"""The word. A terminal that repeats the line does not show it: only a shell that runs the line does."""


class ProbeKind(Enum):
    """The type of the session: a port session skips the session key, the logging checks and Run As."""

    SHELL = "shell"
    PORT = "port"


class ProbeStage(Enum):
    """The stages of a session, in order; the value is shown to people."""

    START = translatable("StartSession")
    SOCKET = translatable("websocket")
    TOKEN = translatable("token")
    HANDSHAKE = translatable("handshake")
    KEY = translatable("session key")
    CHALLENGE = translatable("encryption challenge")
    CHECKS = translatable("logging checks")
    OUTPUT = translatable("first output")
    ANSWER = translatable("shell answer")


class StageState(Enum):
    """The progress of a stage."""

    UNDER_WAY = "under way"
    PASSED = "passed"
    SKIPPED = "skipped"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class StageResult:
    """The current state of a stage. `seconds` is its duration so far; `words` is a remark, if any."""

    stage: ProbeStage
    state: StageState
    seconds: float
    words: str = ""


class ProbeEnd(Enum):
    """The end of a probe."""

    OPENED = "opened"
    REFUSED = "refused"
    STOPPED = "stopped"
    LOST = "lost"
    SILENT = "silent"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class ProbeOutcome:
    """The result of a probe.

    `REFUSED`: StartSession was refused. `STOPPED`: the other side ended the session, with `text`. `LOST`: the
    connection was lost. `SILENT`: the deadline passed at the last of `stages`. `cause` is the slug of the likeliest
    cause of `text`, or None; `also` are the other possible causes, likeliest first, and `ambiguous` says that one of
    them is about as likely. `session_id` is empty if no session was opened; `terminated`: the session is no longer
    active.
    """

    node: NodeKey
    kind: ProbeKind
    at: datetime
    stages: tuple[StageResult, ...]
    end: ProbeEnd
    text: str = ""
    cause: str | None = None
    also: tuple[str, ...] = ()
    ambiguous: bool = False
    agent_version: str = ""
    session_id: str = ""
    terminated: bool = True

    @property
    def opened(self) -> bool:
        """Return whether a shell was opened (for a port session, a connection to the port)."""
        return self.end is ProbeEnd.OPENED

    @property
    def stopped_at(self) -> ProbeStage | None:
        """Return the stage at which the probe ended, if nothing was opened."""
        return None if self.opened or not self.stages else self.stages[-1].stage

    @property
    def reached_the_node(self) -> bool:
        """Return whether the probe says something about the node, not only about this computer and its path to AWS."""
        if self.end in {ProbeEnd.OPENED, ProbeEnd.REFUSED, ProbeEnd.STOPPED}:
            return True
        return self.end in {ProbeEnd.LOST, ProbeEnd.SILENT} and self.stopped_at not in _BEFORE_THE_NODE


_BEFORE_THE_NODE = frozenset({None, ProbeStage.START, ProbeStage.SOCKET})


@dataclass(frozen=True, slots=True)
class Probes:
    """The latest probe of each kind of a node."""

    shell: ProbeOutcome | None = None
    port: ProbeOutcome | None = None

    def with_outcome(self, outcome: ProbeOutcome) -> Probes:
        """Return the probes with a newer probe of its kind."""
        return replace(self, shell=outcome) if outcome.kind is ProbeKind.SHELL else replace(self, port=outcome)

    @property
    def in_order(self) -> tuple[ProbeOutcome, ...]:
        """Return the probes, the newest last."""
        known = (each for each in (self.shell, self.port) if each is not None)
        return tuple(sorted(known, key=lambda each: each.at))

    @property
    def opened_a_shell(self) -> bool:
        """Return whether the latest shell probe opened a shell."""
        return self.shell is not None and self.shell.opened

    @property
    def connected(self) -> bool:
        """Return whether the node answered the latest probe."""
        return bool(self.in_order) and self.in_order[-1].opened


NOT_PROBED = Probes()
