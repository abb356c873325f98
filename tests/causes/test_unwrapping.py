"""A paste taken out of its envelopes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.causes.pasted_text import split_messages
from tests.causes.texts import CONSOLE, NODE_ARN, STARTED


def texts(pasted: str) -> list[str]:
    return [message.text for message in split_messages(pasted)]


@pytest.mark.parametrize(
    "pasted",
    [
        'couldn\'t start the "session"',
        "couldn’t start the “session”",
        'Couldn\'t\tstart \N{NO-BREAK SPACE} the\r\n"session"',
        '> couldn\'t start\n> the "session"',
        '│ couldn\'t start the\n│ "session"',
        '\x1b[1;31mcouldn\'t\x1b[0m start the \x1b]0;title\x07"session"',
        "couldn&#39;t start the &quot;session&quot;",
        'couldn\'t start\\n\\tthe \\"session\\"',
        'couldn\'t sta\N{SOFT HYPHEN}rt the \N{ZERO WIDTH SPACE}"ses\nsion"',
    ],
)
def test_only_the_visible_characters_count(pasted: str) -> None:
    assert [message.key for message in split_messages(pasted)] == ["couldntstartthesession"]


def test_each_envelope_begins_a_message_and_only_the_last_may_be_cut() -> None:
    pasted = f"$ aws ssm\n{STARTED}{CONSOLE}no\nAn error occurred (X) when calling the Y operation: z…"
    assert [(message.text, message.cut) for message in split_messages(pasted)] == [
        ("$ aws ssm", False),
        ("Starting session with SessionId: jane-0a1b2c3d4e5f67890", False),
        ("Your session has been terminated for the following reasons: no", False),
        ("An error occurred (X) when calling the Y operation: z", True),
    ]


def test_lines_broken_at_the_width_of_a_terminal_are_one_line_again() -> None:
    text = f"User is not authorized to perform: ssm:StartSession on resource: {NODE_ARN} because nothing allows it"
    wrapped = "\n".join(text[start : start + 40] for start in range(0, len(text), 40))
    assert texts(wrapped) == [text]


def test_lines_broken_between_words_stay_apart() -> None:
    assert texts("a sentence that somebody has broken up\nbetween its words") == [
        "a sentence that somebody has broken up between its words"
    ]


@pytest.mark.parametrize("tail", ["...", "…", " …", "\n---Output truncated---", "\n---Error truncated----", '..."'])
def test_the_mark_of_a_cut_is_no_part_of_the_text(tail: str) -> None:
    assert texts(f"cut{tail}") == ["cut"]


def test_nothing_visible_is_no_message() -> None:
    assert split_messages(" \n\t\x1b[0m\N{ZERO WIDTH SPACE}") == ()


@given(st.text(max_size=200))
def test_any_text_is_taken_apart_into_messages_with_something_visible_in_each(text: str) -> None:
    found = split_messages(text)
    assert all(message.key and not any(map(str.isspace, message.key)) for message in found)
    assert all(message.text == " ".join(message.text.split()) for message in found)
    assert [message.cut for message in found] == [False] * (len(found) - 1) + [True] * bool(found)


def test_a_character_that_stands_for_many_makes_no_longer_text_than_is_looked_at() -> None:
    (message,) = split_messages("\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 200_000 + "cut")
    assert message.key.endswith("cut")
    assert len(message.key) <= 1_000_000
