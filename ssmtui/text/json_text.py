"""Check JSON text for nesting and length before it is parsed, and write JSON with invisible characters escaped."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping

from ssmtui.language import translatable
from ssmtui.text.printable import printable

MAX_DEPTH = 100
"""Levels. Documents and policies of AWS's grammar have some ten."""

MAX_LENGTH = 2**18
"""Characters of a document or a policy: four times what AWS stores of the longest."""

_MOST = 100_000
"""Values that are gone through, one that stands in many places (YAML's aliases) as often as it stands somewhere."""

NESTS_TOO_DEEPLY = translatable("{member} nests deeper than ssmtui reads")
IS_TOO_LONG = translatable("{member} is longer than ssmtui reads")


def nests_too_deeply(data: object) -> bool:
    """Whether there are more levels than are read. What stands in many places (YAML's aliases) is looked at once."""
    level: Collection[object] = [data]
    for _ in range(MAX_DEPTH):
        within = (each for held in level for each in _held(held))
        level = {id(each): each for each in within if isinstance(each, Mapping | list | tuple)}.values()
        if not level:
            return False
    return True


def is_too_long(text: str) -> bool:
    """Whether a text is longer than is read."""
    return len(text) > MAX_LENGTH


def holds_too_many_values(data: object) -> bool:
    """Whether data that does not nest too deeply holds more values, aliases followed, than anybody would go through."""
    counted: dict[int, int] = {}

    def values(held: object) -> int:
        if id(held) not in counted:
            counted[id(held)] = 1 + sum(map(values, _held(held)))
        return counted[id(held)]

    return values(data) > _MOST


def _held(value: object) -> Iterable[object]:
    match value:
        case Mapping():
            return value.values()
        case list() | tuple():
            return value
    return ()


_BEYOND_ASCII = re.compile(r"[^\n -~]+")


def visible_json(value: object, indent: int | None = None) -> str:
    r"""A value as JSON: a control, format or surrogate character of it is an escape (`\u202e`), letters are letters."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    # JSON has escapes for all control characters of ASCII but this one.
    return text if text.isascii() and "\x7f" not in text else _BEYOND_ASCII.sub(_seen, text)


def _seen(found: re.Match[str]) -> str:
    text = found.group()
    if printable(text) == text:
        return text
    return "".join(each if printable(each) == each else json.dumps(each)[1:-1] for each in text)
