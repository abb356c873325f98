"""Check the nesting and length of JSON texts before parsing, and write JSON with escaped invisible characters."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping

from ssmtui.language import translatable
from ssmtui.text.printable import printable

MAX_DEPTH = 100
"""Levels. AWS documents and policies have about ten."""

MAX_LENGTH = 2**18
"""Maximum characters of a document or policy: four times AWS's largest limit."""

_MOST = 100_000
"""Maximum number of values. A value that is in many places (YAML aliases) counts once for each place."""

NESTS_TOO_DEEPLY = translatable("{member} is nested too deeply")
IS_TOO_LONG = translatable("{member} is too long")


def nests_too_deeply(data: object) -> bool:
    """Return whether the nesting is too deep. A value that is in many places (YAML aliases) is read once."""
    level: Collection[object] = [data]
    for _ in range(MAX_DEPTH):
        within = (each for value in level for each in _parts(value))
        level = {id(each): each for each in within if isinstance(each, Mapping | list | tuple)}.values()
        if not level:
            return False
    return True


def is_too_long(text: str) -> bool:
    """Return whether a text is too long."""
    return len(text) > MAX_LENGTH


def holds_too_many_values(data: object) -> bool:
    """Return whether data without deep nesting has too many values, with aliases followed."""
    counted: dict[int, int] = {}

    def values(value: object) -> int:
        if id(value) not in counted:
            counted[id(value)] = 1 + sum(map(values, _parts(value)))
        return counted[id(value)]

    return values(data) > _MOST


def _parts(value: object) -> Iterable[object]:
    match value:
        case Mapping():
            return value.values()
        case list() | tuple():
            return value
    return ()


_BEYOND_ASCII = re.compile(r"[^\n -~]+")


def visible_json(value: object, indent: int | None = None) -> str:
    r"""Return a value as JSON, with control, format and surrogate characters as escapes (`\u202e`), but not letters."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    # json.dumps escapes all ASCII control characters except this one.
    return text if text.isascii() and "\x7f" not in text else _BEYOND_ASCII.sub(_seen, text)


def _seen(match: re.Match[str]) -> str:
    text = match.group()
    if printable(text) == text:
        return text
    return "".join(each if printable(each) == each else json.dumps(each)[1:-1] for each in text)
