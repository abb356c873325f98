"""How long a probe waits: at each stage, in all, and when it says that this takes longer than it should."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ssmtui.model.probe import ProbeStage


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds. `soft` is when a person is told that it takes long, `hard` the end of all waiting.

    A worker of SSM Agent that has died is told of after 60 s (docs/facts/failure-texts.md §2.6): whoever wants that
    text waits longer. `key` is a little more than the 15 s that the agent waits for either answer. `settled` is how
    long a port session must stay open to count as open.
    """

    start: float = 40.0
    socket: float = 20.0
    token: float = 10.0
    handshake: float = 70.0
    key: float = 20.0
    challenge: float = 20.0
    checks: float = 70.0
    output: float = 70.0
    soft: float = 30.0
    hard: float = 90.0
    settled: float = 3.0
    ending: float = 20.0

    def of(self, stage: ProbeStage) -> float:
        """How long a stage may take."""
        return {
            ProbeStage.START: self.start,
            ProbeStage.SOCKET: self.socket,
            ProbeStage.TOKEN: self.token,
            ProbeStage.HANDSHAKE: self.handshake,
            ProbeStage.KEY: self.key,
            ProbeStage.CHALLENGE: self.challenge,
            ProbeStage.CHECKS: self.checks,
            ProbeStage.OUTPUT: self.output,
        }[stage]

    def at_most(self, seconds: float) -> Deadlines:
        """The same, but for none that is longer than this."""
        names = [name for name in self.__dataclass_fields__ if name != "ending"]
        return replace(self, **{name: min(getattr(self, name), seconds) for name in names})
