"""A snapshot with everything replaced in it that names somebody's own; it is replayed like any other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import TypeVar, cast

from ssmtui.cli.snapshots.redacted_words import RedactedWords
from ssmtui.evidence.recorded.scope_record import RecordedFact, ScopeRecord, TheListing
from ssmtui.evidence.recorded.writing import Snapshot
from ssmtui.model.document_text import DocumentText, document_text
from ssmtui.model.policy import Statement
from ssmtui.report.redaction.pseudonyms import Kind

V = TypeVar("V")

_AWS_OWN: Mapping[type, frozenset[str]] = {Statement: frozenset({"actions", "not_actions"})}
"""Members that hold AWS's own words alone."""


def redacted(snapshot: Snapshot, key: bytes) -> tuple[Snapshot, Mapping[Kind, int]]:
    """The snapshot, and how many different names of each kind were replaced in it. `key` turns addresses."""
    words = RedactedWords(key)
    for record in snapshot.scopes:
        if (profile := record.head.scope.name.profile) is not None:
            words.redactor.learn(Kind.PROFILE, profile)
        for node in record.nodes:
            words.redactor.learn(Kind.NODE, node.name)
    # Sessions are called by the name of who opened them.
    callers = (record.head.scope.caller.rpartition("/")[2] for record in snapshot.scopes)
    words.learn(_texts((snapshot.scopes, snapshot.errors)), callers)
    scopes = tuple(_scope(record, words) for record in snapshot.scopes)
    errors = _value(snapshot.errors, words)
    return replace(snapshot, scopes=scopes, errors=errors, redacted=True), words.redactor.told


def _scope(record: ScopeRecord, words: RedactedWords) -> ScopeRecord:
    facts = tuple(RecordedFact(each.kind, _value(each.own, words), _value(each.value, words)) for each in record.facts)
    nodes = tuple(_value(each, words) for each in record.nodes)
    return ScopeRecord(_value(record.head, words), nodes, facts)


def _value(value: V, words: RedactedWords) -> V:
    """A value of the same type, every text in it replaced."""
    return cast("V", _replaced(value, words))


def _replaced(value: object, words: RedactedWords) -> object:
    if isinstance(value, str):
        return words.text(value)
    if isinstance(value, tuple):
        return tuple(_replaced(each, words) for each in value)
    if isinstance(value, frozenset):
        return frozenset(_replaced(each, words) for each in value)
    if isinstance(value, Mapping):
        return {_replaced(key, words): _replaced(each, words) for key, each in value.items()}
    if isinstance(value, DocumentText):
        return document_text(words.document(value), value.format)
    if is_dataclass(value) and not isinstance(value, type | Enum | TheListing):
        kept = _AWS_OWN.get(type(value), frozenset())
        members = {each.name: getattr(value, each.name) for each in fields(value)}
        return type(value)(**{name: each if name in kept else _replaced(each, words) for name, each in members.items()})
    return value


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple | frozenset):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, Mapping):
        for pair in value.items():
            yield from _texts(pair)
    elif isinstance(value, DocumentText):
        yield value.text
    elif is_dataclass(value) and not isinstance(value, type | Enum):
        for each in fields(value):
            yield from _texts(getattr(value, each.name))
