"""Names given as patterns: `--profile 'prod-*'`, `--region 'eu-*'`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

_WILD = frozenset("*?[")


def is_pattern(word: str) -> bool:
    """Whether a word stands for all names that are of its form."""
    return not _WILD.isdisjoint(word)


def named_by(words: Sequence[str], names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """For each word the names that it stands for, sorted: those of its form, else itself. A name is always its own."""
    known = sorted(set(names))
    return {
        word: tuple(name for name in known if fnmatchcase(name, word))
        if is_pattern(word) and word not in known
        else (word,)
        for word in words
    }
