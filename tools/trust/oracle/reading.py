"""Three values: yes, no, and what AWS documents neither way (None). Nothing is ever held against the third."""

from __future__ import annotations

from collections.abc import Iterable

Reading = bool | None


def every(parts: Iterable[Reading]) -> Reading:
    """And."""
    told = list(parts)
    if any(each is False for each in told):
        return False
    return None if None in told else True


def some(parts: Iterable[Reading]) -> Reading:
    """Or."""
    return opposite(every(opposite(each) for each in parts))


def opposite(part: Reading) -> Reading:
    """Not."""
    return None if part is None else not part
