"""Follow the stages of a probed session from its events and deadlines, without a clock or a socket."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from ssmtui.language import say
from ssmtui.model.probe import ProbeEnd, ProbeKind, ProbeStage, StageResult, StageState


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Deadlines in seconds. After `soft`, the person reads that it takes long; after `hard`, the probe ends.

    SSM Agent reports a dead worker after 60 s (docs/facts/failure-texts.md §2.6); deadlines for that text must be
    longer.
    `key` is a little longer than the 15 s that the agent waits for either answer. A port session counts as open if it
    stays open for `settled`. If the document is not known to start a shell, this time begins with the first output.
    """

    start: float = 40.0
    socket: float = 20.0
    token: float = 10.0
    handshake: float = 70.0
    key: float = 20.0
    challenge: float = 20.0
    checks: float = 70.0
    output: float = 70.0
    answer: float = 60.0
    soft: float = 30.0
    hard: float = 90.0
    settled: float = 3.0
    ending: float = 20.0

    def of(self, stage: ProbeStage) -> float:
        """Return the deadline of a stage."""
        return {
            ProbeStage.START: self.start,
            ProbeStage.SOCKET: self.socket,
            ProbeStage.TOKEN: self.token,
            ProbeStage.HANDSHAKE: self.handshake,
            ProbeStage.KEY: self.key,
            ProbeStage.CHALLENGE: self.challenge,
            ProbeStage.CHECKS: self.checks,
            ProbeStage.OUTPUT: self.output,
            ProbeStage.ANSWER: self.answer,
        }[stage]


OF_A_PORT = (ProbeStage.START, ProbeStage.SOCKET, ProbeStage.TOKEN, ProbeStage.HANDSHAKE)
"""The stages of a port session: it has no key, no logging checks and no output."""
_OF_THE_KEY = frozenset({ProbeStage.KEY, ProbeStage.CHALLENGE})

StageCallback = Callable[[StageResult], None]


class StageError(Exception):
    """A bug: a stage was entered again, or after the end."""


class StageTracker:
    """The stages of one session in their order. Times are seconds of any monotonic clock."""

    def __init__(self, kind: ProbeKind, now: float, told: StageCallback) -> None:
        self._line = OF_A_PORT if kind is ProbeKind.PORT else tuple(ProbeStage)
        self._told = told
        self._done: list[StageResult] = []
        self._stage = ProbeStage.START
        self._since = now
        self._over = False
        told(StageResult(self._stage, StageState.UNDER_WAY, 0.0))

    @property
    def stage(self) -> ProbeStage:
        """Return the current stage, or the stage at which the session ended."""
        return self._stage

    @property
    def since(self) -> float:
        """Return when that stage began."""
        return self._since

    @property
    def done(self) -> tuple[StageResult, ...]:
        """Return the results of the finished stages."""
        return tuple(self._done)

    def is_ahead(self, stage: ProbeStage) -> bool:
        """Return whether a stage is still to come."""
        return not self._over and stage in self._line and self._line.index(stage) > self._line.index(self._stage)

    def enter(self, stage: ProbeStage, now: float, left: StageState = StageState.PASSED) -> None:
        """Enter a later stage; `left` is the result of the current one.

        Of the stages in between, those of encrypted sessions are skipped, and the others count as passed.
        """
        if not self.is_ahead(stage):
            raise StageError(f"{stage.name} after {self._stage.name}")
        self._finish(left, now, "")
        for each in self._line[self._line.index(self._stage) + 1 : self._line.index(stage)]:
            self._keep(StageResult(each, StageState.SKIPPED if each in _OF_THE_KEY else StageState.PASSED, 0.0))
        self._stage, self._since = stage, now
        self._told(StageResult(stage, StageState.UNDER_WAY, 0.0))

    def end(self, state: StageState, now: float, words: str = "") -> None:
        """End the session in the current stage, which was passed or stopped."""
        if self._over:
            raise StageError(f"over at {self._stage.name}")
        self._finish(state, now, words)
        self._over = True

    def say(self, now: float, words: str) -> None:
        """Report a message about the current stage."""
        self._told(StageResult(self._stage, StageState.UNDER_WAY, max(now - self._since, 0.0), words))

    def _finish(self, state: StageState, now: float, words: str) -> None:
        self._keep(StageResult(self._stage, state, max(now - self._since, 0.0), words))

    def _keep(self, told: StageResult) -> None:
        self._done.append(told)
        self._told(told)


# docs/facts/failure-texts.md §2, in the agent's order; the first match counts.
_STAGES: tuple[tuple[re.Pattern[str], ProbeStage], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), stage)
    for pattern, stage in (
        (r"timed out waiting for encryption challenge|encryption context random challenge", ProbeStage.CHALLENGE),
        (
            r"KMSEncryption failed on client|fetching data key failed|initializing BlockCipher failed",
            ProbeStage.KEY,
        ),
        (r"error while initiating handshake", ProbeStage.HANDSHAKE),
        (r"unable to validate encryption on|encryption is not set up on the selected", ProbeStage.CHECKS),
        (
            r"unable to start (?:command|shell)|executing shell profile|error while creating file"
            r"|error occurred starting the command|std(?:out|err)SeparatorPrefix|convert separateOutPutStream",
            ProbeStage.OUTPUT,
        ),
    )
)


def stage_of_text(text: str) -> ProbeStage | None:
    """Return the stage at which a session ends with this text; None if the text does not say."""
    one_line = " ".join(text.split())
    return next((stage for pattern, stage in _STAGES if pattern.search(one_line)), None)


