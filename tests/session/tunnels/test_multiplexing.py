from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.session.tunnels.multiplexing import Command, MalformedMuxFrame, MuxFrame, MuxReader, encode

FRAMES = st.one_of(
    st.builds(MuxFrame, st.sampled_from(Command), st.integers(0, 2**32 - 1)).filter(
        lambda f: f.command != Command.DATA
    ),
    st.builds(MuxFrame, st.just(Command.DATA), st.integers(0, 2**32 - 1), st.binary(min_size=1, max_size=200)),
)


def joined(frames: list[MuxFrame]) -> list[MuxFrame]:
    """The frames, where parts of data that follow each other on a connection are one."""
    told: list[MuxFrame] = []
    for each in frames:
        last = told[-1] if told else None
        if last is not None and (last.command, last.connection) == (Command.DATA, each.connection) == (
            each.command,
            last.connection,
        ):
            told[-1] = MuxFrame(Command.DATA, each.connection, last.data + each.data)
        else:
            told.append(each)
    return told


@given(st.lists(FRAMES, max_size=20), st.lists(st.integers(1, 300), min_size=1))
def test_frames_are_read_as_they_were_written_wherever_the_bytes_are_cut(
    frames: list[MuxFrame], sizes: list[int]
) -> None:
    reader, left, read = MuxReader(), b"".join(map(encode, frames)), []
    turn = 0
    while left:
        size = sizes[turn % len(sizes)]
        read += list(reader.read(left[:size]))
        left, turn = left[size:], turn + 1
    assert joined(read) == joined(frames)


def test_the_bytes_are_those_of_smux() -> None:
    assert encode(MuxFrame(Command.DATA, 3, b"abc")) == b"\x01\x02\x03\x00\x03\x00\x00\x00abc"
    assert encode(MuxFrame(Command.CLOSE, 0x01020304)) == b"\x01\x01\x00\x00\x04\x03\x02\x01"


def test_a_length_counts_for_data_only_as_in_smux() -> None:
    read = list(MuxReader().read(b"\x01\x00\xff\xff\x05\x00\x00\x00" + encode(MuxFrame(Command.DATA, 5, b"x"))))
    assert read == [MuxFrame(Command.OPEN, 5), MuxFrame(Command.DATA, 5, b"x")]


@pytest.mark.parametrize("header", [b"\x02\x02\x00\x00\x03\0\0\0", b"\x01\x04\x08\x00\x03\0\0\0", b"\x00" * 8])
def test_what_is_not_version_one_is_no_frame(header: bytes) -> None:
    with pytest.raises(MalformedMuxFrame):
        list(MuxReader().read(header))


def test_a_frame_does_not_show_its_data() -> None:
    assert "canary" not in repr(MuxFrame(Command.DATA, 3, b"canary"))


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        list(MuxReader().read(data))
    except MalformedMuxFrame:
        return
