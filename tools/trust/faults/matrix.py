"""The matrix of faults: each read, failing in every way, at the places where it decides something."""

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
"""At the first place in which it decides something an operation fails in every way; at a second in every fifth."""


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one operation: how many cells there were, and what did not hold."""

    operation: str
    cells: int
    lost: tuple[str, ...]
    decides: bool
    seconds: float = 0.0


def as_operation(name: str) -> Operation:
    """Return an operation by its one name."""
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
    """Return a run in which an operation is refused; one will do."""
    if (place, operation) not in bench.refusals:
        bench.refusals[place, operation] = struck(bench, place, operation, KINDS["refused"])
    return bench.refusals[place, operation]


def where_asked(bench: Bench, asked: Asked) -> Iterator[Place]:
    """Return the places in which the operation is asked: worlds change, and so does what is asked of them."""
    return (place for place in asked.places if asked.operation in bench.truth(place).calls)


def deciding(bench: Bench, asked: Asked) -> Sequence[Place]:
    """Return the places, two at most, in which less is known of a node once the operation is refused."""
    decides: list[Place] = []
    for place in where_asked(bench, asked):
        if len(decides) < ENOUGH and undetermined(refused(bench, place, asked.operation), bench.truth(place)):
            decides.append(place)
    return decides


def row(bench: Bench, asked: Asked, number: int, kinds: Sequence[Kind]) -> Row:
    """Return an operation's row. `number` is its place in the matrix, for what is tried by turns."""
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
"""A row a line."""


class KeptRows:
    """The rows of a run: of earlier ones too, where `earlier` ones are gone on with. Without a file none is kept."""

    def __init__(self, file: Path | None, *, earlier: bool) -> None:
        self._file = file
        self._rows = dict(_read(file)) if file is not None and earlier else {}
        self.earlier = len(self._rows)
        self._write()

    @property
    def rows(self) -> tuple[Row, ...]:
        """All that are known by now."""
        return tuple(self._rows.values())

    def has(self, name: str) -> bool:
        """Return whether a row was tried, whatever became of it."""
        return name in self._rows

    def lacks(self, *names: str) -> bool:
        """Return whether one of these rows was not tried, or something was lost there."""
        return any(name not in self._rows or self._rows[name].lost for name in names)

    def add(self, row: Row) -> None:
        """Keep a row, instead of an earlier one of its name."""
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
"""Places of an operation: in the first of them in which it decides a verdict it fails in every way."""


ALONE = {
    "ec2:DescribeRouteTables": "one-way-each",
    "ec2:DescribeVpcEndpoints": "endpoint-admits-the-role",
    "kms:GetKeyPolicy": "caller-allowed-by-key-policy",
    "kms:ListGrants": "caller-allowed-by-grant",
    "s3:GetBucketPolicy": "allowed-by-bucket-policy",
    "s3:HeadBucket": "allowed-by-bucket-key",
}
"""Worlds in which one answer is all that keeps sound nodes from being told to fail."""


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
"""Where operations are asked that no mere check of a world asks."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look at a place asked, and what of it is evidence of something that is wrong."""

    place: Place
    calls: frozenset[str]
    cited: frozenset[str]
    nodes: int


def all_places() -> Sequence[Place]:
    """Wherever is looked."""
    return (*(Place(name) for name in sorted(names())), *BY_OTHER_WAYS)


def looked(bench: Bench, place: Place) -> Looked:
    """Return a look at a place, nothing failing."""
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
    """Where each read of the code is asked: as it was found before; of one that is new, by a look at all places."""
    known = found()
    new = [each for each in reads() if each not in known]
    looks = look() if new else ()
    return {**known, **{each: asked_at(looks, each) for each in new}}


def asked_at(looks: Iterable[Looked], operation: str) -> Asked:
    """Where an operation is asked: where it alone allows, then where it is evidence of what is wrong; small worlds."""
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
