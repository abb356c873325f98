"""From the text of an error to the causes that can stand behind it.

Nothing is guessed: a text matches where the visible characters of a known text (`known_by` of a cause) stand in it. One
error text wraps another, so an inner match outdoes the wrapper around it, and a longer match the shorter one within it.
A message is walked over once, whatever it holds: the time is in proportion to the paste.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from ssmtui.causes.cause import Cause
from ssmtui.causes.fields import fields
from ssmtui.causes.known import GRAM, KnownParts, KnownTexts, known_texts
from ssmtui.causes.ruling import ruled
from ssmtui.causes.untranslated import in_english
from ssmtui.causes.unwrapping import Message, messages

_ID = re.compile(r"(?=\D*\d)[\w.@=+,:/-]{1,128}")
_OF_AN_ID = re.compile(r"[\w.@=+,:/-]{0,128}")
_WIDEST_HOLE = 400
"""Visible characters that may stand between two parts of one known text."""
_WIDEST_FRAME = 1500
"""Visible characters after a frame in which the reason that it is for may stand."""
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
class _Place:
    """Where a known text stands in a message: its parts, the holes between them, and whether there is one behind."""

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

    def outdone_by(self, other: _Place) -> bool:
        """Whether the other stands in a hole of this one, or holds this one within a longer part of its own."""
        if any(other.parts[0] in hole for hole in self.holes):
            return True
        mine, its = self.whole, other.whole
        if self.open_ended and mine.start < its.start < mine.end + _WIDEST_FRAME and its.end > mine.end:
            return True
        return any(mine in part and mine != part for part in other.parts)


@dataclass(frozen=True, slots=True)
class _Found:
    cause: str
    likelihood: float
    place: _Place


def match_text(pasted: str, causes: Iterable[Cause]) -> tuple[Match, ...]:
    """The causes that a pasted text names, likeliest first; empty where it is none of the texts that are known."""
    every = tuple(causes)
    known, slugs = known_texts(every), {cause.slug for cause in every}
    best: dict[str, tuple[float, int, Message]] = {}
    for message in _as_said(pasted):
        lengths: dict[str, tuple[float, int]] = {}
        for found in _best_of(message, known):
            weight = (found.likelihood, found.place.length)
            lengths[found.cause] = max(weight, lengths.get(found.cause, weight))
        for slug, likelihood in ruled(message.text, {slug: weight[0] for slug, weight in lengths.items()}).items():
            length = lengths[slug][1] if slug in lengths else 0
            if slug in slugs and (slug not in best or (likelihood, length) > best[slug][:2]):
                best[slug] = (likelihood, length, message)
    ranked = sorted(best.items(), key=lambda item: (-item[1][0], -item[1][1], item[0]))
    told = {text: fields(text) for text in {message.text for *_, message in best.values()}}
    return tuple(Match(slug, round(weight[0], 2), told[weight[2].text]) for slug, weight in ranked)


def _as_said(pasted: str) -> Iterator[Message]:
    for message in messages(pasted):
        yield message
        if english := in_english(message):
            yield english


def _best_of(message: Message, known: KnownTexts) -> Iterator[_Found]:
    """The matches of a message that no other outdoes."""
    found = list(_found(message, known))
    standing = _standing({each.place for each in found})
    return (each for each in found if each.place in standing)


def _standing(places: Iterable[_Place]) -> set[_Place]:
    """The places that no other outdoes. What outdoes a place begins near it, so that only its neighbours are asked."""
    ordered = sorted(places, key=lambda place: place.whole.start)
    starts = [place.whole.start for place in ordered]
    standing = set()
    for place in ordered:
        whole = place.whole
        near = ordered[
            bisect_left(starts, whole.start - 2 * _WIDEST_HOLE) : bisect_left(starts, whole.end + _WIDEST_FRAME)
        ]
        if not any(place.outdone_by(other) for other in near if other != place):
            standing.add(place)
    return standing


def _found(message: Message, known: KnownTexts) -> Iterator[_Found]:
    """Where each known text stands in a message for the first time."""
    key, seen = message.key, set[KnownParts]()
    for start in range(len(key) - GRAM + 1):
        for each in known.by_gram.get(key[start : start + GRAM], ()):
            if each not in seen and (parts := _whole(message, each, start)):
                seen.add(each)
                yield _Found(each.cause, each.likelihood, _Place(parts, each.open_ended))
    if message.cut:
        yield from _cut_off(key, (each for each in known.every if each not in seen))


def _whole(message: Message, known: KnownParts, start: int) -> tuple[_Span, ...]:
    """The parts of a known text whose first one may stand at a place; empty where they do not all follow."""
    if (known.at_start and start > message.head) or not message.key.startswith(known.parts[0], start):
        return ()
    parts = _followed(message.key, known, start)
    if len(parts) < len(known.parts) or (known.at_end and not _is_over(message.key, parts[-1].end)):
        return ()
    return parts


def _is_over(key: str, end: int) -> bool:
    return not key[end : end + 4].strip(".!,;:)]`")


def _followed(key: str, known: KnownParts, start: int) -> tuple[_Span, ...]:
    """The parts that stand one behind the other, from a place on where the first one stands."""
    spans = [_Span(start, start + len(known.parts[0]))]
    for part, is_id in zip(known.parts[1:], known.ids, strict=False):
        end = spans[-1].end
        place = key.find(part, end, end + _WIDEST_HOLE + len(part))
        if place < 0 or (is_id and not _ID.fullmatch(key, end, place)):
            break
        spans.append(_Span(place, place + len(part)))
    return tuple(spans)


def _cut_off(key: str, left: Iterable[KnownParts]) -> Iterator[_Found]:
    """The known texts that a message ends within, as far as it goes: as likely as that is much of them."""
    for known in left:
        spans = _cut(key, known)
        length = sum(span.length for span in spans)
        if length >= max(_LEAST_OF_A_CUT_TEXT, known.length // 2):
            yield _Found(known.cause, known.likelihood * length / known.length, _Place(spans))


def _cut(key: str, known: KnownParts) -> tuple[_Span, ...]:
    """The parts of a known text before the place where the message ends, the last one as far as it goes."""
    start = key.find(known.parts[0], max(len(key) - known.length - _WIDEST_HOLE * len(known.parts), 0))
    spans = _followed(key, known, start) if start >= 0 else ()
    if len(spans) == len(known.parts):
        return ()
    behind = spans[-1].end if spans else 0
    part, tail = known.parts[len(spans)], key[-_LEAST_OF_A_CUT_PART:]
    place = part.rfind(tail)
    while place >= 0:
        length = place + len(tail)
        if length <= len(key) - behind and length < len(part) and key.endswith(part[:length]):
            return (*spans, _Span(len(key) - length, len(key)))
        place = part.rfind(tail, 0, length - 1)
    return spans if spans and known.ids[len(spans) - 1] and _OF_AN_ID.fullmatch(key, behind) else ()
