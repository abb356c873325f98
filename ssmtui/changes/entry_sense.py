"""Whether an entry can be carried out, and taken back, by this version: its form alone does not say that."""

from __future__ import annotations

from collections.abc import Sequence

from ssmtui.changes.change import Change
from ssmtui.changes.operations import READS, WRITES
from ssmtui.model.plan import Call, FromAnswer, Guard


def makes_sense(change: Change) -> bool:
    """Whether each call and guard names an operation that is made here, and what it takes from others is there."""
    rows = ((change.guards, change.calls), (change.way_back.guards, change.way_back.calls))
    return all(_row_makes_sense(guards, calls) for guards, calls in rows)


def _row_makes_sense(guards: Sequence[Guard], calls: Sequence[Call]) -> bool:
    known = all((guard.service, guard.operation) in READS for guard in guards) and all(
        (call.service, call.operation) in WRITES for call in calls
    )
    return known and all(
        0 <= taken.call < at if isinstance(taken, FromAnswer) else 0 <= taken.guard < len(guards)
        for at, call in enumerate(calls)
        for taken in call.takes
    )
