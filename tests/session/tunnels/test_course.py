from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.model.tunnel import TunnelState
from ssmtui.session.tunnels.course import (
    GIVE_UP,
    STEADY,
    AwaitUse,
    CloseAsked,
    Course,
    Ended,
    GoOn,
    Happening,
    OpenSession,
    Pause,
    PauseOver,
    PortOpened,
    ReopenAsked,
    Slept,
    Step,
    Stop,
    Wanted,
    after,
)

LOST = Ended("the plugin ended")
OPEN = after(Course(), PortOpened(), 0.0, 0.5)[0]


def gone_through(course: Course, *happenings: tuple[float, Happening]) -> tuple[Course, Step]:
    """The course after these, each at its time, and what is done about the last."""
    step: Step = GoOn()
    for now, happening in happenings:
        course, step = after(course, happening, now, 0.5)
    return course, step


def test_it_is_open_when_the_port_is() -> None:
    assert Course(TunnelState.OPEN, sessions=1) == OPEN
    assert OPEN.reopened == 0


def test_one_that_does_not_open_at_first_has_failed_with_why() -> None:
    course, step = after(Course(), Ended("the node is not connected"), 1.0, 0.5)
    assert (course.state, course.why, step) == (TunnelState.FAILED, "the node is not connected", Stop())


def test_one_that_is_lost_is_opened_anew_at_once_and_said_why() -> None:
    course, step = after(OPEN, LOST, 3600.0, 0.5)
    assert (course.state, course.why, step) == (TunnelState.REOPENING, "the plugin ended", OpenSession())
    course, step = after(course, PortOpened(), 3602.0, 0.5)
    assert (course.state, course.reopened, course.why, step) == (TunnelState.OPEN, 1, "the plugin ended", GoOn())


def test_pauses_grow_to_a_minute() -> None:
    course, now, pauses = OPEN, STEADY, []
    for _ in range(9):
        course, step = after(course, LOST, now, 0.5)
        if isinstance(step, Pause):
            pauses.append(step.seconds)
            now += step.seconds
            course, step = after(course, PauseOver(), now, 0.5)
        assert step == OpenSession()
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]


def test_sessions_that_do_not_hold_are_one_trouble() -> None:
    """Opened and lost again within a second: without pauses that would be a thousand sessions an hour."""
    course, step = gone_through(OPEN, (STEADY, LOST), (STEADY + 1, PortOpened()), (STEADY + 2, LOST))
    assert step == Pause(1.0)
    assert course.trouble == STEADY


def test_a_session_that_held_ends_the_trouble() -> None:
    _, step = gone_through(OPEN, (STEADY, LOST), (100.0, PortOpened()), (100.0 + STEADY, LOST))
    assert step == OpenSession()


def test_there_is_an_end_to_it() -> None:
    lost = after(OPEN, LOST, STEADY, 0.5)[0]
    assert after(lost, LOST, STEADY + GIVE_UP - 1, 0.5)[0].state is TunnelState.REOPENING
    course, step = after(lost, LOST, STEADY + GIVE_UP, 0.5)
    assert (course.state, course.why, step) == (TunnelState.FAILED, "the plugin ended", Stop())


def test_what_would_change_nothing_is_not_tried_again() -> None:
    course, step = after(OPEN, Ended("refused", for_good=True), STEADY, 0.5)
    assert (course.state, course.why, step) == (TunnelState.FAILED, "refused", Stop())


@pytest.mark.parametrize("state", [TunnelState.OPEN, TunnelState.REOPENING])
def test_after_sleep_a_session_is_opened_anew_whatever_was_waited_for(state: TunnelState) -> None:
    course, step = after(replace(OPEN, state=state, failures=7, trouble=1.0), Slept(5400.0), 99.0, 0.5)
    assert (course.state, course.why, step) == (
        TunnelState.REOPENING,
        "this computer slept for 1 h 30 min",
        OpenSession(),
    )
    assert (course.failures, course.trouble) == (0, None)


@pytest.mark.parametrize("state", TunnelState)
def test_a_person_can_have_any_opened_anew(state: TunnelState) -> None:
    course, step = after(replace(OPEN, state=state), ReopenAsked(), 1.0, 0.5)
    assert (course.state, step) == (TunnelState.REOPENING, OpenSession())


def test_one_that_nobody_used_is_opened_when_somebody_does() -> None:
    idle, step = after(OPEN, Ended("idle for 20 minutes", idle=True), 1200.0, 0.5)
    assert (idle.state, idle.why, step) == (TunnelState.IDLE, "idle for 20 minutes", AwaitUse())
    assert after(idle, Slept(7200.0), 1300.0, 0.5) == (idle, GoOn())
    wanted, step = after(idle, Wanted(), 1300.0, 0.5)
    assert (wanted.state, step) == (TunnelState.REOPENING, OpenSession())
    assert after(OPEN, Wanted(), 1.0, 0.5) == (OPEN, GoOn())


def test_a_pause_that_ends_late_does_nothing() -> None:
    assert after(OPEN, PauseOver(), 1.0, 0.5) == (OPEN, GoOn())


@pytest.mark.parametrize("state", [TunnelState.CLOSED, TunnelState.FAILED])
@pytest.mark.parametrize("happening", [LOST, PortOpened(), PauseOver(), Slept(60.0)])
def test_what_is_over_stays_so(state: TunnelState, happening: Happening) -> None:
    over = replace(OPEN, state=state)
    assert after(over, happening, 1.0, 0.5) == (over, GoOn())


HAPPENINGS = st.one_of(
    st.just(PortOpened()),
    st.builds(Ended, st.just("lost"), st.booleans(), st.booleans(), st.booleans()),
    st.just(Wanted()),
    st.builds(Slept, st.floats(30, 1e6)),
    st.just(PauseOver()),
    st.just(ReopenAsked()),
    st.just(CloseAsked()),
)


@given(st.lists(st.tuples(st.floats(0, 7200), HAPPENINGS, st.floats(0, 1))))
def test_whatever_happens_it_is_stopped_where_it_is_over_and_pauses_are_short(
    row: list[tuple[float, Happening, float]],
) -> None:
    course, now = Course(), 0.0
    for passed, happening, chance in row:
        now += passed
        before = course
        course, step = after(course, happening, now, chance)
        over = course.state in {TunnelState.CLOSED, TunnelState.FAILED}
        if course.state is not before.state and over:
            assert step == Stop()
        if isinstance(step, Pause):
            assert 0 < step.seconds <= 75
        if isinstance(step, OpenSession | Pause):
            assert course.state in {TunnelState.OPENING, TunnelState.REOPENING}
