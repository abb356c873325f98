"""The message on the wire: as it was, whatever it holds, and nothing but its own error for what is none."""

from __future__ import annotations

import hashlib
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.simulator.gateway.channel import (
    INPUT,
    OUTPUT,
    Frame,
    FrameError,
    PayloadType,
    acknowledgement,
    channel_closed,
    json_in,
    packed,
    unpacked,
)

ID = UUID("00112233-4455-6677-8899-aabbccddeeff")


def test_every_field_has_its_place() -> None:
    data = packed(Frame(OUTPUT, b"hello", PayloadType.OUTPUT, sequence=7, flags=1, id=ID))
    assert data[:4] == (116).to_bytes(4)
    assert data[4:36] == b"output_stream_data".ljust(32)
    assert data[36:40] == (1).to_bytes(4)
    assert int.from_bytes(data[40:48]) > 1_700_000_000_000
    assert data[48:64] == (7).to_bytes(8) + (1).to_bytes(8)
    assert data[64:80] == ID.bytes[8:] + ID.bytes[:8]
    assert data[80:112] == hashlib.sha256(b"hello").digest()
    assert data[112:] == (1).to_bytes(4) + (5).to_bytes(4) + b"hello"


@given(st.binary(max_size=2000), st.sampled_from(PayloadType), st.integers(0, 2**40), st.uuids())
def test_a_message_comes_back_as_it_was(payload: bytes, kind: PayloadType, sequence: int, id_: UUID) -> None:
    frame = Frame(INPUT, payload, kind, sequence, sequence % 4, id_)
    assert unpacked(packed(frame)) == frame


@given(st.binary(max_size=300) | st.binary(min_size=120, max_size=130))
def test_what_is_no_message_raises_its_own_error(data: bytes) -> None:
    with pytest.raises(FrameError):
        unpacked(data)


@given(st.binary(max_size=50))
def test_a_payload_that_is_no_object_raises_it_too(payload: bytes) -> None:
    try:
        told = json_in(payload)
    except FrameError:
        return
    assert isinstance(told, dict)


def test_an_acknowledgement_names_what_it_is_for() -> None:
    frame = acknowledgement(Frame(INPUT, b"", sequence=3, id=ID))
    assert (frame.type, frame.flags) == ("acknowledge", 3)
    assert json_in(frame.payload) == {
        "AcknowledgedMessageType": INPUT,
        "AcknowledgedMessageId": str(ID),
        "AcknowledgedMessageSequenceNumber": 3,
        "IsSequentialMessage": True,
    }


def test_the_end_is_told_with_its_text() -> None:
    told = json_in(channel_closed("alex-1", "i-1", "why").payload)
    assert (told["SessionId"], told["DestinationId"], told["Output"]) == ("alex-1", "i-1", "why")
