"""The twin of a cause: the same cause in another language, read from `<slug>.<language>.md` beside it.

A twin holds what is read by people: the title, the titles of the fixes and what they lose, and the three sections. What
machines go by (link, subject, known texts, documentation, the fixes and their rank) stands in the English file alone,
and the twin must name the same fixes in the same order, or it is out of step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from ssmtui.causes.cause import (
    Cause,
    CauseMalformed,
    FixOfCause,
    Sections,
    offers_of,
    sections_of,
    words,
)
from ssmtui.causes.front_matter import Reason, loaded, split_front_matter
from ssmtui.language import Language
from ssmtui.language.typography import set_in_french

_KEYS = frozenset({"slug", "title", "fixes"})

HEADINGS: Mapping[Language, Sections] = {
    Language.FRENCH: ("Ce qui ne va pas", "Comment résoudre", "Bon à savoir"),
}
"""The headings of the three sections, in the languages that twins are written in."""


SETTING: Mapping[Language, Callable[[str], str]] = {Language.FRENCH: set_in_french}
"""How what they say is set: signs that stand behind a space begin no line."""


class OutOfStep(Reason):
    """A twin that does not say the same as its cause."""


def read_twin(file: str, text: str, language: Language, cause: Cause) -> Cause:
    """The cause in the words of its twin. Raises CauseMalformed."""
    try:
        front, body = split_front_matter(text)
        setting = SETTING[language]
        fields = loaded(front, _KEYS)
        sections = sections_of(setting(body), HEADINGS[language])
        if words(fields, "slug") != cause.slug:
            raise OutOfStep(f"its slug is {words(fields, 'slug')}, and not {cause.slug}")
        return replace(
            cause,
            title=setting(words(fields, "title")),
            fixes=_in_step(tuple(_set(each, setting) for each in offers_of(fields)), cause.fixes),
            what_is_wrong=sections[0],
            how_to_resolve=sections[1],
            to_know=_known_as_well(sections[2], cause),
        )
    except Reason as reason:
        raise CauseMalformed(file, str(reason)) from None


def _set(offer: FixOfCause, setting: Callable[[str], str]) -> FixOfCause:
    return replace(offer, title=setting(offer.title), loses=setting(offer.loses))


def _in_step(offers: tuple[FixOfCause, ...], originals: tuple[FixOfCause, ...]) -> tuple[FixOfCause, ...]:
    if [each.slug for each in offers] != [each.slug for each in originals]:
        raise OutOfStep(f"its fixes are not {', '.join(each.slug for each in originals) or 'none'}, in that order")
    for offer, original in zip(offers, originals, strict=True):
        if bool(offer.loses) is not bool(original.loses):
            raise OutOfStep(f"of the fix {offer.slug}, only one of the two says what it loses")
    return offers


def _known_as_well(text: str, cause: Cause) -> str:
    if bool(text) is not bool(cause.to_know):
        raise OutOfStep("only one of the two has the last section")
    return text
