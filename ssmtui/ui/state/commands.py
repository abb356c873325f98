"""What the command palette offers: something that can be done, with the words it is found by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class Command:
    """Something that can be done now. `also` are other words for it, as k9s or this page's own ids have them.

    `key` is the key that does the same, empty where there is none. `why_not` says why it cannot be done now.
    """

    name: str
    told: str
    do: Callable[[], object]
    key: str = ""
    also: str = ""
    why_not: str = ""
