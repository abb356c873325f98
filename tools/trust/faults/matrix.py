"""The matrix of faults: each read, with every kind of failure, at the places where it matters."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path

from ssmtui.simulator.worlds import names, world
from tools.trust.faults.judging import Cell, losses, undetermined
from tools.trust.faults.places import KINDS, Asked, Kind, Operation, Place, Way, found, reads
from tools.trust.faults.runs import Bench, Told
from tools.trust.tally import KEPT

ENOUGH = 2
ELSEWHERE = 5
"""An operation fails in every way at the first place where it matters; at a second place, in every fifth way."""


@dataclass(frozen=True, slots=True)
class Row:
    """The result of one operation: the number of cells, and what was wrong."""

    operation: str
    cells: int
    lost: tuple[str, ...]
    decides: bool
    seconds: float = 0.0


def as_operation(name: str) -> Operation:
    """Return the operation of a name."""
    service, _, operation = name.partition(":")
    return service, operation


def struck(bench: Bench, place: Place, operation: str, kind: Kind) -> Told:
    """Return a run in which an operation fails."""
    bench.load(place)
    bench.aws.fault(kind.fault, *as_operation(operation), **kind.details)
    try:
        return replace(bench.look(place), struck=bench.has_struck(as_operation(operation)))
    finally:
        bench.aws.clear_faults()


def refused(bench: Bench, place: Place, operation: str) -> Told:
    """Return a run in which an operation is refused; one run is enough."""
    if (place, operation) not in bench.refusals:
        bench.refusals[place, operation] = struck(bench, place, operation, KINDS["refused"])
    return bench.refusals[place, operation]


def where_asked(bench: Bench, asked: Asked) -> Iterator[Place]:
    """Yield the places in which the operation is called: worlds change, and so do their calls."""
    return (place for place in asked.places if asked.operation in bench.truth(place).calls)


def deciding(bench: Bench, asked: Asked) -> Sequence[Place]:
    """Return the places, two at most, in which less is known of a node if the operation is refused."""
    decides: list[Place] = []
    for place in where_asked(bench, asked):
        if len(decides) < ENOUGH and undetermined(refused(bench, place, asked.operation), bench.truth(place)):
            decides.append(place)
    return decides


def row(bench: Bench, asked: Asked, number: int, kinds: Sequence[Kind]) -> Row:
    """Return an operation's row. `number` is its place in the matrix, for tests that alternate."""
    begun, count = time.monotonic(), 0
    lost: list[str] = []
    decides = deciding(bench, asked)
    places = decides or tuple(islice(where_asked(bench, asked), 1))
    if not places:
        lost.append(f"{asked.operation}: asked at none of its places any more; --survey finds others")
    for turn, place in enumerate(places):
        truth = bench.truth(place)
        refusal = refused(bench, place, asked.operation)
        hindered = undetermined(refusal, truth)
        for kind in _in_turn(kinds, turn, number):
            if not kind.befalls(as_operation(asked.operation)):
                continue
            cell = Cell(asked.operation, kind, place)
            told = refusal if kind == KINDS["refused"] else struck(bench, place, asked.operation, kind)
            lost += [] if told.struck else [f"{cell}: the call was never asked"]
            lost += [f"{cell}: {loss}" for loss in losses(cell, truth, told, hindered)]
            count += 1
    return Row(asked.operation, count, tuple(lost), bool(decides), time.monotonic() - begun)


def _in_turn(kinds: Iterable[Kind], turn: int, number: int) -> Iterator[Kind]:
    for place, kind in enumerate(kinds):
        if not turn or (place + number + turn) % ELSEWHERE == 0:
            yield kind


ROWS = KEPT / "faults.rows"
"""A file with one row per line."""


