"""The grammar of the filter line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.ui.words.filtering import FilteredRow, FilterFault, parse_filter
from ssmtui.ui.words.fleet_rows import FIELDS

WEB = FilteredRow(
    text="web-1 i-0abc 10.0.0.1 log-group-unencrypted",
    fields={"state": ("running",), "ping": ("online",), "cause": ("log-group-unencrypted",), "region": ("eu-west-3",)},
    tags={"env": "prod", "team": "shop floor"},
)
BARE = FilteredRow(text="mi-0def", fields={}, tags={})


@pytest.mark.parametrize(
    ("text", "web", "bare"),
    [
        ("", True, True),
        ("web", True, False),
        ("WEB", True, False),
        ("!web", False, True),
        ("state:run", True, False),
        ("state:", True, True),
        ("tag:Env=prod", True, False),
        ("tag:Env=staging", False, False),
        ("tag:Env", True, False),
        ("tag:e*=p*", True, False),
        ('tag:team="shop floor"', True, False),
        ("cause:log-group-*", True, False),
        ("cause:kms-*", False, False),
        ("!ping:Online", False, True),
        ("ping:none", False, True),
        ("web state:running", True, False),
        ("web state:stopped", False, False),
        ("web !tag:Env=prod", False, False),
        ("w*1", True, False),
        ("!", True, True),
    ],
)
def test_words_must_all_hold(text: str, web: bool, bare: bool) -> None:  # noqa: FBT001
    wanted = parse_filter(text, FIELDS)
    assert (wanted.admits(WEB), wanted.admits(BARE)) == (web, bare)


def test_an_unknown_field_is_named_with_those_there_are() -> None:
    with pytest.raises(FilterFault) as fault:
        parse_filter("web stat:running", FIELDS)
    assert "“stat”" in str(fault.value)
    assert all(field in str(fault.value) for field in FIELDS)


@given(st.text())
def test_any_text_is_a_filter_or_a_fault(text: str) -> None:
    try:
        wanted = parse_filter(text, FIELDS)
    except FilterFault:
        return
    assert wanted.admits(WEB) in (True, False)


@given(st.sampled_from(["web", "state:running", "tag:env=prod", "cause:log-*", "ping:none", "region:eu"]))
def test_not_is_the_opposite(word: str) -> None:
    for candidate in (WEB, BARE):
        assert parse_filter(f"!{word}", FIELDS).admits(candidate) is not parse_filter(word, FIELDS).admits(candidate)


@given(st.lists(st.sampled_from(["web", "!web", "state:running", "tag:env", "ping:none"]), max_size=4))
def test_words_narrow_whatever_their_order(words: list[str]) -> None:
    forwards, backwards = parse_filter(" ".join(words), FIELDS), parse_filter(" ".join(reversed(words)), FIELDS)
    for candidate in (WEB, BARE):
        each = all(parse_filter(word, FIELDS).admits(candidate) for word in words)
        assert forwards.admits(candidate) is backwards.admits(candidate) is each