@dataclass(frozen=True, slots=True)
class ProbeEnding:
    """How a session ended, and its text."""

    end: ProbeEnd
    text: str = ""


class ProbeProgress:
    """The progress of one session. Methods get events and their times (seconds, any monotonic clock).

    Events after the end or out of order change nothing: the network may send anything at any time.
    """

    def __init__(self, kind: ProbeKind, now: float, told: StageCallback, deadlines: Deadlines) -> None:
        self._kind = kind
        self._deadlines = deadlines
        self._began = now
        self._stage_tracker = StageTracker(kind, now, told)
        self._asked = False
        self._complete: float | None = None
        self._slow = False
        self.ended: ProbeEnding | None = None
        self.agent_version = ""

    @property
    def stage(self) -> ProbeStage:
        """Return the current stage, or the stage at which the session ended."""
        return self._stage_tracker.stage

    @property
    def stages(self) -> tuple[StageResult, ...]:
        """Return the results of all finished stages."""
        return self._stage_tracker.done

    def session_started(self, now: float) -> None:
        """Record that StartSession returned a session."""
        self._come_to(ProbeStage.SOCKET, now)

    def socket_opened(self, now: float) -> None:
        """Record that the websocket is open."""
        self._come_to(ProbeStage.TOKEN, now)

    def token_sent(self, now: float) -> None:
        """Record that the token was sent; only the agent answers it."""
        self._come_to(ProbeStage.HANDSHAKE, now)

    def handshake_asked_for(self, now: float, agent_version: str, *, encrypted: bool) -> None:
        """Record that the agent requests the handshake, with or without a session key."""
        if self.ended is None:
            self.agent_version = agent_version
            self._asked = True
            if encrypted:
                self._come_to(ProbeStage.KEY, now)

    def challenged(self, now: float) -> None:
        """Record that the agent decrypted the session key and sent its challenge."""
        self._come_to(ProbeStage.CHALLENGE, now)

    def handshake_completed(self, now: float) -> None:
        """Record that the agent accepted the handshake. A port session then only waits until it counts as open."""
        self._asked = True
        if self._kind is ProbeKind.PORT:
            self._complete = self._complete or now
        else:
            self._come_to(ProbeStage.CHECKS, now)

    def output_came(self, now: float, *, asked: bool) -> None:
        """Record output. `asked`: the shell was asked for an answer; else the session only has to stay open.

        Output alone does not prove a shell: a shell profile can end the shell after its prompt.
        """
        if self.ended is not None or self._kind is not ProbeKind.SHELL:
            return
        self._come_to(ProbeStage.OUTPUT, now)
        if asked:
            self._come_to(ProbeStage.ANSWER, now)
        self._complete = None if asked else self._complete or now

    def answer_came(self, now: float) -> None:
        """Record that the shell answered: the session is open."""
        if self.ended is None and self.stage is ProbeStage.ANSWER:
            self._end(ProbeEnding(ProbeEnd.OPENED), now)

    def refused(self, now: float, text: str) -> None:
        """Record that AWS refused StartSession or the upgrade of the websocket."""
        self._end(ProbeEnding(ProbeEnd.REFUSED, text), now)

    def closed(self, now: float, text: str) -> None:
        """Record that the other side ended the session. Its text, if any, says at which stage the agent stopped."""
        stage = stage_of_text(text)
        if self.ended is None and stage is not None and self._stage_tracker.is_ahead(stage):
            self._come_to(stage, now)
        self._end(ProbeEnding(ProbeEnd.STOPPED, text), now)

    def lost(self, now: float, text: str) -> None:
        """Record that the connection is lost, or did not open."""
        self._end(ProbeEnding(ProbeEnd.LOST, text), now)

    def interrupted(self, now: float) -> None:
        """Record that the probe was cancelled."""
        self._end(ProbeEnding(ProbeEnd.INTERRUPTED), now)

    def waits_until(self) -> float:
        """Return when to call `time_passed` next, at the latest."""
        over = min(self._began + self._deadlines.hard, self._stage_tracker.since + self._deadlines.of(self.stage))
        if self._complete is not None:
            over = min(over, self._complete + self._deadlines.settled)
        return over if self._slow else min(over, self._began + self._deadlines.soft)

    def time_passed(self, now: float) -> None:
        """Check the deadlines: the session stayed open, the probe takes long, or no event will come."""
        if self.ended is not None:
            return
        if self._complete is not None and now >= self._complete + self._deadlines.settled:
            self._end(ProbeEnding(ProbeEnd.OPENED), now)
        elif now >= self._began + self._deadlines.hard or now >= self._stage_tracker.since + self._deadlines.of(
            self.stage
        ):
            self._end(ProbeEnding(ProbeEnd.SILENT), now)
        elif not self._slow and now >= self._began + self._deadlines.soft:
            self._slow = True
            self._stage_tracker.say(
                now, say("longer than usual; after a minute, SSM Agent reports whether its worker has died")
            )

    def _come_to(self, stage: ProbeStage, now: float) -> None:
        if self.ended is not None or not self._stage_tracker.is_ahead(stage):
            return
        # A shell session without a session key has no handshake, which is not an error.
        skipped = self.stage is ProbeStage.HANDSHAKE and not self._asked
        self._stage_tracker.enter(stage, now, StageState.SKIPPED if skipped else StageState.PASSED)

    def _end(self, ended: ProbeEnding, now: float) -> None:
        if self.ended is None:
            self._stage_tracker.end(StageState.PASSED if ended.end is ProbeEnd.OPENED else StageState.STOPPED, now)
            self.ended = ended
