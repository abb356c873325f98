"""Read and write the file of a snapshot. A file of unknown origin that breaks the format is refused as a whole."""

from __future__ import annotations

import gzip
import io
import json
import re
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count
from typing import BinaryIO, NoReturn, TypeVar, cast

from ssmtui import __version__
from ssmtui.evidence.snapshots.record import ListingReference, RecordedFact, ScopeHead, ScopeRecord
from ssmtui.evidence.snapshots.values import (
    InvalidValue,
    ValueReader,
    canonical_json,
    fact_schema_hash,
    recorded_kinds,
    type_predicate,
    value_to_json,
)
from ssmtui.language import say, say_many
from ssmtui.model.fact import MARKERS
from ssmtui.model.node import Node
from ssmtui.model.plan import JSON
from ssmtui.model.scope import Scope, ScopeError, ScopeName, ScopeProblem
from ssmtui.text.names import match_names

SCHEMA = "ssmtui.snapshot/1"
HEAD, SCOPE, NODE, FACT, ERROR, END = "snapshot", "scope", "node", "fact", "error", "end"
"""The parts of a snapshot, one per line; the last part is the end, so that a file that was cut off is recognized."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The recorded scopes, and the `errors` of scopes that could not be opened.

    `made` is the time of the recording, by ssmtui `version`. `redacted`: names are replaced by pseudonyms. `about`
    describes the computer of the recording, in a bug report.
    """

    made: datetime
    scopes: tuple[ScopeRecord, ...]
    errors: tuple[ScopeError, ...] = ()
    redacted: bool = False
    version: str = __version__
    about: tuple[tuple[str, str], ...] = ()


def write_snapshot(snapshot: Snapshot, file: BinaryIO) -> None:
    """Write a snapshot, compressed. The compressed file contains no file name and no time."""
    with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
        for line in snapshot_lines(snapshot):
            # AWS's JSON can contain a lone surrogate, which a text file cannot contain.
            packed.write(f"{line}\n".encode(errors="replace"))


def snapshot_lines(snapshot: Snapshot) -> Iterator[str]:
    """Yield the parts, each as a line of JSON."""
    count = 0
    for part in _parts(snapshot):
        yield canonical_json(part)
        count += 1
    yield canonical_json({"part": END, "parts": count})


def _parts(snapshot: Snapshot) -> Iterator[dict[str, JSON]]:
    yield {
        "part": HEAD,
        "schema": SCHEMA,
        "ssmtui": snapshot.version,
        "facts": fact_schema_hash(),
        "made": value_to_json(snapshot.made),
        "redacted": snapshot.redacted,
        "about": value_to_json(snapshot.about),
    }
    for error in snapshot.errors:
        yield {"part": ERROR, "value": value_to_json(error)}
    for number, scope in enumerate(snapshot.scopes):
        yield {"part": SCOPE, "of": number, "value": value_to_json(scope.head)}
        for node in scope.nodes:
            yield {"part": NODE, "of": number, "value": value_to_json(node)}
        for kind, own, value in _in_order(scope.facts):
            yield {"part": FACT, "of": number, "kind": kind, "own": own, "value": value}


def _in_order(facts: Iterable[RecordedFact]) -> Iterable[tuple[str, JSON, JSON]]:
    told = ((each.kind.__name__, value_to_json(each.own), value_to_json(each.value)) for each in facts)
    return sorted(told, key=lambda fact: (fact[0], canonical_json(fact[1])))


def merge_snapshots(snapshots: Sequence[Snapshot]) -> Snapshot:
    """Merge snapshots, in any order; a single one stays unchanged."""
    if len(snapshots) == 1:
        return snapshots[0]
    newest: dict[tuple[str, str], ScopeRecord] = {}
    for record in sorted((each for one in snapshots for each in one.scopes), key=lambda each: each.head.at):
        scope = record.head.scope
        newest[scope.account, scope.region] = record
    names: set[ScopeName] = set()
    scopes = tuple(_named_apart(newest[place], names) for place in sorted(newest))
    errors = {error.name: error for one in snapshots for error in one.errors if error.name not in names}
    last = max(snapshots, key=lambda each: each.made)
    told = tuple(error for _, error in sorted(errors.items(), key=lambda each: each[0].order))
    return replace(last, scopes=scopes, errors=told, redacted=any(each.redacted for each in snapshots))


