"""How deep data may nest that others wrote, and how much of it is read.

Whoever walks it calls itself for each level, and Python has an end. What goes beyond is told to be so, and is unknown:
others may read it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from ssmtui.language import marked

DEEPEST = 100
"""Levels. Documents and policies of AWS's grammar have some ten."""

LONGEST = 2**18
"""Characters of a document or a policy: four times what AWS stores of the longest."""

_MOST = 100_000
"""Values that are gone through, one that stands in many places (YAML's aliases) as often as it stands somewhere."""

NESTS_TOO_DEEPLY = marked("{member} nests deeper than ssmtui reads")
IS_TOO_LONG = marked("{member} is longer than ssmtui reads")


def nests_too_deeply(data: object) -> bool:
    """Whether there are more levels than are read. What stands in many places (YAML's aliases) is looked at once."""
    level: Collection[object] = [data]
    for _ in range(DEEPEST):
        within = (each for held in level for each in _held(held))
        level = {id(each): each for each in within if isinstance(each, Mapping | list | tuple)}.values()
        if not level:
            return False
    return True


def is_too_long(text: str) -> bool:
    """Whether a text is longer than is read."""
    return len(text) > LONGEST


def says_too_much(data: object) -> bool:
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
