"""Find the ideas that a text has words for. It imports no other module: the build loads it by its path.

Each file in `words/` has the words of one language by idea. A build keeps them as phrases: to parse the files takes
longer than everything else that `explain` does.
"""

from __future__ import annotations

import json
import re
import unicodedata
import zlib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import cast

KEPT = "words.json"
WORDS = "words"
"""The folder of the files."""

SMALL_WORDS = "small-words"
FILLERS = "fillers"
"""The keys of a file that are no ideas: words that any text has, and those that may be left out of a phrase."""

ANY_ENDING = "*"
AT_START = "^"
"""The mark of a phrase that counts only at the start of a text."""
_EAST_ASIAN = "[\u3041-\ud7a3]"
"""The pattern of a letter of Japanese, Chinese or Korean, whose words have no spaces or other endings. It is one range,
with rare signs between the syllables and the ideographs: Python takes a millisecond to compile a set of two ranges.
"""
_BETWEEN_SCRIPTS = re.compile(rf"(?<=[0-9A-Za-z])(?={_EAST_ASIAN})|(?<={_EAST_ASIAN})(?=[0-9A-Za-z])")

# These are compiled at their first use: an error text needs none of them.
_HIRAGANA = r"[\u3041-\u309f\u30fc]+"
"""The endings and particles of Japanese, which has no spaces."""
_ACCENT = r"[\u0300-\u036f]"
_NO_WORD = r"\W+|_"
_COMMAND = r"\b(?:start-session|execute-command)\b"
"""Commands of the AWS CLI. Each is one word, because any program can write that it cannot start a session."""
_START_OF_PHRASE = rf"(?<= )[^ ]|{_EAST_ASIAN}"

_PREFIX = 3
"""Characters by which a phrase is found."""


Phrases = Mapping[str, Mapping[str, str]]
"""The phrases of all languages by their first characters, each with its ideas between spaces.

A phrase that ends in a space is a whole word at its end; any ending may follow the others.
"""


def ideas_in(text: str) -> tuple[frozenset[str], bool]:
    """Return the ideas that a text has words for, and whether it has no other words."""
    phrases = vocabulary()
    whole = with_plain_words(text)
    short = _between_spaces(word for word in whole.split() if not _is_filler(word, phrases))
    ideas = set[str]()
    complete = _is_covered(short, _found(short, phrases, ideas))
    if whole != short:
        list(_found(whole, phrases, ideas))
    return frozenset(ideas) - {SMALL_WORDS, FILLERS}, complete


def _is_filler(word: str, phrases: Phrases) -> bool:
    phrase = f"{word} "
    return FILLERS in phrases.get(phrase[:_PREFIX], {}).get(phrase, "").split()


def _found(text: str, phrases: Phrases, ideas: set[str]) -> Iterator[tuple[int, int]]:
    """Yield the places of the phrases in a text, and add their ideas."""
    for place in (0, *(start.start() for start in re.finditer(_START_OF_PHRASE, text))):
        for length in (1,) if is_east_asian(text[place]) else (_PREFIX, _PREFIX - 1):
            for phrase, named in phrases.get(text[place : place + length], {}).items():
                if text.startswith(phrase, place):
                    ideas.update(named.split())
                    end = place + len(phrase)
                    yield place, end if is_east_asian(phrase[-1]) else text.index(" ", end - 1)


def _is_covered(text: str, places: Iterable[tuple[int, int]]) -> bool:
    left = list(text)
    for start, end in places:
        left[start:end] = " " * (end - start)
    return all(word.isdigit() or re.fullmatch(_HIRAGANA, word) for word in "".join(left).split())


def is_east_asian(letter: str) -> bool:
    """Return whether a letter is of Japanese, Chinese or Korean."""
    return "\u3041" <= letter <= "\ud7a3"


def with_scripts_apart(text: str) -> str:
    """Return the text with a space between Latin letters or digits and East Asian ones: a word also ends there."""
    return _BETWEEN_SCRIPTS.sub(" ", text)


def with_plain_words(text: str) -> str:
    """Return a text's words in lower case without accents, each between spaces."""
    lower = re.sub(_COMMAND, lambda found: found[0].replace("-", ""), text.casefold())
    bare = re.sub(_ACCENT, "", unicodedata.normalize("NFKD", lower))
    apart = with_scripts_apart(unicodedata.normalize("NFC", bare))
    return _between_spaces(re.sub(_NO_WORD, " ", apart).split())


def _between_spaces(words: Iterable[str]) -> str:
    return f" {' '.join(words)} "


@cache
def vocabulary() -> Phrases:
    """Return the phrases of all languages."""
    return phrases_in(Path(__file__).parent)


def phrases_in(folder: Path) -> Phrases:
    """Return the phrases of a folder: those that a build kept, or if a file has changed since, those of the files."""
    files = _files(folder)
    try:
        kept = json.loads((folder / KEPT).read_bytes())
        if kept["of"] == _checksum(files):
            return cast("Phrases", kept["phrases"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return read_phrases(map(_parsed, files.values()))


def kept_words(folder: Path) -> bytes:
    """Return what a build keeps of the files in a folder."""
    files = _files(folder)
    kept = {"of": _checksum(files), "phrases": read_phrases(map(_parsed, files.values()))}
    return json.dumps(kept, ensure_ascii=False, sort_keys=True).encode()


@cache
def languages() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Return the words for each idea by language, as the files have them."""
    return {name: _parsed(content) for name, content in _files(Path(__file__).parent).items()}


def read_phrases(read: Iterable[Mapping[str, Iterable[str]]]) -> Phrases:
    """Return the phrases of these languages."""
    files = list(read)
    fillers = frozenset(word for words in files for word in words.get(FILLERS, ()))
    ideas = dict[str, dict[str, None]]()
    for words in files:
        for idea, entries in words.items():
            for entry in entries:
                for phrase in _phrases(entry, fillers):
                    ideas.setdefault(phrase, {})[idea] = None
    phrases = dict[str, dict[str, str]]()
    for phrase, named in sorted(ideas.items()):
        prefix = phrase[: 1 if is_east_asian(phrase[0]) else _PREFIX]
        phrases.setdefault(prefix, {})[phrase] = " ".join(named)
    return phrases


def _phrases(entry: str, fillers: frozenset[str]) -> Iterator[str]:
    """Yield an entry as it is searched: as written, and without fillers if it still has two words."""
    words = with_plain_words(entry.removesuffix(ANY_ENDING)).split()
    short = [word for word in words if word not in fillers]
    # Only the start of a text has a space before its first word that belongs to no phrase.
    begins = " " if entry.startswith(AT_START) else ""
    ends_open = entry.endswith(ANY_ENDING) or is_east_asian(words[-1][-1])
    for each in (words, short if len(short) > 1 else words):
        yield begins + " ".join(each) + ("" if ends_open else " ")


def _files(folder: Path) -> Mapping[str, bytes]:
    return {file.stem: file.read_bytes() for file in sorted((folder / WORDS).glob("*.toml"))}


def _checksum(files: Mapping[str, bytes]) -> int:
    return zlib.crc32(b"".join(files.values()))


def _parsed(content: bytes) -> Mapping[str, tuple[str, ...]]:
    import tomllib  # noqa: PLC0415 - it takes 2 ms, and kept words do not need it

    return {idea: tuple(words) for idea, words in tomllib.loads(content.decode()).items()}
