"""Rank the causes of what a person pasted or wrote: by the rules where they are certain, else by the words, too."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import replace

from ssmtui.causes.catalogue import Cause
from ssmtui.causes.descriptions import CERTAIN, LONGEST_WITH_AN_ERROR, match_description, match_error
from ssmtui.causes.matching import Match, extract_fields, is_normal_end
from ssmtui.causes.pasted_text import without_output_of_shell
from ssmtui.causes.text_classifier import Classification, classify

# Chosen with blind collections, each of which rules and weights did not know (docs/facts/failure-texts.md §8).
_WORDS_ABOUT_CAUSES, _RULES_ABOUT_CAUSES = 0.85, 0.8
"""How much the odds of the classifier and the likelihood of a rule count for the likelihood of a cause."""
_CAUSE_ABOUT_A_FAILURE, _RULES_ABOUT_A_FAILURE = 0.5, 5.0
"""How much the odds of the likeliest cause and the likelihood of a rule count for whether a session fails."""
_LEAST_TO_ANSWER = 1.4
_LONGEST_ALONE, _CLEAR = 160, 0.6
"""Characters of a text that has no other words which would say what it is about, and the likelihood of its description
from which on it needs none."""
_NOT_TRAINED = -9.0
"""The odds of a cause that is newer than the weights."""
_LEAST = 0.1
"""The least likelihood of a cause that only the words suggest, unless none is likelier."""
_SUREST, _LEAST_SHOWN = 0.9, 0.01
"""Without a known error text, no cause is surer. An error leaves its causes open, and the words make none surer."""


def match_paste(
    pasted: str, causes: Iterable[Cause], by_words: Callable[[str], Classification] = classify
) -> tuple[Match, ...]:
    """Return the causes of what a person pasted or wrote, the likeliest first; empty if no session fails in it."""
    every, said = tuple(causes), without_output_of_shell(pasted)
    by_error = match_error(said, every)
    if by_error and by_error[0].likelihood >= CERTAIN:
        return by_error
    by_rules = by_error or match_description(said, every)
    if len(pasted) > LONGEST_WITH_AN_ERROR or is_normal_end(pasted, by_rules):
        return by_rules
    said_by_words = by_words(pasted)
    is_clear = bool(by_error) or (bool(by_rules) and by_rules[0].likelihood >= _CLEAR)
    is_alone = len(pasted.strip()) <= _LONGEST_ALONE
    if not (is_clear and is_alone) and not _is_about_a_failure(by_rules, said_by_words):
        return ()
    ranked = _rank(by_rules, said_by_words.of_cause, {cause.slug for cause in every})
    most = by_error[0].likelihood if by_error else _SUREST
    ruled, fields = {match.cause: match for match in by_rules}, extract_fields(" ".join(said.split()))
    return tuple(
        replace(ruled.get(slug, Match(slug, 0, fields)), likelihood=max(round(min(likelihood, most), 2), _LEAST_SHOWN))
        for slug, likelihood in ranked.items()
    )


def _is_about_a_failure(by_rules: Sequence[Match], by_words: Classification) -> bool:
    best = max((match.likelihood for match in by_rules), default=0.0)
    likeliest = max(by_words.of_cause.values())
    odds = by_words.about_a_failure + _RULES_ABOUT_A_FAILURE * best + _CAUSE_ABOUT_A_FAILURE * likeliest
    return odds >= _LEAST_TO_ANSWER


def _rank(by_rules: Sequence[Match], by_words: Mapping[str, float], slugs: Set[str]) -> Mapping[str, float]:
    """Return the likelihood of each cause that the rules or the words name, the likeliest first.

    A cause is wrong if both are wrong about it: the words say little about a cause of which the training had few texts.
    """
    ruled = {match.cause: match.likelihood for match in by_rules}
    likelihoods = {slug: _either(by_words.get(slug, _NOT_TRAINED), ruled.get(slug, 0.0)) for slug in slugs}
    ordered = sorted(slugs, key=lambda slug: (-likelihoods[slug], slug))
    least = min(_LEAST, likelihoods[ordered[0]])
    return {slug: likelihoods[slug] for slug in ordered if slug in ruled or likelihoods[slug] >= least}


def _either(odds: float, by_rules: float) -> float:
    by_words = 1 / (1 + math.exp(-_WORDS_ABOUT_CAUSES * odds))
    return 1 - (1 - by_words) * (1 - _RULES_ABOUT_CAUSES * by_rules)
