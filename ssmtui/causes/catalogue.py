"""Every cause that ssmtui can name, read from the Markdown files beside this module on first use."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from types import MappingProxyType

from ssmtui.causes.cause import Cause, CauseMalformed, read_cause
from ssmtui.causes.twin import read_twin
from ssmtui.language import Language, in_force

_SUFFIX = ".md"


def catalogue(language: Language | None = None) -> Mapping[str, Cause]:
    """Every cause, by slug, in the order of the slugs; in the language in force, where none is named.

    A cause without a twin in that language is in English. Raises CauseMalformed.
    """
    return _catalogue(language or in_force())


def cause(slug: str) -> Cause:
    """The cause of that slug. Raises KeyError where there is none."""
    return catalogue()[slug]


def twin_of(slug: str, language: Language) -> str:
    """The name of the file that tells a cause in another language."""
    return f"{slug}.{language.value}{_SUFFIX}"


@cache
def _catalogue(language: Language) -> Mapping[str, Cause]:
    return causes_in(resources.files(__package__), language)


def causes_in(folder: Traversable, language: Language) -> Mapping[str, Cause]:
    """The causes of a folder, as `catalogue` gives them. Raises CauseMalformed."""
    causes = [_read(file) for file in folder.iterdir() if _slug_of(file.name)]
    in_order = sorted(causes, key=lambda each: each.slug)
    return MappingProxyType({each.slug: _in_words(folder, language, each) for each in in_order})


def _read(file: Traversable) -> Cause:
    read = read_cause(file.name, file.read_text(encoding="utf-8"))
    if read.slug != _slug_of(file.name):
        raise CauseMalformed(file.name, f"its slug is {read.slug}, which is not its name")
    return read


def _in_words(folder: Traversable, language: Language, english: Cause) -> Cause:
    twin = folder / twin_of(english.slug, language)
    if language is Language.ENGLISH or not twin.is_file():
        return english
    return read_twin(twin.name, twin.read_text(encoding="utf-8"), language, english)


def _slug_of(name: str) -> str:
    """The slug in a file's name; empty for the name of something else, such as a twin (`<slug>.fr.md`)."""
    slug, dot, rest = name.partition(".")
    return slug if dot + rest == _SUFFIX else ""
