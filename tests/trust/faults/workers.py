"""What the processes of the matrix do: each has a simulated AWS of its own, which stands until it ends."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

from tests.trust.faults.in_the_app import row_in_app
from tests.trust.faults.kinds import Kind
from tests.trust.faults.matrix import Row, row
from tests.trust.faults.places import Asked, Place
from tests.trust.faults.runs import Bench, bench
from tests.trust.faults.survey import Looked, looked
from tests.trust.faults.weather import stormed


class _Here:
    stack = ExitStack()
    bench: Bench


def begin() -> None:
    """Set up a process."""
    _Here.bench = _Here.stack.enter_context(bench())


def row_of(asked: Asked, number: int, kinds: Sequence[Kind]) -> Row:
    """An operation's row, by `check`."""
    return row(_Here.bench, asked, number, kinds)


def row_in_app_of(asked: Asked, number: int, kinds: Sequence[Kind]) -> Row:
    """An operation's row, in the app."""
    return row_in_app(_Here.bench, asked, number, kinds)


def storm_in(world: str) -> Row:
    """A world's row in bad weather."""
    return stormed(_Here.bench, world)


def look_at(place: Place) -> Looked:
    """What is asked at a place."""
    return looked(_Here.bench, place)
