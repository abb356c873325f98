"""Match error texts to causes: find known texts, weigh the rest of the message, and extract the IDs in it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from ssmtui.causes.catalogue import Cause, KnownText
from ssmtui.causes.context_rules import apply_context_rules
from ssmtui.causes.pasted_text import NODE_ID, Message, normalize_text, split_messages, to_english

# Each repetition has a limit that no real value reaches, so that the time is proportional to the length of any text.
_ARN = re.compile(
    r"\barn:aws[a-z-]{0,10}:[a-z0-9-]{1,40}:[a-z0-9-]{0,20}:\d{0,12}:[\w/.:+=,@*-]{1,1024}", re.IGNORECASE
)
_REGION = r"[a-z]{2,3}(?:-[a-z]{1,12}){1,2}-\d"
_ON_RESOURCE = re.compile(r"\bon resource:? (?=arn:)", re.IGNORECASE)
_USER = re.compile(r"\bUser:? (?=arn:)", re.IGNORECASE)
_PLAIN = {
    "session_id": re.compile(r"\bsession ?id\W{1,3}([\w.@=+,-]{1,64}-[0-9a-z]{10,40}(?![0-9a-z]))", re.IGNORECASE),
    "request_id": re.compile(r"\brequest ?id\W{1,3}([0-9a-z][0-9a-z-]{7,63})", re.IGNORECASE),
    "instance_id": re.compile(f"({NODE_ID})"),
    "action": re.compile(r"\bauthorized to perform:? ([a-z0-9-]{1,40}:[A-Z]\w{1,100})"),
    "operation": re.compile(r"\bwhen calling the (\w{1,100}) operation"),
    "document": re.compile(r"\bDocument with name (\S{1,256}) does not exist", re.IGNORECASE),
    "user": re.compile(r"\bRunAs user (\S{1,256}) does not exist", re.IGNORECASE),
    "port": re.compile(r"\blisten tcp \S{1,100}?:(\d{1,5}): bind", re.IGNORECASE),
    "region": re.compile(
        rf"(?:://[a-z0-9.-]{{0,100}}?\b(?={_REGION}\.[a-z.])|\b(?:in|on) region '?)({_REGION})\b", re.IGNORECASE
    ),
    "bucket": re.compile(
        r"(?:\bs3://|\bS3 bucket (?=\S{3,63} is not encrypted))([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?![\w.-])"
    ),
    "log_group": re.compile(r"\bLog group \"?([\w./#-]{1,512})\"? or log stream ", re.IGNORECASE),
}


def extract_fields(text: str) -> Mapping[str, str]:
    """Return values from a one-line text by name, sorted by name.

    `arn` is the resource of a refused action (else the first ARN), `caller` the refused principal, `account` and
    `region` those of the two. `key` is the ARN or ID of a KMS key, `role` the name of a role.
    """
    found = {name: match[1] for name, pattern in _PLAIN.items() if (match := pattern.search(text))}
    arns = [_ended(match[0]) for match in _ARN.finditer(text)]
    resource, caller = _arn_after(_ON_RESOURCE, text), _arn_after(_USER, text)
    if caller:
        found["caller"] = caller
    if resource:
        found["arn"] = resource
    elif rest := [arn for arn in arns if arn != found.get("caller")]:
        found["arn"] = rest[0]
    for arn in (found.get("arn"), found.get("caller"), *arns):
        found |= {name: value for name, value in _of_arn(arn or "").items() if name not in found}
    return dict(sorted(found.items()))


def _of_arn(arn: str) -> Mapping[str, str]:
    _, _, service, region, account, resource = (arn.split(":", 5) + [""] * 6)[:6]
    kind, _, name = resource.partition("/")
    told = {"region": region, "account": account}
    if service == "kms":
        told["key"] = arn
    if service == "iam" and kind == "role":
        told["role"] = name.rpartition("/")[2]
    if service == "sts" and kind == "assumed-role":
        told["role"] = name.partition("/")[0]
    if service == "ssm" and kind == "session":
        told["session_id"] = name
    if kind in {"instance", "managed-instance"}:
        told["instance_id"] = name
    return {field: value for field, value in told.items() if value and value != "*"}


def _arn_after(words: re.Pattern[str], text: str) -> str:
    """Return the ARN after these words; empty if there is none."""
    found = (_ARN.match(text, place.end()) for place in words.finditer(text))
    return next((_ended(arn[0]) for arn in found if arn), "")


def _ended(arn: str) -> str:
    """Return an ARN without the punctuation after it."""
    return arn.rstrip(".,:")


GRAM = 6
"""Length of the prefix by which known texts are found."""

_HOLE = re.compile(r"%[si]")
_ACTION = re.compile(r"\b[a-z0-9-]{1,40}:[A-Z]\w{1,100}")
_ENDS_IN_ACTION = re.compile(rf"{_ACTION.pattern}$")
_ID_HOLE = "%i"


@dataclass(frozen=True, slots=True, eq=False)
class KnownParts:
    """A known text, split at its holes: the parts, which holes are IDs, and whether it ends in a hole.

    `at_start`: the message begins with it; `at_end`: the message ends with it. `length` is the length of all parts.
    `action` is the IAM action that the text ends with, or empty.
    """

    cause: str
    likelihood: float
    parts: tuple[str, ...]
    ids: tuple[bool, ...]
    open_ended: bool
    at_start: bool
    at_end: bool
    length: int
    action: str


class KnownTexts:
    """The known texts of some causes by their first characters; only the texts that a message may have are parsed."""

    def __init__(self, causes: Iterable[Cause]) -> None:
        self._texts = defaultdict[str, list[tuple[str, KnownText]]](list)
        self._parsed = dict[str, tuple[KnownParts, ...]]()
        for cause in causes:
            for known in cause.known_by:
                self._texts[_first_characters(known.text)].append((cause.slug, known))

    @property
    def grams(self) -> Set[str]:
        """Return the first characters of all known texts."""
        return self._texts.keys()

    def starting_with(self, gram: str) -> Sequence[KnownParts]:
        """Return the known texts with these first characters."""
        if gram not in self._parsed:
            self._parsed[gram] = tuple(_parse(slug, known) for slug, known in self._texts[gram])
        return self._parsed[gram]


class _SameCauses:
    """Some causes, compared by identity: to hash all their texts takes longer than to match one."""

    __slots__ = ("causes",)

    def __init__(self, causes: tuple[Cause, ...]) -> None:
        self.causes = causes

    def __hash__(self) -> int:
        return hash(tuple(map(id, self.causes)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _SameCauses) and list(map(id, self.causes)) == list(map(id, other.causes))


@lru_cache(maxsize=4)
def _known_texts(same: _SameCauses) -> KnownTexts:
    return KnownTexts(same.causes)


def _first_characters(text: str) -> str:
    return normalize_text(next(piece for piece in _HOLE.split(text.removeprefix("^")) if piece.strip()))[:GRAM]


def _parse(cause: str, known: KnownText) -> KnownParts:
    between = known.text.removeprefix("^").removesuffix("$")
    pieces, holes = _HOLE.split(between), _HOLE.findall(between)
    parts = tuple(normalize_text(piece) for piece in pieces if piece.strip())
    return KnownParts(
        cause=cause,
        likelihood=known.likelihood,
        parts=parts,
        ids=tuple(hole == _ID_HOLE for hole in holes),
        open_ended=not pieces[-1].strip() and holes[-1] != _ID_HOLE,
        at_start=known.text.startswith("^"),
        at_end=known.text.endswith("$"),
        length=sum(map(len, parts)),
        action=ended[0] if (ended := _ENDS_IN_ACTION.search(between)) else "",
    )


_ID = re.compile(r"(?=\D*\d)[\w.@=+,:/-]{1,128}")
_OF_AN_ID = re.compile(r"[\w.@=+,:/-]{0,128}")
_WIDEST_HOLE = 250
"""Maximum number of visible characters between two parts of a known text."""
_WIDEST_FRAME = 1500
"""Maximum number of visible characters after a wrapper in which its reason is searched."""
_LEAST_OF_A_CUT_TEXT = 20
"""Minimum number of visible characters of a known text if the paste ends within it."""
_LEAST_OF_A_CUT_PART = 6
_NAME = re.compile(r"(?:snap\.amazon-ssm-agent\.)?amazon-ssm-agent(?:\.service)?|session-manager-plugin")


_UNCERTAIN = 0.6
"""If the likeliest cause is not more likely than this, the text does not decide."""


@dataclass(frozen=True, slots=True)
class Match:
    """A possible cause of a text. `likelihood` is from 0 to 1; `fields` are other values in the text."""

    cause: str
    likelihood: float
    fields: Mapping[str, str]

    @property
    def percentage(self) -> str:
        """The likelihood in percent; empty if the text does not name the cause."""
        return f"{self.likelihood:.0%}" if self.likelihood else ""

    @property
    def is_likely(self) -> bool:
        """Return whether the text decides for this cause, also if it fits others."""
        return self.likelihood > _UNCERTAIN


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
    """The place of a known text in a message: its parts, the holes between them, and whether a hole follows."""

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
        """Return whether the other place is in a hole of this one, or contains this one within a longer part."""
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
    """Return the causes of a pasted text, the likeliest first; empty if the text is unknown."""
    every = tuple(causes)
    known, slugs = _known_texts(_SameCauses(every)), {cause.slug for cause in every}
    best: dict[str, tuple[float, int, Message]] = {}
    for message in _as_said(pasted):
        lengths: dict[str, tuple[float, int]] = {}
        every_found = list(_found(message, known))
        for found in _best_of(every_found):
            weight = (found.likelihood, found.place.length)
            lengths[found.cause] = max(weight, lengths.get(found.cause, weight))
        likelihoods = {slug: weight[0] for slug, weight in lengths.items()}
        steps = {found.cause for found in every_found}
        for slug, likelihood in apply_context_rules(message.text, likelihoods, steps, pasted).items():
            length = lengths[slug][1] if slug in lengths else 0
            if slug in slugs and (slug not in best or (likelihood, length) > best[slug][:2]):
                best[slug] = (likelihood, length, message)
    ranked = sorted(best.items(), key=lambda item: (-item[1][0], -item[1][1], item[0]))
    told = {text: extract_fields(text) for text in {message.text for *_, message in best.values()}}
    return tuple(Match(slug, round(weight[0], 2), told[weight[2].text]) for slug, weight in ranked)


_NORMAL_END = re.compile(r"\bExiting session with sessionId: \S", re.IGNORECASE)


def is_normal_end(pasted: str, matches: Collection[Match]) -> bool:
    """Return whether a text without any cause is what the plugin prints when a session ends normally."""
    return not matches and any(_NORMAL_END.search(message.text) for message in split_messages(pasted))


def _as_said(pasted: str) -> Iterator[Message]:
    for message in split_messages(pasted):
        yield message
        if english := to_english(message):
            yield english


def _best_of(found: Sequence[_Found]) -> Iterator[_Found]:
    """Return the matches of a message without those that a better match outranks."""
    standing = _standing({each.place for each in found})
    return (each for each in found if each.place in standing)


def _standing(places: Iterable[_Place]) -> set[_Place]:
    """Return the places that no other place outranks. Only neighbours can outrank a place."""
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
    """Yield the first place of each known text in a message."""
    key, seen, left = message.key, dict[KnownParts, tuple[_Span, ...]](), dict[KnownParts, None]()
    actions = frozenset(_ACTION.findall(message.text))
    grams = known.grams
    for start in range(len(key) - GRAM + 1):
        if (gram := key[start : start + GRAM]) not in grams:
            continue
        for each in known.starting_with(gram):
            if each in seen:
                continue
            if not _names_another_action(each.action, actions) and (parts := _whole(message, each, start)):
                seen[each] = parts
                yield _Found(each.cause, each.likelihood, _Place(parts, each.open_ended))
            else:
                left[each] = None
    if message.cut:
        # A text within which the message ends has its first characters in the message.
        yield from _cut_off(key, (each for each in left if each not in seen), frozenset(seen.values()))


def _names_another_action(known: str, actions: frozenset[str]) -> bool:
    """Return whether a text names an action that only begins as the known one, and not the known one itself."""
    return bool(known) and known not in actions and any(action.startswith(known) for action in actions)


def _whole(message: Message, known: KnownParts, start: int) -> tuple[_Span, ...]:
    """Return the parts of a known text that starts at a place; empty if not all parts follow."""
    if (known.at_start and start > message.head) or not message.key.startswith(known.parts[0], start):
        return ()
    parts = _followed(message.key, known, start)
    if len(parts) < len(known.parts) or (known.at_end and not _is_over(message.key, parts[-1].end)):
        return ()
    return parts


def _is_over(key: str, end: int) -> bool:
    return not key[end : end + 4].strip(".!,;:)]`")


def _followed(key: str, known: KnownParts, start: int) -> tuple[_Span, ...]:
    """Return the consecutive parts that match, from a place at which the first one matches."""
    spans = [_Span(start, start + len(known.parts[0]))]
    for part, is_id in zip(known.parts[1:], known.ids, strict=False):
        end = spans[-1].end
        place = key.find(part, end, end + _WIDEST_HOLE + len(part))
        if place < 0 or (is_id and not _ID.fullmatch(key, end, place)):
            break
        spans.append(_Span(place, place + len(part)))
    return tuple(spans)


def _cut_off(key: str, left: Iterable[KnownParts], whole: Collection[tuple[_Span, ...]]) -> Iterator[_Found]:
    """Yield the known texts within which a message ends, with a likelihood in proportion to the part that is there.

    `whole` are the places of complete texts. If one of them is the beginning of a text, only the rest counts.
    """
    for known in left:
        spans = _cut(key, known)
        length = sum(span.length for span in spans)
        told = spans[-1].length if spans[:-1] in whole else length
        if told >= _LEAST_OF_A_CUT_TEXT and length >= known.length // 2 and _says_more_than_a_name(key, spans):
            yield _Found(known.cause, known.likelihood * length / known.length, _Place(spans))


def _says_more_than_a_name(key: str, spans: Iterable[_Span]) -> bool:
    """Return whether these parts of a text are more than the name of the agent's unit or of the plugin."""
    return sum(len(_NAME.sub("", key[span.start : span.end])) for span in spans) >= _LEAST_OF_A_CUT_PART


def _cut(key: str, known: KnownParts) -> tuple[_Span, ...]:
    """Return the parts of a known text before the end of the message, the last one cut off."""
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
