"""The rows of the journal: a change a row, newest first."""

from __future__ import annotations

from ssmtui.changes.change import Change, ChangeState
from ssmtui.language import marked
from ssmtui.model.plain_text import printable
from ssmtui.ui.words.columns import Column
from ssmtui.ui.words.ink import Cell, Ink, cell
from ssmtui.ui.words.scopes_text import short_caller
from ssmtui.ui.words.signs import Sign

STATES = {
    ChangeState.APPLIED: Sign("●", Ink.OK, marked("applied")),
    ChangeState.UNDONE: Sign("○", Ink.MUTED, marked("undone")),
    ChangeState.FAILED: Sign("✖", Ink.FAIL, marked("failed")),
    ChangeState.UNSURE: Sign("?", Ink.UNKNOWN, marked("unsure")),
    ChangeState.PLANNED: Sign("·", Ink.WARN, marked("planned")),
}

COLUMNS = (
    Column("state", marked("state"), 9, 11, 2),
    Column("at", marked("when (UTC)"), 16, 16, 1),
    Column("region", marked("region"), 14, 14, 3),
    Column("by", marked("by"), 12, 30, 4),
    Column("what", marked("what"), 30, None, 0),
)


def cells(change: Change) -> dict[str, Cell]:
    """One row."""
    sign = STATES[change.state]
    return {
        "state": cell(f"{sign.glyph} {sign.word}", sign.ink),
        "at": cell(f"{change.at:%Y-%m-%d %H:%M}", Ink.MUTED),
        "region": cell(change.scope.region, Ink.MUTED),
        "by": cell(short_caller(change.scope), Ink.MUTED),
        "what": cell(change.title),
    }


def content(change: Change) -> dict[str, int]:
    """How wide the texts of a change are."""
    return {
        "state": len(STATES[change.state].word) + 2,
        "region": len(change.scope.region),
        "by": len(printable(short_caller(change.scope))),
    }
