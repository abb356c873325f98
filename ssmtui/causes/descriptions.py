"""Match descriptions in a person's words to causes, in the languages of the files in `words/`.

A description has no fixed text. A cause names the ideas of its symptom (`described_by`), such as *disk* and *full*, and
each language has a file with the words for each idea. There is no grammar and no translation. A short text describes a
symptom if it has words for all its ideas, and if it is about Session Manager or has no other words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ssmtui.causes.catalogue import Cause
from ssmtui.causes.matching import Match, extract_fields, match_text
from ssmtui.causes.pasted_text import JAPANESE, with_scripts_apart

ABOUT_SESSIONS = "about-sessions"
ABOUT_SOMETHING_ELSE = "about-something-else"
ABOUT_A_WISH = "about-a-wish"
SMALL_WORDS = "small-words"
"""The keys of a language's file that are no ideas: words of Session Manager, of other functions, of a text that asks
for a new function, and of any text.
"""

_LONGEST = 800
"""Characters of a description. A longer text is a log or a page, and has words for everything."""

_OUTPUT = re.compile(
    r"\barn:aws|\bAn error occurred \(|\b\d\d:\d\d:\d\d\b|\bERROR\b|\b\w{1,100}Exception:|\bstatus code: \d"
)
"""What programs write, and people do not. An error text that no cause knows is not a description."""

_ACCENT = re.compile(r"[\u0300-\u036f]")
_NO_WORD = re.compile(r"\W+|_")
_HIRAGANA = re.compile(r"[\u3041-\u309f\u30fc]+")
"""The endings and particles of Japanese, which has no spaces."""
_OF_JAPANESE = re.compile(JAPANESE)
_END_OF_SENTENCE = re.compile(r"(?<=[.!?;])\s+|(?<=[。！？])|\n")
_ANY_ENDING = "*"


def match_paste(pasted: str, causes: Iterable[Cause]) -> tuple[Match, ...]:
    """Return the causes of what a person pasted or wrote, the likeliest first: an error text, or else a description."""
    every = tuple(causes)
    return match_text(pasted, every) or match_description(pasted, every)


def match_description(written: str, causes: Iterable[Cause]) -> tuple[Match, ...]:
    """Return the causes of a description in a person's words, the likeliest first; empty if it describes none."""
    if len(written) > _LONGEST or _OUTPUT.search(written):
        return ()
    words = vocabulary()
    sentences = [with_plain_words(each) for each in _END_OF_SENTENCE.split(written)]
    # A lost key in one sentence says nothing about the symptom in another.
    text = "".join(each for each in sentences if ABOUT_SOMETHING_ELSE not in _ideas(each, words))
    ideas = _ideas(text, words)
    says_nothing_else = text == "".join(sentences) and _says_nothing_else(text, ideas, words)
    if ABOUT_A_WISH in ideas or not (ABOUT_SESSIONS in ideas or says_nothing_else):
        return ()
    found = dict[str, tuple[float, int]]()
    for cause in causes:
        fitting = [(each.likelihood, len(each.ideas)) for each in cause.described_by if ideas.issuperset(each.ideas)]
        if fitting:
            found[cause.slug] = max(fitting)
    fields = extract_fields(" ".join(written.split())) if found else {}
    ranked = sorted(found.items(), key=lambda item: (-item[1][0], -item[1][1], item[0]))
    return tuple(Match(slug, likelihood, fields) for slug, (likelihood, _) in ranked)


def with_plain_words(text: str) -> str:
    """Return a text's words in lower case without accents, each between spaces."""
    bare = _ACCENT.sub("", unicodedata.normalize("NFKD", text.casefold()))
    apart = with_scripts_apart(unicodedata.normalize("NFC", bare))
    return f" {_NO_WORD.sub(' ', apart).strip()} "


@dataclass(frozen=True, slots=True)
class Words:
    """Words for an idea, as they are searched. `whole` is a pattern of the same words with their ending."""

    text: str
    whole: str


@cache
def vocabulary() -> Mapping[str, tuple[Words, ...]]:
    """Return the words for each idea, in all languages."""
    words = dict[str, dict[Words, None]]()
    for language in languages().values():
        for idea, entries in language.items():
            words.setdefault(idea, {}).update(dict.fromkeys(map(_words, entries)))
    return {idea: tuple(entries) for idea, entries in words.items()}


@cache
def languages() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Return the words for each idea by language, as the files have them."""
    import tomllib  # noqa: PLC0415 - it takes 2 ms, and error texts need no vocabulary

    folder = Path(__file__).with_name("words")
    read = {
        file.name.removesuffix(".toml"): tomllib.loads(file.read_text(encoding="utf-8"))
        for file in folder.iterdir()
        if file.name.endswith(".toml")
    }
    return {name: {idea: tuple(words) for idea, words in read[name].items()} for name in sorted(read)}


def _ideas(text: str, words: Mapping[str, tuple[Words, ...]]) -> frozenset[str]:
    return frozenset(idea for idea, entries in words.items() if any(each.text in text for each in entries))


def _words(entry: str) -> Words:
    plain = with_plain_words(entry.removesuffix(_ANY_ENDING))
    if _OF_JAPANESE.search(plain):
        return Words(plain.strip(), re.escape(plain.strip()))
    if entry.endswith(_ANY_ENDING):
        return Words(plain.rstrip(), rf"{re.escape(plain.strip())}\w*")
    return Words(plain, re.escape(plain.strip()))


def _says_nothing_else(text: str, ideas: frozenset[str], words: Mapping[str, tuple[Words, ...]]) -> bool:
    """Return whether a text has no word besides those of its ideas, and words that any text has."""
    said = [each for idea in {*ideas, SMALL_WORDS} for each in words.get(idea, ()) if each.text in text]
    rest = text
    for each in sorted(said, key=lambda each: -len(each.text)):
        around = "" if _OF_JAPANESE.search(each.text) else r"\b"
        rest = re.sub(rf"{around}{each.whole}{around}", " ", rest)
    return all(word.isdigit() or _HIRAGANA.fullmatch(word) for word in rest.split())
