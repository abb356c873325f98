"""Convert values of known types to JSON and back, including those that another version of ssmtui recorded."""

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
from functools import cache, partial
from hashlib import sha256
from math import isfinite
from typing import Any, cast

import ssmtui.model
from ssmtui.evidence.facts.sources import DerivedFact, sources
from ssmtui.evidence.snapshots.record import ListingReference, ScopeHead, not_recorded
from ssmtui.model.choice import ConnectionOption
from ssmtui.model.document_text import DocumentFormat, DocumentText, parse_document_text
from ssmtui.model.fact import MARKERS
from ssmtui.model.node import Instance, MetadataOptions, Node, NodeKey, NodeKind, Registration
from ssmtui.model.plan import JSON, SupposedAnswers, Supposition
from ssmtui.model.scope import OtherPrincipal, Scope, ScopeError, ScopeName, ScopeProblem
from ssmtui.text.times import in_utc, moment_in

TypePredicate = Callable[[object], bool]

_PLAIN = (bool, int, str, float)


@cache
def known_types() -> Mapping[str, type]:
    """Return all dataclasses and enums that a snapshot can contain, by name."""
    found: dict[str, type] = {}
    for kind in _roots():
        for each in _beneath(kind):
            if found.setdefault(each.__name__, each) is not each:
                raise TypeError(f"two types of facts are called {each.__name__}")
    return found


@cache
def recorded_kinds() -> Mapping[str, type]:
    """Return all kinds of fact that are read, by name; and IAM's recorded answers about changed roles."""
    read = {kind.__name__: kind for kind, source in sources().items() if not isinstance(source, DerivedFact)}
    return read | {SupposedAnswers.__name__: SupposedAnswers}


@cache
def fact_schema_hash() -> str:
    """Return a hash over the types that a snapshot can contain: their names, members and annotations.

    The hash is in the head of a snapshot. If it is equal, no value had to be adapted to this version's types.
    """
    return sha256(
        "\n".join(_declaration(name, known_types()[name]) for name in sorted(known_types())).encode()
    ).hexdigest()[:16]


def _declaration(name: str, kind: type) -> str:
    if kind is DocumentText:
        return name
    if dataclasses.is_dataclass(kind):
        hints = field_hints(kind).items()
        return f"{name}({', '.join(f'{member}: {_annotation(hint)}' for member, hint in hints)})"
    return f"{name}: {', '.join(kind.__members__)}"  # type: ignore[attr-defined]


def _annotation(hint: object) -> str:
    """Return an annotation as text that does not depend on Python's version or on the module of a type."""
    origin, members = typing.get_origin(hint), [_annotation(each) for each in typing.get_args(hint)]
    if origin in {types.UnionType, typing.Union}:
        return " | ".join(sorted(members))
    name: str = getattr(origin or hint, "__name__", "...")
    return f"{name}[{', '.join(members)}]" if members else name


@cache
def type_predicate(hint: object) -> TypePredicate:
    """Return a predicate that checks whether a value matches an annotation."""
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
    """Return the predicates of a dataclass's members."""
    return {name: type_predicate(hint) for name, hint in field_hints(kind).items()}


def _roots() -> Iterator[object]:
    yield from (ScopeHead, ScopeError, Node, ListingReference, Supposition, SupposedAnswers, *MARKERS)
    for kind, source in sources().items():
        # A derived fact is not in a snapshot, but its type can be part of a key.
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
    """Return the annotations of a dataclass's members."""
    # A type that a module of the model imports only for annotations is also needed.
    hints = typing.get_type_hints(kind, localns=_values_by_name())
    return {field.name: hints[field.name] for field in dataclasses.fields(kind) if field.init}


@cache
def _values_by_name() -> dict[str, Any]:
    modules = pkgutil.walk_packages(ssmtui.model.__path__, f"{ssmtui.model.__name__}.")
    found = (vars(importlib.import_module(module.name)) for module in modules)
    return {name: each for names in found for name, each in names.items() if isinstance(each, type)}


TYPE_KEY = "$"
"""The member of an object that contains the type of the object."""

MAX_VALUE_DEPTH = 40
"""Maximum nesting depth of values; facts have about twelve levels."""

_SET, _MAP, _MOMENT, _NAME = "set", "map", "datetime", "name"


class InvalidValue(ValueError):
    """JSON that is not a value of a type that a snapshot can contain."""


def value_to_json(value: object) -> JSON:
    """Return a value as JSON. Raises TypeError for an unknown type."""
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
    """Return the canonical text of JSON."""
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


_FRAME: frozenset[type] = frozenset(
    (
        *(ScopeHead, Scope, ScopeName, ScopeError, OtherPrincipal),
        *(Node, NodeKey, Instance, Registration, MetadataOptions),
    )
)
"""The types of scopes and nodes: a diagnosis needs them, so they are read as far as possible."""

Known = Mapping[str, object]


def _id_in(known: Known) -> str:
    key = known.get("key")
    if not isinstance(key, NodeKey):
        raise InvalidValue("Node.key is missing or has another type")
    return key.id


_SUBSTITUTES: Mapping[tuple[type, str], Callable[[Known], object]] = {
    (Node, "name"): _id_in,
    (Node, "tags"): lambda _: (),
    (Node, "kind"): lambda known: NodeKind.of_id(_id_in(known)),
    (Node, "instance"): lambda _: not_recorded("ec2:DescribeInstances"),
    (Node, "registration"): lambda _: not_recorded("ssm:DescribeInstanceProperties"),
    (Scope, "dns_suffix"): lambda _: "",
    (Scope, "caller"): lambda _: "",
    (Scope, "principal"): lambda _: None,
    (ScopeName, "profile"): lambda _: None,
    (ScopeHead, "whom"): lambda _: ConnectionOption.ALL,
    (ScopeError, "problem"): lambda _: ScopeProblem.REPORTED,
    (ScopeError, "advice"): lambda _: "",
}
"""Substitutes for unreadable members of the frame that have no default."""


