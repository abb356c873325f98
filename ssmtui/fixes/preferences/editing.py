"""What edits of a stored text have in common: how a value is written anew, and the proof that nothing else changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ssmtui.language import say
from ssmtui.model.document_text import Token

Literal = Callable[[str | None], str]
"""From a value as it is written in the text (None where it is absent) to how it shall be written."""


class CannotEdit(ValueError):
    """A text that cannot be changed in this one place. The message goes on from "the document cannot be edited: …"."""


def by_hand(reason: CannotEdit) -> str:
    """Why there is no plan."""
    return say("the preferences document must be edited by hand: {reason}", reason=reason)


def only_one_value_changed(before: Sequence[Token], after: Sequence[Token]) -> bool:
    """Whether two texts say the same but for one value replaced, or for one row of tokens added."""
    same_at_start = _same(before, after)
    same_at_end = _same(before[::-1], after[::-1])
    if len(before) == len(after):
        return same_at_start + same_at_end == len(before) - 1
    return len(after) > len(before) and same_at_start + same_at_end >= len(before)


def _same(one: Sequence[Token], other: Sequence[Token]) -> int:
    count = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        count += 1
    return count
