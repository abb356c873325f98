"""The course of a session: what happened on the channel in, stages and an end out. No clock, no socket, no thread."""

from __future__ import annotations

from dataclasses import dataclass

from ssmtui.language import say
from ssmtui.model.probe import ProbeEnd, ProbeKind, ProbeStage, StageState, StageTold
from ssmtui.session.probe.deadlines import Deadlines
from ssmtui.session.probe.stages import Stages, Told
from ssmtui.session.probe.texts import stage_told_by


@dataclass(frozen=True, slots=True)
class Ended:
    """How a session ended, and with which text."""

    end: ProbeEnd
    text: str = ""


class Course:
    """One session under way. Every method but `waits_until` is told of something, and when (seconds, steady clock).

    What comes after the end, or out of its turn, changes nothing: the network may say anything at any time.
    """

    def __init__(self, kind: ProbeKind, now: float, told: Told, deadlines: Deadlines) -> None:
        self._kind = kind
        self._deadlines = deadlines
        self._began = now
        self._stages = Stages(kind, now, told)
        self._asked = False
        self._complete: float | None = None
        self._slow = False
        self.ended: Ended | None = None
        self.agent_version = ""

    @property
    def stage(self) -> ProbeStage:
        """The stage that is under way, or at which it ended."""
        return self._stages.stage

    @property
    def stages(self) -> tuple[StageTold, ...]:
        """What became of every stage that is done with."""
        return self._stages.done

    def session_started(self, now: float) -> None:
        """StartSession has given a session."""
        self._come_to(ProbeStage.SOCKET, now)

    def socket_opened(self, now: float) -> None:
        """The websocket is open."""
        self._come_to(ProbeStage.TOKEN, now)

    def token_sent(self, now: float) -> None:
        """The token went out; nothing answers it but the agent itself."""
        self._come_to(ProbeStage.HANDSHAKE, now)

    def handshake_asked_for(self, now: float, agent_version: str, *, encrypted: bool) -> None:
        """The agent asks for the handshake, with a session key or without."""
        if self.ended is None:
            self.agent_version = agent_version
            self._asked = True
            if encrypted:
                self._come_to(ProbeStage.KEY, now)

    def challenged(self, now: float) -> None:
        """The agent has decrypted the session key, and asks for proof of the other half."""
        self._come_to(ProbeStage.CHALLENGE, now)

    def handshake_completed(self, now: float) -> None:
        """The agent is content. Of a port that is all there is; it counts once the session has stayed open."""
        self._asked = True
        if self._kind is ProbeKind.PORT:
            self._complete = self._complete or now
        else:
            self._come_to(ProbeStage.CHECKS, now)

    def output_came(self, now: float) -> None:
        """The shell has spoken: the session is open."""
        if self.ended is None and self._kind is ProbeKind.SHELL:
            self._come_to(ProbeStage.OUTPUT, now)
            self._end(Ended(ProbeEnd.OPENED), now)

    def refused(self, now: float, text: str) -> None:
        """StartSession, or the upgrade of the websocket, was refused."""
        self._end(Ended(ProbeEnd.REFUSED, text), now)

    def closed(self, now: float, text: str) -> None:
        """The other side has ended the session, with a text or without. That tells how far the agent had come."""
        stage = stage_told_by(text)
        if self.ended is None and stage is not None and self._stages.is_ahead(stage):
            self._come_to(stage, now)
        self._end(Ended(ProbeEnd.STOPPED, text), now)

    def lost(self, now: float, text: str) -> None:
        """The connection is gone, or was never there."""
        self._end(Ended(ProbeEnd.LOST, text), now)

    def interrupted(self, now: float) -> None:
        """Nobody wants to know any more."""
        self._end(Ended(ProbeEnd.INTERRUPTED), now)

    def waits_until(self) -> float:
        """When the clock is to be looked at next, at the latest."""
        over = min(self._began + self._deadlines.hard, self._stages.since + self._deadlines.of(self.stage))
        if self._complete is not None:
            over = min(over, self._complete + self._deadlines.settled)
        return over if self._slow else min(over, self._began + self._deadlines.soft)

    def time_passed(self, now: float) -> None:
        """Look at the clock: it may say that a port stayed open, that this takes long, or that nothing will come."""
        if self.ended is not None:
            return
        if self._complete is not None and now >= self._complete + self._deadlines.settled:
            self._end(Ended(ProbeEnd.OPENED), now)
        elif now >= self._began + self._deadlines.hard or now >= self._stages.since + self._deadlines.of(self.stage):
            self._end(Ended(ProbeEnd.SILENT), now)
        elif not self._slow and now >= self._began + self._deadlines.soft:
            self._slow = True
            self._stages.say(now, say("longer than usual; SSM Agent tells after a minute that its worker has died"))

    def _come_to(self, stage: ProbeStage, now: float) -> None:
        if self.ended is not None or not self._stages.is_ahead(stage):
            return
        # Without a session key a shell has no handshake, and that is no fault.
        skipped = self.stage is ProbeStage.HANDSHAKE and not self._asked
        self._stages.enter(stage, now, StageState.SKIPPED if skipped else StageState.PASSED)

    def _end(self, ended: Ended, now: float) -> None:
        if self.ended is None:
            self._stages.end(StageState.PASSED if ended.end is ProbeEnd.OPENED else StageState.STOPPED, now)
            self.ended = ended