def filter_snapshot(snapshot: Snapshot, profiles: Collection[str], regions: Collection[str]) -> Snapshot:
    """Return the scopes of a snapshot with these profiles and Regions, by name or pattern; all if none are given."""

    def is_meant(name: ScopeName) -> bool:
        return _is_one_of(name.profile or "", profiles) and _is_one_of(name.region, regions)

    return replace(
        snapshot,
        scopes=tuple(each for each in snapshot.scopes if is_meant(each.head.scope.name)),
        errors=tuple(each for each in snapshot.errors if is_meant(each.name)),
    )


def _is_one_of(name: str, words: Collection[str]) -> bool:
    return not words or "all" in words or any(name in found for found in match_names(tuple(words), (name,)).values())


def _named_apart(record: ScopeRecord, taken: set[ScopeName]) -> ScopeRecord:
    """Return the record with a unique scope name: several accounts can have been recorded as the default profile."""
    head = record.head
    name = next(each for each in _names(head.scope) if each not in taken)
    taken.add(name)
    errors = tuple(replace(error, name=name) for error in head.errors)
    return replace(record, head=replace(head, scope=replace(head.scope, name=name), errors=errors))


def _names(scope: Scope) -> Iterator[ScopeName]:
    yield scope.name
    with_account = f"{scope.name.profile or ''} {scope.account}".strip()
    yield replace(scope.name, profile=with_account)
    for number in count(2):
        yield replace(scope.name, profile=f"{with_account} {number}")


MAX_LINE_BYTES = 64 * 2**20
MAX_BYTES = 2**30
"""Maximum unpacked size of a snapshot: 100,000 nodes need a fifth of it. A larger file is refused."""

_PACKED = b"\x1f\x8b"


class InvalidSnapshot(ValueError):
    """A file that is not a snapshot, or that this version cannot read. The message continues "FILE …"."""


