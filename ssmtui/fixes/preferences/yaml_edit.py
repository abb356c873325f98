"""One value of a YAML text replaced or added; comments, quotes, order and white space stay byte for byte.

The text is walked as the parser's events, which know where each stands in it. Nothing is ever dumped anew: a dump
would keep comments at best, and never the white space.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ssmtui.fixes.preferences.editing import CannotEdit, Literal
from ssmtui.language import say
from ssmtui.model.document_text import DocumentText

if TYPE_CHECKING:
    from ruamel.yaml.events import Event

_COMMA = re.compile(r"\s*,\s*")
_COLON = re.compile(r"\s*:\s+")


@dataclass(frozen=True, slots=True)
class _Entry:
    key: Event
    value: Sequence[Event]

    @property
    def name(self) -> str | None:
        value = getattr(self.key, "value", None)
        return value if isinstance(value, str) else None

    @property
    def start(self) -> int:
        return _start(self.value[0])

    @property
    def end(self) -> int:
        return _end(self.value[-1])


@dataclass(frozen=True, slots=True)
class _Mapping:
    event: Event
    entries: tuple[_Entry, ...]

    @property
    def in_braces(self) -> bool:
        return bool(getattr(self.event, "flow_style", False))

    def entry(self, name: str) -> _Entry | None:
        return next((each for each in self.entries if each.name == name), None)


def with_yaml_value(document: DocumentText, path: Sequence[str], literal: Literal) -> str:
    """Its text with the value at `path` written as `literal` says; mappings on the way are made where they are absent.

    Raises:
        CannotEdit: something on the way is no mapping, or is written in a way that ssmtui leaves to its author.

    """
    # The stream's and the document's start stand before the root.
    text, found = document.text, _mapping(document.events[2:])
    for place, name in enumerate(path[:-1]):
        entry = found.entry(name)
        if entry is None:
            return _inserted(text, found, path[place:], literal(None))
        found = _mapping(entry.value)
    entry = found.entry(path[-1])
    if entry is None:
        return _inserted(text, found, path[-1:], literal(None))
    if type(entry.value[0]).__name__ != "ScalarEvent":
        raise CannotEdit(say("{path} is no single value", path=path[-1]))
    _refuse_anchor(entry.value[0])
    return text[: entry.start] + literal(text[entry.start : entry.end]) + text[entry.end :]


def _mapping(events: Sequence[Event]) -> _Mapping:
    if type(events[0]).__name__ != "MappingStartEvent":
        raise CannotEdit(say("it has a single value where settings belong"))
    _refuse_anchor(events[0])
    entries: list[_Entry] = []
    at = 1
    while type(events[at]).__name__ != "MappingEndEvent":
        key = _node(events, at)
        value = _node(events, at + len(key))
        entries.append(_Entry(key[0], value))
        at += len(key) + len(value)
    return _Mapping(events[0], tuple(entries))


def _refuse_anchor(event: Event) -> None:
    """A value with an anchor may stand elsewhere too, by an alias: to change it here would change it there."""
    if getattr(event, "anchor", None):
        raise CannotEdit(say("a setting has a YAML anchor, by which it may stand in several places"))


def _node(events: Sequence[Event], at: int) -> Sequence[Event]:
    """The events of the one node that begins here."""
    depth, end = 0, at
    while True:
        name = type(events[end]).__name__
        depth += name.endswith("StartEvent")
        depth -= name.endswith("EndEvent")
        end += 1
        if not depth:
            return events[at:end]


def _inserted(text: str, into: _Mapping, path: Sequence[str], value: str) -> str:
    if into.in_braces:
        return _inserted_in_braces(text, into, path, value)
    first = into.entries[0]
    indent = text[text.rfind("\n", 0, _start(first.key)) + 1 : _start(first.key)]
    if indent.strip(" "):
        raise CannotEdit(say("its first setting does not begin a line"))
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = [f"{indent}{'  ' * depth}{name}:" for depth, name in enumerate(path)]
    written = newline.join(lines) + f" {value}"
    after = next((each for each in reversed(into.entries) if _on_one_line(each)), None)
    if after is None:
        place = _start(first.key)
        return f"{text[:place]}{written.removeprefix(indent)}{newline}{indent}{text[place:]}"
    place = text.find(newline, after.end)
    place = len(text) if place == -1 else place
    return f"{text[:place]}{newline}{written}{text[place:]}"


def _inserted_in_braces(text: str, into: _Mapping, path: Sequence[str], value: str) -> str:
    if not into.entries:
        place = _end(into.event)
        return f"{text[:place]}{_flowing(path, ': ', '', value)}{text[place:]}"
    last = into.entries[-1]
    gap = text[into.entries[-2].end : _start(last.key)] if len(into.entries) > 1 else ", "
    colon = text[_end(last.key) : last.start]
    quote = getattr(last.key, "style", None) or ""
    written = _flowing(path, colon if _COLON.fullmatch(colon) else ": ", quote, value)
    return f"{text[: last.end]}{gap if _COMMA.fullmatch(gap) else ', '}{written}{text[last.end :]}"


def _flowing(path: Sequence[str], colon: str, quote: str, value: str) -> str:
    name = f"{quote}{path[0]}{quote}{colon}"
    return name + (value if len(path) == 1 else f"{{{_flowing(path[1:], colon, quote, value)}}}")


def _on_one_line(entry: _Entry) -> bool:
    value = entry.value[0]
    return (
        type(value).__name__ == "ScalarEvent"
        and getattr(value, "style", None) in {None, '"', "'"}
        and entry.end > entry.start
        and bool(entry.key.start_mark.line == value.end_mark.line)
    )


def _start(event: Event) -> int:
    return int(event.start_mark.index)


def _end(event: Event) -> int:
    return int(event.end_mark.index)
