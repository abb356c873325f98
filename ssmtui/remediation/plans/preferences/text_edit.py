"""Replace or add one value in a JSON or YAML text, and prove that nothing else changed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ssmtui.language import say
from ssmtui.model.document_text import DocumentFormat, DocumentText, MalformedText, Token, parse_document_text
from ssmtui.model.preferences import INPUTS

if TYPE_CHECKING:
    from ruamel.yaml.events import Event


Literal = Callable[[str | None], str]
"""Maps the current text of a value (None if it is absent) to the new text."""


class CannotEditError(ValueError):
    """A text that cannot be changed in only one place. The message continues "the document cannot be edited: …"."""


def cannot_edit_message(reason: CannotEditError) -> str:
    """Return why there is no plan."""
    return say("the preferences document must be edited by hand: {reason}", reason=reason)


def only_one_value_changed(before: Sequence[Token], after: Sequence[Token]) -> bool:
    """Return whether two texts differ only in one replaced value or one added sequence of tokens."""
    same_at_start = _same(before, after)
    same_at_end = _same(before[::-1], after[::-1])
    if len(before) == len(after):
        return same_at_start + same_at_end == len(before) - 1
    return len(after) > len(before) and same_at_start + same_at_end >= len(before)


def _same(one: Sequence[Token], other: Sequence[Token]) -> int:
    count = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        count += 1
    return count


_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\n\r]*")


@dataclass(frozen=True, slots=True)
class _Member:
    key: str
    key_start: int
    key_end: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Object:
    start: int
    members: tuple[_Member, ...]

    def member(self, key: str) -> _Member | None:
        """Return the last member with this key: JSON readers use the last."""
        return next((each for each in reversed(self.members) if each.key == key), None)


def with_json_value(text: str, path: Sequence[str], literal: Literal) -> str:
    """Return the text with the value at `path` written by `literal`; missing objects on the path are created.

    Raises:
        CannotEditError: something on the path is not an object.

    """
    found = _object_at(text, _past_space(text, 0))
    for name in path[:-1]:
        member = found.member(name)
        if member is None:
            return _inserted_json(text, found, name, _nested(path[path.index(name) + 1 :], literal))
        found = _object_at(text, member.start)
    member = found.member(path[-1])
    if member is None:
        return _inserted_json(text, found, path[-1], literal(None))
    return text[: member.start] + literal(text[member.start : member.end]) + text[member.end :]


def _object_at(text: str, start: int) -> _Object:
    if text[start : start + 1] != "{":
        raise CannotEditError(say("a single value is used instead of a group of settings"))
    members: list[_Member] = []
    at = _past_space(text, start + 1)
    while text[at] != "}":
        key, key_end = _DECODER.raw_decode(text, at)
        value_start = _past_space(text, _past_space(text, key_end) + 1)
        _, end = _DECODER.raw_decode(text, value_start)
        members.append(_Member(key, at, key_end, value_start, end))
        at = _past_space(text, end)
        if text[at] == ",":
            at = _past_space(text, at + 1)
    return _Object(start, tuple(members))


def _inserted_json(text: str, into: _Object, name: str, value: str) -> str:
    if not into.members:
        place = into.start + 1
        return f"{text[:place]}{json.dumps(name)}: {value}{text[place:]}"
    last = into.members[-1]
    if len(into.members) > 1:
        gap = text[into.members[-2].end : last.key_start]
    else:
        gap = "," + text[into.start + 1 : last.key_start]
    colon = text[last.key_end : last.start]
    return f"{text[: last.end]}{gap}{json.dumps(name)}{colon}{value}{text[last.end :]}"


def _nested(path: Sequence[str], literal: Literal) -> str:
    if not path:
        return literal(None)
    return f"{{{json.dumps(path[0])}: {_nested(path[1:], literal)}}}"


def _past_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


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
    """Return the text with the value at `path` written by `literal`; missing mappings on the path are created.

    Raises:
        CannotEditError: something on the path is not a mapping, or has a form that only its author should edit.

    """
    # The events of the stream's start and the document's start come before the root.
    text, found = document.text, _mapping(document.events[2:])
    for place, name in enumerate(path[:-1]):
        entry = found.entry(name)
        if entry is None:
            return _inserted_yaml(text, found, path[place:], literal(None))
        found = _mapping(entry.value)
    entry = found.entry(path[-1])
    if entry is None:
        return _inserted_yaml(text, found, path[-1:], literal(None))
    if type(entry.value[0]).__name__ != "ScalarEvent":
        raise CannotEditError(say("{path} is not a single value", path=path[-1]))
    _refuse_anchor(entry.value[0])
    return text[: entry.start] + literal(text[entry.start : entry.end]) + text[entry.end :]


def _mapping(events: Sequence[Event]) -> _Mapping:
    if type(events[0]).__name__ != "MappingStartEvent":
        raise CannotEditError(say("a single value is used instead of a group of settings"))
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
    """Refuse a value with an anchor: an alias can use it elsewhere, and the edit would change it there, too."""
    if getattr(event, "anchor", None):
        raise CannotEditError(say("a setting has a YAML anchor and can be used in several places"))


def _node(events: Sequence[Event], at: int) -> Sequence[Event]:
    """Return the events of the node that begins here."""
    depth, end = 0, at
    while True:
        name = type(events[end]).__name__
        depth += name.endswith("StartEvent")
        depth -= name.endswith("EndEvent")
        end += 1
        if not depth:
            return events[at:end]


def _inserted_yaml(text: str, into: _Mapping, path: Sequence[str], value: str) -> str:
    if into.in_braces:
        return _inserted_in_flow_mapping(text, into, path, value)
    first = into.entries[0]
    indent = text[text.rfind("\n", 0, _start(first.key)) + 1 : _start(first.key)]
    if indent.strip(" "):
        raise CannotEditError(say("the first setting does not start on its own line"))
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


def _inserted_in_flow_mapping(text: str, into: _Mapping, path: Sequence[str], value: str) -> str:
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


def with_value(document: DocumentText, path: Sequence[str], literal: Literal) -> DocumentText:
    """Return the document with the value at `path` written by `literal`; everything else stays the same, byte for byte.

    Raises:
        CannotEditError: the value cannot be written without changing something else.

    """
    is_json = document.format is DocumentFormat.JSON
    written = with_json_value(document.text, path, literal) if is_json else with_yaml_value(document, path, literal)
    edited = parse_document_text(written, document.format)
    if isinstance(edited, MalformedText):
        key = ".".join(path).removeprefix(f"{INPUTS}.")
        raise CannotEditError(say("ssmtui cannot change {key} in this notation", key=key))
    if not only_one_value_changed(document.tokens, edited.tokens):
        raise CannotEditError(say("{path} cannot be changed separately", path=path[-1]))
    return edited
