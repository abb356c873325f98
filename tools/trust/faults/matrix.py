"""The matrix: one operation, failing in every way, at the places where it decides something."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from tools.trust.faults.judging import Cell, losses, undetermined
from tools.trust.faults.kinds import KINDS, Kind, Operation
from tools.trust.faults.places import Asked, Place
from tools.trust.faults.runs import Bench, Told

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
    """An operation by its one name."""
    service, _, operation = name.partition(":")
    return service, operation


def struck(bench: Bench, place: Place, operation: str, kind: Kind) -> Told:
    """A run in which an operation fails."""
    bench.load(place)
    bench.aws.fault(kind.fault, *as_operation(operation), **kind.details)
    try:
        return replace(bench.look(place), struck=bench.has_struck(as_operation(operation)))
    finally:
        bench.aws.clear_faults()


def refused(bench: Bench, place: Place, operation: str) -> Told:
    """A run in which an operation is refused; one will do."""
    if (place, operation) not in bench.refusals:
        bench.refusals[place, operation] = struck(bench, place, operation, KINDS["refused"])
    return bench.refusals[place, operation]


def where_asked(bench: Bench, asked: Asked) -> Iterator[Place]:
    """The places in which the operation is asked: worlds change, and so does what is asked of them."""
    return (place for place in asked.places if asked.operation in bench.truth(place).calls)


def deciding(bench: Bench, asked: Asked) -> Sequence[Place]:
    """The places, two at most, in which less is known of a node once the operation is refused."""
    decides: list[Place] = []
    for place in where_asked(bench, asked):
        if len(decides) < ENOUGH and undetermined(refused(bench, place, asked.operation), bench.truth(place)):
            decides.append(place)
    return decides


def row(bench: Bench, asked: Asked, number: int, kinds: Sequence[Kind]) -> Row:
    """An operation's row. `number` is its place in the matrix, for what is tried by turns."""
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
