"""Values of every type that a snapshot may hold, made up from the annotations of its members."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from random import Random

from ssmtui.evidence.snapshots.values import field_hints
from ssmtui.model.document_text import DocumentFormat, DocumentText, parse_document_text
from ssmtui.model.fact import Unreadable

_TEXTS = ("", "web-1", "$", "set", "\x1b[31m", "[b]", "../x", "\U0001f600", "\u2028", "é", "a" * 300)
_DOCUMENTS = ('{"a": [1, {"b": null}]}', '{"schemaVersion": "1.0"}', '{"a": 1, "a": 2}')


def made_up(hint: object, chance: Random) -> typing.Any:
    """Any value of an annotation."""
    origin, members = typing.get_origin(hint), typing.get_args(hint)
    if origin in {types.UnionType, typing.Union}:
        return made_up(chance.choice(members), chance)
    if origin is tuple and members[-1] is not ...:
        return tuple(made_up(each, chance) for each in members)
    if origin in {tuple, frozenset}:
        return origin(made_up(members[0], chance) for _ in range(chance.randrange(3)))
    if origin is not None and issubclass(origin, Mapping):
        return {made_up(members[0], chance): made_up(members[1], chance) for _ in range(chance.randrange(3))}
    if hint in {None, type(None)}:
        return None
    assert isinstance(hint, type), hint
    if issubclass(hint, Enum):
        return chance.choice(list(hint))
    return _PLAIN[hint](chance) if hint in _PLAIN else _of_members(hint, chance)


def _of_members(kind: type, chance: Random) -> object:
    members = {name: made_up(hint, chance) for name, hint in field_hints(kind).items()}
    if kind is Unreadable:
        members["source"] = members["source"] or "sts:GetCallerIdentity"
    assert dataclasses.is_dataclass(kind), kind
    return kind(**members)


_PLAIN: Mapping[type, typing.Callable[[Random], object]] = {
    bool: lambda chance: chance.random() < 0.5,
    int: lambda chance: chance.randrange(-5, 2**40),
    float: lambda chance: chance.random(),
    str: lambda chance: chance.choice(_TEXTS),
    datetime: lambda chance: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(microseconds=chance.randrange(10**15)),
    DocumentText: lambda chance: parse_document_text(chance.choice(_DOCUMENTS), DocumentFormat.JSON),
}
