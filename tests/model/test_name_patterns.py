"""Names given as patterns."""

from __future__ import annotations

from ssmtui.text.names import match_names

NAMES = ("prod-b", "prod-a", "prod-a", "dev", "odd*")


def test_a_pattern_stands_for_the_names_of_its_form_sorted_and_any_other_word_for_itself() -> None:
    assert match_names(("prod-*", "dev", "test", "none-*"), NAMES) == {
        "prod-*": ("prod-a", "prod-b"),
        "dev": ("dev",),
        "test": ("test",),
        "none-*": (),
    }


def test_a_name_that_looks_like_a_pattern_is_its_own() -> None:
    assert match_names(("odd*",), (*NAMES, "oddly")) == {"odd*": ("odd*",)}
