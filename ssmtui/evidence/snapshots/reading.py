"""Read snapshots of unknown origin. A snapshot that breaks the format is refused as a whole."""

from __future__ import annotations

import gzip
import io
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import BinaryIO, NoReturn, TypeVar, cast

from ssmtui.evidence.snapshots.record import ListingReference, RecordedFact, ScopeHead, ScopeRecord
from ssmtui.evidence.snapshots.values import InvalidValue, ValueReader, fact_schema_hash, recorded_kinds, type_predicate
from ssmtui.evidence.snapshots.writing import END, ERROR, FACT, HEAD, NODE, SCHEMA, SCOPE, Snapshot
from ssmtui.language import say, say_many
from ssmtui.model.fact import MARKERS
from ssmtui.model.node import Node
from ssmtui.model.plan import JSON
from ssmtui.model.scope import Scope, ScopeError, ScopeName, ScopeProblem

MAX_LINE_BYTES = 64 * 2**20
MAX_BYTES = 2**30
"""What a snapshot may hold, unpacked: 100,000 nodes are a fifth of it. A file that unpacks to more is refused."""

_PACKED = b"\x1f\x8b"


class InvalidSnapshot(ValueError):
    """A file that is no snapshot, or none that this version reads. Its text goes on from "FILE …"."""