def read_objects(file: BinaryIO) -> Iterator[Mapping[str, JSON]]:
    """Yield the objects, one per line, also of an uncompressed file.

    Raises:
        InvalidSnapshot: the file has invalid lines, or is too large.

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
                raise InvalidSnapshot(
                    say("is larger than the limit for a snapshot: {most} MB", most=MAX_BYTES // 2**20)
                )
            yield _object(line, number)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InvalidSnapshot(say("cannot be decompressed: the file is damaged or truncated")) from error


class _RewoundStream(io.RawIOBase):
    """A stream with its first bytes put back."""

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
    except (ValueError, RecursionError) as error:  # invalid JSON or UTF-8, too many digits, too deep
        what = say("is not a snapshot of ssmtui, or is damaged: line {number} is not JSON", number=number)
        raise InvalidSnapshot(what) from error
    if not isinstance(told, dict):
        raise InvalidSnapshot(say("is not a snapshot of ssmtui: line {number} is not an object", number=number))
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
"""The forms of values in commands and ARNs: in a live run they come from AWS and the SDK, here from a file."""


@dataclass(frozen=True, slots=True)
class ReadSnapshot:
    """A snapshot from a file; `left_out` is the number of values in a form that this version does not know.

    `is_adapted`: values of another version were adapted; unknown members were ignored, or missing members got defaults.
    """

    snapshot: Snapshot
    left_out: int = 0
    is_adapted: bool = False


def read_snapshot(file: BinaryIO) -> ReadSnapshot:
    """Read a snapshot from a file.

    Raises:
        InvalidSnapshot: the file is not a snapshot, or this version cannot read it.

    """
    reader = _Reader()
    ended = False
    for number, part in enumerate(read_objects(file), 1):
        if ended:
            raise InvalidSnapshot(say("has data after its end"))
        if number == 1 and part.get("part") != HEAD:
            raise InvalidSnapshot(say("is not a snapshot of ssmtui"))
        try:
            if part.get("part") == END:
                ended = True
                reader.end(part)
            else:
                reader.take(part)
        except InvalidValue as error:
            what = say("is damaged, or is not a snapshot of ssmtui: line {number}: {what}", number=number, what=error)
            raise InvalidSnapshot(what) from error
    if not ended:
        raise InvalidSnapshot(say("is truncated: its end is missing"))
    return reader.read()


@dataclass(slots=True)
class _Scope:
    """The parts of a scope; `head` is None if it could not be read, `lost` is the number of unreadable nodes."""

    head: ScopeHead | None
    lost: int = 0
    nodes: dict[str, Node] = field(default_factory=dict)
    facts: dict[tuple[type, object], RecordedFact] = field(default_factory=dict)

    def whole_head(self) -> ScopeHead:
        """Return the head, with an error if not all nodes are known."""
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
    """The parts of a file that were read so far."""

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
        """Add a part. Raises InvalidValue, InvalidSnapshot."""
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
                raise InvalidValue("not a part of a snapshot")

    def end(self, part: Mapping[str, JSON]) -> None:
        """Check the end, which has the number of parts. Raises InvalidValue."""
        if part.get("parts") != self.parts:
            raise InvalidValue("lines are missing")

    def read(self) -> ReadSnapshot:
        """Return the snapshot. Raises InvalidSnapshot."""
        if self.made is None:
            raise InvalidSnapshot(say("is not a snapshot of ssmtui"))
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
                raise InvalidValue("not the head of a snapshot")

    def _at(self, number: int) -> _Scope:
        if not 0 <= number < len(self.scopes):
            raise InvalidValue("the scope is missing")
        return self.scopes[number]

    def _error(self, value: JSON) -> None:
        try:
            self.errors.append(self._taken(ScopeError, value))
        except InvalidValue:
            self.left_out += 1
            self.errors.append(_unknown_scope({}))

    def _scope(self, value: JSON) -> None:
        """Add a scope. If too little can be read, it is in error, and its other parts are skipped."""
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
            raise InvalidValue(f"not a {kind.__name__}")
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
            raise InvalidValue("duplicate node")

    def _fact(self, scope: _Scope, name: str, own: JSON, value: JSON) -> None:
        try:
            fact = self._recorded(name, own, value)
        except InvalidValue:
            # The fact of another version can have another form. It is left out completely, never partly, and so is
            # unknown.
            self.left_out += 1
            return
        if scope.facts.setdefault((fact.kind, fact.own), fact) is not fact:
            raise InvalidValue("duplicate fact")

    def _recorded(self, name: str, own: JSON, value: JSON) -> RecordedFact:
        kind = recorded_kinds().get(name)
        if kind is None:
            raise InvalidValue("unknown kind of fact")
        key, fact = self.values.read(own), self.values.read(value)
        try:
            hash(key)
        except TypeError as error:
            raise InvalidValue("the key of a fact is not hashable") from error
        stands_for_it = isinstance(fact, ListingReference) and fact.kind == name
        if not (isinstance(fact, (*MARKERS, kind)) or stands_for_it):
            raise InvalidValue(f"not a {name}")
        return RecordedFact(kind, key, fact)


def _unknown_scope(value: JSON) -> ScopeError:
    """Return the error of a scope that this version cannot read, with its Region, if readable."""
    told: JSON = value
    for member in ("scope", "region"):
        told = told.get(member) if isinstance(told, Mapping) else None
    region = told if isinstance(told, str) and re.fullmatch(_PLACE["region"], told) else ""
    words = say("The snapshot contains an account's Region that this version of ssmtui cannot read.")
    return ScopeError(ScopeName(None, region), ScopeProblem.REPORTED, words, "")


def _in_one_place(head: ScopeHead) -> ScopeHead:
    scope = head.scope
    for member, form in _PLACE.items():
        if re.fullmatch(form, getattr(scope, member)) is None:
            raise InvalidValue(f"invalid {member}")
    if not _is_of(scope):
        raise InvalidValue("a scope with two Regions")
    return head


def _is_of(scope: Scope) -> bool:
    return scope.name.region == scope.region


def _about(value: object) -> tuple[tuple[str, str], ...]:
    if not type_predicate(tuple[tuple[str, str], ...])(value):
        raise InvalidValue("not the head of a snapshot")
    return cast("tuple[tuple[str, str], ...]", value)


def _other_schema(schema: str) -> str:
    if _FAMILY.fullmatch(schema):
        return say("is a snapshot of a newer version of ssmtui (schema {schema}): update ssmtui", schema=schema)
    return say("is not a snapshot of ssmtui")
