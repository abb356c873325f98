"""Match texts, ARNs, wildcards and policy variables of IAM policies."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from ssmtui.iam_policy.truth import Truth, truth_from_bool

Context = Mapping[str, tuple[str, ...]]
"""Condition keys with their values, empty if the request does not have the key. A key that is not listed is unknown."""

UNKNOWN_VALUE = "\0"
"""Stands for a value in a `Context` that the request has, but that is not known. No real value contains it."""

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_WITH_DEFAULT = re.compile(r"\s*([^,]*?)\s*,\s*'(.*)'\s*")
_LITERALS = ("*", "?", "$")
_ARN_PARTS = 6


class Wildcard(Enum):
    """A part of a pattern that is not literal text."""

    ANY = "*"
    ONE = "?"
    UNKNOWN = "${}"


PatternPart = str | Wildcard


@dataclass(frozen=True, slots=True)
class VariableValues:
    """The known values of policy variables. A policy of 2008 has no variables: `${…}` is literal text."""

    context: Context
    has_variables: bool = True


def known_values(key: str, context: Context) -> tuple[str, ...] | None:
    """Return the values of a condition key, without regard to case; None if unknown."""
    if key in context:
        return context[key]
    wanted = key.lower()
    return next((values for name, values in context.items() if name.lower() == wanted), None)


def is_known(key: str, context: Context) -> bool:
    """Return whether the values of a condition key are known, also that the request does not have it."""
    values = known_values(key, context)
    return values is not None and UNKNOWN_VALUE not in values


def find_variables(text: str) -> tuple[str, ...]:
    """Return the condition keys of the policy variables in a text."""
    names = (_named(inside)[0] for inside in _VARIABLE.findall(text) if inside not in _LITERALS)
    return tuple(name for name in names if name)


def matches(pattern: str, text: str) -> bool:
    """Return whether a pattern with `*` and `?` matches the whole text. Linear time, because others write patterns."""
    return _fits(tuple(_wild(pattern)), text)


def matches_with_variables(pattern: str, text: str, filling: VariableValues, *, wild: bool = True) -> Truth:
    """Return whether a pattern with its variables replaced matches the whole text. Without `wild`, `*` is literal.

    A variable without a value in the request matches nothing (reference_policies_variables, "no value").
    """
    pieces = _filled(pattern, filling, wild=wild)
    if pieces is None or not _fits(pieces, text):
        return Truth.NO
    return Truth.PERHAPS if Wildcard.UNKNOWN in pieces else Truth.YES


def arn_like(pattern: str, arn: str, filling: VariableValues) -> Truth:
    """Return whether an ARN matches a pattern, part by part. An incomplete pattern is completed with `*`.

    AWS lets a `*` at the end of a part also match the next colon, without saying how far: if the pattern matches only
    in this way, the result is `PERHAPS`.
    """
    if pattern == "*":
        return Truth.YES
    parts, values = _parts(pattern), arn.split(":", _ARN_PARTS - 1)
    as_text = matches_with_variables(pattern, arn, filling)
    if len(values) < _ARN_PARTS:
        return as_text
    parts += ["*"] * (_ARN_PARTS - len(parts))
    fits = Truth.YES
    for place, (part, value) in enumerate(zip(parts, values, strict=True), start=1):
        # Variables are only documented for the last part.
        piece = matches_with_variables(part, value, filling)
        if piece is Truth.NO:
            return Truth.PERHAPS if as_text is not Truth.NO else Truth.NO
        if piece is Truth.PERHAPS or (place < _ARN_PARTS and filling.has_variables and "${" in part):
            fits = Truth.PERHAPS
    return fits


def resource_matches(pattern: str, resource: str, filling: VariableValues) -> Truth:
    """Return whether a Resource element means a resource. For `*`, which means all resources, only `*` does."""
    if resource == "*":
        return truth_from_bool(set(pattern) == {"*"})
    return arn_like(pattern, resource, filling)


def _parts(pattern: str) -> list[str]:
    """Split a pattern at its colons, except those in variables; the last part keeps its colons."""
    hidden = _VARIABLE.sub(lambda found: found.group().replace(":", "\0"), pattern)
    return [part.replace("\0", ":") for part in hidden.split(":", _ARN_PARTS - 1)]


def _filled(pattern: str, filling: VariableValues, *, wild: bool) -> tuple[PatternPart, ...] | None:
    pieces: list[PatternPart] = []
    place = 0
    for variable in _VARIABLE.finditer(pattern) if filling.has_variables else ():
        pieces.extend(_wild(pattern[place : variable.start()], wild=wild))
        place = variable.end()
        value = _value(variable.group(1), filling.context)
        if value is None:
            return None
        pieces.extend((value,) if isinstance(value, Wildcard) else value)
    pieces.extend(_wild(pattern[place:], wild=wild))
    return tuple(pieces)


def _wild(text: str, *, wild: bool = True) -> Iterator[PatternPart]:
    for character in text:
        yield Wildcard(character) if wild and character in "*?" else character


def _named(inside: str) -> tuple[str, str | None]:
    """Return the key and the default value of a variable."""
    match = _WITH_DEFAULT.fullmatch(inside)
    return (match.group(1), match.group(2)) if match else (inside.strip(), None)


def _value(inside: str, context: Context) -> str | Wildcard | None:
    if inside in _LITERALS:
        return inside
    key, default = _named(inside)
    values = known_values(key, context)
    if values is None:
        return Wildcard.UNKNOWN
    if len(values) > 1 or UNKNOWN_VALUE in values:
        return Wildcard.UNKNOWN  # only a key with a single value can be a variable
    return values[0] if values else default


def _fits(pieces: tuple[PatternPart, ...], text: str) -> bool:
    at = star = -1
    mark = place = 0
    while place < len(text):
        piece = pieces[at + 1] if at + 1 < len(pieces) else None
        if piece in (Wildcard.ANY, Wildcard.UNKNOWN):
            at += 1
            star, mark = at, place
        elif piece is Wildcard.ONE or piece == text[place]:
            at, place = at + 1, place + 1
        elif star >= 0:
            mark += 1
            at, place = star, mark
        else:
            return False
    return all(piece in (Wildcard.ANY, Wildcard.UNKNOWN) for piece in pieces[at + 1 :])
