"""Patterns of policies: `*`, `?` and variables, matched character by character.

IAM User Guide: reference_policies_elements_resource, reference_policies_variables, reference_policies_elements_version.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_STAR, _ONE = object(), object()
Token = str | object

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_DEFAULT = re.compile(r"\s*([^,]+?)\s*,\s*'(.*)'\s*$")

Keys = Mapping[str, tuple[str, ...]]
"""The condition keys that a request has, in small letters."""


@dataclass(frozen=True)
class Filling:
    """What stands for variables: the keys of a request, in documents whose version knows variables."""

    keys: Keys
    variables: bool = True

    def tokens(self, pattern: str) -> list[Token] | None:
        """A pattern with its variables filled in, whose values are no patterns; None where one has no value."""
        made: list[Token] = []
        at = 0
        while at < len(pattern):
            found = _VARIABLE.match(pattern, at) if self.variables else None
            if found is not None:
                filled = _filled(found.group(1), self.keys)
                if filled is None:
                    return None
                made.extend(filled)
                at = found.end()
                continue
            letter = pattern[at]
            made.append(_STAR if letter == "*" else _ONE if letter == "?" else letter)
            at += 1
        return made

    def text(self, text: str) -> str | None:
        """A text with its variables filled in, in which an asterisk is an asterisk."""
        tokens = self.tokens(text)
        if tokens is None:
            return None
        return "".join("*" if each is _STAR else "?" if each is _ONE else str(each) for each in tokens)


def _filled(name: str, keys: Keys) -> str | None:
    if name in ("*", "?", "$"):
        return name
    told = _DEFAULT.match(name)
    key, default = (told.group(1), told.group(2)) if told else (name, None)
    values = keys.get(key.strip().lower(), ())
    return values[0] if len(values) == 1 else default


def matches(tokens: list[Token], text: str, *, case: bool = True) -> bool:
    """Whether the whole text is of the pattern, by trying every length for each asterisk."""
    reached = {0}
    for token in tokens:
        if token is _STAR:
            reached = set(range(min(reached), len(text) + 1)) if reached else set()
        else:
            reached = {at + 1 for at in reached if at < len(text) and _same(token, text[at], case=case)}
    return len(text) in reached


def _same(token: Token, letter: str, *, case: bool) -> bool:
    if token is _ONE or token == letter:
        return True
    return not case and str(token).lower() == letter.lower()


def split_at_colons(tokens: list[Token]) -> list[list[Token]]:
    """The six parts of an ARN's pattern; the last keeps its colons."""
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if token == ":" and len(parts) < 6:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts
