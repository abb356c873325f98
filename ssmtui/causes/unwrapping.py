"""An error text as people paste it, brought to the form that known texts are compared in.

A paste is wrapped by a terminal (within words, too), quoted by a mail program, prettified by a word processor, escaped
by a log, and comes with the scrollback around it. What survives all of that is the row of its visible characters: they
alone are compared.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_LONGEST = 1_000_000
"""Characters of a paste that are looked at, from its end: that is where an error stands in a scrollback."""

_CONTROL_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_ESCAPED_LINE_END = re.compile(r"(?:\\r)?\\n")
_QUOTE_MARK = re.compile(r"^[ \t]*[>|│┃]+[ \t]?", re.MULTILINE)
_QUOTES = str.maketrans("‘’‚‛′`“”„‟″«»", "''''''" + '"' * 7)
_CUT = re.compile(r"(?:\s*(?:\.\.\.|…|---(?:output|error) truncated-*))+[\s\"']*$", re.IGNORECASE)
_NARROWEST = 40
"""A terminal narrower than this is not thought of."""

# How a text reaches the person (facts/agent-errors.md, section 0): each begins another message.
_ENVELOPES = tuple(
    re.sub(r"\s", "", envelope).lower()
    for envelope in (
        "An error occurred (",
        "Starting session with SessionId:",
        "Your session has been terminated for the following reasons:",
    )
)


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a paste. `key` is its visible characters in lower case; `cut` says that nothing follows it."""

    text: str
    key: str
    cut: bool


def messages(pasted: str) -> tuple[Message, ...]:
    """The messages in a paste, in their order: what stands before the first envelope is one, too."""
    text = " ".join(_joined_lines(_plain(pasted[-_LONGEST:])).split())
    text = _CUT.sub("", text)
    key, places = _visible(text)
    starts = sorted({0, *_envelope_starts(key)})
    found = []
    for start, end in zip(starts, [*starts[1:], len(key)], strict=True):
        if start < end:
            piece = text[places[start] : places[end - 1] + 1]
            found.append(Message(piece, key[start:end], cut=end == len(key)))
    return tuple(found)


def visible(text: str) -> str:
    """The visible characters of a text in lower case, quotation marks made straight."""
    return _visible(_plain(text))[0]


def without_control_sequences(text: str) -> str:
    """The text without the sequences that colour a terminal's output or move its cursor."""
    return _CONTROL_SEQUENCE.sub("", text)


def _visible(text: str) -> tuple[str, list[int]]:
    """The visible characters, and the place of each in the text."""
    characters, places = [], []
    for place, character in enumerate(text):
        if character.isspace() or unicodedata.category(character) in {"Cc", "Cf"}:
            continue
        for lower in character.lower():
            characters.append(lower)
            places.append(place)
    return "".join(characters), places


def _plain(text: str) -> str:
    text = without_control_sequences(text)
    text = unicodedata.normalize("NFKC", html.unescape(text)).translate(_QUOTES)
    text = text.replace('\\"', '"').replace("\\'", "'").replace("\\t", "\t")
    text = _ESCAPED_LINE_END.sub("\n", text)
    return _QUOTE_MARK.sub("", text)


def _joined_lines(text: str) -> str:
    """The lines that a terminal broke at its width put together again, so that an ARN is one word."""
    lines = text.expandtabs(8).splitlines()
    width = max(map(len, lines), default=0)
    full = sum(len(line) == width for line in lines)
    if width < _NARROWEST or (full < 2 and width % 10):
        return "\n".join(lines)
    return "".join(line if len(line) == width else f"{line}\n" for line in lines)


def _envelope_starts(key: str) -> Iterator[int]:
    for envelope in _ENVELOPES:
        start = key.find(envelope)
        while start >= 0:
            yield start
            start = key.find(envelope, start + 1)
