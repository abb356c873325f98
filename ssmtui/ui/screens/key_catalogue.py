"""List the keys of all screens, and check a custom keymap."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from textual.binding import Binding
from textual.keys import KEY_NAME_REPLACEMENTS, Keys

from ssmtui.language import say
from ssmtui.text.names import similar_names
from ssmtui.text.printable import printable
from ssmtui.ui.screens.base_screen import BaseScreen
from ssmtui.ui.screens.screen_requests import all_screens
from ssmtui.ui.textual_workarounds import key_of_character
from ssmtui.ui.widgets.key_bindings import display_key
from ssmtui.ui.widgets.line_table import LineTable
from ssmtui.ui.widgets.text_pane import TextPane

T = TypeVar("T")

Keymap = Mapping[str, str]
"""The custom keys of actions, separated by commas, by action id."""


@dataclass(frozen=True, slots=True)
class KeyRow:
    """An action and its keys. `word` and `help_text` are marked for translation; `shown` means that key bars show it.

    An action with fixed keys has no id: its action name in brackets identifies it.
    """

    id: str
    keys: tuple[str, ...]
    word: str
    help_text: str
    shown: bool

    @property
    def is_kept(self) -> bool:
        """Whether its keys are fixed."""
        return self.id.startswith("(")

    @property
    def display(self) -> str:
        """The keys as they are shown."""
        return " ".join(dict.fromkeys(map(display_key, self.keys)))

    @property
    def sentence(self) -> str:
        """The description of the action, marked for translation."""
        return self.help_text or self.word


def keys_of(kinds: Iterable[type], keymap: Keymap = {}) -> tuple[KeyRow, ...]:  # noqa: B006 - nobody changes it
    """Return the keys of some classes, once per action, in the order of their declaration.

    If two classes bind the same key, the first one has it.
    """
    taken: set[str] = set()
    rows: dict[str, KeyRow] = {}
    for kind in kinds:
        bound = _bindings_of(kind, keymap)
        for key, binding in bound:
            id_ = binding.id or f"({binding.action})"
            if key in taken:
                continue
            held = rows.get(id_)
            keys = (*held.keys, key) if held else (key,)
            help_text = (held.help_text if held else "") or binding.tooltip
            rows[id_] = KeyRow(id_, keys, binding.description, help_text, binding.show or bool(held and held.shown))
        taken.update(key for key, _ in bound)
    return tuple(rows.values())


def keys_of_either(kinds: Iterable[type], keymap: Keymap = {}) -> tuple[KeyRow, ...]:  # noqa: B006 - as above
    """Return the keys of classes of which only one is active at a time: once per action, with the keys of each."""
    rows: dict[str, KeyRow] = {}
    for row in (each for kind in kinds for each in keys_of((kind,), keymap)):
        held = rows.get(row.id, row)
        rows[row.id] = replace(held, keys=tuple(dict.fromkeys((*held.keys, *row.keys))))
    return tuple(rows.values())


def screens() -> Sequence[type[BaseScreen]]:
    """Return every screen class, sorted by name."""
    all_screens()
    found = {each for each in subclasses(BaseScreen) if not each.__subclasses__()}
    return sorted(found, key=lambda each: each.__name__)


def widgets_of(screen: type[BaseScreen]) -> Sequence[type]:
    """Return the widgets with keys of a screen: its own tables, and the table and the pane of all screens."""
    return (*screen.TABLES, LineTable, TextPane)


def _bindings_of(kind: type, keymap: Keymap) -> list[tuple[str, Binding]]:
    """Return the keys of a class with their bindings: a subclass's own bindings replace inherited ones."""
    by_key: dict[str, list[Binding]] = {}
    for base in reversed(kind.__mro__):
        own: dict[str, list[Binding]] = {}
        for binding in base.__dict__.get("BINDINGS", ()) if base.__module__.startswith("ssmtui.") else ():
            for key in binding.key.split(",") if isinstance(binding, Binding) else ():
                own.setdefault(key.strip(), []).append(binding)
        by_key |= own
    bound = [(key, each) for key, bindings in by_key.items() for each in bindings]
    given = [(key, each) for key, each in bound if each.id not in keymap]
    anew = {each.id: each for _, each in bound if each.id in keymap}
    return [*given, *((key, each) for id_, each in anew.items() for key in keymap[id_ or ""].split(","))]


def subclasses(kind: type[T]) -> Iterator[type[T]]:
    """Yield all direct and indirect subclasses of a class."""
    below: list[type[T]] = kind.__subclasses__()
    for each in below:
        if each.__module__.startswith("ssmtui."):
            yield each
        yield from subclasses(each)


