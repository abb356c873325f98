"""Read the causes and their translations from the Markdown files next to this module."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from ssmtui.causes.front_matter import Reason, loaded, split_front_matter
from ssmtui.language import Language, current_language
from ssmtui.language.typography import set_in_french
from ssmtui.model.finding import Link, SubjectKind
from ssmtui.text.times import date_in

_KEYS = frozenset(
    {
        "slug",
        "title",
        "link",
        "subject",
        "subject_region",
        "known_by",
        "described_by",
        "documentation",
        "reviewed",
        "fixes",
    }
)
_HERE = Path(__file__).parent  # importlib.resources takes 6 ms at each start
_ELSEWHERE = "another"
_SECTION = re.compile(r"^## (.+)$", re.MULTILINE)
Sections = tuple[str, str, str]
"""What is wrong, how to resolve, what to know: the headings or the texts."""

_HEADINGS: Sections = ("What is wrong", "How to resolve", "What to know")

Member = TypeVar("Member", bound=Enum)


@dataclass(frozen=True, slots=True)
class Documentation:
    """A page of AWS's documentation."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class FixOfCause:
    """A fix that a cause may have. `loses` says in a sentence which logging or security it gives up, else empty."""

    slug: str
    title: str
    loses: str = ""


@dataclass(frozen=True, slots=True)
class KnownText:
    """A fragment of the error texts that a cause can produce.

    `%s` matches anything, `%i` only an ID. A text that ends in `%s` is a wrapper: it counts only if no other known text
    matches in that place. `^` at the start: the message begins with the text; `$` at the end: the message ends with it.
    `likelihood` says how likely the cause is, between 0 and 1, if only the text is known.
    """

    text: str
    likelihood: float = 0.9


@dataclass(frozen=True, slots=True)
class Symptom:
    """A symptom as people describe it: ideas that a description has all of, each a key of the files in `words/`.

    `likelihood` says how likely the cause is, between 0 and 1, if only the description is known.
    """

    ideas: tuple[str, ...]
    likelihood: float


@dataclass(frozen=True, slots=True)
class Cause:
    """A reason why a session fails. The three sections are Markdown; `to_know` may be empty.

    The fleet shows `title` in its *why* column. `fixes` are in rank order: least privilege first, weakening logging or
    security last. `subject_is_elsewhere`: the subject is in another Region than the failing nodes. `reviewed` is the
    day of the last review (CONTRIBUTING.md says what that is); None if the page was never reviewed.
    """

    slug: str
    title: str
    link: Link
    subject: SubjectKind
    known_by: tuple[KnownText, ...]
    documentation: tuple[Documentation, ...]
    fixes: tuple[FixOfCause, ...]
    what_is_wrong: str
    how_to_resolve: str
    to_know: str = ""
    subject_is_elsewhere: bool = False
    reviewed: date | None = None
    described_by: tuple[Symptom, ...] = ()

    def offer(self, fix: str) -> FixOfCause | None:
        """Return the offer of the fix with that slug."""
        return next((each for each in self.fixes if each.slug == fix), None)


def slug_and_title(causes: Mapping[str, Cause], slug: str) -> str:
    """Return the slug of a cause with its title; the slug alone if only a later version knows it."""
    known = causes.get(slug)
    return slug if known is None else f"{slug}: {known.title}"


def title_of(causes: Mapping[str, Cause], slug: str) -> str:
    """Return the title of a cause; its slug if only a later version knows it."""
    known = causes.get(slug)
    return slug if known is None else known.title


class MalformedCause(ValueError):
    """The file of a cause is invalid: which file, and why."""

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(f"{file}: {reason}")
        self.file = file
        self.reason = reason


def read_cause(file: str, text: str) -> Cause:
    """Parse the file of a cause. Raises MalformedCause."""
    try:
        front, body = split_front_matter(text)
        return _cause(loaded(front, _KEYS), sections_of(body, _HEADINGS))
    except Reason as reason:
        raise MalformedCause(file, str(reason)) from None


def _cause(front: Mapping[str, object], sections: Sections) -> Cause:
    return Cause(
        slug=text_of_key(front, "slug"),
        title=text_of_key(front, "title"),
        link=_member(front, "link", Link),
        subject=_member(front, "subject", SubjectKind),
        known_by=tuple(_known_text(each) for each in _list(front, "known_by")),
        documentation=tuple(_documentation(each) for each in _list(front, "documentation")),
        fixes=fixes_from_front_matter(front),
        what_is_wrong=sections[0],
        how_to_resolve=sections[1],
        to_know=sections[2],
        subject_is_elsewhere=_lies_elsewhere(front),
        reviewed=_reviewed(front),
        described_by=tuple(
            _symptom(each) for each in (_list(front, "described_by") if "described_by" in front else ())
        ),
    )


def _lies_elsewhere(front: Mapping[str, object]) -> bool:
    if "subject_region" in front and text_of_key(front, "subject_region") != _ELSEWHERE:
        raise Reason(f"subject_region is not {_ELSEWHERE}: that of the nodes goes without saying")
    return "subject_region" in front


def _reviewed(front: Mapping[str, object]) -> date | None:
    """Return the day of the last review. It is quoted, because the prepared front matters are JSON, without dates."""
    if "reviewed" not in front:
        return None
    try:
        return date_in(text_of_key(front, "reviewed"))
    except ValueError:
        raise Reason('reviewed is not a quoted date such as "2026-11-30"') from None


