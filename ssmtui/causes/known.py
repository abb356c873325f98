"""The known texts of the causes taken apart, and by what each is found in one walk over a message."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ssmtui.causes.cause import Cause
from ssmtui.causes.unwrapping import visible

GRAM = 6
"""Characters of a known text that it is looked for by: its first ones."""

_HOLE = re.compile(r"%[si]")
_ID_HOLE = "%i"


@dataclass(frozen=True, slots=True, eq=False)
class KnownParts:
    """A known text taken apart: what stands between its holes, which of these are for ids, whether it ends in one.

    `at_start` says that the message begins with it, `at_end` that it ends with it.
    `length` counts the characters of all parts.
    """

    cause: str
    likelihood: float
    parts: tuple[str, ...]
    ids: tuple[bool, ...]
    open_ended: bool
    at_start: bool
    at_end: bool
    length: int


@dataclass(frozen=True, slots=True, eq=False)
class KnownTexts:
    """The known texts of some causes: every one, and by the first characters of each."""

    every: Sequence[KnownParts]
    by_gram: Mapping[str, Sequence[KnownParts]]


@lru_cache(maxsize=4)
def known_texts(causes: tuple[Cause, ...]) -> KnownTexts:
    """The known texts of these causes."""
    every = [_read(cause.slug, known.text, known.likelihood) for cause in causes for known in cause.known_by]
    by_gram = defaultdict[str, list[KnownParts]](list)
    for known in every:
        by_gram[known.parts[0][:GRAM]].append(known)
    return KnownTexts(every, dict(by_gram))


def _read(cause: str, text: str, likelihood: float) -> KnownParts:
    between = text.removeprefix("^").removesuffix("$")
    pieces, holes = _HOLE.split(between), _HOLE.findall(between)
    parts = tuple(visible(piece) for piece in pieces if piece.strip())
    return KnownParts(
        cause=cause,
        likelihood=likelihood,
        parts=parts,
        ids=tuple(hole == _ID_HOLE for hole in holes),
        open_ended=not pieces[-1].strip() and holes[-1] != _ID_HOLE,
        at_start=text.startswith("^"),
        at_end=text.endswith("$"),
        length=sum(map(len, parts)),
    )
