"""The channel without its socket, against a network that loses, doubles and reorders whatever it carries."""

from __future__ import annotations

import json
import random
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.session.data_channel import frames
from ssmtui.session.data_channel.conversation import Conversation, IncomingFrames, PayloadReader
from ssmtui.session.data_channel.events import ChannelEvent, HandshakeCompleted, Malformed, Output
from ssmtui.session.data_channel.frames import Frame
from ssmtui.session.data_channel.outgoing import OutgoingFrames
from ssmtui.session.data_channel.payloads import Acknowledgement, PayloadType


def conversation() -> Conversation:
    return Conversation(PayloadReader(), lambda: 1)


def frame(message_type: str, sequence: int, payload: bytes, kind: int = 0) -> bytes:
    return frames.encode(Frame(message_type, sequence, payload, uuid.UUID(int=1), created=1, payload_type=kind))


class Agent:
    """The other side, by the same rules."""

    def __init__(self) -> None:
        self._incoming_frames, self._outgoing_frames = IncomingFrames(), OutgoingFrames()
        self.heard = b""

    def say(self, payload: bytes, now: float) -> bytes:
        data = frame(frames.OUTPUT, self._outgoing_frames.next_sequence, payload, PayloadType.OUTPUT)
        self._outgoing_frames.sent(data, now)
        return data

    def received(self, data: bytes, now: float) -> list[bytes]:
        told = frames.decode(data)
        if told.message_type == frames.ACKNOWLEDGE:
            self._outgoing_frames.acknowledged(Acknowledgement.of(told.payload).sequence, now)
            return []
        arrival = self._incoming_frames.take(told)
        self.heard += b"".join(each.payload for each in arrival.delivered)
        answer = Acknowledgement(told.message_type, str(told.message_id), told.sequence)
        return [frame(frames.ACKNOWLEDGE, 0, answer.payload())]

    def due(self, now: float) -> bytes | None:
        return self._outgoing_frames.due(now)

    @property
    def is_content(self) -> bool:
        return not self._outgoing_frames.unacknowledged


@given(
    typed=st.lists(st.binary(min_size=1, max_size=20), max_size=12),
    said=st.lists(st.binary(min_size=1, max_size=20), max_size=12),
    seed=st.integers(0, 2**32),
    lost=st.floats(0, 0.6),
)
def test_whatever_the_network_does_everything_arrives_once_and_in_order(
    typed: list[bytes], said: list[bytes], seed: int, lost: float
) -> None:
    chance = random.Random(seed)  # noqa: S311 - a network, not a secret
    ours, agent, now = conversation(), Agent(), 0.0
    to_agent: list[bytes] = []
    to_us: list[bytes] = []
    shown = b""

    def carry(way: list[bytes], data: list[bytes]) -> None:
        for each in data:
            for _ in range(chance.choice((1, 1, 2))):
                if chance.random() >= lost:
                    way.insert(chance.randint(0, len(way)), each)

    for keys in typed:
        carry(to_agent, ours.send(PayloadType.OUTPUT, keys, now).sends)
    for words in said:
        carry(to_us, [agent.say(words, now)])
    while to_agent or to_us or ours.unsent or not agent.is_content:
        now += 0.1
        if to_agent:
            carry(to_us, agent.received(to_agent.pop(), now))
        if to_us:
            turn = ours.received(to_us.pop(), now)
            shown += b"".join(each.data for each in turn.events if isinstance(each, Output))
            carry(to_agent, turn.sends)
        carry(to_agent, [each for each in (ours.due(now),) if each is not None])
        carry(to_us, [each for each in (agent.due(now),) if each is not None])
    assert agent.heard == b"".join(typed)
    assert shown == b"".join(said)


KINDS = [frames.OUTPUT, frames.ACKNOWLEDGE, frames.CHANNEL_CLOSED, frames.PAUSE_PUBLICATION, "start_publication", "x"]
JSONS = st.sampled_from(
    [
        {"AgentVersion": "3", "RequestedClientActions": [{"ActionType": "KMSEncryption", "ActionParameters": {}}]},
        {"AgentVersion": "3", "RequestedClientActions": [{"ActionType": "Sing"}, {"ActionType": "SessionType"}]},
        {"AcknowledgedMessageSequenceNumber": 2**70},
        {"Challenge": "AAAA"},
        {"Output": "\ud800"},
        [],
    ]
).map(lambda value: json.dumps(value).encode())
STRANGE = st.builds(
    frame,
    st.sampled_from(KINDS),
    st.integers(-3, 5),
    st.binary(max_size=30) | JSONS,
    st.integers(0, 14),
)


@given(st.lists(st.binary(max_size=200) | st.text(max_size=40) | STRANGE, max_size=12))
def test_whatever_comes_nothing_is_raised_and_what_is_sent_is_well_formed(came: list[bytes | str]) -> None:
    ours = conversation()
    for number, each in enumerate(came):
        turn = ours.received(each, float(number))
        assert all(frames.decode(sent) for sent in turn.sends)


def test_lone_surrogates_in_a_text_frame_are_malformed() -> None:
    assert [type(each) for each in conversation().received("\ud800", 0.0).events] == [Malformed]


REQUESTED = PayloadType.HANDSHAKE_REQUEST, {"AgentVersion": "3.3.0.0", "RequestedClientActions": []}
COMPLETED = PayloadType.HANDSHAKE_COMPLETE, {"HandshakeTimeToComplete": 1, "CustomerMessage": ""}


@pytest.mark.parametrize(
    ("said", "last"),
    [
        ((REQUESTED, COMPLETED), HandshakeCompleted),
        ((REQUESTED, REQUESTED), Malformed),
        ((REQUESTED, COMPLETED, COMPLETED), Malformed),
    ],
)
def test_a_session_has_one_handshake(
    said: tuple[tuple[PayloadType, dict[str, object]], ...], last: type[ChannelEvent]
) -> None:
    ours = conversation()
    turns = [
        ours.received(frame(frames.OUTPUT, number, json.dumps(payload).encode(), kind), float(number))
        for number, (kind, payload) in enumerate(said)
    ]
    assert type(turns[-1].events[-1]) is last


def test_a_frame_that_others_have_overtaken_goes_out_with_the_acknowledgement_unless_publication_is_paused() -> None:
    talk = conversation()
    sent = talk.send(PayloadType.OUTPUT, bytes(8 * frames.CHUNK), now=0.0).sends

    def acknowledged(sequence: int) -> list[bytes]:
        told = Acknowledgement(frames.INPUT, "", sequence).payload()
        return talk.received(frame(frames.ACKNOWLEDGE, 0, told), now=0.01).sends

    assert acknowledged(3) == [sent[0]]
    talk.received(frame(frames.PAUSE_PUBLICATION, 0, b""), now=0.01)
    assert acknowledged(7) == []
