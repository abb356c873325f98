"""An error text as people paste it, brought to the form that known texts are compared in.

A paste is wrapped by a terminal (within words, too), quoted by a mail program, prettified by a word processor, escaped
by a log, and comes with the scrollback around it. What survives all of that is the row of its visible characters
without its quotation marks: they alone are compared. The time is in proportion to the paste, whatever it holds.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from ssmtui.causes.log_lines import LogEntry, entries

_LONGEST = 1_000_000
"""Characters of a paste that are looked at, from its end: that is where an error stands in a scrollback."""

_CONTROL_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_ESCAPED_LINE_END = re.compile(r"(?:\\r)?\\n")
_ESCAPED_MARK = re.compile(r"\\([\"'_*\[\]#|`])")
_QUOTE_MARK = re.compile(r"^[ \t]*[>|│┃]+[ \t]?", re.MULTILINE)
_QUOTES = str.maketrans("‘’‚‛′`“”„‟″«»", "'" * 6 + '"' * 7)
_INVISIBLE = re.compile(r"[\s\x00-\x1f\x7f\"']+")
_MARKS_OF_A_CUT = ("...", "…", '"', "'")
_CUT_BY_THE_AGENT = re.compile(r"---(?:output|error) truncated-{0,8}", re.IGNORECASE)
_LONGEST_MARK = len("---Output truncated") + 8

# How a text reaches the person (docs/facts/failure-texts.md §1): each begins another message.
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
    """One message of a paste. `key` is what is compared of it; `cut` says that nothing follows it in the paste.

    `head` is how much of the key tells the level and component of a log's entry, before what the entry says.
    """

    text: str
    key: str
    cut: bool
    head: int = 0


def messages(pasted: str) -> tuple[Message, ...]:
    """The messages in a paste, in their order: the entries of a log, and of each what stands before an envelope."""
    text = _without_mark_of_a_cut(_plain(pasted[-_LONGEST:]))
    found = [message for entry in entries(text) for message in _taken_apart(entry)]
    if found:
        last = found[-1]
        found[-1] = Message(last.text, last.key, cut=True, head=last.head)
    return tuple(found)


def visible(text: str) -> str:
    """What is compared of a text: its visible characters in lower case, without quotation marks."""
    return _visible(_plain(text))


def without_control_sequences(text: str) -> str:
    """The text without the sequences that colour a terminal's output or move its cursor."""
    return _CONTROL_SEQUENCE.sub("", text)


def _taken_apart(entry: LogEntry) -> Iterator[Message]:
    text = " ".join(f"{entry.head}{entry.body}".split())
    key = _visible(text)
    head = len(_visible(entry.head))
    starts = sorted({0, *_envelope_starts(key)})
    places = _places(text) if len(starts) > 1 else []
    for start, end in zip(starts, [*starts[1:], len(key)], strict=True):
        if start < end:
            piece = text[places[start] : places[end - 1] + 1] if places else text
            yield Message(piece, key[start:end], cut=False, head=max(head - start, 0))


def _visible(text: str) -> str:
    if text.isascii():
        return _INVISIBLE.sub("", text).lower()
    return "".join(character.lower() for character in text if _is_visible(character))


def _places(text: str) -> list[int]:
    """The place in the text of each visible character."""
    return [place for place, character in enumerate(text) if _is_visible(character) for _ in character.lower()]


def _is_visible(character: str) -> bool:
    if character.isspace() or character in "\"'":
        return False
    return (character.isascii() and character.isprintable()) or unicodedata.category(character) not in {"Cc", "Cf"}


def _plain(text: str) -> str:
    text = without_control_sequences(text)
    # One character may become eighteen.
    text = unicodedata.normalize("NFKC", html.unescape(text))[-_LONGEST:].translate(_QUOTES)
    text = _ESCAPED_MARK.sub(r"\1", text).replace("\\t", "\t")
    text = _ESCAPED_LINE_END.sub("\n", text)
    return _QUOTE_MARK.sub("", text)


def _without_mark_of_a_cut(text: str) -> str:
    """The text without the marks at its end that say that something followed."""
    end = len(text)
    while (shorter := _before_a_mark(text, end)) < end:
        end = shorter
    return text[:end]


def _before_a_mark(text: str, end: int) -> int:
    while end and text[end - 1].isspace():
        end -= 1
    for mark in _MARKS_OF_A_CUT:
        if text.endswith(mark, 0, end):
            return end - len(mark)
    tail = max(end - _LONGEST_MARK, 0)
    truncated = [found for found in _CUT_BY_THE_AGENT.finditer(text, tail, end) if found.end() == end]
    return truncated[0].start() if truncated else end


def _envelope_starts(key: str) -> Iterator[int]:
    for envelope in _ENVELOPES:
        start = key.find(envelope)
        while start >= 0:
            yield start
            start = key.find(envelope, start + 1)
