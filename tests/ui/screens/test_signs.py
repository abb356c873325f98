"""The signs of all screens: the help names each, and each is another character, also in ASCII."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from enum import Enum
from inspect import isclass

import ssmtui.ui
from ssmtui.text.printable import ascii_text
from ssmtui.ui.screens.help_dialog import OTHER_SIGNS
from ssmtui.ui.text.styled_text import CHANGED, CHECKING, LINKS, MARKED, PRESUMED, STATUSES, VERDICTS, Sign

NAMED = {
    *(*VERDICTS.values(), PRESUMED, CHECKING, CHANGED, MARKED, *LINKS.values(), *STATUSES.values()),
    *(sign for signs in OTHER_SIGNS.values() for sign in signs),
}


def signs_in(value: object) -> Iterator[Sign]:
    if isinstance(value, Sign):
        yield value
    elif isclass(value) and issubclass(value, Enum):
        yield from (each.value for each in value if isinstance(each.value, Sign))
    elif isinstance(value, Mapping):
        yield from (each for each in value.values() if isinstance(each, Sign))
    elif isinstance(value, tuple):
        yield from (each for each in value if isinstance(each, Sign))


def all_signs() -> set[Sign]:
    modules = pkgutil.walk_packages(ssmtui.ui.__path__, f"{ssmtui.ui.__name__}.")
    values = (value for each in modules for value in vars(importlib.import_module(each.name)).values())
    return {sign for value in values for sign in signs_in(value)}


def test_the_help_names_every_sign() -> None:
    unnamed = {(sign.glyph, sign.sentence) for sign in all_signs() - NAMED}
    # Rows of settings without anything to say have no sign.
    assert unnamed - {(" ", "")} == set()


def test_every_sign_has_its_own_character_also_in_ascii() -> None:
    plain = {sign.glyph: ascii_text(sign.glyph) for sign in all_signs() if sign.glyph.strip()}
    assert all(len(each) == 1 and each.isascii() for each in plain.values())
    assert len(set(plain.values())) == len(plain)


def test_a_link_that_was_not_checked_shares_its_sign_with_nothing_that_is_judged() -> None:
    by_glyph: dict[str, set[str]] = {}
    for sign in all_signs():
        by_glyph.setdefault(sign.glyph, set()).add(sign.sentence)
    assert by_glyph["–"] == {"not checked", "skipped"}
    assert by_glyph["◐"] == {"presumed ok"}