@cache
def _defaults(kind: type) -> Mapping[str, Callable[[], object]]:
    defaults: dict[str, Callable[[], object]] = {}
    for each in dataclasses.fields(kind):
        if each.default is not dataclasses.MISSING:
            defaults[each.name] = partial(_same, each.default)
        elif each.default_factory is not dataclasses.MISSING:
            defaults[each.name] = each.default_factory
    return defaults


def _same(value: object) -> object:
    return value


class ValueReader:
    """Reads values from JSON of unknown origin.

    `left_out` is the number of unreadable values, which are unknown. `is_adapted`: values of another version were read;
    unknown members were ignored, or missing members got their defaults.
    """

    def __init__(self) -> None:
        self.left_out = 0
        self.is_adapted = False

    def read(self, told: JSON, depth: int = 0, *, is_frame: bool = False) -> object:
        """Return the value from JSON; for a frame, the parts that can be read.

        Raises:
            InvalidValue: it is not a value, or too little of it can be read.

        """
        if depth > MAX_VALUE_DEPTH:
            raise InvalidValue("too many nested levels")
        if isinstance(told, str):
            return _text(told)
        if told is None or isinstance(told, bool | int) or (isinstance(told, float) and isfinite(told)):
            return told
        if isinstance(told, list):
            return tuple(self._items(told, depth) if is_frame else [self.read(each, depth + 1) for each in told])
        if isinstance(told, Mapping) and isinstance(name := told.get(TYPE_KEY), str):
            return self._typed(name, told, depth, is_frame=is_frame)
        raise InvalidValue("the type is missing")

    def _items(self, told: list[JSON], depth: int) -> list[object]:
        items: list[object] = []
        for each in told:
            try:
                items.append(self.read(each, depth + 1, is_frame=True))
            except InvalidValue:
                self.left_out += 1
        return items

    def _typed(self, name: str, told: Mapping[str, JSON], depth: int, *, is_frame: bool) -> object:
        match name, told:
            case "set", {"of": list() as items} if len(told) == 2:
                return _hashable(lambda: frozenset(self.read(each, depth + 1) for each in items))
            case "map", {"of": list() as pairs} if len(told) == 2:
                return _hashable(lambda: dict(self._pair(each, depth + 1) for each in pairs))
            case "datetime", {"at": str() as text} if len(told) == 2:
                return _moment(text)
        kind = known_types().get(name)
        if kind is None:
            raise InvalidValue(f"{name[:80]} is not a type of a snapshot")
        if kind is DocumentText:
            return _document(told)
        if issubclass(kind, Enum):
            member = kind.__members__.get(str(told.get(_NAME)))
            if member is None or len(told) > 2:
                raise InvalidValue(f"not a {name}")
            return member
        return self._of_members(kind, told, depth, is_frame=is_frame and kind in _FRAME)

    def _of_members(self, kind: type, told: Mapping[str, JSON], depth: int, *, is_frame: bool) -> object:
        """Return a dataclass. An invalid member makes the whole value unknown, except in a frame."""
        values: dict[str, object] = {}
        found = 0
        for name, is_fit in field_predicates(kind).items():
            if name not in told:
                continue
            found += 1
            try:
                value = self.read(told[name], depth + 1, is_frame=is_frame)
                if not is_fit(value):
                    raise InvalidValue(f"{kind.__name__}.{name} has another type")
            except InvalidValue:
                if not is_frame:
                    raise
            else:
                values[name] = value
        if found < len(told) - 1:
            self.is_adapted = True
        if len(values) < len(field_predicates(kind)):
            self._complete(kind, told, values, is_frame=is_frame)
        try:
            return kind(**values)
        except (TypeError, ValueError) as error:
            raise InvalidValue(f"not a {kind.__name__}") from error

    def _complete(self, kind: type, told: Mapping[str, JSON], values: dict[str, object], *, is_frame: bool) -> None:
        """Add substitutes and defaults for the members that were not read."""
        for name in field_predicates(kind):
            if name in values:
                continue
            if is_frame and (kind, name) in _SUBSTITUTES:
                values[name] = _SUBSTITUTES[kind, name](values)
                self.left_out += 1
            elif name in _defaults(kind) and name not in told:
                values[name] = _defaults(kind)[name]()
                self.is_adapted = True
            elif name in _defaults(kind) and is_frame:
                values[name] = _defaults(kind)[name]()
                self.left_out += 1
            else:
                raise InvalidValue(f"{kind.__name__}.{name} is missing")

    def _pair(self, told: JSON, depth: int) -> tuple[object, object]:
        match told:
            case [key, value]:
                return self.read(key, depth), self.read(value, depth)
        raise InvalidValue("a pair was expected")


def _text(told: str) -> str:
    if not told.isascii():
        try:
            told.encode()
        except UnicodeEncodeError as error:  # a lone surrogate, which cannot be printed
            raise InvalidValue("not a text") from error
    return told


def _hashable(make: Callable[[], object]) -> object:
    try:
        return make()
    except TypeError as error:
        raise InvalidValue("a value is not hashable") from error


def _moment(text: str) -> datetime:
    try:
        return moment_in(text, zone_needed=True)
    except ValueError as error:
        raise InvalidValue("not a time") from error


def _document(told: Mapping[str, JSON]) -> object:
    match told:
        case {"text": str() as text, "format": str() as word} if len(told) == 3:
            known = {each.value: each for each in DocumentFormat}
            if word in known:
                return parse_document_text(text, known[word])
    raise InvalidValue("not a document")
