"""Whatever a terminal sends, keys that follow are heard."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events

from ssmtui.ui.app.terminal import INTERRUPT_SECONDS, LONGEST_PASTE, KeyStream

pytest.importorskip("termios")


BEGINNINGS = [b"\x1b[200~", b"\x1b[201~", b"\x1b[", b"\x1b[9999999", b";"]


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def heard(*pieces: bytes) -> list[str]:
    """What is heard of pieces: keys by their names, pastes as they are, other events by their kinds."""
    stream = KeyStream(Clock())
    return [_word(event) for piece in pieces for event in stream.feed(piece)]


def _word(event: object) -> str:
    match event:
        case events.Key(key=key):
            return str(key)
        case events.Paste(text=text):
            return f"<{text}>"
    return type(event).__name__


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (b"caf\xe9q", ["c", "a", "f", "replacement_character", "q"]),
        (b"\xc3\xa9\xff\xfeq", ["é", "replacement_character", "replacement_character", "q"]),
        (b"\x1b[200~caf\xe9\x1b[201~q", ["<caf\ufffd>", "q"]),
        (b"\x1b[1114112uq", ["q"]),
        (b"\x1b[99999999999999999999uq", ["q"]),
        (b"\x1b[55296uq", ["q"]),
        (b"\x1b[97;1;55296uq", ["q"]),
        (b"\x1b[97:65;2uq", ["q"]),
        (b"\x1b[97;1:3uq", ["q"]),
        (b"\x1b[113uq", ["q", "q"]),
        (b"\x1b[48;24;80;0;0t\x1b[<0;5;6Mq", ["Resize", "MouseDown", "q"]),
        (b"\x1b[48;0;0;0;0t\x1b[<0;5;6Mq", ["MouseDown", "q"]),
        (b"\x1b[48;999999;999999;9;9tq", ["q"]),
        (b"\x1b[<0;99999999999999;6Mq", ["MouseDown", "q"]),
        (b"\x1b[Aq", ["up", "q"]),
        (b"\x1b]0;a title\x07q", ["q"]),
        (b"\x1b]11;rgb:00/00/00\x1b\\q", ["q"]),
        (b"\x1bP>|xterm(1)\x1b\\\x1b[A", ["up"]),
        (b"\x1b]52;c;" + b"qqqq" * 5_000 + b"\x1b\\q", ["q"]),
        (b"\x1b]0;never ended\x1b[Aq", ["up", "q"]),
        (b"\x1b_one\x1b]two\x1bPthree\x03q", ["ctrl+c", "q"]),
        (b"\x1b]0;x\x1b[200~pasted\x1b[201~q", ["<pasted>", "q"]),
        (b"\x1b]0;x\x18q", ["q"]),
        ("é".encode(), ["é"]),
    ],
)
def test_what_cannot_be_is_left_out_and_what_follows_is_heard(sent: bytes, told: list[str]) -> None:
    assert heard(sent) == told


@pytest.mark.parametrize("at", range(1, 14))
def test_a_paste_is_the_same_wherever_the_terminal_cuts_it(at: int) -> None:
    sent = b"a\x1b[200~x\x1b[201~q"
    assert heard(sent[:at], sent[at:]) == ["a", "<x>", "q"]


def test_what_is_pasted_is_never_heard_as_keys() -> None:
    text = "\x1b[A\x1bq" + "z" * 40
    assert heard(b"\x1b[200~" + text.encode() + b"\x1b[201~q") == [f"<{text}>", "q"]


def test_a_paste_that_never_ends_ends_by_ctrl_c_once_nothing_more_comes() -> None:
    clock = Clock()
    stream = KeyStream(clock)
    told = [*stream.feed(b"\x1b[200~half a "), *stream.feed(b"\x03"), *stream.feed(b" paste")]
    clock.now += INTERRUPT_SECONDS
    told += stream.feed(b"\x03")
    assert [_word(event) for event in told] == ["<half a \x03 paste>", "ctrl+c"]


@given(
    st.lists(st.binary(max_size=12) | st.sampled_from([b"\x1b[200~", b"\x1b[201~", b"\x1b[", b"\x1b[9999999", b";"]))
)
def test_no_bytes_at_all_end_the_stream(pieces: list[bytes]) -> None:
    stream = KeyStream(Clock())
    for piece in pieces:
        list(stream.feed(piece))
    told = list(stream.feed(b"\x1b[201~" + b"\x1b[A" * 20))
    assert _word(told[-1]) == "up"


@pytest.mark.parametrize("one", [b"a", b"\x1b", b"\x1b[200~", b"\x1b[9"])
def test_thousands_of_a_kind_are_as_many_events_at_most(one: bytes) -> None:
    told = list(KeyStream(Clock()).feed(one * 4_000 + b"\x1b[201~"))
    assert len(told) <= 4_000 * len(one) + 1


def test_a_control_string_that_is_cut_anywhere_has_no_keys_in_it() -> None:
    sent = b"\x1b]11;rgb:00/00/00\x1b\\q"
    assert [heard(sent[:cut], sent[cut:]) for cut in range(1, len(sent))] == [["q"]] * (len(sent) - 1)
    assert heard(*(sent[each : each + 1] for each in range(len(sent)))) == ["q"]


def test_one_that_never_ends_is_over_when_nothing_more_is_said() -> None:
    clock = Clock()
    stream = KeyStream(clock)
    assert list(stream.feed(b"\x1b]0;" + b"q" * 5_000)) == []
    clock.now += INTERRUPT_SECONDS
    assert [_word(each) for each in stream.feed(b"q")] == ["q"]


def test_where_it_is_crowded_most_keys_are_left_out_and_marks_and_ctrl_c_are_not() -> None:
    stream = KeyStream(Clock())
    sent = b"j" * 4_000 + b"\x1b[A" + b"k" * 4_000 + b"\x03\x1b[200~" + b"w" * 90 + b"\x1b[201~"
    told = [_word(each) for each in stream.feed(sent, crowded=True)]
    assert told == ["j"] * 40 + ["up"] + ["k"] * 38 + ["ctrl+c", f"<{'w' * 90}>"]


def test_a_paste_without_end_is_kept_up_to_a_measure() -> None:
    stream = KeyStream(Clock())
    list(stream.feed(b"\x1b[200~"))
    for _ in range(LONGEST_PASTE // 4_000 + 10):
        assert list(stream.feed(b"w" * 4_000)) == []
    (pasted,) = stream.feed(b"\x1b[201~")
    assert isinstance(pasted, events.Paste)
    assert len(pasted.text) <= LONGEST_PASTE + 10
