"""Rank the causes of what a person pasted or wrote. A certain rule decides alone; else, a classifier is asked, too."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import replace

from ssmtui.causes.catalogue import Cause
from ssmtui.causes.descriptions import (
    LONGEST_WITH_AN_ERROR,
    match_description,
    without_source_code,
    words_around_errors,
)
from ssmtui.causes.matching import Match, extract_fields, is_normal_end, match_text
from ssmtui.causes.pasted_text import without_output_of_shell
from ssmtui.causes.text_classifier import Classification, classify

_CERTAIN = 0.85
"""From this likelihood on, an error text is decided by its rule."""
# Chosen with blind collections, each of which rules and weights did not know (docs/facts/failure-texts.md §8).
_WORDS_ABOUT_CAUSES, _RULES_ABOUT_CAUSES = 0.85, 0.8
"""How much the odds of the classifier and the likelihood of a rule count for the likelihood of a cause."""
_CAUSE_ABOUT_A_FAILURE, _RULES_ABOUT_A_FAILURE = 0.5, 5.0
"""How much the odds of the likeliest cause and the likelihood of a rule count for whether a session fails."""
_LEAST_TO_ANSWER = 1.4
_LONGEST_ALONE, _CLEAR = 160, 0.6
"""A text of so few characters needs no other signs of a session, if it is a known error or so likely a description."""
_NOT_TRAINED = -9.0
"""The odds of a cause that is newer than the weights."""
_LEAST = 0.1
"""The least likelihood of a cause that only the words suggest."""
_UNSURE, _FEW = 0.3, 3
"""If the likeliest cause is less likely than this, the first three are named: one alone would look like the answer."""
_SUREST, _LEAST_SHOWN = 0.9, 0.01
"""Without a known error text, no cause is surer. An error leaves its causes open, and the words make none surer."""


def match_paste(
    pasted: str, causes: Iterable[Cause], by_words: Callable[[str], Classification] = classify
) -> tuple[Match, ...]:
    """Return the causes of what a person pasted or wrote, the likeliest first; empty if no session fails in it."""
    every, said = tuple(causes), without_output_of_shell(pasted)
    by_error = match_text(without_source_code(said), every)
    if (by_error and by_error[0].likelihood >= _CERTAIN) or len(pasted) > LONGEST_WITH_AN_ERROR:
        return by_error
    around = words_around_errors(said, every) if by_error else said
    by_rules = _by_cause((*by_error, *match_description(around, every)))
    has_session_end = is_normal_end(pasted, ())
    if has_session_end and not by_rules:
        return ()
    said_by_words = by_words(pasted)
    best = max((match.likelihood for match in by_rules.values()), default=0.0)
    is_alone = len(pasted.strip()) <= _LONGEST_ALONE and (bool(by_error) or best >= _CLEAR)
    # The plugin's line at the end of a session is a sign of one. Without a cause, such a text would be no error.
    if not (is_alone or has_session_end or _is_about_a_failure(best, said_by_words)):
        return ()
    ranked = _rank(by_rules, said_by_words.of_cause, {cause.slug for cause in every})
    most = by_error[0].likelihood if by_error else _SUREST
    fields = extract_fields(" ".join(said.split()))
    return tuple(
        replace(
            by_rules.get(slug, Match(slug, 0, fields)), likelihood=max(round(min(likelihood, most), 2), _LEAST_SHOWN)
        )
        for slug, likelihood in ranked.items()
    )


def _by_cause(matches: Iterable[Match]) -> Mapping[str, Match]:
    """Return the likeliest match of each cause."""
    return {match.cause: match for match in sorted(matches, key=lambda match: match.likelihood)}


def _is_about_a_failure(best_of_rules: float, by_words: Classification) -> bool:
    likeliest = max(by_words.of_cause.values())
    odds = by_words.about_a_failure + _RULES_ABOUT_A_FAILURE * best_of_rules + _CAUSE_ABOUT_A_FAILURE * likeliest
    return odds >= _LEAST_TO_ANSWER


def _rank(by_rules: Mapping[str, Match], by_words: Mapping[str, float], slugs: Set[str]) -> Mapping[str, float]:
    """Return the likelihood of each cause that the rules or the words name, the likeliest first.

    A cause is taken to be wrong only if both are wrong about it: the training had few texts of some causes.
    """
    likelihoods = {
        slug: _either(by_words.get(slug, _NOT_TRAINED), by_rules[slug].likelihood if slug in by_rules else 0.0)
        for slug in slugs
    }
    ordered = sorted(slugs, key=lambda slug: (-likelihoods[slug], slug))
    least = _LEAST if likelihoods[ordered[0]] >= _UNSURE else likelihoods[ordered[:_FEW][-1]]
    return {slug: likelihoods[slug] for slug in ordered if slug in by_rules or likelihoods[slug] >= least}


def _either(odds: float, by_rules: float) -> float:
    by_words = 1 / (1 + math.exp(-_WORDS_ABOUT_CAUSES * odds))
    return 1 - (1 - by_words) * (1 - _RULES_ABOUT_CAUSES * by_rules)
