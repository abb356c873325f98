"""Create the actions of the monkey from a seed: keys, clicks, pastes and sizes, and how a terminal sends them."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from random import Random
from string import ascii_letters, digits, punctuation

from textual import events
from textual.app import App
from textual.geometry import Size as Cells
from textual.keys import REPLACED_KEYS, _character_to_key, _get_unicode_name_from_key

from ssmtui.ui.app.app import TICK_SECONDS, SsmtuiApp


@dataclass(frozen=True, slots=True)
class Burst:
    """Keys in one write, by Textual's names."""

    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Click:
    """Clicks at a place, in thousandths of the width and the height; a drag if a second place is given."""

    across: int
    down: int
    button: int = 1
    times: int = 1
    to: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Wheel:
    """Turns of the mouse wheel at a place, after a move of the pointer."""

    across: int
    down: int
    by: int


@dataclass(frozen=True, slots=True)
class Pasted:
    """A pasted text."""

    text: str


@dataclass(frozen=True, slots=True)
class Size:
    """A new size of the terminal."""

    columns: int
    rows: int


@dataclass(frozen=True, slots=True)
class Rest:
    """A pause, in turns of the app's clock."""

    ticks: int


@dataclass(frozen=True, slots=True)
class Strike:
    """A fault of AWS from now on, this many times."""

    kind: str
    service: str
    times: int


@dataclass(frozen=True, slots=True)
class Hover:
    """A move of the pointer from one place to another, with this many reports between."""

    start: tuple[int, int]
    end: tuple[int, int]
    moves: int


class Route(Enum):
    """The way to a change."""

    CAUSE = "a fix of a cause"
    NODE = "a fix of a node"
    SWITCH = "a switch of the preferences"
    TOGETHER = "the fixes of all that is marked"
    BACK = "the last change, taken back"


class Way(Enum):
    """The actions before a preview that can be confirmed."""

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
    """A change: found, previewed, confirmed or not, followed, and perhaps undone.

    `row` and `fix` choose among what exists; the `ways` are used one after another, the same for the undo.
    """

    route: Route
    row: int
    fix: int
    ways: tuple[Way, ...]
    back: tuple[Way, ...] = ()


Deed = Burst | Click | Wheel | Hover | Pasted | Size | Rest | Strike | Change


def events_in(deed: Deed) -> int:
    """Return the number of events that a terminal sends for it."""
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
            return 0  # a change's events are counted when they are sent


_NAMED = (
    *("enter", "escape", "tab", "shift+tab", "space", "backspace", "delete", "insert"),
    *("up", "down", "left", "right", "home", "end", "pageup", "pagedown"),
    *(f"f{number}" for number in range(1, 13)),
    *(f"ctrl+{letter}" for letter in "abdefghijklmnoprstuvwxy"),
    *("shift+up", "shift+down", "shift+left", "shift+right", "ctrl+left", "ctrl+right", "ctrl+home", "ctrl+end"),
    *("ctrl+pageup", "ctrl+pagedown", "ctrl+@", "ctrl+backslash", "ctrl+backspace", "shift+enter", "alt+x", "ctrl+z"),
)
_TYPED = tuple(map(_character_to_key, ascii_letters + digits + punctuation))
_STRANGE = tuple(map(_character_to_key, "éß漢😀\u202e\u0301\u200b"))
_WALKING = ("j", "k", "down", "up", "enter", "escape", "tab", "space", "g", "G", "pagedown", "pageup", "d")
_LEAVING = frozenset({"q", "ctrl+q", "ctrl+c"})


def written(words: str) -> tuple[str, ...]:
    return tuple("space" if each == " " else _character_to_key(each) for each in words)


