"""What has been changed, as the journal tells it: read for the screen, and what an unreadable journal means."""

from __future__ import annotations

from dataclasses import dataclass

from ssmtui.changes.change import Change
from ssmtui.changes.journal import Journal, JournalUnusable
from ssmtui.language import say
from ssmtui.ui.state.board import Board
from ssmtui.ui.state.made_changes import scope_of


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
