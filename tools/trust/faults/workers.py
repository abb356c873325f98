"""Run the matrix in processes, each with its own simulated AWS."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

from tools.trust.faults.in_app import row_in_app, stormed
from tools.trust.faults.matrix import Looked, Row, looked, row
from tools.trust.faults.places import Asked, Kind, Place
from tools.trust.faults.runs import Bench, bench


class _Here:
    stack = ExitStack()
    bench: Bench


def begin() -> None:
    """Set up a process."""
    _Here.bench = _Here.stack.enter_context(bench())


def rows_of(asked: Asked, number: int, kinds: Sequence[Kind], *, in_app: bool) -> list[Row]:
    """Return an operation's rows: by `check`, and in the app."""
    rows = [row(_Here.bench, asked, number, kinds)]
    return [*rows, row_in_app(_Here.bench, asked, kinds)] if in_app else rows


def storm_in(world: str) -> list[Row]:
    """Return a world's row with random failures."""
    return [stormed(_Here.bench, world)]


def look_at(place: Place) -> Looked:
    """Return the calls at a place."""
    return looked(_Here.bench, place)
