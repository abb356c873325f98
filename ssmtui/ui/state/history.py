"""What has been changed, as the journal tells it: read for the screen, and what an unreadable journal means."""

from __future__ import annotations

from dataclasses import dataclass

from ssmtui.changes.change import Change, ChangeState
from ssmtui.changes.journal import Journal, JournalUnusable
from ssmtui.language import marked, say
from ssmtui.model.plain_text import printable
from ssmtui.ui.state.board import Board
from ssmtui.ui.state.undertakings import scope_of
from ssmtui.ui.widgets.summary_bar import short_caller
from ssmtui.ui.words.columns import Column
from ssmtui.ui.words.ink import Cell, Ink, cell
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


@dataclass(frozen=True, slots=True)
class History:
    """The changes, newest first; `damaged` are lines that could not be understood, `problem` why there are none."""

    changes: tuple[Change, ...] = ()
    damaged: tuple[int, ...] = ()
    problem: str = ""


def history_of(journal: Journal | None) -> History:
    """What a journal tells now; nothing, where there is none."""
    if journal is None:
        return History()
    try:
        reading = journal.read()
    except JournalUnusable as unusable:
        return History(problem=str(unusable))
    return History(reading.changes, reading.damaged)


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


def why_not_taken_back(board: Board, change: Change) -> str:
    """Why a change cannot be taken back from here; empty where it can."""
    if change.why_it_stays:
        return change.why_it_stays
    if scope_of(board, change) is None:
        return say(
            "{region} of {account} is not open here: ssmtui undo {id} takes it back",
            region=change.scope.region,
            account=change.scope.account,
            id=change.id,
        )
    return ""
