"""Three-valued logic: yes, no, or unknown."""

from __future__ import annotations

from enum import Enum


class Truth(Enum):
    """Yes, no or undecided."""

    YES = "yes"
    PERHAPS = "perhaps"
    NO = "no"


def logical_and(one: Truth, other: Truth) -> Truth:
    """And."""
    if Truth.NO in (one, other):
        return Truth.NO
    return Truth.PERHAPS if Truth.PERHAPS in (one, other) else Truth.YES


def logical_or(one: Truth, other: Truth) -> Truth:
    """Or."""
    return logical_not(logical_and(logical_not(one), logical_not(other)))


def logical_not(truth: Truth) -> Truth:
    """Not."""
    return {Truth.YES: Truth.NO, Truth.NO: Truth.YES, Truth.PERHAPS: Truth.PERHAPS}[truth]


def truth_from_bool(fact: bool) -> Truth:  # noqa: FBT001 - the fact is the one thing it turns
    """Convert a known fact."""
    return Truth.YES if fact else Truth.NO
