"""The changes of the journal, each with the open scope that it was made in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ssmtui.changes.change import Change
    from ssmtui.changes.desk import ChangeDesk
    from ssmtui.model.scope import Scope
    from ssmtui.ui.state.board import Board


def change_to_take_back(board: Board, desk: ChangeDesk, change_id: str = "") -> tuple[Scope, Change] | None:
    """The change named, else the last one in a Region that is open; None where there is none."""
    return change_named(board, desk, change_id) if change_id else last_change(board, desk)


def change_named(board: Board, desk: ChangeDesk, change_id: str) -> tuple[Scope, Change] | None:
    """A change of the journal with the open scope that it was made in; None where it or its Region is not there."""
    change = next((each for each in desk.journal.changes() if each.id == change_id), None)
    scope = scope_of(board, change) if change else None
    return (scope, change) if change and scope else None


def scope_of(board: Board, change: Change) -> Scope | None:
    """The open scope that a change was made in, if its Region is open."""
    return next((scope for scope in board.scopes if change.is_of(scope)), None)


def last_change(board: Board, desk: ChangeDesk) -> tuple[Scope, Change] | None:
    """The newest change that can be taken back, among the Regions that are open."""
    found = ((scope, desk.undoable(scope)) for scope in board.scopes)
    known = [(scope, change) for scope, change in found if change is not None]
    return max(known, key=lambda each: each[1].id, default=None)
