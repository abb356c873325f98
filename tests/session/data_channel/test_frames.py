from __future__ import annotations

import contextlib
import hashlib
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.session.data_channel.frames import OUTPUT, PAUSE_PUBLICATION, Frame, MalformedFrame, decode, encode

WORDS = st.text(alphabet="abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=32)
FRAMES = st.builds(
    Frame,
    message_type=WORDS,
    sequence=st.integers(-(2**63), 2**63 - 1),
    payload=st.binary(max_size=2000),
    message_id=st.uuids(),
    created=st.integers(1, 2**64 - 1),
    payload_type=st.integers(0, 2**32 - 1),
    flags=st.integers(0, 2**64 - 1),
    schema_version=st.integers(0, 2**32 - 1),
)
IDENTIFIER = uuid.UUID("00112233-4455-6677-8899-aabbccddeeff")


@given(FRAMES)
def test_what_was_put_together_is_taken_apart(frame: Frame) -> None:
    assert decode(encode(frame)) == frame


def test_every_field_is_where_both_go_programs_look_for_it() -> None:
    data = encode(Frame(OUTPUT, 7, b"$ ", IDENTIFIER, created=1_700_000_000_000, payload_type=1, flags=1))
    assert data[:4] == (116).to_bytes(4, "big")
    assert data[4:36] == b"output_stream_data" + b" " * 14
    assert data[36:40] == (1).to_bytes(4, "big")
    assert data[40:48] == (1_700_000_000_000).to_bytes(8, "big")
    assert data[48:56] == (7).to_bytes(8, "big")
    assert data[56:64] == (1).to_bytes(8, "big")
    assert data[64:80] == bytes.fromhex("8899aabbccddeeff0011223344556677"), "the halves are swapped"
    assert data[80:112] == hashlib.sha256(b"$ ").digest()
    assert data[112:116] == (1).to_bytes(4, "big")
    assert data[116:120] == (2).to_bytes(4, "big")
    assert data[120:] == b"$ "


@given(st.binary(max_size=400))
def test_any_bytes_are_a_frame_or_malformed(data: bytes) -> None:
    try:
        frame = decode(data)
    except MalformedFrame:
        return
    assert frame.payload == data[120:]


@given(FRAMES, st.data())
def test_a_frame_that_was_changed_on_its_way_is_a_frame_or_malformed(frame: Frame, data: st.DataObject) -> None:
    changed = bytearray(encode(frame))
    for _ in range(data.draw(st.integers(1, 4))):
        where = data.draw(st.integers(0, len(changed) - 1))
        changed[where] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(changed)))
    for each in (bytes(changed), bytes(changed[:cut]), bytes(changed) + b"more"):
        with contextlib.suppress(MalformedFrame):
            decode(each)


@given(FRAMES.filter(lambda frame: bool(frame.payload)), st.data())
def test_a_payload_that_was_changed_is_noticed(frame: Frame, data: st.DataObject) -> None:
    changed = bytearray(encode(frame))
    changed[data.draw(st.integers(120, len(changed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(MalformedFrame, match="digest"):
        decode(bytes(changed))


@given(
    st.builds(
        Frame,
        message_type=st.text(max_size=40),
        sequence=st.integers(),
        payload=st.binary(max_size=10),
        message_id=st.uuids(),
        created=st.integers(),
        payload_type=st.integers(),
        flags=st.integers(),
        schema_version=st.integers(),
    )
)
def test_values_that_do_not_fit_are_malformed_and_the_others_come_back(frame: Frame) -> None:
    try:
        data = encode(frame)
    except MalformedFrame:
        return
    assert decode(data) == frame


@pytest.mark.parametrize(
    ("where", "what", "wrong"),
    [
        (slice(0, 4), (120).to_bytes(4, "big"), "a header of 120 bytes"),
        (slice(4, 36), b"\xff" * 32, "not ASCII"),
        (slice(4, 36), b" \0" * 16, "no message type"),
        (slice(40, 48), bytes(8), "no date"),
        (slice(116, 120), b"\xff" * 4, "where the header says 4294967295"),
    ],
)
def test_a_malformed_frame_says_what_is_wrong(where: slice, what: bytes, wrong: str) -> None:
    data = bytearray(encode(Frame(OUTPUT, 0, b"x", IDENTIFIER, created=1)))
    data[where] = what
    with pytest.raises(MalformedFrame, match=wrong):
        decode(bytes(data))


def test_the_services_own_notes_need_neither_date_nor_digest() -> None:
    data = bytearray(encode(Frame(PAUSE_PUBLICATION, 0, b"x", IDENTIFIER, created=1)))
    data[40:48] = bytes(8)
    data[80:112] = bytes(32)
    assert decode(bytes(data)).message_type == PAUSE_PUBLICATION


def test_what_somebody_typed_is_in_no_repr() -> None:
    assert "hunter2" not in repr(Frame(OUTPUT, 0, b"hunter2", IDENTIFIER, created=1))
