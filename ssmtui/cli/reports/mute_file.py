"""The mute file (docs/interface.md §2): what does not count, each entry for a reason and until a day."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path

from ssmtui.causes.catalogue import catalogue
from ssmtui.cli.refusals import UsageError
from ssmtui.cli.unknown_words import did_you_mean
from ssmtui.config.toml_places import BrokenToml, parsed, places, toml_text
from ssmtui.language import say
from ssmtui.model.plain_text import printable
from ssmtui.report.marking.mutes import Mute

_ENTRY = re.compile(r"^[ \t]*\[\[[ \t]*(?:mute|\"mute\"|'mute')[ \t]*\]\]", re.MULTILINE)
_PATTERNS = ("cause", "subject", "node")
_KEYS = (*_PATTERNS, "reason", "expires")


class _Mistake(ValueError):
    """What is wrong with an entry; `key` is where, empty for the entry itself."""

    def __init__(self, key: str, why: str) -> None:
        super().__init__(why)
        self.key = key


def read_mutes(file: Path) -> tuple[Mute, ...]:
    """The entries of a mute file.

    Raises:
        UsageError: it cannot be read, or says something that it cannot say; the sentence names each line.

    """
    try:
        text = toml_text(file, is_read_once=True)
        said = parsed(text)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(say("the mute file {file} cannot be read: {error}", file=file, error=error)) from error
    except BrokenToml as error:
        raise UsageError(f"{file}:{error.place.line}:{error.place.column}: {error}") from error
    entries = said.pop("mute", [])
    if said or not isinstance(entries, list) or not all(isinstance(each, Mapping) for each in entries):
        strange = next(iter(said), "mute")
        line = places(text)[strange,].line
        sentence = say(
            "{file}:{line}: a mute file has [[mute]] entries, and no {key}", file=file, line=line, key=strange
        )
        raise UsageError(sentence)
    mutes, mistakes = [], []
    for entry, (line, lines) in zip(entries, _entries(text, len(entries)), strict=True):
        try:
            mutes.append(_mute(entry, line))
        except _Mistake as mistake:
            mistakes.append(f"{file}:{line + lines.get(mistake.key, 0)}: {mistake}")
    if mistakes:
        raise UsageError("\n".join(mistakes))
    return tuple(mutes)


def still_held(mutes: Sequence[Mute], today: date) -> tuple[tuple[Mute, ...], tuple[Mute, ...]]:
    """The entries that hold on a day, and those that have expired."""
    return tuple(each for each in mutes if each.expires >= today), tuple(each for each in mutes if each.expires < today)


def expired_sentence(file: Path, mute: Mute) -> str:
    """That an entry has expired, and where it stands."""
    return say(
        "{file}:{line}: expired on {day}, and counts again: {reason}",
        file=file,
        line=mute.line,
        day=mute.expires.isoformat(),
        reason=printable(mute.reason),
    )


def idle_sentence(file: Path, mute: Mute) -> str:
    """That nothing was muted by an entry, and where it stands."""
    return say(
        "{file}:{line}: nothing here is muted by it: {reason}", file=file, line=mute.line, reason=printable(mute.reason)
    )


def _entries(text: str, count: int) -> Iterator[tuple[int, Mapping[str, int]]]:
    """The line of each entry, and of its keys from there. An array that is written in one value has that one line."""
    starts = [found.start() for found in _ENTRY.finditer(text)]
    if len(starts) != count:
        line = places(text)["mute",].line if count else 1
        yield from ((line, {}) for _ in range(count))
        return
    for start, end in pairwise((*starts, len(text))):
        within = {path[1]: place.line - 1 for path, place in places(text[start:end]).items() if len(path) == 2}
        yield text.count("\n", 0, start) + 1, within


def _mute(entry: Mapping[str, object], line: int) -> Mute:
    for key in entry:
        if key not in _KEYS:
            raise _Mistake(key, say("there is no key {key}.", key=printable(key)) + did_you_mean(key, _KEYS))
    causes, subjects, nodes = (_patterns(entry, key) for key in _PATTERNS)
    if not (causes or subjects or nodes):
        raise _Mistake("", say("an entry says which cause, subject or node it mutes"))
    for pattern in causes:
        mute = Mute((pattern,), (), (), "", date.max)
        if not any(mute.is_about({"cause": slug, "subject": {"id": ""}}) for slug in catalogue()):
            sentence = say("there is no cause {cause}.", cause=printable(pattern))
            raise _Mistake("cause", sentence + did_you_mean(pattern.strip("*?"), catalogue()))
    reason, expires = entry.get("reason"), entry.get("expires")
    if not isinstance(reason, str) or not reason.strip():
        raise _Mistake("reason", say('an entry says its reason: reason = "…"'))
    if not isinstance(expires, date) or isinstance(expires, datetime):
        raise _Mistake("expires", say("an entry says until which day it holds: expires = {day}", day="2027-01-31"))
    return Mute(causes, subjects, nodes, reason.strip(), expires, line)


def _patterns(entry: Mapping[str, object], key: str) -> tuple[str, ...]:
    if key not in entry:
        return ()
    value = entry[key]
    given = value if isinstance(value, list) else [value]
    if not given or not all(isinstance(each, str) and each for each in given):
        raise _Mistake(key, say("{key} is a text, or a list of texts", key=key))
    return tuple(str(each) for each in given)
