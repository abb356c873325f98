"""How deep data may nest that others wrote: whoever walks it calls itself for each level, and Python has an end."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from ssmtui.language import marked

DEEPEST = 100
"""Levels. Documents and policies of AWS's grammar have some ten."""

NESTS_TOO_DEEPLY = marked("{member} nests deeper than ssmtui reads")


def nests_too_deeply(data: object) -> bool:
    """Whether there are more levels than are read. What stands in many places (YAML's aliases) is looked at once."""
    level: Collection[object] = [data]
    for _ in range(DEEPEST):
        within = (each for held in level for each in _held(held))
        level = {id(each): each for each in within if isinstance(each, Mapping | list | tuple)}.values()
        if not level:
            return False
    return True


def _held(value: object) -> Iterable[object]:
    match value:
        case Mapping():
            return value.values()
        case list() | tuple():
            return value
    return ()