class KeptRows:
    """The rows of a run; with `earlier`, also those of a run to continue. Without a file nothing is stored."""

    def __init__(self, file: Path | None, *, earlier: bool) -> None:
        self._file = file
        self._rows = dict(_read(file)) if file is not None and earlier else {}
        self.earlier = len(self._rows)
        self._write()

    @property
    def rows(self) -> tuple[Row, ...]:
        """All known rows."""
        return tuple(self._rows.values())

    def has(self, name: str) -> bool:
        """Return whether a row was tested, with any result."""
        return name in self._rows

    def lacks(self, *names: str) -> bool:
        """Return whether one of these rows was not tested, or has failed."""
        return any(name not in self._rows or self._rows[name].lost for name in names)

    def add(self, row: Row) -> None:
        """Store a row, which replaces an earlier one of its name."""
        self._rows[row.operation] = row
        self._write()

    def _write(self) -> None:
        if self._file is None:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        lines = (json.dumps(asdict(each)) for each in self._rows.values())
        self._file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _read(file: Path) -> Mapping[str, Row]:
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else ()
    told = [json.loads(line) for line in lines]
    rows = [Row(**{**each, "lost": tuple(each["lost"])}) for each in told]
    return {each.operation: each for each in rows}


MOST_PLACES = 4
"""The most places per operation: at the first of them where it decides a verdict, it fails in every way."""


ALONE = {
    "ec2:DescribeRouteTables": "one-way-each",
    "ec2:DescribeVpcEndpoints": "endpoint-admits-the-role",
    "iam:SimulatePrincipalPolicy": "key-denied-by-organization-for-its-tag",
    "kms:GetKeyPolicy": "caller-allowed-by-key-policy",
    "kms:ListAliases": "key-denied-by-organization-for-its-tag",
    "kms:ListGrants": "caller-allowed-by-grant",
    "kms:ListResourceTags": "key-denied-by-organization-for-its-tag",
    "logs:ListTagsForResource": "log-group-denied-by-organization-for-its-tag",
    "s3:GetBucketAbac": "bucket-denied-by-organization-for-its-tag",
    "s3:GetBucketPolicy": "allowed-by-bucket-policy",
    "s3:GetBucketTagging": "bucket-denied-by-organization-for-its-tag",
    "s3:HeadBucket": "allowed-by-bucket-key",
}
"""Worlds in which a single response prevents that a healthy node fails, or that a broken node passes."""


BY_OTHER_WAYS = (
    Place("healthy-small", Way.NAMED),
    Place("healthy-small", Way.EVERY_REGION),
    Place("organization", Way.ORGANIZATION),
    Place("healthy-small", Way.FOR_USER),
    Place("log-group-unreadable", Way.SNAPSHOT),
    Place("run-as-by-tag", Way.FOR_USER),
    Place("endpoint-security-group-closed", Way.SNAPSHOT),
    Place("host-management-off", Way.SNAPSHOT),
    Place("log-group-unencrypted", Way.SNAPSHOT),
    Place("bucket-policy-denies", Way.BUCKET_UNSEEN),
    Place("demo", Way.NAMED),
    Place("demo", Way.SNAPSHOT),
    Place("demo", Way.FOR_USER),
)
"""Places of operations that a plain check of a world does not call."""


@dataclass(frozen=True, slots=True)
class Looked:
    """The calls of a diagnosis at a place, and those that are evidence of a problem."""

    place: Place
    calls: frozenset[str]
    cited: frozenset[str]
    nodes: int


def all_places() -> Sequence[Place]:
    """Return all places."""
    return (*(Place(name) for name in sorted(names())), *BY_OTHER_WAYS)


def looked(bench: Bench, place: Place) -> Looked:
    """Return a diagnosis at a place, without failures."""
    told = bench.truth(place)
    cited = {
        part
        for finding in told.findings.values()
        for each in finding["evidence"]
        for part in str(each["source"]).split(", ")
        if finding["status"] in {"fail", "warn"}
    }
    return Looked(place, told.calls, frozenset(cited), len(world(place.world).nodes))


def everywhere(look: Callable[[], Sequence[Looked]]) -> Mapping[str, Asked]:
    """Return where each read of the code is called: the stored places, or for a new read, a search of all places."""
    known = found()
    new = [each for each in reads() if each not in known]
    looks = look() if new else ()
    return {**known, **{each: asked_at(looks, each) for each in new}}


def asked_at(looks: Iterable[Looked], operation: str) -> Asked:
    """Return the places of an operation: where it alone decides, then where it is evidence; small worlds."""
    ways = list(Way)
    asked = sorted(
        (each for each in looks if operation in each.calls),
        key=lambda each: (
            ways.index(each.place.way),
            each.place.world != ALONE.get(operation),
            operation not in each.cited,
            each.nodes,
            each.place.world,
        ),
    )
    return Asked(operation, tuple(each.place for each in asked[:MOST_PLACES]))
