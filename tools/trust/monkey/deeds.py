"""What a monkey does: bursts of keys, clicks, wheels, pastes, sizes, moments of rest, and what AWS does meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


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


@dataclass(frozen=True, slots=True)
class Hover:
    """The pointer moved from one place to another, and seen at so many places between."""

    start: tuple[int, int]
    end: tuple[int, int]
    moves: int


class Route(Enum):
    """Where a change is come by."""

    CAUSE = "a fix of a cause"
    NODE = "a fix of a node"
    SWITCH = "a switch of the preferences"
    TOGETHER = "the fixes of all that is marked"
    BACK = "the last change, taken back"


class Way(Enum):
    """What is done before a preview that can be confirmed."""

    CONFIRM = "the word, or the key"
    WRONG = "another word"
    HALF = "half the word"
    PASTE = "the word pasted, and Enter"
    ENTER = "Enter, with nothing typed"
    KEY = "the key, where a word is asked for"
    CLICK = "a click on the line of keys"
    SIZE = "another size, and the one from before"
    TINY = "a size without room for the question, and the key"
    LOOK = "the other pane, help and the hand-over, and back"
    ESCAPE = "Esc, and no change"


@dataclass(frozen=True, slots=True)
class Change:
    """A change looked for, previewed, confirmed or not, followed up, and perhaps taken back.

    `row` and `fix` choose among what there is; `ways` are gone one after another, the same for taking it back.
    """

    route: Route
    row: int
    fix: int
    ways: tuple[Way, ...]
    back: tuple[Way, ...] = ()


Deed = Burst | Click | Wheel | Hover | Pasted | Size | Rest | Strike | Change


def events_in(deed: Deed) -> int:
    """How many events a terminal sends for it."""
    match deed:
        case Burst():
            return len(deed.keys)
        case Click():
            return 2 * deed.times + (deed.to is not None)
        case Wheel():
            return abs(deed.by) + 1
        case Hover():
            return deed.moves
        case Pasted() | Size():
            return 1
        case Rest() | Strike() | Change():
            return 0  # what a change sends is known once it is sent