def sections_of(body: str, headings: Sections) -> Sections:
    """Return the texts below these headings. The last may be missing, and is then empty. Raises Reason."""
    before, *parts = _SECTION.split(body)
    found, texts = tuple(parts[::2]), [part.strip() for part in parts[1::2]]
    if found not in (headings, headings[:2]) or before.strip():
        expected = ", ".join(f"## {heading}" for heading in headings)
        raise Reason(f"its sections are not {expected} (the last may be left out), in that order")
    if not all(texts):
        raise Reason(f"## {found[texts.index('')]} is empty")
    return texts[0], texts[1], texts[2] if len(texts) > 2 else ""


def fixes_from_front_matter(front: Mapping[str, object]) -> tuple[FixOfCause, ...]:
    """Return the fixes in a front matter. Raises Reason."""
    return tuple(_offer(each) for each in _list(front, "fixes"))


def _known_text(entry: object) -> KnownText:
    if not isinstance(entry, dict):
        return KnownText(_text(entry, "known_by"))
    if entry.keys() != {"text", "likelihood"}:
        raise Reason("an entry of known_by has other keys than likelihood, text")
    return KnownText(_text(entry["text"], "text in known_by"), _likelihood(entry["likelihood"], "known_by"))


def _symptom(entry: object) -> Symptom:
    if not isinstance(entry, dict) or entry.keys() != {"ideas", "likelihood"}:
        raise Reason("an entry of described_by has other keys than ideas, likelihood")
    ideas = tuple(_text(entry["ideas"], "ideas in described_by").split())
    return Symptom(ideas, _likelihood(entry["likelihood"], "described_by"))


def _likelihood(value: object, key: str) -> float:
    if not isinstance(value, float) or not 0 < value < 1:
        raise Reason(f"likelihood in {key} is no number between 0 and 1")
    return value


def _documentation(entry: object) -> Documentation:
    fields = _fields(entry, "documentation", required={"title", "url"})
    return Documentation(fields["title"], fields["url"])


def _offer(entry: object) -> FixOfCause:
    fields = _fields(entry, "fixes", required={"slug", "title"}, optional={"loses"})
    return FixOfCause(fields["slug"], fields["title"], fields.get("loses", ""))


def _fields(
    entry: object, key: str, required: set[str], optional: frozenset[str] | set[str] = frozenset()
) -> dict[str, str]:
    if not isinstance(entry, dict) or not required <= entry.keys() <= required | optional:
        raise Reason(f"an entry of {key} has other keys than {', '.join(sorted(required | optional))}")
    return {name: _text(value, f"{name} in {key}") for name, value in entry.items()}


def _list(front: Mapping[str, object], key: str) -> list[object]:
    value = front.get(key)
    if not isinstance(value, list):
        raise Reason(f"{key} is missing or is not a list")
    return value


def _member(front: Mapping[str, object], key: str, kind: type[Member]) -> Member:
    value = text_of_key(front, key)
    member = next((each for each in kind if each.value == value), None)
    if member is None:
        raise Reason(f"{key} is {value}, which is none of {', '.join(str(each.value) for each in kind)}")
    return member


def text_of_key(front: Mapping[str, object], key: str) -> str:
    """Return the text of a key. Raises Reason."""
    return _text(front.get(key), key)


def _text(value: object, name: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Reason(f"{name} is missing or is not text")
    return value


_TRANSLATION_KEYS = frozenset({"slug", "title", "fixes"})

HEADINGS: Mapping[Language, Sections] = {
    Language.FRENCH: ("Ce qui ne va pas", "Comment résoudre", "Bon à savoir"),
}
"""The headings of the three sections, by the language of the translation."""


TYPESETTING: Mapping[Language, Callable[[str], str]] = {Language.FRENCH: set_in_french}
"""The typography of each language: marks after a space must not begin a line."""


class TranslationMismatch(Reason):
    """A translation that does not match its cause."""


def read_translation(file: str, text: str, language: Language, cause: Cause) -> Cause:
    """Return the cause with the words of its translation. Raises MalformedCause."""
    try:
        front, body = split_front_matter(text)
        setting = TYPESETTING[language]
        fields = loaded(front, _TRANSLATION_KEYS)
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
    """Return all causes by slug, sorted by slug, in the given or the current language.

    A cause without a translation is in English. Raises MalformedCause.
    """
    return _catalogue(language or current_language())


def cause(slug: str) -> Cause:
    """Return the cause with that slug. Raises KeyError if there is none."""
    return catalogue()[slug]


def cause_file(folder: Path, language: Language, found: Cause) -> Path:
    """Return the file of a cause in a language; it need not exist: `en/network/endpoint-missing.md`."""
    return folder / language.value / found.link.name.lower() / f"{found.slug}{_SUFFIX}"


@cache
def _catalogue(language: Language) -> Mapping[str, Cause]:
    return causes_in(_HERE, language)


def causes_in(folder: Path, language: Language) -> Mapping[str, Cause]:
    """Return the causes of a folder, as `catalogue` does. Raises MalformedCause."""
    links = (each for each in (folder / Language.ENGLISH.value).iterdir() if each.is_dir())
    causes = [_read(file) for link in links for file in link.iterdir() if file.name.endswith(_SUFFIX)]
    in_order = sorted(causes, key=lambda each: each.slug)
    return MappingProxyType({each.slug: _in_words(folder, language, each) for each in in_order})


def _read(file: Path) -> Cause:
    read = read_cause(file.name, file.read_text(encoding="utf-8"))
    if read.slug != file.name.removesuffix(_SUFFIX):
        raise MalformedCause(file.name, f"its slug is {read.slug}, which is not its name")
    return read


def _in_words(folder: Path, language: Language, english: Cause) -> Cause:
    translation = cause_file(folder, language, english)
    if language is Language.ENGLISH or not translation.is_file():
        return english
    return read_translation(f"{language.value}/{translation.name}", translation.read_text("utf-8"), language, english)
