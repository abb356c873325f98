"""Three-valued logic: yes, no, or not to be told from here."""

from __future__ import annotations

from enum import Enum


class Truth(Enum):
    """Yes, no, or not to be told from here."""

    YES = "yes"
    PERHAPS = "perhaps"
    NO = "no"


def both(one: Truth, other: Truth) -> Truth:
    """And."""
    if Truth.NO in (one, other):
        return Truth.NO
    return Truth.PERHAPS if Truth.PERHAPS in (one, other) else Truth.YES


def either(one: Truth, other: Truth) -> Truth:
    """Or."""
    return opposite(both(opposite(one), opposite(other)))


def opposite(truth: Truth) -> Truth:
    """Not."""
    return {Truth.YES: Truth.NO, Truth.NO: Truth.YES, Truth.PERHAPS: Truth.PERHAPS}[truth]


def truth_of(fact: bool) -> Truth:  # noqa: FBT001 - the fact is the one thing it turns
    """A fact that is known."""
    return Truth.YES if fact else Truth.NO
