"""A probe: a real session that goes through each stage, sends no input, and is ended at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from ssmtui.language import translatable
from ssmtui.model.node import NodeKey

PROBE_REASON = "ssmtui probe"
"""The reason that a probe's session has: what CloudTrail and the history of sessions say of it."""


class ProbeKind(Enum):
    """Which session is opened: a port session skips the session key, the logging checks and Run As."""

    SHELL = "shell"
    PORT = "port"


class ProbeStage(Enum):
    """The stages of a session, in order; the value is what people read."""

    START = translatable("StartSession")
    SOCKET = translatable("websocket")
    TOKEN = translatable("token")
    HANDSHAKE = translatable("handshake")
    KEY = translatable("session key")
    CHALLENGE = translatable("encryption challenge")
    CHECKS = translatable("logging checks")
    OUTPUT = translatable("first output")


class StageState(Enum):
    """How far a stage is."""

    UNDER_WAY = "under way"
    PASSED = "passed"
    SKIPPED = "skipped"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class StageResult:
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
    none; `also` are the others that it can stand for, likeliest first, and `ambiguous` says that one of them is about
    as likely. `session_id` is empty where no session was opened; `terminated` says that it is no longer active.
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
        """Whether there was a shell (or, of a port session, a way to the port)."""
        return self.end is ProbeEnd.OPENED

    @property
    def stopped_at(self) -> ProbeStage | None:
        """The stage at which it came to its end, where it did not open."""
        return None if self.opened or not self.stages else self.stages[-1].stage

    @property
    def reached_the_node(self) -> bool:
        """Whether it says anything of the node: beyond this computer and its way to AWS."""
        if self.end in {ProbeEnd.OPENED, ProbeEnd.REFUSED, ProbeEnd.STOPPED}:
            return True
        return self.end in {ProbeEnd.LOST, ProbeEnd.SILENT} and self.stopped_at not in _BEFORE_THE_NODE


_BEFORE_THE_NODE = frozenset({None, ProbeStage.START, ProbeStage.SOCKET})


@dataclass(frozen=True, slots=True)
class Probes:
    """What is known of a node by probes: the last of each kind, where there was one."""

    shell: ProbeOutcome | None = None
    port: ProbeOutcome | None = None

    def with_outcome(self, outcome: ProbeOutcome) -> Probes:
        """With a newer probe in the place of the one of its kind."""
        return replace(self, shell=outcome) if outcome.kind is ProbeKind.SHELL else replace(self, port=outcome)

    @property
    def in_order(self) -> tuple[ProbeOutcome, ...]:
        """The probes, the newest last."""
        known = (each for each in (self.shell, self.port) if each is not None)
        return tuple(sorted(known, key=lambda each: each.at))

    @property
    def opened_a_shell(self) -> bool:
        """Whether the node gave a shell when it was last probed for one."""
        return self.shell is not None and self.shell.opened

    @property
    def connected(self) -> bool:
        """Whether the node answered the newest of them."""
        return bool(self.in_order) and self.in_order[-1].opened


NOT_PROBED = Probes()
