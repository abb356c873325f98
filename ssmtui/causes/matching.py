"""From the text of an error to the causes that can stand behind it.

Nothing is guessed: a text matches where the visible characters of a known text (`known_by` of a cause) stand in it. One
error text wraps another, so an inner match outdoes the wrapper around it, and a longer match the shorter one within it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from ssmtui.causes.cause import Cause
from ssmtui.causes.fields import fields
from ssmtui.causes.untranslated import in_english
from ssmtui.causes.unwrapping import Message, messages, visible

_HOLE = re.compile(r"%[si]")
_ID_HOLE = "%i"
_ID = re.compile(r"(?=\D*\d)[\w.@=+,:/-]{1,128}")
_OF_AN_ID = re.compile(r"[\w.@=+,:/-]{0,128}")
_WIDEST_HOLE = 400
"""Visible characters that may stand between two parts of one known text."""
_LEAST_OF_A_CUT_TEXT = 20
"""Visible characters of a known text that must be there where the paste ends within it."""
_LEAST_OF_A_CUT_PART = 6


@dataclass(frozen=True, slots=True)
class Match:
    """A cause that can stand behind a text. `likelihood` is from 0 to 1; `fields` are what the text told besides."""

    cause: str
    likelihood: float
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int

    def __contains__(self, other: _Span) -> bool:
        return self.start <= other.start and other.end <= self.end

    @property
    def length(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class _KnownParts:
    """A known text taken apart: what stands between its holes, which of these are for ids, whether it ends in one."""

    parts: tuple[str, ...]
    ids: tuple[bool, ...]
    open_ended: bool


@dataclass(frozen=True, slots=True)
class _Found:
    """Where a known text stands in a message: its parts, the holes between them, and whether there is one behind."""

    cause: str
    likelihood: float
    parts: tuple[_Span, ...]
    open_ended: bool = False

    @property
    def holes(self) -> tuple[_Span, ...]:
        return tuple(_Span(one.end, other.start) for one, other in pairwise(self.parts))

    @property
    def whole(self) -> _Span:
        return _Span(self.parts[0].start, self.parts[-1].end)

    @property
    def length(self) -> int:
        return sum(part.length for part in self.parts)

    def outdone_by(self, other: _Found) -> bool:
        """Whether the other stands in a hole of this one, or holds this one within a longer part of its own."""
        if any(other.parts[0] in hole for hole in self.holes):
            return True
        if self.open_ended and other.whole.start > self.whole.start and other.whole.end > self.whole.end:
            return True
        return any(self.whole in part and self.whole != part for part in other.parts)


def match_text(pasted: str, causes: Iterable[Cause]) -> tuple[Match, ...]:
    """The causes that a pasted text names, likeliest first; empty where it is none of the texts that are known."""
    known = tuple(causes)
    best: dict[str, tuple[float, int, Message]] = {}
    for message in _as_said(pasted):
        for found in _best_of(message, known):
            weight = (found.likelihood, found.length, message)
            if found.cause not in best or weight[:2] > best[found.cause][:2]:
                best[found.cause] = weight
    ranked = sorted(best.items(), key=lambda item: (-item[1][0], -item[1][1], item[0]))
    return tuple(Match(slug, round(weight[0], 2), fields(weight[2].text)) for slug, weight in ranked)


def _as_said(pasted: str) -> Iterator[Message]:
    for message in messages(pasted):
        yield message
        if english := in_english(message):
            yield english


def _best_of(message: Message, causes: Sequence[Cause]) -> Iterator[_Found]:
    """The matches of a message that no other outdoes."""
    found = [
        match
        for cause in causes
        for known in cause.known_by
        if (match := _find(message, cause.slug, known.text, known.likelihood))
    ]
    places = {(match.parts, match.open_ended): match for match in found}
    standing = {
        place
        for place, match in places.items()
        if not any(match.outdone_by(other) for key, other in places.items() if key != place)
    }
    return (match for match in found if (match.parts, match.open_ended) in standing)


def _find(message: Message, cause: str, text: str, likelihood: float) -> _Found | None:
    known = _read(text)
    spans = _whole(message.key, known)
    if spans:
        return _Found(cause, likelihood, spans, known.open_ended)
    if not message.cut:
        return None
    spans = _cut(message.key, known)
    length, wanted = sum(span.length for span in spans), sum(map(len, known.parts))
    if length < max(_LEAST_OF_A_CUT_TEXT, wanted // 2):
        return None
    return _Found(cause, likelihood * length / wanted, spans)


@lru_cache(maxsize=4096)
def _read(text: str) -> _KnownParts:
    pieces = _HOLE.split(text)
    holes = _HOLE.findall(text)
    return _KnownParts(
        parts=tuple(visible(piece) for piece in pieces if piece.strip()),
        ids=tuple(hole == _ID_HOLE for hole in holes),
        open_ended=not pieces[-1].strip() and holes[-1] != _ID_HOLE,
    )


def _whole(key: str, known: _KnownParts) -> tuple[_Span, ...]:
    start = key.find(known.parts[0])
    while start >= 0:
        spans = _followed(key, known, start)
        if len(spans) == len(known.parts):
            return spans
        start = key.find(known.parts[0], start + 1)
    return ()


def _followed(key: str, known: _KnownParts, start: int) -> tuple[_Span, ...]:
    """The parts that stand one behind the other, from a place on where the first one stands."""
    spans = [_Span(start, start + len(known.parts[0]))]
    for part, is_id in zip(known.parts[1:], known.ids, strict=False):
        end = spans[-1].end
        place = key.find(part, end, end + _WIDEST_HOLE + len(part))
        if place < 0 or (is_id and not _ID.fullmatch(key, end, place)):
            break
        spans.append(_Span(place, place + len(part)))
    return tuple(spans)


def _cut(key: str, known: _KnownParts) -> tuple[_Span, ...]:
    """The parts of a known text before the place where the message ends, the last one as far as it goes."""
    start = key.find(known.parts[0])
    spans = _followed(key, known, start) if start >= 0 else ()
    behind = spans[-1].end if spans else 0
    part = known.parts[len(spans)]
    for length in range(min(len(part) - 1, len(key) - behind), _LEAST_OF_A_CUT_PART - 1, -1):
        if key.endswith(part[:length]):
            return (*spans, _Span(len(key) - length, len(key)))
    return spans if spans and known.ids[len(spans) - 1] and _OF_AN_ID.fullmatch(key, behind) else ()
