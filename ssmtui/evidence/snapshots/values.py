"""Convert values of known types to JSON and back; every member must fit its annotation."""

from __future__ import annotations

import dataclasses
import importlib
import json
import pkgutil
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from enum import Enum
from functools import cache
from math import isfinite
from typing import Any, cast

import ssmtui.model
from ssmtui.evidence.facts.sources import DerivedFact, sources
from ssmtui.evidence.snapshots.record import ListingReference, ScopeHead
from ssmtui.model.document_text import DocumentFormat, DocumentText, parse_document_text
from ssmtui.model.fact import MARKERS
from ssmtui.model.node import Node
from ssmtui.model.plan import JSON, SupposedAnswers, Supposition
from ssmtui.model.scope import ScopeError
from ssmtui.text.times import in_utc, moment_in

TypePredicate = Callable[[object], bool]

_PLAIN = (bool, int, str, float)


@cache
def known_types() -> Mapping[str, type]:
    """Every dataclass and enum that may be in a snapshot, by its name."""
    found: dict[str, type] = {}
    for kind in _roots():
        for each in _beneath(kind):
            if found.setdefault(each.__name__, each) is not each:
                raise TypeError(f"two types of facts are called {each.__name__}")
    return found


@cache
def recorded_kinds() -> Mapping[str, type]:
    """Every kind of fact that is read or seen, by its name; and what IAM said of what a change would make of a role."""
    read = {kind.__name__: kind for kind, source in sources().items() if not isinstance(source, DerivedFact)}
    return read | {SupposedAnswers.__name__: SupposedAnswers}


@cache
def type_predicate(hint: object) -> TypePredicate:
    """Whether a value is what an annotation says."""
    origin, members = typing.get_origin(hint), typing.get_args(hint)
    if origin in {types.UnionType, typing.Union}:
        ways = [type_predicate(each) for each in members]
        return lambda value: any(way(value) for way in ways)
    if origin is tuple and members[-1] is not Ellipsis:
        each_of = [type_predicate(each) for each in members]
        return lambda value: (
            isinstance(value, tuple)
            and len(value) == len(each_of)
            and all(way(each) for way, each in zip(each_of, value, strict=True))
        )
    if origin in {tuple, frozenset}:
        item = type_predicate(members[0])
        return lambda value: isinstance(value, origin) and all(map(item, value))
    if origin is not None and issubclass(origin, Mapping):
        key, member = map(type_predicate, members)
        return lambda value: isinstance(value, Mapping) and all(key(k) and member(v) for k, v in value.items())
    if hint in {None, type(None)}:
        return lambda value: value is None
    if hint is float:
        return lambda value: type(value) in {float, int}
    if hint in _PLAIN:
        return lambda value: type(value) is hint
    if isinstance(hint, type):
        return lambda value: isinstance(value, hint)
    raise TypeError(f"a fact cannot be recorded that holds {hint}")


@cache
def field_predicates(kind: type) -> Mapping[str, TypePredicate]:
    """The members of a dataclass, each with what fits there."""
    return {name: type_predicate(hint) for name, hint in field_hints(kind).items()}


def _roots() -> Iterator[object]:
    yield from (ScopeHead, ScopeError, Node, ListingReference, Supposition, SupposedAnswers, *MARKERS)
    for kind, source in sources().items():
        # A fact that is worked out is no fact of a snapshot, but may be what tells one from others of its kind.
        yield kind
        yield from (need.kind for need in source.needs)


def _beneath(hint: object, seen: set[object] | None = None) -> Iterator[type]:
    seen = set() if seen is None else seen
    if hint in seen:
        return
    seen.add(hint)
    for each in typing.get_args(hint):
        yield from _beneath(each, seen)
    if not isinstance(hint, type):
        return
    if issubclass(hint, Enum) or hint is DocumentText:
        yield hint
    elif dataclasses.is_dataclass(hint):
        yield hint
        for each in field_hints(hint).values():
            yield from _beneath(each, seen)


@cache
def field_hints(kind: type) -> Mapping[str, object]:
    """The members of a dataclass, each with its annotation."""
    # What a module of values imports for its annotations alone is a value, too.
    hints = typing.get_type_hints(kind, localns=_values_by_name())
    return {field.name: hints[field.name] for field in dataclasses.fields(kind) if field.init}


@cache
def _values_by_name() -> dict[str, Any]:
    modules = pkgutil.walk_packages(ssmtui.model.__path__, f"{ssmtui.model.__name__}.")
    found = (vars(importlib.import_module(module.name)) for module in modules)
    return {name: each for names in found for name, each in names.items() if isinstance(each, type)}


TYPE_KEY = "$"
"""The member of an object that says which type the others are of."""

MAX_VALUE_DEPTH = 40
"""How deep values may be nested; those of facts are a dozen deep."""

_SET, _MAP, _MOMENT, _NAME = "set", "map", "datetime", "name"


