"""The keys that the configuration gives actions, checked: every action is one, every key is one, and none has two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from textual.keys import KEY_NAME_REPLACEMENTS, Keys, _character_to_key

from ssmtui.language import say
from ssmtui.model.near_names import near_names
from ssmtui.model.plain_text import printable
from ssmtui.ui.screens.key_catalogue import keys_of, screens, widgets_of

_MODIFIERS = ("ctrl", "alt", "shift", "super", "hyper", "meta")


class WrongKeys(ValueError):
    """Keys that cannot be given so; the message says what is wrong, and `action` for which id."""

    def __init__(self, sentence: str, action: str) -> None:
        super().__init__(sentence)
        self.action = action


def checked_keymap(wanted: Mapping[str, str], app: type) -> Mapping[str, str]:
    """What is wanted, with every key by Textual's name; `app` is the class of the app, whose keys work everywhere.

    Raises:
        WrongKeys: there is no such action, no such key, or another action of the same screen has it.

    """
    rows = (row for screen in screens() for row in keys_of((*widgets_of(screen), screen, app)))
    known = {row.id for row in rows if not row.is_kept}
    keymap: dict[str, str] = {}
    for action, keys in wanted.items():
        if action not in known:
            near = near_names(action, known)
            raise WrongKeys(say("there is no action {name}.", name=printable(action)) + _meant(near), action)
        keymap[action] = ",".join(_key(action, each.strip()) for each in _split(keys))
    for action, key, other in _clashes(keymap, app):
        if other in known:
            sentence = say("{key} is the key of {other} already: give that another, too", key=key, other=other)
        else:
            sentence = say("{key} is kept: it always does what it does now", key=key)
        raise WrongKeys(sentence, action)
    return keymap


def _split(keys: str) -> list[str]:
    """The keys between commas; a comma alone is that key."""
    return [","] if keys.strip() == "," else [each for each in keys.split(",") if each.strip()] or [""]


def _key(action: str, key: str) -> str:
    *modifiers, name = key.split("+") if len(key) > 1 else (key,)
    modifiers = [each.casefold() for each in modifiers]
    # A terminal knows no capital behind Ctrl.
    name = _character_to_key(name.casefold() if "ctrl" in modifiers else name) if len(name) == 1 else name.casefold()
    whole = "+".join((*modifiers, name))
    names = _names()
    if name in names and all(each in _MODIFIERS for each in modifiers):
        return whole
    near = near_names(name, names) if name not in names else near_names(modifiers[0], _MODIFIERS)
    raise WrongKeys(say("{key} is no key.", key=printable(key) or '""') + _meant(near), action)


def _meant(near: Sequence[str]) -> str:
    return " " + say("Did you mean {names}?", names=", ".join(near)) if near else ""


def _names() -> frozenset[str]:
    """The names of keys: those of characters on keyboards, and those that write none."""
    characters = (_character_to_key(chr(code)) for code in range(0x21, 0x250) if chr(code).isprintable())
    others = (each.value for each in Keys if "+" not in each.value and not each.value.startswith("<"))
    return frozenset((*characters, *others, *KEY_NAME_REPLACEMENTS.values()))


def _clashes(keymap: Mapping[str, str], app: type) -> Iterator[tuple[str, str, str]]:
    """The actions that are given a key which another has on the same screen: the id, the key, the other's id."""
    for screen in screens():
        for widget in widgets_of(screen):
            holders: dict[str, str] = {}
            for kind in (widget, screen, app):
                for row in keys_of((kind,), keymap):
                    for key in row.keys:
                        other = holders.setdefault(key, row.id)
                        if other != row.id and (row.id in keymap or other in keymap):
                            yield (row.id, key, other) if row.id in keymap else (other, key, row.id)
