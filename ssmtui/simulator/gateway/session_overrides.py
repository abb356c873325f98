"""Override sessions in tests: timing of the agents, network faults, and injected endings."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from random import Random
from typing import Any, Final

from ssmtui.simulator.node_state.messages import data_channel_failed, handshake_failed, start_failed


@dataclass(slots=True)
class AgentTiming:
    """`factor` multiplies AWS's pauses; `handshake_seconds` is how long an agent waits for each answer.

    `demands_signature` refuses an upgrade without a signature, which old plugins send. `demands_challenge` refuses a
    data key that is not bound to the agent's challenge, as agents with `RequireKMSChallengeResponse` do.
    """

    factor: float = 0.3
    handshake_seconds: float = 15
    demands_signature: bool = False
    demands_challenge: bool = False

    def reset(self) -> None:
        """Restore the initial timeouts and demands, but keep the current speed."""
        self.handshake_seconds = 15
        self.demands_signature = False
        self.demands_challenge = False


pace: Final = AgentTiming()


class NetworkFaultKind(StrEnum):
    """The kind of a network fault.

    Faults of messages, in both directions: `DELAY`, `DUPLICATE`, `REORDER`, `DROP` (the end of a session, which has no
    acknowledgement, is never dropped). Faults of sockets: `REFUSE` answers the upgrade with a status, `HANG` never
    answers, `HALF_OPEN` accepts it and stays silent, `CLOSE` closes with 1000, `RESET` drops the connection. `PAUSE`
    announces a pause of publication, stays silent for a while, and announces the start.
    """

    DELAY = "delay"
    DUPLICATE = "duplicate"
    REORDER = "reorder"
    DROP = "drop"
    REFUSE = "refuse"
    HANG = "hang"
    HALF_OPEN = "half-open"
    CLOSE = "close"
    RESET = "reset"
    PAUSE = "pause"


ANY: Final = "*"


@dataclass(frozen=True, slots=True)
class NetworkFault:
    """A fault on the sessions of a node (of every node, if none is named), on the first `times` sockets only.

    `rate` is the share of affected messages, chosen at random from `seed`. `milliseconds` is the delay of a message,
    the length of a pause, or the lifetime of a socket before it is closed or reset; with `after`, that lifetime is a
    number of sent messages instead. `status` is the answer of `REFUSE`.
    """

    kind: NetworkFaultKind
    node: str = ANY
    rate: float = 0.3
    seed: int = 1
    milliseconds: int = 50
    after: int = 0
    status: int = 503
    times: int | None = None

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> NetworkFault:
        """Parse a fault from the control endpoint: the field names, `kind` by its value."""
        return cls(**{**document, "kind": NetworkFaultKind(document["kind"])})


class NetworkFaults:
    """The active faults."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._active: list[NetworkFault] = []

    def add(self, fault: NetworkFault) -> None:
        """Activate a fault."""
        with self._lock:
            self._active.append(fault)

    def clear(self) -> None:
        """Remove all faults; a socket that is already affected stays so until its session ends."""
        with self._lock:
            self._active.clear()

    def struck(self, node: str, *kinds: NetworkFaultKind) -> NetworkFault | None:
        """Return the first fault of these kinds for a socket of a node, and count its use."""
        with self._lock:
            for position, fault in enumerate(self._active):
                if fault.kind in kinds and fault.node in {ANY, node}:
                    if fault.times is not None:
                        self._use(position, fault, fault.times)
                    return fault
        return None

    def __contains__(self, fault: NetworkFault) -> bool:
        """Return whether a fault is still active."""
        with self._lock:
            return fault in self._active

    def _use(self, position: int, fault: NetworkFault, times: int) -> None:
        if times > 1:
            self._active[position] = replace(fault, times=times - 1)
        else:
            del self._active[position]


