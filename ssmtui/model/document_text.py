"""The text of a stored document, byte for byte, and its parsed content."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from ssmtui.language import say
from ssmtui.text.json_text import MAX_DEPTH, holds_too_many_values, is_too_long, nests_too_deeply

if TYPE_CHECKING:
    from ruamel.yaml.events import Event


Token = tuple[object, ...]
"""A token of a text: a key, a value, the start or end of a mapping. White space and comments are not tokens."""


class DocumentFormat(Enum):
    """The storage format of a document; a change does not alter the format."""

    JSON = "JSON"
    YAML = "YAML"


@dataclass(frozen=True, slots=True)
class DocumentText:
    """A text that is a mapping. Two are equal if their bytes are equal.

    `said` is the document as plain data; `tokens` is the content in order, without white space: two texts have
    different content if their tokens differ. `events` have the positions in a YAML text; they are empty for JSON.
    """

    text: str
    format: DocumentFormat
    said: Mapping[str, object] = field(compare=False, repr=False)
    tokens: tuple[Token, ...] = field(compare=False, repr=False)
    events: tuple[Event, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class MalformedText:
    """A text that is not a JSON or YAML mapping. `why` continues "the document …".

    A text that `nests_too_deeply` or `is_too_long` can be valid for other readers: ssmtui does not read it.
    """

    text: str
    format: DocumentFormat
    why: str
    nests_too_deeply: bool = False
    is_too_long: bool = False


def parse_document_text(text: str, format_: DocumentFormat) -> DocumentText | MalformedText:
    """Parse a text."""
    if is_too_long(text):
        return MalformedText(text, format_, say("is longer than the limit of ssmtui"), is_too_long=True)
    return _of_json(text) if format_ is DocumentFormat.JSON else _of_yaml(text)


def is_equivalent_text(one: str, other: str, format_: DocumentFormat) -> bool:
    """Return whether two texts have the same content, ignoring white space; False if one of them cannot be read."""
    texts = parse_document_text(one, format_), parse_document_text(other, format_)
    read = [each for each in texts if isinstance(each, DocumentText)]
    if len(read) < len(texts) or read[0].tokens == read[1].tokens:
        return len(read) == len(texts)
    # Comparing the values of many nested aliases would take practically forever.
    return not any(holds_too_many_values(each.said) for each in read) and read[0].said == read[1].said


def _of_json(text: str) -> DocumentText | MalformedText:
    try:
        written: object = json.loads(text, object_pairs_hook=_Members)
        if nests_too_deeply(written):
            return _too_deep(text, DocumentFormat.JSON)
        if not isinstance(written, _Members):
            return _no_mapping(text, DocumentFormat.JSON)
        return DocumentText(text, DocumentFormat.JSON, _data_of(written), tuple(_json_tokens(written)))
    except RecursionError:
        return _too_deep(text, DocumentFormat.JSON)
    except ValueError as error:
        return MalformedText(text, DocumentFormat.JSON, say("cannot be read as JSON: {error}", error=error))


def _of_yaml(text: str) -> DocumentText | MalformedText:
    from ruamel.yaml import YAML  # noqa: PLC0415 - see the module's docstring
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415
    from ruamel.yaml.events import CollectionEndEvent, CollectionStartEvent  # noqa: PLC0415
    from ruamel.yaml.parser import Parser  # noqa: PLC0415

    events: list[Event] = []

    class Noting(Parser):
        """A parser that records its events and limits the nesting depth."""

        depth = 0

        def get_event(self) -> Event:
            event: Event = super().get_event()
            events.append(event)
            self.depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
            if self.depth > MAX_DEPTH:
                raise RecursionError
            return event

    # The pure loader reads YAML 1.2, in which `yes` and `on` are texts; the C loader would read YAML 1.1.
    yaml = YAML(typ="safe", pure=True)
    yaml.Parser = Noting
    # A warning would be printed over the screen.
    yaml.composer.warn_double_anchors = False
    try:
        data: object = yaml.load(text)
    except RecursionError:
        return _too_deep(text, DocumentFormat.YAML)
    except (YAMLError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError) as error:
        # ruamel's messages have several lines and repeat the text; the first line has the reason and the mark has the
        # place. A value that does not match its tag raises other exceptions: `!!bool x` raises a KeyError.
        what = str(getattr(error, "problem", None) or error).partition("\n")[0]
        mark = getattr(error, "problem_mark", None)
        where = say(" (line {line})", line=mark.line + 1) if mark is not None else ""
        why = say("cannot be read as YAML: {what}{where}", what=what, where=where)
        return MalformedText(text, DocumentFormat.YAML, why)
    if nests_too_deeply(data):
        return _too_deep(text, DocumentFormat.YAML)
    if not isinstance(data, Mapping):
        return _no_mapping(text, DocumentFormat.YAML)
    return DocumentText(text, DocumentFormat.YAML, data, tuple(map(_yaml_token, events)), tuple(events))


def _no_mapping(text: str, format_: DocumentFormat) -> MalformedText:
    return MalformedText(text, format_, say("is {format}, but not a mapping of settings", format=format_.value))


def _too_deep(text: str, format_: DocumentFormat) -> MalformedText:
    return MalformedText(text, format_, say("has more nested levels than the limit of ssmtui"), nests_too_deeply=True)


class _Members(tuple[tuple[str, object], ...]):
    """The members of an object as written, including repeated members."""

    __slots__ = ()


def _data_of(members: _Members) -> dict[str, object]:
    """Return the members as a dictionary. The last of repeated members counts, as in JSON readers."""
    return {name: _plain(value) for name, value in members}


def _plain(value: object) -> object:
    match value:
        case _Members():
            return _data_of(value)
        case list():
            return [_plain(each) for each in value]
    return value


def _json_tokens(value: object) -> Iterator[Token]:
    match value:
        case _Members():
            yield ("{",)
            for key, member in value:
                yield ("key", key)
                yield from _json_tokens(member)
            yield ("}",)
        case list():
            yield ("[",)
            for each in value:
                yield from _json_tokens(each)
            yield ("]",)
        case _:
            # repr distinguishes 1 from 1.0 and from true; == does not.
            yield ("value", repr(value))


def _yaml_token(event: Event) -> Token:
    return (
        type(event).__name__,
        str(getattr(event, "anchor", None)),
        str(getattr(event, "tag", None)),
        getattr(event, "value", None),
        getattr(event, "style", None),
    )
