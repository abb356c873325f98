"""The classifier of texts: which features a text has, what weights make of them, and that each cause has weights."""

from __future__ import annotations

import math

import pytest

from ssmtui.causes.catalogue import catalogue
from ssmtui.causes.text_classifier import (
    WEIGHTS,
    Classification,
    Weights,
    classify,
    classify_with,
    features_of,
    weights_in,
)


def ideas_of(features: frozenset[str]) -> set[str]:
    return {feature for feature in features if feature.startswith("idea:")}


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
def test_features_are_words_and_pairs_with_kinds_in_place_of_values(text: str, words: set[str]) -> None:
    features = features_of(text)
    assert features - ideas_of(features) == words


def test_the_same_idea_in_other_languages_is_the_same_feature() -> None:
    told = ("the disk is full", "le disque est plein", "die Festplatte ist voll", "ディスクがいっぱい")
    assert set.intersection(*(ideas_of(features_of(text)) for text in told)) >= {"idea:disk"}


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


def test_a_text_without_a_known_word_has_the_odds_of_any_text() -> None:
    weights = weights_in(WEIGHTS.read_text(encoding="utf-8"))
    assert classify("") == Classification(
        weights.biases[-1] / 10, dict(zip(weights.causes, (each / 10 for each in weights.biases), strict=False))
    )


def test_the_weights_are_for_the_causes_that_exist() -> None:
    assert {*classify("").of_cause} == {*catalogue()}, "run `make classifier`"