class MessageFaults:
    """The effect of faults on the messages of one socket, in one direction."""

    def __init__(self, fault: NetworkFault | None, direction: str = "") -> None:
        self._fault = fault
        self._random = Random(f"{direction} {fault.seed if fault is not None else 0}")  # noqa: S311 - a game of chance, and no secret
        self._held: bytes | None = None

    @property
    def seconds_late(self) -> float:
        """The delay of each message."""
        late = self._fault is not None and self._fault.kind is NetworkFaultKind.DELAY
        return self._fault.milliseconds / 1000 if self._fault is not None and late else 0

    def through(self, message: bytes) -> tuple[bytes, ...]:
        """Return the messages that arrive after this message was sent."""
        fault, held = self._fault, self._held
        if held is not None:
            self._held = None
            return message, held
        if fault is None or self._random.random() >= fault.rate:
            return (message,)
        match fault.kind:
            case NetworkFaultKind.DROP:
                return ()
            case NetworkFaultKind.DUPLICATE:
                return message, message
            case NetworkFaultKind.REORDER:
                self._held = message
                return ()
            case _:
                return (message,)


faults: Final = NetworkFaults()


IDLE = "Your session timed out due to inactivity and has been terminated."
"""The text of AWS (amazon-ssm-agent#261)."""

TOO_LONG = "Your session has reached its maximum session duration and has been terminated."
"""An invented text: AWS's text is not public (docs/facts/failure-texts.md)."""


@dataclass(frozen=True, slots=True)
class SessionEnd:
    """The end of a session: `text` is what the client reads, perhaps empty; `status` is the one of DescribeSessions."""

    text: str = ""
    status: str = "Terminated"


class SessionStoppedError(Exception):
    """The agent ends a session that did not start; the text says why."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


UNTIL_WORKER_IS_MISSED: Final = 60.0
"""Seconds until the agent misses the worker of a session."""


class WorkerDiedError(Exception):
    """The worker of a session has ended: nobody answers the client, and the agent reports it after a minute."""


class AgentProgram(StrEnum):
    """A program of the agent. `AGENT` is restarted by the service manager, `AGENT_WORKER` by the agent.

    A session has a `SESSION_WORKER` of its own, which outlives the other two.
    """

    AGENT = "amazon-ssm-agent"
    AGENT_WORKER = "ssm-agent-worker"
    SESSION_WORKER = "ssm-session-worker"


ABSENCE: Final[Mapping[AgentProgram, timedelta]] = {
    AgentProgram.AGENT: timedelta(seconds=8),
    AgentProgram.AGENT_WORKER: timedelta(minutes=1),
}
"""How long a node has no control channel after a program was killed. The agent looks for its worker once a minute."""


class SessionStep(StrEnum):
    """The step at which a session ends.

    `DATA_CHANNEL` is before any message of the agent; `HANDSHAKE` after its request, `KEY` after the client's answer,
    `CHALLENGE` after the encryption challenge is sent; `CHECKS` after the handshake; `SHELL` and `PORT` instead of the
    shell and the port; `OUTPUT` after the first prompt.
    """

    DATA_CHANNEL = "data-channel"
    HANDSHAKE = "handshake"
    KEY = "key"
    CHALLENGE = "challenge"
    CHECKS = "checks"
    SHELL = "shell"
    PORT = "port"
    OUTPUT = "output"


HANDSHAKE_STEPS: Final = frozenset({SessionStep.HANDSHAKE, SessionStep.KEY, SessionStep.CHALLENGE})


@dataclass(frozen=True, slots=True)
class InjectedEnding:
    """An ending: its text, in the agent's own frame for that step unless it is `bare`; None for silence."""

    node: str
    step: SessionStep
    text: str | None
    bare: bool = False

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> InjectedEnding:
        """Parse an ending from the control endpoint: the field names, `step` by its value."""
        return cls(**{"text": None, **document, "step": SessionStep(document["step"])})

    def words(self, session_id: str) -> str:
        """Return the text that people read; empty for silence."""
        if self.text is None or self.bare:
            return self.text or ""
        if self.step is SessionStep.DATA_CHANNEL:
            return data_channel_failed(session_id, self.text)
        if self.step in HANDSHAKE_STEPS:
            return handshake_failed(self.text)
        return start_failed(self.text) if self.step is SessionStep.SHELL else self.text


demands: Final[dict[str, InjectedEnding]] = {}
"""The injected endings by node: without one, the state of the world decides."""
