"""Where somebody was on a screen that was left, so that coming back is coming back there."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

_KEPT = 200
"""Places that are kept: of more, the one left longest ago is forgotten."""


@dataclass(frozen=True, slots=True)
class Place:
    """The rows that the cursors were on, how far down it was scrolled, by the ids of widgets; and the filter."""

    cursors: Mapping[str, Hashable] = field(default_factory=dict)
    scrolled: Mapping[str, int] = field(default_factory=dict)
    filter: str = ""


class Places:
    """The places of one run, by what the screen was about."""

    def __init__(self) -> None:
        self._places: dict[Hashable, Place] = {}

    def keep(self, about: Hashable, place: Place) -> None:
        """Keep where somebody was."""
        self._places.pop(about, None)
        self._places[about] = place
        while len(self._places) > _KEPT:
            del self._places[next(iter(self._places))]

    def of(self, about: Hashable) -> Place:
        """Where somebody was; at the beginning, where nobody was before."""
        return self._places.get(about, Place())
