"""Match names with wildcard patterns, and suggest similar names for a mistyped one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

_WILD = frozenset("*?[")


def is_pattern(word: str) -> bool:
    """Return whether a word has wildcards."""
    return not _WILD.isdisjoint(word)


def match_names(words: Sequence[str], names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the names that each word matches, sorted; a word without wildcards, or an exact name, matches itself."""
    known = sorted(set(names))
    return {
        word: tuple(name for name in known if fnmatchcase(name, word))
        if is_pattern(word) and word not in known
        else (word,)
        for word in words
    }


_ALIKE = 0.6
"""Minimum similarity of suggested names (as in difflib's get_close_matches)."""

_BESIDE = 0.85
"""A name is not suggested if its similarity is below this share of the best one's."""

_OFFERED = 3


def similar_names(word: str, names: Iterable[str]) -> tuple[str, ...]:
    """Return up to three names that are similar to a word or begin with it, the best first. Ignores case.

    Equally similar names are in alphabetical order.
    """
    from difflib import SequenceMatcher  # noqa: PLC0415 - each start would take a millisecond for a rare mistake

    wanted = word.casefold()
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(wanted)
    rated: list[tuple[float, str]] = []
    for name in {each for each in names if each}:
        known = name.casefold()
        matcher.set_seq1(known)
        begun = len(wanted) > 2 and known.startswith(wanted)
        # The quick ratios are upper bounds of the real one.
        if begun or (matcher.real_quick_ratio() >= _ALIKE and matcher.quick_ratio() >= _ALIKE):
            ratio = max(matcher.ratio(), _ALIKE if begun else 0.0)
            if ratio >= _ALIKE:
                rated.append((ratio, name))
    best = sorted(rated, key=lambda each: (-each[0], each[1]))[:_OFFERED]
    return tuple(name for ratio, name in best if ratio >= _BESIDE * best[0][0])
