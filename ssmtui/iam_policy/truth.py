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
    if one is Truth.NO or other is Truth.NO:
        return Truth.NO
    return other if one is Truth.YES else one


def logical_or(one: Truth, other: Truth) -> Truth:
    """Or."""
    if one is Truth.YES or other is Truth.YES:
        return Truth.YES
    return other if one is Truth.NO else one


def logical_not(truth: Truth) -> Truth:
    """Not."""
    if truth is Truth.PERHAPS:
        return truth
    return Truth.NO if truth is Truth.YES else Truth.YES


def truth_from_bool(fact: bool) -> Truth:  # noqa: FBT001 - the fact is the one thing it turns
    """Convert a known fact."""
    return Truth.YES if fact else Truth.NO
