"""Snapshots read back: files of unknown origin. What is not as promised is refused, and nothing of it counts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import BinaryIO, TypeVar, cast

from ssmtui.evidence.recorded.frame import FrameReader
from ssmtui.evidence.recorded.known_types import fits, kinds
from ssmtui.evidence.recorded.packed_lines import NotASnapshot, objects_in
from ssmtui.evidence.recorded.scope_record import RecordedFact, ScopeHead, ScopeRecord, TheListing
from ssmtui.evidence.recorded.values import NoValue, value_of
from ssmtui.evidence.recorded.writing import END, ERROR, FACT, HEAD, NODE, SCHEMA, SCOPE, Snapshot
from ssmtui.language import say, say_many
from ssmtui.model.need import MARKERS
from ssmtui.model.node import Node
from ssmtui.model.plan import JSON
from ssmtui.model.scope import Scope, ScopeError, ScopeName, ScopeProblem

V = TypeVar("V")

PARTS = frozenset({HEAD, SCOPE, NODE, FACT, ERROR, END})

_FAMILY = re.compile(r"ssmtui\.snapshot/[1-9]\d{0,3}")
_PLACE = {
    "account": r"\d{12}",
    "region": r"[a-z]{2,}(-[a-z]+)+-\d+",
    "partition": r"aws[a-z-]*",
    "dns_suffix": r"[a-z0-9.-]*",
}
"""What commands and ARNs are made of as it stands: on the live way it comes from AWS and the SDK, here from a file."""


@dataclass(frozen=True, slots=True)
class ReadSnapshot:
    """A snapshot that was read; `left_out` counts what is of a form that this version does not know."""

    snapshot: Snapshot
    left_out: int = 0


def read_snapshot(file: BinaryIO) -> ReadSnapshot:
    """The snapshot in a file.

    Raises:
        NotASnapshot: it is none, or none that this version reads.

    """
    reader = _Reader()
    ended = False
    for number, part in enumerate(objects_in(file), 1):
        if ended:
            raise NotASnapshot(say("goes on after its end"))
        if number == 1 and part.get("part") != HEAD:
            raise NotASnapshot(say("is no snapshot of ssmtui"))
        try:
            if part.get("part") == END:
                ended = True
                reader.end(part)
            else:
                reader.take(part)
        except NoValue as error:
            what = say("is damaged, or no snapshot of ssmtui: line {number}: {what}", number=number, what=error)
            raise NotASnapshot(what) from error
    if not ended:
        raise NotASnapshot(say("was cut off: it ends before its end"))
    return reader.read()


@dataclass(slots=True)
class _Scope:
    """What was read of a scope; `head` is None if too little of it could be, `lost` counts nodes that could not be."""

    head: ScopeHead | None
    lost: int = 0
    nodes: dict[str, Node] = field(default_factory=dict)
    facts: dict[tuple[type, object], RecordedFact] = field(default_factory=dict)

    def whole_head(self) -> ScopeHead:
        """The head; in error where not all nodes are known."""
        if self.head is None:
            raise TypeError("a scope without a head")
        if not self.lost:
            return self.head
        words = say_many(
            "{count} node of the snapshot cannot be read.", "{count} nodes of the snapshot cannot be read.", self.lost
        )
        error = ScopeError(self.head.scope.name, ScopeProblem.REPORTED, words, "")
        return replace(self.head, errors=(*self.head.errors, error))


@dataclass(slots=True)
class _Reader:
    """What a file has told so far."""

    made: datetime | None = None
    version: str = ""
    redacted: bool = False
    about: tuple[tuple[str, str], ...] = ()
    errors: list[ScopeError] = field(default_factory=list)
    scopes: list[_Scope] = field(default_factory=list)
    parts: int = 0
    left_out: int = 0
    frame: FrameReader = field(default_factory=FrameReader)

    def take(self, part: Mapping[str, JSON]) -> None:
        """Take in one part. Raises NoValue, NotASnapshot."""
        self.parts += 1
        match part:
            case {"part": "snapshot"} if self.parts == 1:
                self._head(part)
            case {"part": "error", "value": value}:
                self._error(value)
            case {"part": "scope", "of": int() as number, "value": value} if number == len(self.scopes):
                self._scope(value)
            case {"part": "node", "of": int() as number, "value": value}:
                self._node(self._at(number), value)
            case {"part": "fact", "of": int() as number, "kind": str() as kind, "own": own, "value": value}:
                self._fact(self._at(number), kind, own, value)
            case {"part": str() as word} if word not in PARTS:
                self.left_out += 1
            case _:
                raise NoValue("no part of a snapshot")

    def end(self, part: Mapping[str, JSON]) -> None:
        """Take in the end, which says how many parts there were. Raises NoValue."""
        if part.get("parts") != self.parts:
            raise NoValue("not all of its lines are there")

    def read(self) -> ReadSnapshot:
        """All of it. Raises NotASnapshot."""
        if self.made is None:
            raise NotASnapshot(say("is no snapshot of ssmtui"))
        scopes = tuple(
            ScopeRecord(each.whole_head(), tuple(each.nodes.values()), tuple(each.facts.values()))
            for each in self.scopes
            if each.head is not None
        )
        read = Snapshot(self.made, scopes, tuple(self.errors), self.redacted, self.version, self.about)
        return ReadSnapshot(read, self.left_out + self.frame.left_out)

    def _head(self, part: Mapping[str, JSON]) -> None:
        match part:
            case {"schema": str() as schema} if schema != SCHEMA:
                raise NotASnapshot(_other_schema(schema))
            case {"schema": str(), "ssmtui": str() as version, "made": made, "redacted": bool() as redacted}:
                self.made, self.version, self.redacted = _taken(datetime, made), version, redacted
                self.about = _about(value_of(part.get("about", [])))
            case _:
                raise NoValue("no head of a snapshot")

    def _at(self, number: int) -> _Scope:
        if not 0 <= number < len(self.scopes):
            raise NoValue("of a scope that is not there")
        return self.scopes[number]

    def _error(self, value: JSON) -> None:
        try:
            self.errors.append(self._framed(ScopeError, value))
        except NoValue:
            self.left_out += 1
            self.errors.append(_unknown_scope({}))

    def _scope(self, value: JSON) -> None:
        """A scope of which too little can be read is in error, and what follows of it is passed over."""
        try:
            head = self._framed(ScopeHead, value)
        except NoValue:
            self.left_out += 1
            self.scopes.append(_Scope(None))
            self.errors.append(_unknown_scope(value))
            return
        self.scopes.append(_Scope(_in_one_place(head)))

    def _framed(self, kind: type[V], value: JSON) -> V:
        read = self.frame.read(value)
        if not isinstance(read, kind):
            raise NoValue(f"no {kind.__name__}")
        return read

    def _node(self, scope: _Scope, value: JSON) -> None:
        if scope.head is None:
            return
        try:
            node = self._framed(Node, value)
        except NoValue:
            self.left_out += 1
            scope.lost += 1
            return
        place = scope.head.scope
        if (node.key.account, node.key.region) != (place.account, place.region):
            raise NoValue("a node of another scope")
        if scope.nodes.setdefault(node.id, node) is not node:
            raise NoValue("a node that is there twice")

    def _fact(self, scope: _Scope, name: str, own: JSON, value: JSON) -> None:
        try:
            fact = _fact(name, own, value)
        except NoValue:
            # Another version's fact may be of another form. What is left out is unknown, and never judged by half.
            self.left_out += 1
            return
        if scope.facts.setdefault((fact.kind, fact.own), fact) is not fact:
            raise NoValue("a fact that is there twice")


def _fact(name: str, own: JSON, value: JSON) -> RecordedFact:
    kind = kinds().get(name)
    if kind is None:
        raise NoValue("no kind of fact")
    key, fact = value_of(own), value_of(value)
    try:
        hash(key)
    except TypeError as error:
        raise NoValue("what tells a fact from others cannot be told apart") from error
    stands_for_it = isinstance(fact, TheListing) and fact.kind == name
    if not (isinstance(fact, (*MARKERS, kind)) or stands_for_it):
        raise NoValue(f"no {name}")
    return RecordedFact(kind, key, fact)


def _unknown_scope(value: JSON) -> ScopeError:
    """A scope of which this version reads too little: it is in error, by the Region that it names."""
    told: JSON = value
    for member in ("scope", "region"):
        told = told.get(member) if isinstance(told, Mapping) else None
    region = told if isinstance(told, str) and re.fullmatch(_PLACE["region"], told) else ""
    words = say("The snapshot holds an account's Region that this version of ssmtui cannot read.")
    return ScopeError(ScopeName(None, region), ScopeProblem.REPORTED, words, "")


def _in_one_place(head: ScopeHead) -> ScopeHead:
    scope = head.scope
    for member, form in _PLACE.items():
        if re.fullmatch(form, getattr(scope, member)) is None:
            raise NoValue(f"no {member}")
    if not _is_of(scope):
        raise NoValue("a scope of two Regions")
    return head


def _is_of(scope: Scope) -> bool:
    return scope.name.region == scope.region


def _taken(kind: type[V], value: JSON) -> V:
    taken = value_of(value)
    if not isinstance(taken, kind):
        raise NoValue(f"no {kind.__name__}")
    return taken


def _about(value: object) -> tuple[tuple[str, str], ...]:
    if not fits(tuple[tuple[str, str], ...])(value):
        raise NoValue("no head of a snapshot")
    return cast("tuple[tuple[str, str], ...]", value)


def _other_schema(schema: str) -> str:
    if _FAMILY.fullmatch(schema):
        return say("is a snapshot of a later ssmtui, by the schema {schema}: update ssmtui", schema=schema)
    return say("is no snapshot of ssmtui")
