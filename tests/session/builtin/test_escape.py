from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.session.builtin_client import EscapeDetector


@pytest.mark.parametrize(
    ("typed", "sent", "ended"),
    [
        (b"ls\r", b"ls\r", False),
        (b"~.", b"", True),
        (b"ls\r~.rest", b"ls\r", True),
        (b"ls\n~.", b"ls\n", True),
        (b"cd ~.", b"cd ~.", False),
        (b"~~", b"~", False),
        (b"~~.", b"~.", False),
        (b"~/bin", b"~/bin", False),
        (b"~\r~.", b"~\r", True),
        (b"\x03\r\x1b[A", b"\x03\r\x1b[A", False),
    ],
)
def test_the_escape_ends_it_at_the_beginning_of_a_line_alone(typed: bytes, sent: bytes, *, ended: bool) -> None:
    whole, split = EscapeDetector(), EscapeDetector()
    assert (whole.typed(typed), whole.ended) == (sent, ended)
    pieces = []
    for number in typed:
        pieces.append(split.typed(bytes((number,))))
        if split.ended:
            break
    assert (b"".join(pieces), split.ended) == (sent, ended)


@given(st.binary(max_size=100).filter(lambda keys: b"~" not in keys))
def test_whatever_else_is_typed_is_sent_as_it_is(keys: bytes) -> None:
    escape = EscapeDetector()
    assert escape.typed(keys) == keys
    assert not escape.ended
