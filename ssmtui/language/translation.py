"""Translate sentences with GNU gettext, and list all sentences of the compiled catalogues."""

from __future__ import annotations

import gettext
import os
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

_DOMAIN = "ssmtui"
_HERE = Path(__file__).parent
LANGUAGE_VARIABLE = "SSMTUI_LANG"
"""The variable that says the language where the command line does not."""

_VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


class Language(Enum):
    """A language that ssmtui speaks; the value is its ISO 639 code."""

    ENGLISH = "en"
    FRENCH = "fr"


@dataclass(slots=True)
class _InForce:
    language: Language = Language.ENGLISH
    sentences: gettext.NullTranslations = field(default_factory=gettext.NullTranslations)


_now = _InForce()


def set_language(language: Language) -> None:
    """Put a language in force, for the whole process; that of click's own words too, which is gettext's default."""
    gettext.bindtextdomain(_DOMAIN, str(_HERE))
    gettext.textdomain(_DOMAIN)
    os.environ["LANGUAGE"] = language.value
    _now.language = language
    _now.sentences = gettext.translation(_DOMAIN, _HERE, [language.value], fallback=True)


def current_language() -> Language:
    """The language in force; English until another was put in force."""
    return _now.language


def language_of(environment: Mapping[str, str]) -> Language:
    """The language of a locale, by the variables that gettext reads, in its order; English for any other."""
    named = next((environment[name] for name in _VARIABLES if environment.get(name)), "")
    codes = (part.partition(".")[0].partition("_")[0].lower() for part in named.split(":"))
    spoken = {each.value: each for each in Language}
    return next((spoken[code] for code in codes if code in spoken), Language.ENGLISH)


def say(sentence: str, /, **values: object) -> str:
    """A sentence in the language in force, its `{holes}` filled: `say("{role} may not", role=role.name)`.

    The sentence is a literal (it is what the catalogue is made of), or a constant made by `marked`. What fills a hole
    is put there as it is: braces in it mean nothing.
    """
    # gettext answers the empty text with the head of its catalogue.
    return _now.sentences.gettext(sentence).format(**values) if sentence else ""


def say_many(one: str, several: str, /, count: int, **values: object) -> str:
    """`say` with a number: `say_many("{count} node", "{count} nodes", count=3)`, by the plural rule of the language."""
    return _now.sentences.ngettext(one, several, count).format(count=count, **values)


def translatable(sentence: str) -> str:
    """A sentence for the catalogue that is said later, where it is used: `say(DELAY)`. For constants of a module."""
    return sentence


_MAGIC = 0x950412DE
"""How a compiled catalogue begins (the GNU gettext manual, "The Format of GNU MO Files")."""


def all_sentences() -> Iterator[str]:
    """Each sentence, with its holes, in English and in every language; none where no catalogue was compiled."""
    for catalogue in sorted(Path(__file__).parent.glob("*/LC_MESSAGES/*.mo")):
        yield from _sentences_of(catalogue.read_bytes())


def _sentences_of(compiled: bytes) -> Iterator[str]:
    order = "<" if struct.unpack_from("<I", compiled)[0] == _MAGIC else ">"
    count, *tables = struct.unpack_from(f"{order}3I", compiled, 8)
    for table in tables:
        for number in range(count):
            length, offset = struct.unpack_from(f"{order}2I", compiled, table + 8 * number)
            yield from compiled[offset : offset + length].decode("utf-8").split("\0")
