"""The types of values that a snapshot may hold: all that facts and their keys are made of, and no other.

Found from the sources of facts by their annotations: a new fact is known without a line here.
"""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from functools import cache
from typing import Any

import ssmtui.model
from ssmtui.evidence.gathering.reading import Derived, sources
from ssmtui.evidence.recorded.scope_record import ScopeHead, TheListing
from ssmtui.model.document_text import DocumentText
from ssmtui.model.need import MARKERS
from ssmtui.model.node import Node
from ssmtui.model.scope import ScopeError
from ssmtui.model.supposition import SupposedAnswers, Supposition

Fits = Callable[[object], bool]

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
def kinds() -> Mapping[str, type]:
    """Every kind of fact that is read or seen, by its name; and what IAM said of what a change would make of a role."""
    read = {kind.__name__: kind for kind, source in sources().items() if not isinstance(source, Derived)}
    return read | {SupposedAnswers.__name__: SupposedAnswers}


@cache
def fits(hint: object) -> Fits:
    """Whether a value is what an annotation says."""
    origin, members = typing.get_origin(hint), typing.get_args(hint)
    if origin in {types.UnionType, typing.Union}:
        ways = [fits(each) for each in members]
        return lambda value: any(way(value) for way in ways)
    if origin is tuple and members[-1] is not Ellipsis:
        each_of = [fits(each) for each in members]
        return lambda value: (
            isinstance(value, tuple)
            and len(value) == len(each_of)
            and all(way(each) for way, each in zip(each_of, value, strict=True))
        )
    if origin in {tuple, frozenset}:
        item = fits(members[0])
        return lambda value: isinstance(value, origin) and all(map(item, value))
    if origin is not None and issubclass(origin, Mapping):
        key, member = map(fits, members)
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
def members_of(kind: type) -> Mapping[str, Fits]:
    """The members of a dataclass, each with what fits there."""
    return {name: fits(hint) for name, hint in hints_of(kind).items()}


def _roots() -> Iterator[object]:
    yield from (ScopeHead, ScopeError, Node, TheListing, Supposition, SupposedAnswers, *MARKERS)
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
        for each in hints_of(hint).values():
            yield from _beneath(each, seen)


@cache
def hints_of(kind: type) -> Mapping[str, object]:
    """The members of a dataclass, each with its annotation."""
    # What a module of values imports for its annotations alone is a value, too.
    hints = typing.get_type_hints(kind, localns=_values_by_name())
    return {field.name: hints[field.name] for field in dataclasses.fields(kind) if field.init}


@cache
def _values_by_name() -> dict[str, Any]:
    modules = pkgutil.walk_packages(ssmtui.model.__path__, f"{ssmtui.model.__name__}.")
    found = (vars(importlib.import_module(module.name)) for module in modules)
    return {name: each for names in found for name, each in names.items() if isinstance(each, type)}
