"""Values as JSON, and back: each says of which type it is, and is taken for that type only where all of it fits.

A key of a fact has no declared type, and so a converter that goes by declared types (cattrs) could not read it back;
what does not fit is refused here, where such converters make a text of a number.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from math import isfinite
from typing import cast

from ssmtui.evidence.recorded.known_types import known_types, members_of
from ssmtui.model.document_text import DocumentFormat, DocumentText, document_text
from ssmtui.model.moment import in_utc, moment_in
from ssmtui.model.plan import JSON

TYPE = "$"
"""The member of an object that says which type the others are of."""

DEEPEST = 40
"""How deep values may be nested; those of facts are a dozen deep."""

_SET, _MAP, _MOMENT, _NAME = "set", "map", "datetime", "name"


class NoValue(ValueError):
    """JSON that is no value of a type that a snapshot may hold."""


def as_json(value: object) -> JSON:
    """A value as JSON. Raises TypeError where it is of no known type."""
    if value is None or type(value) in {bool, int, str} or (type(value) is float and isfinite(value)):
        return cast("JSON", value)
    if isinstance(value, tuple):
        return [as_json(each) for each in value]
    if isinstance(value, frozenset):
        return {TYPE: _SET, "of": sorted((as_json(each) for each in value), key=canonical)}
    if isinstance(value, Mapping):
        return {TYPE: _MAP, "of": [[as_json(key), as_json(each)] for key, each in value.items()]}
    if isinstance(value, datetime):
        return {TYPE: _MOMENT, "at": in_utc(value).isoformat()}
    kind = type(value)
    if known_types().get(kind.__name__) is not kind:
        raise TypeError(f"a snapshot holds no {kind.__name__}")
    if isinstance(value, DocumentText):
        return {TYPE: kind.__name__, "text": value.text, "format": value.format.value}
    if isinstance(value, Enum):
        return {TYPE: kind.__name__, _NAME: value.name}
    return {TYPE: kind.__name__, **{name: as_json(getattr(value, name)) for name in members_of(kind)}}  # type: ignore[arg-type]


def canonical(told: JSON) -> str:
    """JSON as the one text that stands for it."""
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def value_of(told: JSON, depth: int = 0) -> object:
    """The value in JSON of unknown origin.

    Raises:
        NoValue: it is none.

    """
    if depth > DEEPEST:
        raise NoValue("it is nested too deeply")
    if isinstance(told, str):
        return _text(told)
    if told is None or isinstance(told, bool | int) or (isinstance(told, float) and isfinite(told)):
        return told
    if isinstance(told, list):
        return tuple([value_of(each, depth + 1) for each in told])
    if isinstance(told, Mapping) and isinstance(name := told.get(TYPE), str):
        return _typed(name, {key: each for key, each in told.items() if key != TYPE}, depth)
    raise NoValue("it says of no type")


def _typed(name: str, members: Mapping[str, JSON], depth: int) -> object:
    match name, members:
        case "set", {"of": list() as items, **rest} if not rest:
            return _hashable(lambda: frozenset(value_of(each, depth + 1) for each in items))
        case "map", {"of": list() as pairs, **rest} if not rest:
            return _hashable(lambda: dict(_pair(each, depth) for each in pairs))
        case "datetime", {"at": str() as text, **rest} if not rest:
            return _moment(text)
    kind = known_types().get(name)
    if kind is None:
        raise NoValue(f"{name[:80]} is no type of a snapshot")
    if kind is DocumentText:
        return _document(members)
    if issubclass(kind, Enum):
        member = kind.__members__.get(str(members.get(_NAME)))
        if member is None or len(members) > 1:
            raise NoValue(f"it is no {name}")
        return member
    return _of_members(kind, members, depth)


def _of_members(kind: type, members: Mapping[str, JSON], depth: int) -> object:
    """A dataclass whose members are all there, and all fit: what one lacks might have changed what it means."""
    wanted = members_of(kind)
    if wanted.keys() != members.keys():
        raise NoValue(f"{kind.__name__} has other members")
    values = {name: value_of(each, depth + 1) for name, each in members.items()}
    for name, is_fit in wanted.items():
        if not is_fit(values[name]):
            raise NoValue(f"{kind.__name__}.{name} is of another type")
    try:
        return kind(**values)
    except (TypeError, ValueError) as error:
        raise NoValue(f"it is no {kind.__name__}") from error


def _text(told: str) -> str:
    if not told.isascii():
        try:
            told.encode()
        except UnicodeEncodeError as error:  # half a character, which no output could be given
            raise NoValue("no text") from error
    return told


def _hashable(make: Callable[[], object]) -> object:
    try:
        return make()
    except TypeError as error:
        raise NoValue("what must be told apart cannot be") from error


def _pair(told: JSON, depth: int) -> tuple[object, object]:
    match told:
        case [key, value]:
            return value_of(key, depth + 1), value_of(value, depth + 1)
    raise NoValue("a pair was expected")


def _moment(text: str) -> datetime:
    try:
        return moment_in(text, zone_needed=True)
    except ValueError as error:
        raise NoValue("it is no point in time") from error


def _document(members: Mapping[str, JSON]) -> object:
    match members:
        case {"text": str() as text, "format": str() as word, **rest} if not rest:
            known = {each.value: each for each in DocumentFormat}
            if word in known:
                return document_text(text, known[word])
    raise NoValue("it is no document")
