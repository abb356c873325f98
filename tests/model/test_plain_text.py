from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.text.printable import pasteable, printable, printable_lines, printable_styled


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("web-1", "web-1"),
        ("café 東京", "café 東京"),
        ("a\x1b[31mred", "a\\x1b[31mred"),
        ("two\nlines", "two\\x0alines"),
        ("evil\u202egpj.exe", "evil\\u202egpj.exe"),
        ("\x00\x9b", "\\x00\\x9b"),
        ("[red]x[/]", "[red]x[/]"),
        ("web\u3164\u034f\ufe00", "web\\u3164\\u034f\\ufe00"),
        ("half \ud800", "half \\ud800"),
        ("❤\ufe0f", "❤\ufe0f"),
    ],
)
def test_hostile_text_is_shown_as_what_it_is(hostile: str, shown: str) -> None:
    assert printable(hostile) == shown


@given(st.text())
def test_nothing_that_moves_a_cursor_or_ends_a_line_is_left(text: str) -> None:
    shown = printable(text)
    assert not any(unicodedata.category(each) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for each in shown)
    assert len(shown.splitlines()) <= 1


@given(st.text())
def test_lines_are_each_fit_to_print(text: str) -> None:
    assert all(line == printable(line) for line in printable_lines(text))


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("web-1", "web-1"),
        ("\x1b[31m✖ fail\x1b[0m", "\x1b[31m✖ fail\x1b[0m"),
        (
            "\x1b]8;id=1;https://a.example/b\x1b\\page\x1b]8;;\x1b\\",
            "\x1b]8;id=1;https://a.example/b\x1b\\page\x1b]8;;\x1b\\",
        ),
        ("\x1b[31mweb\x1b]52;c;eA==\x07\x1b[0m", "\x1b[31mweb\\x1b]52;c;eA==\\x07\x1b[0m"),
        ("\x1b]8;;java\x9bscript\x07", "\\x1b]8;;java\\x9bscript\\x07"),
        ("\x1b[2J\x9b2J\u202e\x7f", "\\x1b[2J\\x9b2J\\u202e\\x7f"),
    ],
)
def test_of_control_sequences_a_painted_line_keeps_colours_and_links(line: str, shown: str) -> None:
    assert printable_styled(line) == shown


@given(st.text(alphabet=st.characters()))
def test_whatever_is_pasted_can_be_sent_and_holds_no_key(text: str) -> None:
    held = pasteable(text)
    held.encode()
    assert not any(unicodedata.category(each) == "Cc" for each in held.replace("\n", ""))
