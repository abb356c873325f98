"""Filters: parsing, matching, and the value that may have been meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.ui.text.filters import FilterError, FilterValues, UnmatchedWord, find_unmatched_word, parse_filter
from ssmtui.ui.text.node_rows import FIELDS

WEB = FilterValues(
    text="web-1\ni-0abc\n10.0.0.1\nlog-group-unencrypted",
    fields={"state": ("running",), "ping": ("online",), "cause": ("log-group-unencrypted",), "region": ("eu-west-3",)},
    tags={"env": "prod", "team": "shop floor"},
)
BARE = FilterValues(text="mi-0def", fields={}, tags={})


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


def test_an_unknown_field_is_told_with_the_near_one_or_with_all_there_are() -> None:
    with pytest.raises(FilterError) as fault:
        parse_filter("web stat:running", FIELDS)
    assert str(fault.value) == "no field “stat”: did you mean state:running?"
    assert (fault.value.wrong, fault.value.meant) == ("stat:running", "state:running")
    with pytest.raises(FilterError) as fault:
        parse_filter("xyz:1", FIELDS)
    assert "“xyz”" in str(fault.value)
    assert all(field in str(fault.value) for field in FIELDS)
    assert fault.value.meant == ""


@pytest.mark.parametrize(
    ("text", "web", "bare"),
    [
        ("/^web-[0-9]+$/", True, False),
        ("/^WEB/", True, False),
        ("/^10\\.0/", True, False),
        ("/web-1 i-0/", False, False),
        ("!/^mi-/", True, False),
        ("state:/^run|^stop/", True, False),
        ("state:/ning$", True, False),
        ("tag:env=/^pr/", True, False),
        ("tag:/^t/=/floor$/", True, False),
        ('"tag:team=/p f/"', True, False),
        ("/(?i:a)|:b/", True, False),
        (r"/\D\d/", True, True),
        ("/", False, False),
        ("tag:env=/prod", False, False),
    ],
)
def test_what_stands_in_slashes_is_an_expression(text: str, web: bool, bare: bool) -> None:  # noqa: FBT001
    wanted = parse_filter(text, FIELDS)
    assert (wanted.admits(WEB), wanted.admits(BARE)) == (web, bare)


@pytest.mark.parametrize("expression", ["(a+)+$", "(x*y)*", "([a-z]+-)*$", "web-(", "[", "name:/(.*)+/"])
def test_an_expression_that_is_none_or_would_take_for_ever_is_a_fault(expression: str) -> None:
    text = expression if ":" in expression else f"/{expression}/"
    with pytest.raises(FilterError, match=r"regular expression|repeats"):
        parse_filter(text, FIELDS)


@pytest.mark.parametrize(
    ("text", "web", "bare"),
    [
        ("~", True, True),
        ("~wb1", True, False),
        ("~W1", True, False),
        ("~1bw", False, False),
        ("~lgue", True, False),
        ("~wbi", False, False),
        ("!~m0f", True, False),
        ("~i0", True, True),
        ("state:~rng", True, False),
        ("!cause:~unlog", True, True),
        ("tag:~ev=~pd", True, False),
        ("tag:team=~spfl", False, False),
        ("tag:team=~flr", True, False),
        ("~w.1", False, False),
        ("~w*1", False, False),
    ],
)
def test_letters_in_order_within_one_word_match_after_a_tilde(text: str, web: bool, bare: bool) -> None:  # noqa: FBT001
    wanted = parse_filter(text, FIELDS)
    assert (wanted.admits(WEB), wanted.admits(BARE)) == (web, bare)


SAVED = {"mine": "web !state:stopped", "ours": "@mine tag:env", "loop": "@loop", "a": "@b", "b": "@a"}


@pytest.mark.parametrize(
    ("text", "web", "bare"), [("@mine", True, False), ("!@ours", False, True), ("@ours w*", True, False)]
)
def test_a_saved_filter_is_a_word(text: str, web: bool, bare: bool) -> None:  # noqa: FBT001
    wanted = parse_filter(text, FIELDS, SAVED)
    assert (wanted.admits(WEB), wanted.admits(BARE)) == (web, bare)


@pytest.mark.parametrize(("text", "meant"), [("@mien", "@mine"), ("@zzz", ""), ("@loop", ""), ("@a", ""), ("@", "")])
def test_what_was_not_saved_and_what_is_its_own_part_is_a_fault(text: str, meant: str) -> None:
    with pytest.raises(FilterError) as fault:
        parse_filter(text, FIELDS, SAVED)
    assert fault.value.meant == meant


@given(st.text())
def test_any_text_is_a_filter_or_a_fault(text: str) -> None:
    try:
        wanted = parse_filter(text, FIELDS)
    except FilterError:
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
        ("wb", "~wb"),
        ("verdict:fail !WB", "verdict:fail !~WB"),
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
        *("web", "bw", "~wb", "~xyzzy", "w*x", "d state:stopped", "state:~xyzzy"),
    ],
)
def test_what_there_is_can_be_or_is_a_pattern_is_no_mistake(text: str) -> None:
    assert find_unmatched_word(text, FIELDS, ROWS) is None


def test_without_rows_nothing_is_said_and_in_quotes_nothing_is_put_in_its_place() -> None:
    assert find_unmatched_word("verdict:fial", FIELDS, ()) is None
    quoted = find_unmatched_word('state:"run ing"', FIELDS, ROWS)
    assert quoted == UnmatchedWord("state:run ing", "state:running")
    assert quoted.mended('state:"run ing"') == ""