def read_objects(file: BinaryIO) -> Iterator[Mapping[str, JSON]]:
    """The objects, one a line; of a file that is not packed, too.

    Raises:
        NotASnapshot: it does not hold such lines, or too much.

    """
    begun = file.read(len(_PACKED))
    if not begun:
        raise InvalidSnapshot(say("is empty"))
    whole = io.BufferedReader(_RewoundStream(begun, file))
    unpacked = gzip.GzipFile(fileobj=whole, mode="rb") if begun == _PACKED else whole
    taken = 0
    number = 0
    try:
        while line := unpacked.readline(MAX_LINE_BYTES + 1):
            number += 1
            taken += len(line)
            if len(line) > MAX_LINE_BYTES or taken > MAX_BYTES:
                raise InvalidSnapshot(say("holds more than a snapshot may: {most} MB", most=MAX_BYTES // 2**20))
            yield _object(line, number)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InvalidSnapshot(say("cannot be unpacked: it is damaged, or was cut off")) from error


class _RewoundStream(io.RawIOBase):
    """A stream with its beginning put back."""

    def __init__(self, begun: bytes, rest: BinaryIO) -> None:
        self._begun = begun
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        piece = self._begun[: len(buffer)] or self._rest.read(len(buffer))
        self._begun = self._begun[len(piece) :]
        buffer[: len(piece)] = piece
        return len(piece)


def _object(line: bytes, number: int) -> Mapping[str, JSON]:
    try:
        told = json.loads(line, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:  # no JSON, no UTF-8, too many digits, too deep
        what = say("is no snapshot of ssmtui, or damaged: line {number} is no JSON", number=number)
        raise InvalidSnapshot(what) from error
    if not isinstance(told, dict):
        raise InvalidSnapshot(say("is no snapshot of ssmtui: line {number} is no object", number=number))
    return told


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")


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
    """A snapshot that was read; `left_out` counts what is of a form that this version does not know.

    `is_adapted` says whether members that only this or only another version knows were given defaults, or ignored.
    """

    snapshot: Snapshot
    left_out: int = 0
    is_adapted: bool = False


def read_snapshot(file: BinaryIO) -> ReadSnapshot:
    """The snapshot in a file.

    Raises:
        NotASnapshot: it is none, or none that this version reads.

    """
    reader = _Reader()
    ended = False
    for number, part in enumerate(read_objects(file), 1):
        if ended:
            raise InvalidSnapshot(say("goes on after its end"))
        if number == 1 and part.get("part") != HEAD:
            raise InvalidSnapshot(say("is no snapshot of ssmtui"))
        try:
            if part.get("part") == END:
                ended = True
                reader.end(part)
            else:
                reader.take(part)
        except InvalidValue as error:
            what = say("is damaged, or no snapshot of ssmtui: line {number}: {what}", number=number, what=error)
            raise InvalidSnapshot(what) from error
    if not ended:
        raise InvalidSnapshot(say("was cut off: it ends before its end"))
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
    has_other_facts: bool = False
    values: ValueReader = field(default_factory=ValueReader)

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
                raise InvalidValue("no part of a snapshot")

    def end(self, part: Mapping[str, JSON]) -> None:
        """Take in the end, which says how many parts there were. Raises NoValue."""
        if part.get("parts") != self.parts:
            raise InvalidValue("not all of its lines are there")

    def read(self) -> ReadSnapshot:
        """All of it. Raises NotASnapshot."""
        if self.made is None:
            raise InvalidSnapshot(say("is no snapshot of ssmtui"))
        scopes = tuple(
            ScopeRecord(each.whole_head(), tuple(each.nodes.values()), tuple(each.facts.values()))
            for each in self.scopes
            if each.head is not None
        )
        read = Snapshot(self.made, scopes, tuple(self.errors), self.redacted, self.version, self.about)
        is_adapted = self.has_other_facts and self.values.is_adapted
        return ReadSnapshot(read, self.left_out + self.values.left_out, is_adapted)

    def _head(self, part: Mapping[str, JSON]) -> None:
        match part:
            case {"schema": str() as schema} if schema != SCHEMA:
                raise InvalidSnapshot(_other_schema(schema))
            case {"schema": str(), "ssmtui": str() as version, "made": made, "redacted": bool() as redacted}:
                self.made, self.version, self.redacted = self._taken(datetime, made), version, redacted
                self.about = _about(self.values.read(part.get("about", [])))
                self.has_other_facts = part.get("facts") != fact_schema_hash()
            case _:
                raise InvalidValue("no head of a snapshot")

    def _at(self, number: int) -> _Scope:
        if not 0 <= number < len(self.scopes):
            raise InvalidValue("of a scope that is not there")
        return self.scopes[number]

    def _error(self, value: JSON) -> None:
        try:
            self.errors.append(self._taken(ScopeError, value))
        except InvalidValue:
            self.left_out += 1
            self.errors.append(_unknown_scope({}))

    def _scope(self, value: JSON) -> None:
        """A scope of which too little can be read is in error, and what follows of it is passed over."""
        try:
            head = self._taken(ScopeHead, value)
        except InvalidValue:
            self.left_out += 1
            self.scopes.append(_Scope(None))
            self.errors.append(_unknown_scope(value))
            return
        self.scopes.append(_Scope(_in_one_place(head)))

    def _taken(self, kind: type[V], value: JSON) -> V:
        read = self.values.read(value, is_frame=True)
        if not isinstance(read, kind):
            raise InvalidValue(f"no {kind.__name__}")
        return read

    def _node(self, scope: _Scope, value: JSON) -> None:
        if scope.head is None:
            return
        try:
            node = self._taken(Node, value)
        except InvalidValue:
            self.left_out += 1
            scope.lost += 1
            return
        place = scope.head.scope
        if (node.key.account, node.key.region) != (place.account, place.region):
            raise InvalidValue("a node of another scope")
        if scope.nodes.setdefault(node.id, node) is not node:
            raise InvalidValue("a node that is there twice")

    def _fact(self, scope: _Scope, name: str, own: JSON, value: JSON) -> None:
        try:
            fact = self._recorded(name, own, value)
        except InvalidValue:
            # Another version's fact may be of another form. What is left out is unknown, and never judged by half.
            self.left_out += 1
            return
        if scope.facts.setdefault((fact.kind, fact.own), fact) is not fact:
            raise InvalidValue("a fact that is there twice")

    def _recorded(self, name: str, own: JSON, value: JSON) -> RecordedFact:
        kind = recorded_kinds().get(name)
        if kind is None:
            raise InvalidValue("no kind of fact")
        key, fact = self.values.read(own), self.values.read(value)
        try:
            hash(key)
        except TypeError as error:
            raise InvalidValue("what tells a fact from others cannot be told apart") from error
        stands_for_it = isinstance(fact, ListingReference) and fact.kind == name
        if not (isinstance(fact, (*MARKERS, kind)) or stands_for_it):
            raise InvalidValue(f"no {name}")
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
            raise InvalidValue(f"no {member}")
    if not _is_of(scope):
        raise InvalidValue("a scope of two Regions")
    return head


def _is_of(scope: Scope) -> bool:
    return scope.name.region == scope.region


def _about(value: object) -> tuple[tuple[str, str], ...]:
    if not type_predicate(tuple[tuple[str, str], ...])(value):
        raise InvalidValue("no head of a snapshot")
    return cast("tuple[tuple[str, str], ...]", value)


def _other_schema(schema: str) -> str:
    if _FAMILY.fullmatch(schema):
        return say("is a snapshot of a later ssmtui, by the schema {schema}: update ssmtui", schema=schema)
    return say("is no snapshot of ssmtui")