def title_of(screen: type[BaseScreen]) -> str:
    """Return the description of a screen, in one sentence."""
    return (inspect.getdoc(screen) or screen.__name__).partition("\n")[0]


_MODIFIERS = ("ctrl", "alt", "shift", "super", "hyper", "meta")


class KeymapError(ValueError):
    """A custom key is invalid; the message gives the reason, and `action` the action id."""

    def __init__(self, sentence: str, action: str) -> None:
        super().__init__(sentence)
        self.action = action


def checked_keymap(wanted: Mapping[str, str], app: type) -> Mapping[str, str]:
    """Return the custom keymap with Textual's key names; `app` is the class of the app, whose keys work everywhere.

    Raises:
        KeymapError: unknown action, unknown key, or a key that another action of the same screen has.

    """
    rows = (row for screen in screens() for row in keys_of((*widgets_of(screen), screen, app)))
    known = {row.id for row in rows if not row.is_kept}
    keymap: dict[str, str] = {}
    for action, keys in wanted.items():
        if action not in known:
            near = similar_names(action, known)
            raise KeymapError(say("there is no action {name}.", name=printable(action)) + _suggestion(near), action)
        keymap[action] = ",".join(_checked_key(action, each.strip()) for each in _split_keys(keys))
    for action, key, other in _key_conflicts(keymap, app):
        if other in known:
            sentence = say(
                "{key} is already the key of {other}: assign another key to {other} too", key=key, other=other
            )
        else:
            sentence = say("{key} is reserved: its action cannot be changed", key=key)
        raise KeymapError(sentence, action)
    return keymap


def checked_command_keys(wanted: Mapping[str, str], keymap: Keymap, app: type) -> Mapping[str, str]:
    """Return the keys of own commands with Textual's key names, by command; `keymap` is the checked keymap.

    Raises:
        KeymapError: unknown key, or a key that an action of any screen, or another command, has.

    """
    kinds = dict.fromkeys(kind for screen in screens() for kind in (*widgets_of(screen), screen, app))
    holders: dict[str, str] = {}
    for row in (row for kind in kinds for row in keys_of((kind,), keymap)):
        for key in row.keys:
            holders.setdefault(key, row.id)
    found: dict[str, str] = {}
    for name, keys in wanted.items():
        found[name] = ",".join(_checked_key(name, each.strip()) for each in _split_keys(keys))
        for key in found[name].split(","):
            if (other := holders.setdefault(key, name)) != name:
                raise KeymapError(say("{key} is already the key of {other}", key=key, other=other.strip("()")), name)
    return found


def _split_keys(keys: str) -> list[str]:
    """Return the keys between commas; a single comma is the comma key."""
    return [","] if keys.strip() == "," else [each for each in keys.split(",") if each.strip()] or [""]


def _checked_key(action: str, key: str) -> str:
    *modifiers, name = key.split("+") if len(key) > 1 else (key,)
    modifiers = [each.casefold() for each in modifiers]
    # Terminals do not distinguish capitals with Ctrl.
    name = key_of_character(name.casefold() if "ctrl" in modifiers else name) if len(name) == 1 else name.casefold()
    whole = "+".join((*modifiers, name))
    names = _key_names()
    if name in names and all(each in _MODIFIERS for each in modifiers):
        return whole
    near = similar_names(name, names) if name not in names else similar_names(modifiers[0], _MODIFIERS)
    raise KeymapError(say("{key} is not a key.", key=printable(key) or '""') + _suggestion(near), action)


def _suggestion(near: Sequence[str]) -> str:
    return " " + say("Did you mean {names}?", names=", ".join(near)) if near else ""


def _key_names() -> frozenset[str]:
    """Return the names of keys: those of characters on keyboards, and those that write no character."""
    characters = (key_of_character(chr(code)) for code in range(0x21, 0x250) if chr(code).isprintable())
    others = (each.value for each in Keys if "+" not in each.value and not each.value.startswith("<"))
    return frozenset((*characters, *others, *KEY_NAME_REPLACEMENTS.values()))


def _key_conflicts(keymap: Mapping[str, str], app: type) -> Iterator[tuple[str, str, str]]:
    """Yield the actions with a key that another action has on the same screen: the id, the key, the other id."""
    for screen in screens():
        for widget in widgets_of(screen):
            holders: dict[str, str] = {}
            for kind in (widget, screen, app):
                for row in keys_of((kind,), keymap):
                    for key in row.keys:
                        other = holders.setdefault(key, row.id)
                        if other != row.id and (row.id in keymap or other in keymap):
                            yield (row.id, key, other) if row.id in keymap else (other, key, row.id)
