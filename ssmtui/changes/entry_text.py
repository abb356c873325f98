"""A journal entry as one line of JSON, and back. There are two kinds: a change planned, and what became of one."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from ssmtui.changes.change import Change, ChangeState, Ending
from ssmtui.language import say

if TYPE_CHECKING:
    from cattrs import Converter

_FAMILY = "ssmtui.journal/"
SCHEMA = f"{_FAMILY}1"


class EntryMalformed(ValueError):
    """A line of the journal that cannot be understood: torn, or not ours."""


class EntryOfLaterVersion(EntryMalformed):
    """A line of the journal that a later version of ssmtui wrote, in a form that this one does not know."""


def planned_line(change: Change) -> str:
    """The entry that is written before the first call."""
    return json.dumps(
        {"schema": SCHEMA, "id": change.id, "state": ChangeState.PLANNED.value, **_converter().unstructure(change)}
    )


def ending_line(ending: Ending, at: datetime) -> str:
    """The entry that is written after the calls."""
    begin = {"schema": SCHEMA, "id": ending.change_id, "state": ending.state.value, "at": at.isoformat()}
    return json.dumps({**begin, **_converter().unstructure(ending)})


def read_line(line: str) -> Change | Ending:
    """The entry in a line.

    Raises:
        EntryMalformed: the line holds no entry.

    """
    from cattrs import BaseValidationError  # noqa: PLC0415

    converter = _converter()
    try:
        raw = json.loads(line)
        schema = raw.get("schema") if isinstance(raw, dict) else None
        if isinstance(schema, str) and schema.startswith(_FAMILY) and schema != SCHEMA:
            raise EntryOfLaterVersion(say("a later version of ssmtui wrote it"))
        if not isinstance(raw, dict) or schema != SCHEMA:
            raise EntryMalformed(say("it is no entry of a journal of ssmtui"))
        if ChangeState(raw["state"]) is ChangeState.PLANNED:
            return converter.structure(raw, Change)
        return converter.structure(raw, Ending)
    except EntryMalformed:
        raise
    except (BaseValidationError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise EntryMalformed(str(error)) from error


@cache
def _converter() -> Converter:
    # Imported with the first entry that is read or written: who has changed nothing yet does not wait for it.
    from ssmtui.changes.entry_codec import entry_converter  # noqa: PLC0415

    return entry_converter()
