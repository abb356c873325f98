"""Write a snapshot as lines, and merge snapshots: the newest wins for an account and Region."""

from __future__ import annotations

import gzip
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from typing import BinaryIO

from ssmtui import __version__
from ssmtui.evidence.snapshots.record import RecordedFact, ScopeRecord
from ssmtui.evidence.snapshots.values import canonical_json, fact_schema_hash, value_to_json
from ssmtui.model.plan import JSON
from ssmtui.model.scope import Scope, ScopeError, ScopeName
from ssmtui.text.names import match_names

SCHEMA = "ssmtui.snapshot/1"
HEAD, SCOPE, NODE, FACT, ERROR, END = "snapshot", "scope", "node", "fact", "error", "end"
"""The parts of a snapshot, one a line; the last is the end, so that one that was cut off is known to be."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Scopes as they were looked at, and `errors` of those that could not be.

    `made` is when it was recorded, by which `version` of ssmtui. Of one that is `redacted`, names stand for others.
    `about` tells of the computer that it was recorded on, in a bug report.
    """

    made: datetime
    scopes: tuple[ScopeRecord, ...]
    errors: tuple[ScopeError, ...] = ()
    redacted: bool = False
    version: str = __version__
    about: tuple[tuple[str, str], ...] = ()


def write_snapshot(snapshot: Snapshot, file: BinaryIO) -> None:
    """Write it, compressed. Neither a name nor a time gets into the file beside what it holds."""
    with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
        for line in snapshot_lines(snapshot):
            # AWS's JSON may hold half a character, which no file of text can.
            packed.write(f"{line}\n".encode(errors="replace"))


def snapshot_lines(snapshot: Snapshot) -> Iterator[str]:
    """The parts, each as a line of JSON."""
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
    """All of them as one; one alone is as it was. The order in which they are given does not matter."""
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
    """What a snapshot holds of these profiles and Regions, by name or pattern; of all, where none is named."""

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
    """The record under a name of its own: whoever looked at ten accounts as the default profile named none of them."""
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
