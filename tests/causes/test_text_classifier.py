"""The classifier of texts: which features a text has, what weights make of them, and that each cause has weights."""

from __future__ import annotations

import math

import pytest

from ssmtui.causes.catalogue import catalogue
from ssmtui.causes.text_classifier import (
    Classification,
    Weights,
    classify,
    classify_with,
    features_of,
)


def of_words(text: str) -> set[str]:
    """Return the features of a text without its ideas and its form."""
    return {feature for feature in features_of(text) if ":" not in feature}


def of_kind(text: str, *kinds: str) -> set[str]:
    return {feature for feature in features_of(text) if feature.startswith(kinds)}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Disk full", {"disk", "full", "disk full"}),
        ("StartSession", {"start", "session", "start session"}),
        ("i-0123456789abcdef0 i-xxxxxxxx", {"nodeid", "nodeid nodeid"}),
        ("eu-west-3 in 123456789012", {"regionname", "in", "accountid", "regionname in", "in accountid"}),
        ("exit 255", {"exit", "0", "exit 0"}),
        ("café", {"cafe"}),
        ("接続不可", {"接続", "続不", "不可", "接続 続不", "続不 不可"}),
        ("", set()),
    ],
)
def test_words_and_pairs_are_features_with_kinds_in_place_of_values(text: str, words: set[str]) -> None:
    assert of_words(text) == words


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Why?", {"length:0", "lines:1", "form:question"}),
        ("$ ssh box\n12:30:01 `exit`\n", {"length:0", "lines:2", "form:prompt", "form:time", "form:code"}),
        ("| a | b |", {"length:0", "lines:1", "form:table"}),
        ("I see our node.", {"length:0", "lines:1", "form:first-person"}),
        ("word\n" * 1000, {"length:6", "lines:5"}),
    ],
)
def test_how_a_text_is_written_is_a_feature(text: str, form: set[str]) -> None:
    assert of_kind(text, "length:", "lines:", "form:") == form


def test_the_same_idea_in_other_languages_is_the_same_feature() -> None:
    told = ("the disk is full", "le disque est plein", "die Festplatte ist voll", "ディスクがいっぱい")
    assert set.intersection(*(of_kind(text, "idea:") for text in told)) >= {"idea:disk"}


def test_the_weights_of_the_known_features_are_added_and_divided_by_the_root_of_their_number() -> None:
    weights = Weights(["root-volume-full", "agent-absent"], [-10, -20, 5], {"disk": "0 30 2 8", "full": "0 10 1 -4"})
    root = math.sqrt(2)
    said = classify_with(weights, "disk, full")
    assert said.about_a_failure == pytest.approx((5 + 8 / root) / 10)
    assert said.of_cause["root-volume-full"] == pytest.approx((-10 + 40 / root) / 10)
    assert said.of_cause["agent-absent"] == pytest.approx((-20 - 4 / root) / 10)


def test_a_feature_without_weights_makes_the_others_count_less() -> None:
    weights = Weights(["agent-absent"], [0, 0], {"gone": "0 10", "agent": ""})
    assert classify_with(weights, "gone").of_cause["agent-absent"] == 1
    assert classify_with(weights, "agent, gone").of_cause["agent-absent"] == pytest.approx(1 / math.sqrt(2))


def test_a_text_without_a_known_feature_has_the_odds_of_any_text() -> None:
    weights = Weights(["agent-absent"], [-40, 15], {"gone": "0 10"})
    assert classify_with(weights, "hello") == Classification(1.5, {"agent-absent": -4.0})


def test_the_weights_are_for_the_causes_that_exist() -> None:
    assert {*classify("").of_cause} == {*catalogue()}, "run `make classifier`"
