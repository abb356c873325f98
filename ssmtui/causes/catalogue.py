"""Load all causes and their translations from the Markdown files in the folders beside this module."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from types import MappingProxyType

from ssmtui.causes.cause import (
    Cause,
    FixOfCause,
    MalformedCause,
    Sections,
    fixes_from_front_matter,
    read_cause,
    sections_of,
    text_of_key,
)
from ssmtui.causes.front_matter import Reason, loaded, split_front_matter
from ssmtui.language import Language, current_language
from ssmtui.language.typography import set_in_french

_KEYS = frozenset({"slug", "title", "fixes"})

HEADINGS: Mapping[Language, Sections] = {
    Language.FRENCH: ("Ce qui ne va pas", "Comment résoudre", "Bon à savoir"),
}
"""The headings of the three sections, in the languages that translations are written in."""


TYPESETTING: Mapping[Language, Callable[[str], str]] = {Language.FRENCH: set_in_french}
"""How what they say is set: signs that stand behind a space begin no line."""


class TranslationMismatch(Reason):
    """A translation that does not say the same as its cause."""


def read_translation(file: str, text: str, language: Language, cause: Cause) -> Cause:
    """Return the cause with the words of its translation. Raises MalformedCause."""
    try:
        front, body = split_front_matter(text)
        setting = TYPESETTING[language]
        fields = loaded(front, _KEYS)
        sections = sections_of(setting(body), HEADINGS[language])
        if text_of_key(fields, "slug") != cause.slug:
            raise TranslationMismatch(f"its slug is {text_of_key(fields, 'slug')}, and not {cause.slug}")
        return replace(
            cause,
            title=setting(text_of_key(fields, "title")),
            fixes=_in_step(tuple(_set(each, setting) for each in fixes_from_front_matter(fields)), cause.fixes),
            what_is_wrong=sections[0],
            how_to_resolve=sections[1],
            to_know=_known_as_well(sections[2], cause),
        )
    except Reason as reason:
        raise MalformedCause(file, str(reason)) from None


def _set(offer: FixOfCause, setting: Callable[[str], str]) -> FixOfCause:
    return replace(offer, title=setting(offer.title), loses=setting(offer.loses))


def _in_step(offers: tuple[FixOfCause, ...], originals: tuple[FixOfCause, ...]) -> tuple[FixOfCause, ...]:
    if [each.slug for each in offers] != [each.slug for each in originals]:
        raise TranslationMismatch(
            f"its fixes are not {', '.join(each.slug for each in originals) or 'none'}, in that order"
        )
    for offer, original in zip(offers, originals, strict=True):
        if bool(offer.loses) is not bool(original.loses):
            raise TranslationMismatch(f"of the fix {offer.slug}, only one of the two says what it loses")
    return offers


def _known_as_well(text: str, cause: Cause) -> str:
    if bool(text) is not bool(cause.to_know):
        raise TranslationMismatch("only one of the two has the last section")
    return text


_SUFFIX = ".md"


def catalogue(language: Language | None = None) -> Mapping[str, Cause]:
    """Every cause, by slug, in the order of the slugs; in the language in force, where none is named.

    A cause without a translation is in English. Raises MalformedCause.
    """
    return _catalogue(language or current_language())


def cause(slug: str) -> Cause:
    """The cause of that slug. Raises KeyError where there is none."""
    return catalogue()[slug]


def cause_file(folder: Traversable, language: Language, found: Cause) -> Traversable:
    """Return the file of a cause in a language; it need not exist: `en/network/endpoint-missing.md`."""
    return folder / language.value / found.link.name.lower() / f"{found.slug}{_SUFFIX}"


@cache
def _catalogue(language: Language) -> Mapping[str, Cause]:
    return causes_in(resources.files(__package__), language)


def causes_in(folder: Traversable, language: Language) -> Mapping[str, Cause]:
    """Return the causes of a folder, as `catalogue` does. Raises MalformedCause."""
    links = (each for each in (folder / Language.ENGLISH.value).iterdir() if each.is_dir())
    causes = [_read(file) for link in links for file in link.iterdir() if file.name.endswith(_SUFFIX)]
    in_order = sorted(causes, key=lambda each: each.slug)
    return MappingProxyType({each.slug: _in_words(folder, language, each) for each in in_order})


def _read(file: Traversable) -> Cause:
    read = read_cause(file.name, file.read_text(encoding="utf-8"))
    if read.slug != file.name.removesuffix(_SUFFIX):
        raise MalformedCause(file.name, f"its slug is {read.slug}, which is not its name")
    return read


def _in_words(folder: Traversable, language: Language, english: Cause) -> Cause:
    translation = cause_file(folder, language, english)
    if language is Language.ENGLISH or not translation.is_file():
        return english
    return read_translation(f"{language.value}/{translation.name}", translation.read_text("utf-8"), language, english)
