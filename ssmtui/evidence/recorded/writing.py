"""A snapshot as lines: the same evidence gives the same bytes."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from ssmtui import __version__
from ssmtui.evidence.recorded.scope_record import RecordedFact, ScopeRecord
from ssmtui.evidence.recorded.values import as_json, canonical
from ssmtui.model.plan import JSON
from ssmtui.model.scope import ScopeError

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
        for line in lines_of(snapshot):
            # AWS's JSON may hold half a character, which no file of text can.
            packed.write(f"{line}\n".encode(errors="replace"))


def lines_of(snapshot: Snapshot) -> Iterator[str]:
    """The parts, each as a line of JSON."""
    count = 0
    for part in _parts(snapshot):
        yield canonical(part)
        count += 1
    yield canonical({"part": END, "parts": count})


def _parts(snapshot: Snapshot) -> Iterator[dict[str, JSON]]:
    yield {
        "part": HEAD,
        "schema": SCHEMA,
        "ssmtui": snapshot.version,
        "made": as_json(snapshot.made),
        "redacted": snapshot.redacted,
        "about": as_json(snapshot.about),
    }
    for error in snapshot.errors:
        yield {"part": ERROR, "value": as_json(error)}
    for number, scope in enumerate(snapshot.scopes):
        yield {"part": SCOPE, "of": number, "value": as_json(scope.head)}
        for node in scope.nodes:
            yield {"part": NODE, "of": number, "value": as_json(node)}
        for kind, own, value in _in_order(scope.facts):
            yield {"part": FACT, "of": number, "kind": kind, "own": own, "value": value}


def _in_order(facts: Iterable[RecordedFact]) -> Iterable[tuple[str, JSON, JSON]]:
    told = ((each.kind.__name__, as_json(each.own), as_json(each.value)) for each in facts)
    return sorted(told, key=lambda fact: (fact[0], canonical(fact[1])))
