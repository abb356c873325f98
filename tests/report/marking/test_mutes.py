"""What an entry of a mute file is about: patterns, of which no star takes longer than another."""

from __future__ import annotations

from datetime import date

import pytest

from ssmtui.report.marking.mutes import Mute


def names(pattern: str, name: str) -> bool:
    return Mute((), (), (pattern,), "OPS-1", date.max).names({"id": "i-1", "name": name})


@pytest.mark.parametrize(
    ("pattern", "name", "wanted"),
    [
        ("web-*", "web-1", True),
        ("web-?", "web-12", False),
        ("*", "two\nlines", True),
        ("[ab]", "a", False),
        ("[ab]", "[ab]", True),
        ("[!a]*", "[!a]b", True),
        ("(a|b)+.$", "(a|b)+.$", True),
        ("a.c", "abc", False),
    ],
)
def test_only_stars_and_question_marks_stand_for_others(pattern: str, name: str, wanted: object) -> None:
    assert names(pattern, name) is wanted


def test_a_pattern_of_many_stars_takes_no_longer_than_one() -> None:
    assert not names("*a" * 50 + "b", "a" * 256)