_REGIONS = ("eu-west-3", "eu-central-1")
_CHORDS: tuple[tuple[str, ...], ...] = (
    *((key, *written(region), "enter") for key in ("w", "e", "z") for region in _REGIONS),
    *((*written(region), "enter") for region in _REGIONS),
    ("A",),
    ("1", "A"),
    ("2", "A"),
    ("F", "space", "down", "space", "A"),
    ("F", "asterisk", "enter", "A"),
    ("asterisk", "F", "enter"),
    ("tab", "enter", "1"),
    ("slash", *written("verdict:fail"), "enter"),
    ("slash", *written("zzz"), "enter", "o", "space", "enter", "G"),
    ("slash", *written("(["), "enter", "escape"),
    ("colon", *written("undo"), "enter"),
    ("colon", *written("theme"), "enter", "down", "enter"),
    ("colon", *written("snap"), "enter"),
    ("colon", "pagedown", "pageup", "end", "escape"),
    ("Z", "o", "enter"),
    ("S", "tab", "space", "enter"),
    ("T", "enter", "escape"),
    ("t", *written("5432"), "enter"),
    ("v", "enter", "escape"),
    ("W", "space", "down", "space", "enter"),
    ("y", "escape"),
    ("p", "down", "enter", "down", "enter", "A"),
    ("p", "down", "down", "enter", *written("12"), "enter", "F"),
    ("h", "tab", "c", "escape"),
    ("a", "space", "enter"),
    ("a", "down", "escape"),
    ("x", *written("AccessDenied"), "ctrl+s", "enter", "escape"),
    ("question_mark", "pagedown", "end", "escape"),
    ("s", "enter"),
    ("L", "enter"),
    ("ctrl+s",),
    ("r", "R"),
    ("escape", "escape", "escape"),
)
_PASTES = (
    "An error occurred (TargetNotConnected) when calling the StartSession operation: i-0 is not connected.",
    "eu-west-3\n",
    "[bold red]x[/] \x1b[31m\x1b]52;c;eA==\x07 \u202e\x00 \ud800",
    "a" * 3_000,
    ". …" * 400,
    "\n" * 40,
    "",
)
_FAULTS = ("throttling", "internal", "refused", "garbage", "expired", "timeout")
_SERVICES = ("ssm", "ec2", "iam", "kms", "s3", "logs", "sts", "*")
_TINY = 0.06
_USUAL = 0.75
_CONFIRMED = 0.75
LARGEST = (300, 100)


@dataclass(frozen=True, slots=True)
class Odds:
    """The frequencies of actions, in a hundred.

    `leaving` keys end the app, and cost a start; `faults` are AWS's; `changes` are made or cancelled. `largest` is a
    size.
    """

    leaving: float = 0.002
    faults: bool = True
    changes: int = 16
    largest: tuple[int, int] = LARGEST


def size_of(dice: Random, largest: tuple[int, int] = LARGEST) -> Size:
    """Return a size from 20×5 to the largest; rarely a few columns or rows, as while a window is dragged."""
    columns, rows = dice.randint(20, largest[0]), dice.randint(5, largest[1])
    if dice.random() < _USUAL:
        columns, rows = dice.randint(60, 140), dice.randint(16, 40)
    if dice.random() < _TINY:
        narrow, low = dice.randint(1, 8), dice.randint(1, 8)
        columns, rows = dice.choice(((narrow, rows), (columns, low), (dice.randint(1, 3), dice.randint(1, 3)), (8, 3)))
    return Size(columns, rows)


def deeds(seed: int, odds: Odds = Odds()) -> Iterator[Deed]:
    """Yield actions without an end."""
    dice = Random(seed)  # noqa: S311 - a repeatable game
    while True:
        yield _deed(dice, odds)


def _deed(dice: Random, odds: Odds) -> Deed:
    kinds = ("walk", "any", "chord", "mixed", "click", "wheel", "hover", "paste", "size", "rest", "strike", "change")
    weights = (24, 18, 18, 6, 12, 4, 8, 2, 5, 2, 1 if odds.faults else 0, odds.changes)
    match dice.choices(kinds, weights)[0]:
        case "walk":
            return Burst(tuple(dice.choices(_WALKING, k=dice.randint(1, 24))))
        case "any":
            return Burst(tuple(_any_key(dice, odds) for _ in range(dice.randint(1, 10))))
        case "chord":
            return Burst(dice.choice(_CHORDS))
        case "mixed":
            return Burst(tuple(each for _ in range(dice.randint(2, 6)) for each in dice.choice(_CHORDS))[:60])
        case "click":
            to = _place(dice) if dice.random() < 0.1 else None
            button = 1 if dice.random() < 0.9 else dice.choice((2, 3))
            return Click(*_place(dice), button, dice.choice((1, 1, 1, 2, 3)), to)
        case "wheel":
            return Wheel(*_place(dice), dice.choice((-5, -1, 1, 5)))
        case "hover":
            return Hover(_place(dice), _place(dice), dice.randint(2, 60))
        case "paste":
            return Pasted(dice.choice(_PASTES))
        case "size":
            return size_of(dice, odds.largest)
        case "strike":
            return Strike(dice.choice(_FAULTS), dice.choice(_SERVICES), dice.randint(1, 12))
        case "change":
            return _change(dice)
        case _:
            return Rest(dice.randint(1, 4))


def _change(dice: Random) -> Change:
    """Return a change; most are confirmed in the end, and half of them undone at once."""
    route = dice.choices(tuple(Route), (10, 4, 4, 1, 3))[0]
    back = _ways(dice) if dice.random() < 0.5 else ()
    return Change(route, dice.randrange(40), dice.randrange(9), _ways(dice), back)


def _ways(dice: Random) -> tuple[Way, ...]:
    before = tuple(dice.choice(tuple(Way)) for _ in range(dice.choice((0, 0, 1, 1, 2, 3))))
    return (*before, Way.CONFIRM) if dice.random() < _CONFIRMED else before


