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
"""The variable that sets the language if the command line does not."""

_VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


class Language(Enum):
    """A supported language; the value is its ISO 639 code."""

    ENGLISH = "en"
    FRENCH = "fr"


@dataclass(slots=True)
class _InForce:
    language: Language = Language.ENGLISH
    sentences: gettext.NullTranslations = field(default_factory=gettext.NullTranslations)


_now = _InForce()


def set_language(language: Language) -> None:
    """Set the language for the whole process, also for click's own texts, which use gettext's default."""
    gettext.bindtextdomain(_DOMAIN, str(_HERE))
    gettext.textdomain(_DOMAIN)
    os.environ["LANGUAGE"] = language.value
    _now.language = language
    _now.sentences = gettext.translation(_DOMAIN, _HERE, [language.value], fallback=True)


def current_language() -> Language:
    """Return the current language; English until another one is set."""
    return _now.language


def language_of(environment: Mapping[str, str]) -> Language:
    """Return the language of a locale, from gettext's variables in its order; English for unsupported ones."""
    named = next((environment[name] for name in _VARIABLES if environment.get(name)), "")
    codes = (part.partition(".")[0].partition("_")[0].lower() for part in named.split(":"))
    spoken = {each.value: each for each in Language}
    return next((spoken[code] for code in codes if code in spoken), Language.ENGLISH)


def say(sentence: str, /, **values: object) -> str:
    """Return a sentence in the current language with its `{holes}` filled: `say("{role} is missing", role=role.name)`.

    The sentence is a literal (the catalogue is made from it), or a constant made by `translatable`. Values are inserted
    as they are: braces in them mean nothing.
    """
    # gettext returns the catalogue's header for the empty text.
    return _now.sentences.gettext(sentence).format(**values) if sentence else ""


def say_many(one: str, several: str, /, count: int, **values: object) -> str:
    """Return a sentence with the language's plural: `say_many("{count} node", "{count} nodes", count=3)`."""
    return _now.sentences.ngettext(one, several, count).format(count=count, **values)


def translatable(sentence: str) -> str:
    """Mark a sentence of a module constant for the catalogue. It is translated where it is used: `say(DELAY)`."""
    return sentence


_MAGIC = 0x950412DE
"""The magic number of a compiled catalogue (the GNU gettext manual, "The Format of GNU MO Files")."""


def all_sentences() -> Iterator[str]:
    """Yield each sentence, with its holes, in English and in all languages; nothing if no catalogue is compiled."""
    for catalogue in sorted(Path(__file__).parent.glob("*/LC_MESSAGES/*.mo")):
        yield from _sentences_of(catalogue.read_bytes())


def _sentences_of(compiled: bytes) -> Iterator[str]:
    order = "<" if struct.unpack_from("<I", compiled)[0] == _MAGIC else ">"
    count, *tables = struct.unpack_from(f"{order}3I", compiled, 8)
    for table in tables:
        for number in range(count):
            length, offset = struct.unpack_from(f"{order}2I", compiled, table + 8 * number)
            yield from compiled[offset : offset + length].decode("utf-8").split("\0")
