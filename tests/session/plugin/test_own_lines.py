"""A command's output for a script: what the plugin writes around it is taken away, and not a byte of its own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.session.plugin.output import CommandOutputFilter

ID = "jane-0123456789abcdef0"
FIRST = f"\nStarting session with SessionId: {ID}\n".encode()
LAST = f"\n\nExiting session with sessionId: {ID}.\n\n".encode()
TOLD = f"\n\nSessionId: {ID} : the worker\n\n crashed\n\n".encode()


def alone(*pieces: bytes) -> bytes:
    filtered = CommandOutputFilter(ID)
    return b"".join([*map(filtered.pass_on, pieces), filtered.rest()])


@pytest.mark.parametrize(
    "last",
    [
        LAST,
        b"EXIT_CODE: 0" + LAST,
        b"EXIT_CODE: 127" + LAST,
        b"EXIT_CODE: -1073741510" + LAST,
        TOLD,
        b"EXIT_CODE: 1" + TOLD,
        b"",
    ],
)
@given(
    output=st.one_of(
        st.binary(max_size=200),
        st.sampled_from((b"", b"a\n", b"\n\n", b"EXIT_CODE: 1\nE", b"EXIT_CODE: ", b"EXIT_CODE: -", LAST + b"$")),
    ),
    size=st.integers(1, 50),
)
def test_the_output_is_all_that_is_left_however_it_was_cut(last: bytes, output: bytes, size: int) -> None:
    whole = FIRST + output + last
    assert alone(*(whole[place : place + size] for place in range(0, len(whole), size))) == output
    assert alone(whole) == output


def test_what_cannot_be_the_last_line_is_passed_on_at_once() -> None:
    filtered = CommandOutputFilter(ID)
    assert filtered.pass_on(FIRST) == b""
    assert filtered.pass_on(b"line 1\nline 2\n") == b"line 1\nline 2"
    assert filtered.pass_on(b"x") == b"\nx"
    assert filtered.pass_on(b"EXIT_CODE: 1 is what it said") == b"EXIT_CODE: 1 is what it said"


def test_a_plugin_that_writes_something_else_is_passed_on() -> None:
    assert alone(b"\nUnknown operation\n") == b"\nUnknown operation\n"
    assert alone(b"\nStart") == b"\nStart"
