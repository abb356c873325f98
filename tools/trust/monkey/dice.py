"""Deeds by the throw of dice: the same for a seed, whatever the app does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from string import ascii_letters, digits, punctuation

from textual.keys import _character_to_key

from tools.trust.monkey.deeds import (
    Burst,
    Change,
    Click,
    Deed,
    Hover,
    Pasted,
    Rest,
    Route,
    Size,
    Strike,
    Way,
    Wheel,
)

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
    """How often what happens: `leaving` keys end the app, and cost a start; `faults` are AWS's; `changes` are made or
    given up, of a hundred deeds. `largest` is a size."""

    leaving: float = 0.002
    faults: bool = True
    changes: int = 16
    largest: tuple[int, int] = LARGEST


def size_of(dice: Random, largest: tuple[int, int] = LARGEST) -> Size:
    """From 20×5 to the largest; rarely of a few columns or rows, as while a window is dragged."""
    columns, rows = dice.randint(20, largest[0]), dice.randint(5, largest[1])
    if dice.random() < _USUAL:
        columns, rows = dice.randint(60, 140), dice.randint(16, 40)
    if dice.random() < _TINY:
        narrow, low = dice.randint(1, 8), dice.randint(1, 8)
        columns, rows = dice.choice(((narrow, rows), (columns, low), (dice.randint(1, 3), dice.randint(1, 3)), (8, 3)))
    return Size(columns, rows)


def deeds(seed: int, odds: Odds = Odds()) -> Iterator[Deed]:
    """Deeds without an end."""
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
    """Mostly one that is confirmed in the end; half of them are taken back at once."""
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
    """Anywhere; more often at the edges, where the header and the keys are."""
    down = dice.choice((dice.randrange(1000), dice.randrange(1000), 0, 999, dice.randrange(60)))
    return dice.randrange(1000), down
