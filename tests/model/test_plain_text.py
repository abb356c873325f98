from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.model.plain_text import printable, printable_lines


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