class InvalidValue(ValueError):
    """JSON that is no value of a type that a snapshot may hold."""


def value_to_json(value: object) -> JSON:
    """A value as JSON. Raises TypeError where it is of no known type."""
    if value is None or type(value) in {bool, int, str} or (type(value) is float and isfinite(value)):
        return cast("JSON", value)
    if isinstance(value, tuple):
        return [value_to_json(each) for each in value]
    if isinstance(value, frozenset):
        return {TYPE_KEY: _SET, "of": sorted((value_to_json(each) for each in value), key=canonical_json)}
    if isinstance(value, Mapping):
        return {TYPE_KEY: _MAP, "of": [[value_to_json(key), value_to_json(each)] for key, each in value.items()]}
    if isinstance(value, datetime):
        return {TYPE_KEY: _MOMENT, "at": in_utc(value).isoformat()}
    kind = type(value)
    if known_types().get(kind.__name__) is not kind:
        raise TypeError(f"a snapshot holds no {kind.__name__}")
    if isinstance(value, DocumentText):
        return {TYPE_KEY: kind.__name__, "text": value.text, "format": value.format.value}
    if isinstance(value, Enum):
        return {TYPE_KEY: kind.__name__, _NAME: value.name}
    return {TYPE_KEY: kind.__name__, **{name: value_to_json(getattr(value, name)) for name in field_predicates(kind)}}  # type: ignore[arg-type]


def canonical_json(told: JSON) -> str:
    """JSON as the one text that stands for it."""
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def value_from_json(told: JSON, depth: int = 0) -> object:
    """The value in JSON of unknown origin.

    Raises:
        NoValue: it is none.

    """
    if depth > MAX_VALUE_DEPTH:
        raise InvalidValue("it is nested too deeply")
    if isinstance(told, str):
        return _text(told)
    if told is None or isinstance(told, bool | int) or (isinstance(told, float) and isfinite(told)):
        return told
    if isinstance(told, list):
        return tuple([value_from_json(each, depth + 1) for each in told])
    if isinstance(told, Mapping) and isinstance(name := told.get(TYPE_KEY), str):
        return _typed(name, {key: each for key, each in told.items() if key != TYPE_KEY}, depth)
    raise InvalidValue("it says of no type")


def _typed(name: str, members: Mapping[str, JSON], depth: int) -> object:
    match name, members:
        case "set", {"of": list() as items, **rest} if not rest:
            return _hashable(lambda: frozenset(value_from_json(each, depth + 1) for each in items))
        case "map", {"of": list() as pairs, **rest} if not rest:
            return _hashable(lambda: dict(_pair(each, depth) for each in pairs))
        case "datetime", {"at": str() as text, **rest} if not rest:
            return _moment(text)
    kind = known_types().get(name)
    if kind is None:
        raise InvalidValue(f"{name[:80]} is no type of a snapshot")
    if kind is DocumentText:
        return _document(members)
    if issubclass(kind, Enum):
        member = kind.__members__.get(str(members.get(_NAME)))
        if member is None or len(members) > 1:
            raise InvalidValue(f"it is no {name}")
        return member
    return _of_members(kind, members, depth)


def _of_members(kind: type, members: Mapping[str, JSON], depth: int) -> object:
    """A dataclass whose members are all there, and all fit: what one lacks might have changed what it means."""
    wanted = field_predicates(kind)
    if wanted.keys() != members.keys():
        raise InvalidValue(f"{kind.__name__} has other members")
    values = {name: value_from_json(each, depth + 1) for name, each in members.items()}
    for name, is_fit in wanted.items():
        if not is_fit(values[name]):
            raise InvalidValue(f"{kind.__name__}.{name} is of another type")
    try:
        return kind(**values)
    except (TypeError, ValueError) as error:
        raise InvalidValue(f"it is no {kind.__name__}") from error


def _text(told: str) -> str:
    if not told.isascii():
        try:
            told.encode()
        except UnicodeEncodeError as error:  # half a character, which no output could be given
            raise InvalidValue("no text") from error
    return told


def _hashable(make: Callable[[], object]) -> object:
    try:
        return make()
    except TypeError as error:
        raise InvalidValue("what must be told apart cannot be") from error


def _pair(told: JSON, depth: int) -> tuple[object, object]:
    match told:
        case [key, value]:
            return value_from_json(key, depth + 1), value_from_json(value, depth + 1)
    raise InvalidValue("a pair was expected")


def _moment(text: str) -> datetime:
    try:
        return moment_in(text, zone_needed=True)
    except ValueError as error:
        raise InvalidValue("it is no point in time") from error


def _document(members: Mapping[str, JSON]) -> object:
    match members:
        case {"text": str() as text, "format": str() as word, **rest} if not rest:
            known = {each.value: each for each in DocumentFormat}
            if word in known:
                return parse_document_text(text, known[word])
    raise InvalidValue("it is no document")
