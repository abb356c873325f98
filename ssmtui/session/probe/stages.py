"""The stages of a session, each told as it is entered and done with, with its time. No clock is read."""

from __future__ import annotations

from collections.abc import Callable

from ssmtui.model.probe import ProbeKind, ProbeStage, StageState, StageTold

OF_A_PORT = (ProbeStage.START, ProbeStage.SOCKET, ProbeStage.TOKEN, ProbeStage.HANDSHAKE)
"""A port session has no key, no logging checks and no output."""
_OF_THE_KEY = frozenset({ProbeStage.KEY, ProbeStage.CHALLENGE})

Told = Callable[[StageTold], None]


class StageError(Exception):
    """A defect: a stage was to be entered again, or after the end."""


class Stages:
    """The stages of one session in their order. Times are seconds of any steady clock."""

    def __init__(self, kind: ProbeKind, now: float, told: Told) -> None:
        self._line = OF_A_PORT if kind is ProbeKind.PORT else tuple(ProbeStage)
        self._told = told
        self._done: list[StageTold] = []
        self._stage = ProbeStage.START
        self._since = now
        self._over = False
        told(StageTold(self._stage, StageState.UNDER_WAY, 0.0))

    @property
    def stage(self) -> ProbeStage:
        """The stage that is under way, or at which it came to its end."""
        return self._stage

    @property
    def since(self) -> float:
        """When that stage was entered."""
        return self._since

    @property
    def done(self) -> tuple[StageTold, ...]:
        """What became of each stage that is done with."""
        return tuple(self._done)

    def is_ahead(self, stage: ProbeStage) -> bool:
        """Whether a stage is still to come."""
        return not self._over and stage in self._line and self._line.index(stage) > self._line.index(self._stage)

    def enter(self, stage: ProbeStage, now: float, left: StageState = StageState.PASSED) -> None:
        """Come to a later stage; `left` is what became of the one under way.

        Of those in between, what an encrypted session alone has was skipped, and the others were passed unseen.
        """
        if not self.is_ahead(stage):
            raise StageError(f"{stage.name} after {self._stage.name}")
        self._finish(left, now, "")
        for each in self._line[self._line.index(self._stage) + 1 : self._line.index(stage)]:
            self._keep(StageTold(each, StageState.SKIPPED if each in _OF_THE_KEY else StageState.PASSED, 0.0))
        self._stage, self._since = stage, now
        self._told(StageTold(stage, StageState.UNDER_WAY, 0.0))

    def end(self, state: StageState, now: float, words: str = "") -> None:
        """The stage under way is the last: it was passed, or stopped at."""
        if self._over:
            raise StageError(f"over at {self._stage.name}")
        self._finish(state, now, words)
        self._over = True

    def say(self, now: float, words: str) -> None:
        """Tell something of the stage under way."""
        self._told(StageTold(self._stage, StageState.UNDER_WAY, max(now - self._since, 0.0), words))

    def _finish(self, state: StageState, now: float, words: str) -> None:
        self._keep(StageTold(self._stage, state, max(now - self._since, 0.0), words))

    def _keep(self, told: StageTold) -> None:
        self._done.append(told)
        self._told(told)
