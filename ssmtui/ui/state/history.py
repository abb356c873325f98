"""What has been changed, as the journal tells it: read for the screen, and what an unreadable journal means."""

from __future__ import annotations

from dataclasses import dataclass

from ssmtui.changes.change import Change
from ssmtui.changes.journal import Journal, JournalUnusable, made_elsewhere
from ssmtui.language import say
from ssmtui.ui.state.board import Board
from ssmtui.ui.state.made_changes import scope_of


@dataclass(frozen=True, slots=True)
class History:
    """The changes, newest first; `damaged` are lines that could not be understood, `problem` why there are none.

    `under_way` are the ids of the changes that another run of ssmtui is making.
    """

    changes: tuple[Change, ...] = ()
    damaged: tuple[int, ...] = ()
    problem: str = ""
    under_way: frozenset[str] = frozenset()


def history_of(journal: Journal | None) -> History:
    """What a journal tells now; nothing, where there is none."""
    if journal is None:
        return History()
    try:
        reading = journal.read()
    except JournalUnusable as unusable:
        return History(problem=str(unusable))
    under_way = frozenset(each.id for each in reading.changes if each.is_open and journal.is_made_elsewhere(each))
    return History(reading.changes, reading.damaged, under_way=under_way)


def change_to_go_back(history: History, change: Change) -> Change:
    """The change that is meant by taking one back: of an undo that was interrupted, the one that it takes back."""
    taken_back = next((each for each in history.changes if each.id == change.undoes), change)
    return taken_back if change.is_open else change


def why_not_completed(board: Board, history: History, change: Change) -> str:
    """Why a change cannot be completed from here; empty where it can."""
    if change.id in history.under_way:
        return made_elsewhere(change.id)
    if not change.is_open:
        return say("it was not interrupted")
    if change.undoes:
        return say("it takes another change back: z takes that one back to the end")
    return _why_not_here(board, change, say("ssmtui fix --complete {id} completes it", id=change.id))


def why_not_taken_back(board: Board, history: History, change: Change) -> str:
    """Why a change cannot be taken back from here; empty where it can."""
    at_it = {change.id, *(each.id for each in history.changes if each.undoes == change.id)} & history.under_way
    if at_it:
        return made_elsewhere(min(at_it))
    return change.why_it_stays or _why_not_here(board, change, say("ssmtui undo {id} takes it back", id=change.id))


def _why_not_here(board: Board, change: Change, elsewhere: str) -> str:
    if scope_of(board, change) is None:
        return say(
            "{region} of {account} is not open here: {command}",
            region=change.scope.region,
            account=change.scope.account,
            command=elsewhere,
        )
    return ""
