"""A filter's word that no row is like, and what may have been meant by it."""

from __future__ import annotations

import pytest

from ssmtui.ui.text.filters import FilterValues, UnmatchedWord, find_unmatched_word
from ssmtui.ui.text.node_rows import FIELDS

ROWS = (
    FilterValues(
        "web",
        {"state": ("running",), "ping": ("online",), "region": ("eu-west-3",), "cause": ("log-group-unencrypted",)},
        {"env": "prod", "team": "shop floor"},
    ),
    FilterValues("db", {"state": ("stopped",), "region": ("eu-central-1",)}, {"env": "staging"}),
)


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("verdict:fial", "verdict:fail"),
        ("web !verdict:fial", "web !verdict:fail"),
        ("state:runing web", "state:running web"),
        ("verdict:wran", "verdict:warn"),
        ("ping:onlien", "ping:online"),
        ("region:eu-wets-3", "region:eu-west-3"),
        ("cause:log-grup-unencrypted", "cause:log-group-unencrypted"),
        ("tag:evn=prod", "tag:env=prod"),
        ("tag:Env=prdo", "tag:Env=prod"),
        ("tag:tema", "tag:team"),
        ("link:netwrk", "link:network"),
        ("state:xyzzy", ""),
        ("tag:team=shopfloor", ""),
    ],
)
def test_a_mistyped_value_is_told_with_the_near_one(text: str, mended: str) -> None:
    wrong = find_unmatched_word(text, FIELDS, ROWS)
    assert wrong is not None
    assert wrong.mended(text) == mended
    assert wrong.is_negated is ("!" in text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "fial", "verdict:", "verdict:fa", "verdict:warn", "state:terminated", "ping:none", "region:eu"),
        *("cause:*grup*", "cause:=x", "cause:/grup/", "tag:", "tag:env", "tag:env=", "tag:env=pr*", "tag:e*=staging"),
        *("/a:b/", "@saved:x", "nofield:x", "channel:notconnected"),
    ],
)
def test_what_there_is_can_be_or_is_a_pattern_is_no_mistake(text: str) -> None:
    assert find_unmatched_word(text, FIELDS, ROWS) is None


def test_without_rows_nothing_is_said_and_in_quotes_nothing_is_put_in_its_place() -> None:
    assert find_unmatched_word("verdict:fial", FIELDS, ()) is None
    quoted = find_unmatched_word('state:"run ing"', FIELDS, ROWS)
    assert quoted == UnmatchedWord("state:run ing", "state:running")
    assert quoted.mended('state:"run ing"') == ""
