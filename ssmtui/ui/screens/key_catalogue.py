"""Every key of every screen, by what it does: for the help, for docs/keys.md, and for whoever gives actions others."""

from __future__ import annotations

import inspect
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from textual.binding import Binding

from ssmtui.ui.screens.putting_up import all_screens
from ssmtui.ui.screens.screen import BenchScreen
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.widgets.named_keys import NamedKeys, key_shown
from ssmtui.ui.widgets.text_pane import TextPane

T = TypeVar("T")

Keymap = Mapping[str, str]
"""The keys that somebody has given actions, between commas, by the ids of these actions."""


@dataclass(frozen=True, slots=True)
class KeyRow:
    """An action and its keys. `word` and `told` are marked sentences; `shown` says whether a key bar announces it.

    One that is kept has no id: what it is told apart by is its action in brackets.
    """

    id: str
    keys: tuple[str, ...]
    word: str
    told: str
    shown: bool

    @property
    def is_kept(self) -> bool:
        """Whether it cannot be given other keys."""
        return self.id.startswith("(")

    @property
    def display(self) -> str:
        """The keys as they are told."""
        return " ".join(dict.fromkeys(map(key_shown, self.keys)))

    @property
    def sentence(self) -> str:
        """What it does, marked."""
        return self.told or self.word


def keys_of(kinds: Iterable[type], keymap: Keymap = {}) -> tuple[KeyRow, ...]:  # noqa: B006 - nobody changes it
    """What the keys of some classes do, once an action, in the order of their declaration.

    Of two classes that bind the same key the first has it.
    """
    taken: set[str] = set()
    rows: dict[str, KeyRow] = {}
    for kind in kinds:
        bound = _bound(kind, keymap)
        for key, binding in bound:
            id_ = binding.id or f"({binding.action})"
            if key in taken:
                continue
            held = rows.get(id_)
            keys = (*held.keys, key) if held else (key,)
            told = (held.told if held else "") or binding.tooltip
            rows[id_] = KeyRow(id_, keys, binding.description, told, binding.show or bool(held and held.shown))
        taken.update(key for key, _ in bound)
    return tuple(rows.values())


def keys_of_either(kinds: Iterable[type], keymap: Keymap = {}) -> tuple[KeyRow, ...]:  # noqa: B006 - as above
    """What the keys of some classes do of which one has them at a time: once an action, with the keys of each."""
    rows: dict[str, KeyRow] = {}
    for row in (each for kind in kinds for each in keys_of((kind,), keymap)):
        held = rows.get(row.id, row)
        rows[row.id] = replace(held, keys=tuple(dict.fromkeys((*held.keys, *row.keys))))
    return tuple(rows.values())


def screens() -> Sequence[type[BenchScreen]]:
    """Every screen that is put up, in the order of their names."""
    all_screens()
    found = {each for each in _below(BenchScreen) if not each.__subclasses__()}
    return sorted(found, key=lambda each: each.__name__)


def widgets_of(screen: type[BenchScreen]) -> Sequence[type]:
    """The widgets with keys that a screen has: tables of its own module, else the table and the pane that all have."""
    modules = {each.__module__ for each in screen.__mro__}
    own = [each for each in _below_tables() if each.__module__ in modules and "BINDINGS" in each.__dict__]
    return (*own, LineTable, TextPane)


def _bound(kind: type, keymap: Keymap) -> list[tuple[str, Binding]]:
    """The keys of a class with their bindings: a subclass' own come in the place of those that it inherits."""
    by_key: dict[str, list[Binding]] = {}
    for base in reversed(kind.__mro__):
        own: dict[str, list[Binding]] = {}
        for binding in base.__dict__.get("BINDINGS", ()) if issubclass(base, NamedKeys) else ():
            for key in binding.key.split(",") if isinstance(binding, Binding) else ():
                own.setdefault(key.strip(), []).append(binding)
        by_key |= own
    bound = [(key, each) for key, bindings in by_key.items() for each in bindings]
    given = [(key, each) for key, each in bound if each.id not in keymap]
    anew = {each.id: each for _, each in bound if each.id in keymap}
    return [*given, *((key, each) for id_, each in anew.items() for key in keymap[id_ or ""].split(","))]


def _below(kind: type[T]) -> Iterator[type[T]]:
    below: list[type[T]] = kind.__subclasses__()
    for each in below:
        if each.__module__.startswith("ssmtui."):
            yield each
        yield from _below(each)


def _below_tables() -> Iterator[type[LineTable[Hashable]]]:
    return _below(LineTable)


def title_of(screen: type[BenchScreen]) -> str:
    """What a screen is, in a sentence."""
    return (inspect.getdoc(screen) or screen.__name__).partition("\n")[0]
