from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.text.names import similar_names

COMMANDS = ("check", "checks", "explain", "fix", "undo", "causes")


@pytest.mark.parametrize(
    ("word", "names", "near"),
    [
        ("chekc", COMMANDS, ("check", "checks")),
        ("EXPLIAN", COMMANDS, ("explain",)),
        ("zebra", COMMANDS, ()),
        ("web", ("web-1-of-the-second-fleet", "api-1"), ("web-1-of-the-second-fleet",)),
        ("web-9", ("web-1", "web-2", "web-3", "web-4", "", "api-1"), ("web-1", "web-2", "web-3")),
        ("", COMMANDS, ()),
        ("ab" * 120, ("c" + "ab" * 120, "api-1"), ("c" + "ab" * 120,)),
        ("causes", (*COMMANDS, "cause", "clauses", "casts"), ("causes", "clauses", "cause")),
        ("undo", ("undo", "under"), ("undo",)),
        ("abcde", ("abcxy", "abwxy"), ("abcxy",)),
    ],
)
def test_near_names(word: str, names: tuple[str, ...], near: tuple[str, ...]) -> None:
    assert similar_names(word, names) == near


@given(st.text(max_size=12), st.lists(st.text(max_size=12), max_size=8))
def test_at_most_three_of_the_names_are_near_and_the_order_they_come_in_is_nothing(word: str, names: list[str]) -> None:
    near = similar_names(word, names)
    assert len(near) <= 3
    assert set(near) <= set(names)
    assert near == similar_names(word, list(reversed(names)))


@given(st.text(min_size=1, max_size=12), st.lists(st.text(max_size=12), max_size=8))
def test_a_name_is_nearest_to_itself(name: str, others: list[str]) -> None:
    assert similar_names(name, [*others, name])[0].casefold() == name.casefold()
