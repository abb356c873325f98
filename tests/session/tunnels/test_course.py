from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.model.sessions import TunnelState
from ssmtui.session.tunnels.state_machine import (
    GIVE_UP,
    STEADY,
    AwaitUse,
    CloseRequested,
    ComputerSlept,
    ConnectionWaiting,
    KeepState,
    Pause,
    PauseOver,
    PortOpened,
    ReopenRequested,
    StartSession,
    Stop,
    TunnelAction,
    TunnelEvent,
    TunnelLifecycle,
    TunnelSessionEnd,
    next_state,
)

LOST = TunnelSessionEnd("the plugin ended")
OPEN = next_state(TunnelLifecycle(), PortOpened(), 0.0, 0.5)[0]


def gone_through(
    lifecycle: TunnelLifecycle, *happenings: tuple[float, TunnelEvent]
) -> tuple[TunnelLifecycle, TunnelAction]:
    """The course after these, each at its time, and what is done about the last."""
    step: TunnelAction = KeepState()
    for now, happening in happenings:
        lifecycle, step = next_state(lifecycle, happening, now, 0.5)
    return lifecycle, step


def test_it_is_open_when_the_port_is() -> None:
    assert TunnelLifecycle(TunnelState.OPEN, sessions=1) == OPEN
    assert OPEN.reopened == 0


def test_one_that_does_not_open_at_first_has_failed_with_why() -> None:
    lifecycle, step = next_state(TunnelLifecycle(), TunnelSessionEnd("the node is not connected"), 1.0, 0.5)
    assert (lifecycle.state, lifecycle.why, step) == (TunnelState.FAILED, "the node is not connected", Stop())


def test_one_that_is_lost_is_opened_anew_at_once_and_said_why() -> None:
    lifecycle, step = next_state(OPEN, LOST, 3600.0, 0.5)
    assert (lifecycle.state, lifecycle.why, step) == (TunnelState.REOPENING, "the plugin ended", StartSession())
    lifecycle, step = next_state(lifecycle, PortOpened(), 3602.0, 0.5)
    assert (lifecycle.state, lifecycle.reopened, lifecycle.why, step) == (
        TunnelState.OPEN,
        1,
        "the plugin ended",
        KeepState(),
    )


def test_pauses_grow_to_a_minute() -> None:
    lifecycle, now, pauses = OPEN, STEADY, []
    for _ in range(9):
        lifecycle, step = next_state(lifecycle, LOST, now, 0.5)
        if isinstance(step, Pause):
            pauses.append(step.seconds)
            now += step.seconds
            lifecycle, step = next_state(lifecycle, PauseOver(), now, 0.5)
        assert step == StartSession()
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]


def test_sessions_that_do_not_hold_are_one_trouble() -> None:
    """Opened and lost again within a second: without pauses that would be a thousand sessions an hour."""
    lifecycle, step = gone_through(OPEN, (STEADY, LOST), (STEADY + 1, PortOpened()), (STEADY + 2, LOST))
    assert step == Pause(1.0)
    assert lifecycle.trouble == STEADY


def test_a_session_that_held_ends_the_trouble() -> None:
    _, step = gone_through(OPEN, (STEADY, LOST), (100.0, PortOpened()), (100.0 + STEADY, LOST))
    assert step == StartSession()


def test_there_is_an_end_to_it() -> None:
    lost = next_state(OPEN, LOST, STEADY, 0.5)[0]
    assert next_state(lost, LOST, STEADY + GIVE_UP - 1, 0.5)[0].state is TunnelState.REOPENING
    lifecycle, step = next_state(lost, LOST, STEADY + GIVE_UP, 0.5)
    assert (lifecycle.state, lifecycle.why, step) == (TunnelState.FAILED, "the plugin ended", Stop())


def test_what_would_change_nothing_is_not_tried_again() -> None:
    lifecycle, step = next_state(OPEN, TunnelSessionEnd("refused", for_good=True), STEADY, 0.5)
    assert (lifecycle.state, lifecycle.why, step) == (TunnelState.FAILED, "refused", Stop())


@pytest.mark.parametrize("state", [TunnelState.OPEN, TunnelState.REOPENING])
def test_after_sleep_a_session_is_opened_anew_whatever_was_waited_for(state: TunnelState) -> None:
    lifecycle, step = next_state(replace(OPEN, state=state, failures=7, trouble=1.0), ComputerSlept(5400.0), 99.0, 0.5)
    assert (lifecycle.state, lifecycle.why, step) == (
        TunnelState.REOPENING,
        "this computer was asleep for 1 h 30 min",
        StartSession(),
    )
    assert (lifecycle.failures, lifecycle.trouble) == (0, None)


@pytest.mark.parametrize("state", TunnelState)
def test_a_person_can_have_any_opened_anew(state: TunnelState) -> None:
    lifecycle, step = next_state(replace(OPEN, state=state), ReopenRequested(), 1.0, 0.5)
    assert (lifecycle.state, step) == (TunnelState.REOPENING, StartSession())


def test_one_that_nobody_used_is_opened_when_somebody_does() -> None:
    idle, step = next_state(OPEN, TunnelSessionEnd("idle for 20 minutes", idle=True), 1200.0, 0.5)
    assert (idle.state, idle.why, step) == (TunnelState.IDLE, "idle for 20 minutes", AwaitUse())
    assert next_state(idle, ComputerSlept(7200.0), 1300.0, 0.5) == (idle, KeepState())
    wanted, step = next_state(idle, ConnectionWaiting(), 1300.0, 0.5)
    assert (wanted.state, step) == (TunnelState.REOPENING, StartSession())
    assert next_state(OPEN, ConnectionWaiting(), 1.0, 0.5) == (OPEN, KeepState())


def test_a_pause_that_ends_late_does_nothing() -> None:
    assert next_state(OPEN, PauseOver(), 1.0, 0.5) == (OPEN, KeepState())


@pytest.mark.parametrize("state", [TunnelState.CLOSED, TunnelState.FAILED])
@pytest.mark.parametrize("happening", [LOST, PortOpened(), PauseOver(), ComputerSlept(60.0)])
def test_what_is_over_stays_so(state: TunnelState, happening: TunnelEvent) -> None:
    over = replace(OPEN, state=state)
    assert next_state(over, happening, 1.0, 0.5) == (over, KeepState())


HAPPENINGS = st.one_of(
    st.just(PortOpened()),
    st.builds(TunnelSessionEnd, st.just("lost"), st.booleans(), st.booleans(), st.booleans()),
    st.just(ConnectionWaiting()),
    st.builds(ComputerSlept, st.floats(30, 1e6)),
    st.just(PauseOver()),
    st.just(ReopenRequested()),
    st.just(CloseRequested()),
)


@given(st.lists(st.tuples(st.floats(0, 7200), HAPPENINGS, st.floats(0, 1))))
def test_whatever_happens_it_is_stopped_where_it_is_over_and_pauses_are_short(
    row: list[tuple[float, TunnelEvent, float]],
) -> None:
    lifecycle, now = TunnelLifecycle(), 0.0
    for passed, happening, chance in row:
        now += passed
        before = lifecycle
        lifecycle, step = next_state(lifecycle, happening, now, chance)
        over = lifecycle.state in {TunnelState.CLOSED, TunnelState.FAILED}
        if lifecycle.state is not before.state and over:
            assert step == Stop()
        if isinstance(step, Pause):
            assert 0 < step.seconds <= 75
        if isinstance(step, StartSession | Pause):
            assert lifecycle.state in {TunnelState.OPENING, TunnelState.REOPENING}
