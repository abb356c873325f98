"""A filter's word whose value no row has: what may have been meant by it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ssmtui.model.near_names import near_names
from ssmtui.ui.words.filtering import NONE, Fields, Filterable, words_of
from ssmtui.ui.words.value_matching import in_field, is_plain, whole

_MOST_VALUES = 2_000
"""Values among which a near one is looked for: who mistypes one of more names has the rows to look at."""


@dataclass(frozen=True, slots=True)
class WrongWord:
    """A word that no row is like; `meant` is the one that may have been meant, empty where none is near."""

    word: str
    meant: str

    @property
    def is_negated(self) -> bool:
        """Whether it wants the opposite: then every row is shown, as if it were not there."""
        return self.word.startswith("!")

    def mended(self, text: str) -> str:
        """The filter with what may have been meant; empty where nothing was, or it stands in quotes."""
        return text.replace(self.word, self.meant, 1) if self.meant and self.word in text else ""


def wrong_word(text: str, fields: Fields, rows: Iterable[Filterable]) -> WrongWord | None:
    """The first word whose value is neither of any row nor one that there can be; None where there is none.

    Patterns and expressions are nobody's typing error: they are left alone.
    """
    with_values = [word for word in words_of(text) if ":" in word]
    seen = list(rows) if with_values else []
    found = (_looked_at(word, fields, seen) for word in with_values) if seen else ()
    return next((each for each in found if each is not None), None)


def _looked_at(word: str, fields: Fields, rows: list[Filterable]) -> WrongWord | None:
    positive = word.lstrip("!")
    name, colon, value = positive.partition(":")
    field = name.casefold()
    if not colon or positive.startswith(("/", "@")):
        return None
    if field == "tag":
        meant = _tag_meant(value, rows)
    elif field in fields:
        meant = _value_meant(field, value, fields, rows)
    else:
        return None
    if meant is None:
        return None
    return WrongWord(word, f"{word.removesuffix(value)}{meant}" if meant else "")


def _value_meant(name: str, value: str, fields: Fields, rows: list[Filterable]) -> str | None:
    """The value that is near to one that nothing has; empty where none is, None where the value is one."""
    if not is_plain(value) or value.casefold() == NONE:
        return None
    matches = in_field(value, by_beginning=fields[name].by_beginning)
    values = {known.casefold() for known in fields[name].known}
    if any(map(matches, values)):
        return None
    for row in rows:
        held = row.fields.get(name, ())
        if any(map(matches, held)):
            return None
        values.update(held)
    return _nearest(value, values)


def _tag_meant(value: str, rows: list[Filterable]) -> str | None:
    key, equals, wanted = value.partition("=")
    if not is_plain(key):
        return None
    named = whole(key)
    keys = {each for row in rows for each in row.tags}
    if not any(map(named, keys)):
        near = _nearest(key, keys)
        return near and f"{near}{equals}{wanted}"
    if not is_plain(wanted):
        return None
    held = {value for row in rows for each, value in row.tags.items() if named(each)}
    if any(map(whole(wanted), held)):
        return None
    near = _nearest(wanted, held)
    return near and f"{key}={near}"


def _nearest(word: str, values: set[str]) -> str:
    """The nearest value; empty where none is near, there are too many, or it cannot be typed as one word."""
    near = near_names(word, values) if len(values) <= _MOST_VALUES else ()
    return next((each for each in near if not any(mark in each for mark in ' "')), "")
