"""From what happens on the channel to stages and an end."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.model.probe import ProbeEnd, ProbeKind, ProbeStage, StageResult, StageState
from ssmtui.session.probe.stages import Deadlines, ProbeEnding, ProbeProgress

DEADLINES = Deadlines()
PASSED, SKIPPED, STOPPED = StageState.PASSED, StageState.SKIPPED, StageState.STOPPED
ENCRYPTION = "Couldn't start the session because we are unable to validate encryption on Amazon S3 bucket. Error: x"


class Walk:
    """A course whose clock goes on by half a second with each step."""

    def __init__(self, kind: ProbeKind = ProbeKind.SHELL, deadlines: Deadlines = DEADLINES) -> None:
        self.now = 0.0
        self.told: list[StageResult] = []
        self.progress = ProbeProgress(kind, self.now, self.told.append, deadlines)

    def joined(self) -> Walk:
        for step in (self.progress.session_started, self.progress.socket_opened, self.progress.token_sent):
            step(self.tick())
        return self

    def tick(self, seconds: float = 0.5) -> float:
        self.now += seconds
        return self.now

    @property
    def states(self) -> dict[ProbeStage, StageState]:
        return {each.stage: each.state for each in self.progress.stages}


def test_a_plain_shell_has_no_handshake_and_opens_with_its_answer() -> None:
    walk = Walk().joined()
    walk.progress.answer_came(walk.tick())
    walk.progress.output_came(walk.tick(2), asked=True)
    assert walk.progress.ended is None
    walk.progress.answer_came(walk.tick())
    assert walk.progress.ended == ProbeEnding(ProbeEnd.OPENED)
    assert walk.states == {
        ProbeStage.START: PASSED,
        ProbeStage.SOCKET: PASSED,
        ProbeStage.TOKEN: PASSED,
        ProbeStage.HANDSHAKE: SKIPPED,
        ProbeStage.KEY: SKIPPED,
        ProbeStage.CHALLENGE: SKIPPED,
        ProbeStage.CHECKS: PASSED,
        ProbeStage.OUTPUT: PASSED,
        ProbeStage.ANSWER: PASSED,
    }


def test_an_encrypted_shell_goes_through_every_stage_each_with_its_time() -> None:
    walk = Walk().joined()
    walk.progress.handshake_asked_for(walk.tick(), "3.3.4624.0", encrypted=True)
    for step in (walk.progress.challenged, walk.progress.handshake_completed):
        step(walk.tick())
    walk.progress.output_came(walk.tick(), asked=True)
    walk.progress.answer_came(walk.tick())
    assert (walk.progress.ended, walk.progress.agent_version) == (ProbeEnding(ProbeEnd.OPENED), "3.3.4624.0")
    assert [each.stage for each in walk.progress.stages] == list(ProbeStage)
    assert {each.state for each in walk.progress.stages} == {PASSED}
    assert {each.seconds for each in walk.progress.stages} == {0.5, 0.0}
    assert [each.stage for each in walk.told if each.state is StageState.UNDER_WAY] == list(ProbeStage)


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        (ENCRYPTION, ProbeStage.CHECKS),
        ("----------ERROR-------\nUnable to start command: please set the RunAs default user", ProbeStage.OUTPUT),
        ("Encountered error while initiating handshake. Fetching data key\nfailed: x", ProbeStage.KEY),
        (
            "Encountered error while initiating handshake. Timed out waiting for encryption challenge.",
            ProbeStage.CHALLENGE,
        ),
        ("Setting up data channel with id x failed: y", ProbeStage.HANDSHAKE),
        ("", ProbeStage.HANDSHAKE),
    ],
)
def test_the_text_of_the_end_tells_how_far_the_agent_had_come(text: str, stage: ProbeStage) -> None:
    walk = Walk().joined()
    walk.progress.closed(walk.tick(), text)
    assert walk.progress.ended == ProbeEnding(ProbeEnd.STOPPED, text)
    assert walk.progress.stage is stage
    assert walk.states[stage] is STOPPED
    assert list(walk.states) == list(ProbeStage)[: list(ProbeStage).index(stage) + 1]


@pytest.mark.parametrize("text", ["", ENCRYPTION])
def test_a_shell_that_ends_after_its_output_has_not_opened(text: str) -> None:
    walk = Walk().joined()
    walk.progress.output_came(walk.tick(), asked=True)
    walk.progress.closed(walk.tick(), text)
    assert walk.progress.ended == ProbeEnding(ProbeEnd.STOPPED, text)
    assert walk.progress.stage is ProbeStage.ANSWER


def test_a_text_of_an_earlier_stage_does_not_lead_back() -> None:
    walk = Walk().joined()
    walk.progress.handshake_asked_for(walk.tick(), "", encrypted=True)
    walk.progress.challenged(walk.tick())
    walk.progress.closed(walk.tick(), "Encountered error while initiating handshake. Fetching data key failed: x")
    assert walk.progress.stage is ProbeStage.CHALLENGE


def test_a_port_is_open_once_it_has_stayed_open_and_not_where_it_closes_at_once() -> None:
    walk = Walk(ProbeKind.PORT).joined()
    walk.progress.handshake_asked_for(walk.tick(), "3.3", encrypted=False)
    walk.progress.handshake_completed(walk.tick())
    walk.progress.output_came(walk.tick(), asked=False)
    assert walk.progress.ended is None
    walk.progress.time_passed(walk.tick(DEADLINES.settled))
    assert walk.progress.ended == ProbeEnding(ProbeEnd.OPENED)
    assert list(walk.states) == list(ProbeStage)[:4]

    other = Walk(ProbeKind.PORT).joined()
    other.progress.handshake_completed(other.tick())
    other.progress.closed(other.tick(), "Port number is empty in session properties. x")
    assert (other.progress.ended, other.progress.stage) == (
        ProbeEnding(ProbeEnd.STOPPED, "Port number is empty in session properties. x"),
        ProbeStage.HANDSHAKE,
    )


@pytest.mark.parametrize("stage", list(ProbeStage)[:7])
def test_silence_ends_at_the_deadline_of_its_stage(stage: ProbeStage) -> None:
    walk = Walk()
    progress = walk.progress
    steps: list[Callable[[float], None]] = [
        progress.session_started,
        progress.socket_opened,
        progress.token_sent,
        lambda now: progress.handshake_asked_for(now, "", encrypted=True),
        progress.challenged,
        progress.handshake_completed,
    ]
    for step in steps[: list(ProbeStage).index(stage)]:
        step(walk.tick())
    since = walk.now
    progress.time_passed(since + DEADLINES.of(stage) - 0.01)
    assert not progress.stages or progress.stages[-1].stage is not stage
    progress.time_passed(since + DEADLINES.of(stage))
    assert progress.ended == ProbeEnding(ProbeEnd.SILENT)
    assert progress.stage is stage


def test_after_half_a_minute_it_is_said_that_this_takes_long_once() -> None:
    walk = Walk().joined()
    assert walk.progress.waits_until() == DEADLINES.soft
    walk.progress.time_passed(DEADLINES.soft)
    walk.progress.time_passed(DEADLINES.soft + 1)
    assert [each.stage for each in walk.told if each.words] == [ProbeStage.HANDSHAKE]
    assert walk.progress.waits_until() == 1.5 + DEADLINES.handshake


# Whatever the network says, in whatever order, there is one end, and it comes by the hard deadline.

Step = Callable[[ProbeProgress, float], None]
STEPS: list[Step] = [
    lambda progress, now: progress.session_started(now),
    lambda progress, now: progress.socket_opened(now),
    lambda progress, now: progress.token_sent(now),
    lambda progress, now: progress.handshake_asked_for(now, "3", encrypted=True),
    lambda progress, now: progress.handshake_asked_for(now, "3", encrypted=False),
    lambda progress, now: progress.challenged(now),
    lambda progress, now: progress.handshake_completed(now),
    lambda progress, now: progress.output_came(now, asked=True),
    lambda progress, now: progress.output_came(now, asked=False),
    lambda progress, now: progress.answer_came(now),
    lambda progress, now: progress.time_passed(now),
]
ENDS: list[Step] = [
    lambda progress, now: progress.closed(now, ENCRYPTION),
    lambda progress, now: progress.closed(now, ""),
    lambda progress, now: progress.refused(now, "no"),
    lambda progress, now: progress.lost(now, "gone"),
    lambda progress, now: progress.interrupted(now),
]
seconds = st.floats(0, 40, allow_nan=False)


@given(st.sampled_from(ProbeKind), st.lists(st.tuples(st.sampled_from(STEPS + ENDS), seconds), max_size=20))
def test_whatever_happens_there_is_one_end_by_the_hard_deadline(
    kind: ProbeKind, steps: list[tuple[Step, float]]
) -> None:
    walk = Walk(kind)
    first: ProbeEnding | None = None
    for step, waited in steps:
        step(walk.progress, walk.tick(waited))
        first = first or walk.progress.ended
        assert walk.progress.ended == first
    while walk.progress.ended is None:
        at = walk.progress.waits_until()
        assert at <= DEADLINES.hard
        walk.now = max(walk.now, at)
        walk.progress.time_passed(walk.now)
    stages = walk.progress.stages
    order = [list(ProbeStage).index(each.stage) for each in stages]
    assert order == list(range(len(order)))
    assert [each.state is STOPPED for each in stages] == [
        each is stages[-1] and walk.progress.ended.end is not ProbeEnd.OPENED for each in stages
    ]
    assert all(each.seconds >= 0 for each in stages)
    assert [each for each in walk.told if each.state is not StageState.UNDER_WAY] == list(stages)


@given(st.sampled_from(ProbeKind), st.lists(st.sampled_from(STEPS[:8]), max_size=20))
def test_nothing_but_an_answer_opens_a_shell_and_nothing_but_time_a_port(kind: ProbeKind, steps: list[Step]) -> None:
    walk = Walk(kind)
    for step in steps:
        step(walk.progress, walk.tick(0.01))
    assert walk.progress.ended is None
