"""Read and write a journal entry as one line of JSON, and check that this version can carry it out."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from ssmtui.language import say
from ssmtui.model.plan import AnswerReference, Call, Guard
from ssmtui.remediation.apply.change import Change, ChangeEnding, ChangeState
from ssmtui.remediation.operations.catalog import READS, WRITES

if TYPE_CHECKING:
    from cattrs import Converter


def can_carry_out(change: Change) -> bool:
    """Whether each call and guard names an operation that is made here, and what it takes from others is there."""
    rows = ((change.guards, change.calls), (change.way_back.guards, change.way_back.calls))
    return all(_can_carry_out_calls(guards, calls) for guards, calls in rows)


def _can_carry_out_calls(guards: Sequence[Guard], calls: Sequence[Call]) -> bool:
    known = all((guard.service, guard.operation) in READS for guard in guards) and all(
        (call.service, call.operation) in WRITES for call in calls
    )
    return known and all(
        0 <= taken.call < at if isinstance(taken, AnswerReference) else 0 <= taken.guard < len(guards)
        for at, call in enumerate(calls)
        for taken in call.takes
    )


_log = logging.getLogger(__name__)

_FAMILY = "ssmtui.journal/"
SCHEMA = f"{_FAMILY}1"


class MalformedEntryError(ValueError):
    """A line of the journal that cannot be understood: torn, or not ours."""


class LaterVersionEntryError(MalformedEntryError):
    """A line of the journal that a later version of ssmtui wrote, in a form that this one does not know."""


def planned_line(change: Change) -> str:
    """The entry that is written before the first call."""
    return json.dumps(
        {"schema": SCHEMA, "id": change.id, "state": ChangeState.PLANNED.value, **_converter().unstructure(change)}
    )


def ending_line(ending: ChangeEnding, at: datetime) -> str:
    """The entry that is written after the calls."""
    begin = {"schema": SCHEMA, "id": ending.change_id, "state": ending.state.value, "at": at.isoformat()}
    return json.dumps({**begin, **_converter().unstructure(ending)})


def read_line(line: str) -> Change | ChangeEnding:
    """The entry in a line.

    Raises:
        EntryMalformed: the line holds no entry.

    """
    from cattrs import BaseValidationError  # noqa: PLC0415

    try:
        raw = json.loads(line)
        schema = raw.get("schema") if isinstance(raw, dict) else None
        if isinstance(schema, str) and schema.startswith(_FAMILY) and schema != SCHEMA:
            raise LaterVersionEntryError(say("a later version of ssmtui wrote it"))
        if not isinstance(raw, dict) or schema != SCHEMA:
            raise MalformedEntryError(say("it is no entry of a journal of ssmtui"))
        kind: type[Change | ChangeEnding] = Change if ChangeState(raw["state"]) is ChangeState.PLANNED else ChangeEnding
        of_the_line = ("schema", "state") if kind is Change else ("schema", "at")
        members = {name: value for name, value in raw.items() if name not in of_the_line}
        try:
            return _converter(forbid_unknown_members=True).structure(members, kind)
        except (BaseValidationError, ValueError, KeyError, TypeError):
            entry = _converter().structure(members, kind)
        _log_unknown_members()
        return entry
    except MalformedEntryError:
        raise
    except (BaseValidationError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise MalformedEntryError(str(error)) from error


@cache
def _log_unknown_members() -> None:
    """Log once, however many entries there are."""
    _log.warning("the journal has entries with members that this version of ssmtui does not know: they are ignored")


@cache
def _converter(*, forbid_unknown_members: bool = False) -> Converter:
    # Imported with the first entry that is read or written: who has changed nothing yet does not wait for it.
    from ssmtui.remediation.apply.journal_codec import entry_converter  # noqa: PLC0415

    return entry_converter(forbid_unknown_members=forbid_unknown_members)
