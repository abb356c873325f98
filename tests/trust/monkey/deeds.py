"""What a monkey does: bursts of keys, clicks, wheels, pastes, sizes, moments of rest, and what AWS does meanwhile."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Burst:
    """Keys in one write, by Textual's names."""

    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Click:
    """Clicks at a place, in thousandths of the width and the height; dragged to another where one is given."""

    across: int
    down: int
    button: int = 1
    times: int = 1
    to: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Wheel:
    """Turns of the mouse's wheel at a place; the pointer has moved there."""

    across: int
    down: int
    by: int


@dataclass(frozen=True, slots=True)
class Pasted:
    """A text pasted."""

    text: str


@dataclass(frozen=True, slots=True)
class Size:
    """Another size of the terminal."""

    columns: int
    rows: int


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing, for so many turns of the app's clock."""

    ticks: int


@dataclass(frozen=True, slots=True)
class Strike:
    """Something goes wrong with AWS from now on, so many times."""

    kind: str
    service: str
    times: int


Deed = Burst | Click | Wheel | Pasted | Size | Rest | Strike


def events_in(deed: Deed) -> int:
    """How many events a terminal sends for it."""
    match deed:
        case Burst():
            return len(deed.keys)
        case Click():
            return 2 * deed.times + (deed.to is not None)
        case Wheel():
            return abs(deed.by) + 1
        case Pasted() | Size():
            return 1
        case Rest() | Strike():
            return 0
