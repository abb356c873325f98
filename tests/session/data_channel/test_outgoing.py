from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.session.data_channel.outgoing import OutgoingFrames, RetransmissionTiming, UnacknowledgedError


def test_what_is_not_acknowledged_in_time_is_sent_again() -> None:
    outgoing = OutgoingFrames()
    outgoing.sent(b"zero", 10.0)
    assert outgoing.due(10.19) is None
    assert outgoing.due_at() == pytest.approx(10.2)
    assert outgoing.due(10.2) == b"zero"
    assert outgoing.due(10.3) is None
    outgoing.acknowledged(0, 10.35)
    assert (outgoing.due(99.0), outgoing.due_at(), outgoing.unacknowledged) == (None, None, 0)


def test_the_oldest_is_sent_again_first() -> None:
    outgoing = OutgoingFrames()
    outgoing.sent(b"zero", 0.0)
    outgoing.sent(b"one", 0.0)
    outgoing.acknowledged(0, 0.1)
    assert outgoing.due(5.0) == b"one"


def test_what_is_never_acknowledged_is_given_up() -> None:
    outgoing = OutgoingFrames(RetransmissionTiming(first=1.0, resends=2))
    outgoing.sent(b"zero", 0.0)
    assert (outgoing.due(1.0), outgoing.due(2.0)) == (b"zero", b"zero")
    with pytest.raises(UnacknowledgedError):
        outgoing.due(3.0)


def test_a_slow_network_is_waited_for_longer_but_for_no_more_than_a_second() -> None:
    outgoing = OutgoingFrames()
    for number in range(20):
        outgoing.sent(b"", float(number))
        outgoing.acknowledged(number, number + 0.9)
    outgoing.sent(b"", 100.0)
    assert outgoing.due_at() is not None
    assert 100.8 < (outgoing.due_at() or 0) <= 101.0


def test_what_was_sent_twice_says_nothing_of_the_network() -> None:
    outgoing = OutgoingFrames()
    outgoing.sent(b"", 0.0)
    outgoing.due(0.2)
    outgoing.acknowledged(0, 50.0)
    outgoing.sent(b"", 60.0)
    assert outgoing.due_at() == pytest.approx(60.2)


def test_a_new_connection_is_sent_everything_that_is_on_its_way() -> None:
    outgoing = OutgoingFrames()
    for each in (b"zero", b"one", b"two"):
        outgoing.sent(each, 0.0)
    outgoing.acknowledged(1, 0.1)
    assert outgoing.again(7.0) == (b"zero", b"two")
    assert outgoing.due(7.05) is None
    assert outgoing.next_sequence == 3


def test_what_later_frames_have_overtaken_is_sent_again_at_once() -> None:
    outgoing = OutgoingFrames()
    for number in range(8):
        outgoing.sent(str(number).encode(), 0.0)
    assert outgoing.acknowledged(2, 0.01) == ()  # two frames may only have changed places
    assert outgoing.acknowledged(6, 0.01) == (b"0", b"1", b"3")
    assert outgoing.acknowledged(7, 0.02) == (b"4",)
    assert outgoing.due(0.02) is None


def test_while_others_are_acknowledged_the_other_side_is_only_busy() -> None:
    outgoing = OutgoingFrames()
    for number in range(3):
        outgoing.sent(str(number).encode(), 0.0)
    outgoing.acknowledged(1, 0.15)
    assert outgoing.due(0.3) is None
    assert outgoing.due(0.36) == b"0"


def test_what_was_sent_again_and_lost_again_is_found_by_what_was_sent_a_timeout_later() -> None:
    outgoing = OutgoingFrames()
    outgoing.sent(b"0", 0.0)
    assert outgoing.due(0.2) == b"0"
    for number, sent_at, lost in ((1, 0.3, ()), (2, 0.3, ()), (3, 0.3, ()), (4, 0.9, (b"0",))):
        outgoing.sent(str(number).encode(), sent_at)
        assert outgoing.acknowledged(number, sent_at + 0.05) == lost


def sent_until_full(outgoing: OutgoingFrames, now: float) -> int:
    """How many frames more may be on their way."""
    count = 0
    while not outgoing.full:
        outgoing.sent(b"", now)
        count += 1
    return count


def test_more_is_sent_at_a_time_while_all_arrives_up_to_a_megabyte() -> None:
    outgoing, windows, arrived = OutgoingFrames(), [], 0
    for turn in range(6):
        windows.append(sent_until_full(outgoing, turn))
        while arrived < outgoing.next_sequence:
            outgoing.acknowledged(arrived, turn + 0.05)
            arrived += 1
    assert windows == [64, 128, 256, 512, 1000, 1000]


def test_after_a_loss_half_as_much_is_sent_at_a_time_once_for_all_that_was_on_its_way() -> None:
    outgoing = OutgoingFrames()
    sent_until_full(outgoing, 0.0)
    again = [frame for number in range(10, 64) for frame in outgoing.acknowledged(number, 0.05)]
    assert len(again) == 10
    for number in range(10):
        outgoing.acknowledged(number, 0.1)
    assert 32 <= sent_until_full(outgoing, 0.2) <= 35


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.floats(0.0, 0.5)), min_size=1, max_size=60))
def test_whatever_the_network_loses_everything_arrives(steps: list[tuple[bool, bool, float]]) -> None:
    outgoing, now = OutgoingFrames(), 0.0
    arrived: set[int] = set()
    for lost, acknowledgement_lost, taken in steps:
        sequence = outgoing.next_sequence
        outgoing.sent(str(sequence).encode(), now)
        if not lost:
            arrived.add(sequence)
            if not acknowledgement_lost:
                outgoing.acknowledged(sequence, now + taken)
        now += taken
    while (due_at := outgoing.due_at()) is not None:
        now = max(now, due_at)
        again = outgoing.due(now)
        assert again is not None
        arrived.add(int(again))
        outgoing.acknowledged(int(again), now + 0.1)
    assert arrived == set(range(len(steps)))
    assert outgoing.unacknowledged == 0


@given(st.lists(st.integers(-5, 40), max_size=80))
def test_acknowledgements_of_anything_leave_only_what_is_not_acknowledged(told: list[int]) -> None:
    outgoing = OutgoingFrames()
    for _ in range(30):
        outgoing.sent(b"", 0.0)
    for sequence in told:
        outgoing.acknowledged(sequence, 0.1)
    assert outgoing.unacknowledged == len(set(range(30)) - set(told))
