from __future__ import annotations

import uuid

from hypothesis import given
from hypothesis import strategies as st

from ssmtui.session.data_channel.conversation import FrameArrival, IncomingFrames
from ssmtui.session.data_channel.frames import OUTPUT, Frame


def frame(sequence: int, payload: bytes = b"x") -> Frame:
    return Frame(OUTPUT, sequence, payload, uuid.UUID(int=1), created=1)


def test_a_frame_in_its_turn_is_delivered() -> None:
    incoming = IncomingFrames()
    assert incoming.take(frame(0)) == FrameArrival(acknowledged=True, delivered=(frame(0),))
    assert incoming.take(frame(1)) == FrameArrival(acknowledged=True, delivered=(frame(1),))


def test_a_frame_out_of_order_is_kept_until_its_turn() -> None:
    incoming = IncomingFrames()
    assert incoming.take(frame(2)) == FrameArrival(acknowledged=True)
    assert incoming.take(frame(1)) == FrameArrival(acknowledged=True)
    assert incoming.take(frame(0)) == FrameArrival(acknowledged=True, delivered=(frame(0), frame(1), frame(2)))
    assert incoming.waiting == 0


def test_a_frame_that_was_here_before_is_acknowledged_again() -> None:
    incoming = IncomingFrames()
    incoming.take(frame(0))
    incoming.take(frame(2))
    assert incoming.take(frame(0)) == FrameArrival(acknowledged=True)
    assert incoming.take(frame(2)) == FrameArrival(acknowledged=True)


def test_what_does_not_fit_into_the_buffer_is_left_to_be_sent_again() -> None:
    few = IncomingFrames(frames_kept=1)
    few.take(frame(1))
    assert few.take(frame(2)) == FrameArrival(acknowledged=False)
    small = IncomingFrames(bytes_kept=3)
    assert small.take(frame(1, b"abcd")) == FrameArrival(acknowledged=False)
    assert small.take(frame(2, b"abc")) == FrameArrival(acknowledged=True)
    small.take(frame(0))
    small.take(frame(1))
    assert small.take(frame(4, b"abc")) == FrameArrival(acknowledged=True), "what was delivered makes room"


@given(st.lists(st.integers(0, 30), max_size=200), st.integers(0, 8))
def test_whatever_the_network_does_each_frame_is_delivered_once_and_in_order(order: list[int], kept: int) -> None:
    incoming = IncomingFrames(frames_kept=kept)
    delivered: list[int] = []
    acknowledged: set[int] = set()
    for sequence in [*order, *range(31)]:
        arrival = incoming.take(frame(sequence))
        delivered += [each.sequence for each in arrival.delivered]
        if arrival.acknowledged:
            acknowledged.add(sequence)
        assert incoming.waiting <= kept
    assert delivered == list(range(31))
    assert acknowledged == set(range(31)), "whatever was delivered was acknowledged"
