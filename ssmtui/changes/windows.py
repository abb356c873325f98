"""AWS's delays that run: what was changed from this computer, and has yet to show."""

from __future__ import annotations

from datetime import datetime

from ssmtui.changes.change import Change, ChangeState
from ssmtui.changes.journal import Journal, JournalUnusable
from ssmtui.model.change_delay import ChangeDelay, Expected
from ssmtui.model.moment import end_of_delay
from ssmtui.model.node import NodeKey
from ssmtui.model.scope import Scope

_MAY_SHOW = (ChangeState.APPLIED, ChangeState.UNSURE, ChangeState.PLANNED)


def running_delays(journal: Journal, scope: Scope, now: datetime) -> tuple[Expected, ...]:
    """The delays of a scope's changes that have not passed, the newest first; none where the journal cannot be read.

    One that was taken back is not waited for any more; nor one that a wrong clock has made in the future.
    """
    try:
        changes = journal.changes()
    except JournalUnusable:
        return ()
    delays = ((change, delay_of_change(change)) for change in changes if change.is_of(scope))
    return tuple(
        Expected(tuple(NodeKey(scope.account, scope.region, id_) for id_ in change.awaited_by), delay)
        for change, delay in delays
        if delay is not None and end_of_delay(delay.made, delay.until - delay.made, now) is not None
    )


def delay_of_change(change: Change) -> ChangeDelay | None:
    """The delay of a change that was, or may have been, made; None where none is documented."""
    if change.settles_within is None or change.state not in _MAY_SHOW:
        return None
    return ChangeDelay(change.fix, change.title, change.at, change.at + change.settles_within, change.id)