def _any_key(dice: Random, odds: Odds) -> str:
    if dice.random() < odds.leaving:
        return dice.choice(sorted(_LEAVING))
    keys = dice.choices((_TYPED, _NAMED, _STRANGE), (60, 38, 2))[0]
    key = dice.choice(keys)
    return "j" if key in _LEAVING else key


def _place(dice: Random) -> tuple[int, int]:
    """Return any place; more often one at the edges, with the header and the keys."""
    down = dice.choice((dice.randrange(1000), dice.randrange(1000), 0, 999, dice.randrange(60)))
    return dice.randrange(1000), down


LOOK = 0.003
"""Seconds between two checks whether an action is done: the work itself needs the processor more."""

PATIENCE = 10_000
"""Checks after which a key counts as unanswered: half a minute, and longer on a machine without time for this process.

A limit in seconds would call the app hanging there; between two checks the app has had its turn.
"""


class Looks:
    """The checks of the app, up to a limit."""

    def __init__(self, patience: int = PATIENCE) -> None:
        self._left = patience

    @property
    def are_over(self) -> bool:
        """Whether the limit is reached."""
        return self._left <= 0

    async def next(self) -> None:
        """Let the app run until the next check."""
        self._left -= 1
        await asyncio.sleep(LOOK)

    async def until_set(self, event: asyncio.Event) -> None:
        """Let the app run until the next check or the event."""
        self._left -= 1
        with suppress(TimeoutError):
            await asyncio.wait_for(event.wait(), LOOK)


_CHARACTERS = {"enter": "\r", "escape": "\x1b", "tab": "\t", "space": " ", "backspace": "\x7f"}


async def do(app: SsmtuiApp, deed: Deed) -> None:
    """Do an action, at once and completely: the keys of a burst arrive before the app has seen the first."""
    match deed:
        case Burst():
            for name in deed.keys:
                _send(app, key(name))
        case Click():
            _click(app, deed)
        case Wheel():
            at = _cell(app, deed.across, deed.down)
            _send(app, _mouse(events.MouseMove, at))
            kind = events.MouseScrollDown if deed.by > 0 else events.MouseScrollUp
            for _ in range(abs(deed.by)):
                _send(app, _mouse(kind, at))
        case Hover():
            (x, y), (to_x, to_y) = deed.start, deed.end
            for step in range(1, deed.moves + 1):
                part = step / deed.moves
                at = _cell(app, round(x + (to_x - x) * part), round(y + (to_y - y) * part))
                _send(app, _mouse(events.MouseMove, at))
        case Pasted():
            _send(app, events.Paste(deed.text))
        case Size():
            size = Cells(deed.columns, deed.rows)
            if app._driver is not None:
                app._driver._size = size
            _send(app, events.Resize(size, size))
        case Rest():
            await asyncio.sleep(deed.ticks * TICK_SECONDS)


def key(name: str) -> events.Key:
    """Return a key as the terminal's parser creates it."""
    if name in _CHARACTERS:
        return events.Key(name, _CHARACTERS[name])
    try:
        character: str | None = unicodedata.lookup(_get_unicode_name_from_key(REPLACED_KEYS.get(name, name)))
    except KeyError:
        character = name if len(name) == 1 else None
    return events.Key(name, character)


async def is_answered(app: SsmtuiApp) -> bool:
    """Wait until all sent input is handled; return False if that takes too long."""
    looks = Looks()
    while app.is_running and (not app.key_queue.is_empty or not await _passes(app, looks)):
        if looks.are_over:
            return False
        await looks.next()
    return True


async def _passes(app: SsmtuiApp, looks: Looks) -> bool:
    """Return whether a callback passes through the app, and then through the focus; False if the focus changes."""
    for pump in (app, app.screen, app.focused or app.screen):
        passed = asyncio.Event()
        if not pump.call_later(passed.set):
            return False
        while not passed.is_set() and pump.is_running:
            if looks.are_over:
                return False
            await looks.until_set(passed)
    return app.key_queue.is_empty


def _click(app: SsmtuiApp, deed: Click) -> None:
    at = _cell(app, deed.across, deed.down)
    for _ in range(deed.times):
        _send(app, _mouse(events.MouseDown, at, deed.button))
        end = at
        if deed.to is not None:
            end = _cell(app, *deed.to)
            _send(app, _mouse(events.MouseMove, end, deed.button))
        _send(app, _mouse(events.MouseUp, end, deed.button))


def _send(app: App[None], event: events.Event) -> None:
    if app._driver is not None and app.is_running:
        app._driver.process_message(event)


def _cell(app: App[None], across: int, down: int) -> tuple[int, int]:
    return app.size.width * across // 1000, app.size.height * down // 1000


def _mouse(kind: type[events.MouseEvent], at: tuple[int, int], button: int = 0) -> events.MouseEvent:
    x, y = at
    return kind(None, x, y, 0, 0, button, False, False, False, x, y, None)
